// SPDX-License-Identifier: Apache-2.0
#include "net/curl_request.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace weft::net {
namespace {

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

bool is_bound_to_origin(const Header& header) {
  return header.secret || same_header_name(header.name, "Authorization") ||
         same_header_name(header.name, "Cookie");
}

// curl's way to write a header without a value is a semicolon.
std::string header_line(const Header& header) {
  return header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
}

}  // namespace

CurlRequest::CurlRequest(CURL* easy, std::string method, Headers headers)
    : easy_(easy), method_(std::move(method)), headers_(std::move(headers)) {}

std::string CurlRequest::fault() const {
  if (!is_token(method_) || method_ == "CONNECT") {
    return "'" + excerpt(method_) + "' is not a method that can be sent";
  }
  for (const Header& header : headers_) {
    if (!is_token(header.name)) return "'" + excerpt(header.name) + "' is not a header name";
    if (has_control_character(header.value)) {
      return "the value of header " + header.name + " has a control character in it";
    }
    if (same_header_name(header.name, "Content-Length") ||
        same_header_name(header.name, "Transfer-Encoding")) {
      return header.name + " follows from the body and cannot be set";
    }
  }
  return {};
}

std::string CurlRequest::apply(std::variant<std::string, FileSlice, Form> body) {
  std::string wrong = fault();
  if (!wrong.empty()) return wrong;
  if (auto* form = std::get_if<Form>(&body)) {
    wrong = apply_form(std::move(*form));
  } else if (auto* slice = std::get_if<FileSlice>(&body)) {
    wrong = apply_content(std::move(*slice));
  } else if (auto& text = std::get<std::string>(body); !text.empty()) {
    wrong = apply_content(std::move(text));
  } else {
    apply_method(false);
  }
  apply_headers();
  if (method_ == "HEAD" && !readers_.empty()) return "a HEAD request has no body";
  return wrong;
}

std::string CurlRequest::apply_content(Content content) {
  if (std::string wrong = add_reader(std::move(content)); !wrong.empty()) return wrong;
  plain_body_ = true;
  apply_method(true);
  Reader& reader = *readers_.back();
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(reader.source.size_bytes()));
  curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &CurlRequest::on_read);
  curl_easy_setopt(easy_, CURLOPT_READDATA, &reader);
  return {};
}

std::string CurlRequest::apply_form(Form form) {
  if (find_header(headers_, "Content-Type")) {
    return "Content-Type of a form follows from its boundary and cannot be set";
  }
  mime_.reset(curl_mime_init(easy_));
  for (FormPart& part : form) {
    if (std::string wrong = add_part(std::move(part)); !wrong.empty()) return wrong;
  }
  curl_easy_setopt(easy_, CURLOPT_MIMEPOST, mime_.get());
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method_.c_str());
  return {};
}

std::string CurlRequest::add_part(FormPart part) {
  if (has_control_character(part.media_type)) {
    return "the media type of form part '" + excerpt(part.name) + "' has a control character in it";
  }
  if (std::string wrong = add_reader(std::move(part.content)); !wrong.empty()) return wrong;
  curl_mimepart* added = curl_mime_addpart(mime_.get());
  Reader& reader = *readers_.back();
  curl_mime_name(added, part.name.c_str());
  if (!part.file_name.empty()) curl_mime_filename(added, part.file_name.c_str());
  if (!part.media_type.empty()) curl_mime_type(added, part.media_type.c_str());
  curl_mime_data_cb(added, static_cast<curl_off_t>(reader.source.size_bytes()),
                    &CurlRequest::on_read, nullptr, nullptr, &reader);
  return {};
}

std::string CurlRequest::add_reader(Content content) {
  auto source = BodySource::open(std::move(content));
  if (!source) return source.error().message;
  readers_.push_back(std::make_unique<Reader>(Reader{std::move(*source), *this}));
  return {};
}

// There is no seek function anywhere: curl cannot rewind a body, and so cannot send it twice.
std::size_t CurlRequest::on_read(char* into, std::size_t size, std::size_t count, void* reader) {
  auto& from = *static_cast<Reader*>(reader);
  from.request.last_read_ = std::chrono::steady_clock::now();
  const auto bytes = from.source.read({into, size * count});
  if (!bytes) {
    from.request.read_failed_ = true;
    return CURL_READFUNC_ABORT;
  }
  return *bytes;
}

void CurlRequest::apply_method(bool with_body) {
  constexpr std::array<std::string_view, 3> expect_a_body{"POST", "PUT", "PATCH"};
  if (method_ == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    return;
  }
  if (with_body || std::ranges::count(expect_a_body, method_) > 0) {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t{0});
    if (!with_body) curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, "");
    plain_body_ = true;
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method_.c_str());
}

void CurlRequest::apply_headers() {
  HeaderList list(nullptr, &curl_slist_free_all);
  const auto append = [&](const std::string& line) {
    list.reset(curl_slist_append(list.release(), line.c_str()));
  };
  for (const Header& header : headers_) append(header_line(header));
  for (const Header& header : more_) append(header_line(header));
  append("Expect:");  // waiting for a 100 costs a second with servers that do not know it
  if (plain_body_ && !find_header(headers_, "Content-Type")) {
    append("Content-Type:");  // else curl claims that it is a form
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, list.get());
  list_ = std::move(list);
}

void CurlRequest::add_headers(Headers more) {
  more_ = std::move(more);
  apply_headers();
}

void CurlRequest::drop_secrets() {
  std::erase_if(headers_, is_bound_to_origin);
  apply_headers();
}

}  // namespace weft::net
