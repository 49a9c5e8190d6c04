// SPDX-License-Identifier: Apache-2.0
// weft/plugin/http.hpp - weft::http_request and weft::http_response, for `co_await job.http(...)`.
//
//   auto answer = co_await job.http(weft::post(url + "/prompt").json(body).buys());
//
// Bodies can come from artifacts and go into them without passing through the plugin. The classes
// have constructors on purpose: g++ 12 miscompiles aggregate temporaries in a co_await expression
// (task.hpp).
#pragma once

#include <weft/http.h>
#include <weft/plugin/request.hpp>
#include <weft/plugin/values.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

class http_request {
 public:
  http_request(std::string method, std::string url)
      : method_(std::move(method)), url_(std::move(url)) {}

  // "{secret:NAME}" in the value is filled in by the host; the key never enters the plugin.
  http_request&& header(std::string name, std::string value) && {
    headers_.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  http_request&& json(const nlohmann::json& value) && {
    return std::move(*this).body(dump_json(value), "application/json");
  }
  http_request&& body(std::string bytes, std::string media_type) && {
    parts_.clear();
    parts_.emplace_back("", std::move(bytes), std::move(media_type));
    return std::move(*this);
  }
  http_request&& body(const artifact& content) && {
    parts_.clear();
    parts_.emplace_back("", content, WEFT_RAW);
    return std::move(*this);
  }
  // Puts the content as base64 in place of `marker`, which stands in the body set before: how a
  // picture gets into JSON ("data:image/png;base64,{image}") without entering the plugin.
  http_request&& embed(std::string_view marker, const artifact& content) && {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const std::size_t at = parts_[i].bytes.find(marker);
      if (at == std::string::npos) continue;
      part rest("", parts_[i].bytes.substr(at + marker.size()), "");
      parts_[i].bytes.resize(at);
      const auto next = parts_.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      parts_.insert(parts_.insert(next, part("", content, WEFT_BASE64)) + 1, std::move(rest));
      return std::move(*this);
    }
    throw error(WEFT_INTERNAL,
                "the body has no '" + std::string(marker) + "' to embed an artifact");
  }
  // multipart/form-data, which must not be mixed with a body.
  http_request&& field(std::string name, std::string value) && {
    return std::move(*this).form(part(std::move(name), std::move(value), ""));
  }
  http_request&& file(std::string name, const artifact& content) && {
    return std::move(*this).form(part(std::move(name), content, WEFT_RAW));
  }
  http_request&& file(std::string name, std::string bytes, std::string media_type) && {
    return std::move(*this).form(part(std::move(name), std::move(bytes), std::move(media_type)));
  }
  // The body of a 2xx answer goes straight into an artifact: response.artifact(). "*" takes the
  // answer's Content-Type.
  http_request&& save_as(std::string media_type) && {
    save_as_ = std::move(media_type);
    return std::move(*this);
  }
  // Called on the strand with each piece of the body as it arrives (server-sent events, say); the
  // response has none.
  http_request&& on_data(std::function<void(std::string_view)> sink) && {
    on_data_ = std::move(sink);
    return std::move(*this);
  }
  // Being accepted costs money: no settling answer means WEFT_UNKNOWN, and a cancel waits for the
  // answer, because only that says what to cancel remotely.
  http_request&& buys() && {
    flags_ |= WEFT_HTTP_BUYS;
    return std::move(*this);
  }
  // For a URL that a stranger gave: WEFT_BAD_OUTPUT where it leads to an address that is not public.
  http_request&& public_only() && {
    flags_ |= WEFT_HTTP_PUBLIC;
    return std::move(*this);
  }
  // Answers of every status are returned; without it anything but 2xx throws.
  http_request&& any_status() && {
    any_status_ = true;
    return std::move(*this);
  }
  http_request&& timeout(std::uint32_t milliseconds) && {
    timeout_ms_ = milliseconds;
    return std::move(*this);
  }
  http_request&& idle_timeout(std::uint32_t milliseconds) && {
    idle_timeout_ms_ = milliseconds;
    return std::move(*this);
  }
  http_request&& body_limit(std::uint64_t bytes) && {
    body_limit_ = bytes;
    return std::move(*this);
  }

  bool is_buying() const noexcept { return (flags_ & WEFT_HTTP_BUYS) != 0; }
  bool takes_any_status() const noexcept { return any_status_; }
  const std::string& artifact_type() const noexcept { return save_as_; }
  const std::function<void(std::string_view)>& data_sink() const noexcept { return on_data_; }

  // Hands the request, as the C ABI has it, to `start`; what it points to is borrowed from this
  // object.
  template <class Start>
  weft_status start(weft_id job, Start&& start) const {
    std::vector<weft_pair> headers;
    for (const auto& [name, value] : headers_) headers.push_back({borrow(name), borrow(value)});
    std::vector<weft_named> parts;
    for (const part& p : parts_)
      parts.push_back(
          {borrow(p.name),
           {p.artifact ? std::uint32_t{WEFT_ARTIFACT} : std::uint32_t{WEFT_BYTES}, p.encoding,
            borrow(p.bytes), 0, p.bytes.size(), p.artifact, borrow(p.media_type)}});
    weft_http_request raw{};
    raw.size = sizeof raw;
    raw.flags = flags_ | (on_data_ ? std::uint32_t{WEFT_HTTP_STREAM} : 0u);
    raw.method = borrow(method_);
    raw.url = borrow(url_);
    raw.headers = borrow_list(headers);
    raw.parts = borrow_list(parts);
    raw.timeout_ms = timeout_ms_;
    raw.idle_timeout_ms = idle_timeout_ms_;
    raw.body_limit = body_limit_;
    raw.job = job;
    raw.save_as = borrow(save_as_);
    return start(raw);
  }

 private:
  struct part {
    part(std::string name_, std::string bytes_, std::string media_type_)
        : name(std::move(name_)), bytes(std::move(bytes_)), media_type(std::move(media_type_)) {}
    part(std::string name_, const weft::artifact& content, std::uint32_t encoding_)
        : name(std::move(name_)),
          media_type(content.media_type()),
          artifact(content.id()),
          encoding(encoding_) {}
    std::string name, bytes, media_type;
    weft_id artifact = 0;
    std::uint32_t encoding = WEFT_RAW;
  };

  http_request&& form(part next) && {
    flags_ |= WEFT_HTTP_FORM;
    parts_.push_back(std::move(next));
    return std::move(*this);
  }

  std::string method_, url_, save_as_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<part> parts_;
  std::function<void(std::string_view)> on_data_;
  std::uint32_t flags_ = 0;
  std::uint32_t timeout_ms_ = 0, idle_timeout_ms_ = 0;
  std::uint64_t body_limit_ = 0;
  bool any_status_ = false;
};

inline http_request get(std::string url) {
  return {"GET", std::move(url)};
}
inline http_request post(std::string url) {
  return {"POST", std::move(url)};
}
inline http_request del(std::string url) {
  return {"DELETE", std::move(url)};
}

class http_response {
 public:
  http_response() = default;
  http_response(const host& from, const weft_http_event& event, std::string_view save_as)
      : status_(event.http_status),
        retry_after_ms_(event.head.retry_after_ms),
        body_(view(event.body)) {
    for (const weft_pair& pair : elements<weft_pair>(event.headers))
      headers_.emplace_back(view(pair.name), view(pair.value));
    if (WEFT_EVENT_HAS(&event, weft_http_event, length) && event.artifact != 0)
      artifact_ =
          weft::artifact(from, event.artifact, std::string(view(event.digest)), event.length,
                         std::string(save_as == "*" ? header("content-type") : save_as));
  }

  std::uint32_t status() const noexcept { return status_; }
  std::uint32_t retry_after_ms() const noexcept { return retry_after_ms_; }  // 0 not said
  const std::string& body() const noexcept { return body_; }
  const weft::artifact& artifact() const noexcept { return artifact_; }  // id 0 without save_as

  // In the order they came, names in lower case.
  const std::vector<std::pair<std::string, std::string>>& headers() const noexcept {
    return headers_;
  }
  // The first header of that name (lower case); empty if there is none.
  std::string_view header(std::string_view name) const noexcept {
    for (const auto& [has, value] : headers_)
      if (has == name) return value;
    return {};
  }
  // Throws WEFT_BAD_OUTPUT if the body is not JSON.
  nlohmann::json json() const {
    auto value = nlohmann::json::parse(body_, nullptr, false);
    if (value.is_discarded())
      throw error(WEFT_BAD_OUTPUT, "the answer is not JSON: " + body_.substr(0, 200));
    return value;
  }

 private:
  std::uint32_t status_ = 0;
  std::uint32_t retry_after_ms_ = 0;
  std::string body_;
  weft::artifact artifact_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace weft
