// SPDX-License-Identifier: Apache-2.0
#include "plugin/services/http_request.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <iterator>

#include "artifact/media_type.hpp"
#include "plugin/text.hpp"

namespace weft::plugin::services {
namespace {

constexpr std::string_view secret_begin = "{secret:";
constexpr std::string_view in_base64 = "|base64";
constexpr std::uint32_t default_timeout_ms = 60'000;
constexpr std::uint64_t default_body_limit_bytes = 16 << 20;
constexpr std::uint64_t default_file_limit_bytes = std::uint64_t{64} << 30;

Refusal malformed(std::string message) {
  return {WEFT_BAD_INPUT, std::move(message)};
}

bool is_url(std::string_view text) {
  const auto url = boost::urls::parse_uri(text);
  return url && (url->scheme() == "http" || url->scheme() == "https") && !url->host().empty() &&
         !url->has_userinfo();
}

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

std::optional<Refusal> add_header(PlannedRequest& planned, std::string_view name,
                                  std::string_view text, const SecretLookup& secret) {
  auto filled = fill_header(name, text, secret);
  if (auto* refused = std::get_if<Refusal>(&filled)) return std::move(*refused);
  auto& [header, used] = std::get<FilledHeader>(filled);
  if (header.secret) planned.secret_templates.push_back({header.name, std::string(text), true});
  std::ranges::move(used, std::back_inserter(planned.secrets));
  planned.http.headers.push_back(std::move(header));
  return std::nullopt;
}

std::optional<Refusal> read_lists(const weft_http_request& raw, const ArtifactTable& artifacts,
                                  const SecretLookup& secret, PlannedRequest& planned) {
  for (std::uint32_t i = 0; i < raw.headers.count; ++i) {
    const auto* pair = element<weft_pair>(raw.headers, i);
    if (!pair) return malformed("the list of headers is malformed");
    if (auto refused = add_header(planned, view(pair->name), view(pair->value), secret))
      return refused;
  }
  for (std::uint32_t i = 0; i < raw.parts.count; ++i) {
    const auto* named = element<weft_named>(raw.parts, i);
    if (!named) return malformed("the list of parts is malformed");
    auto blob = copy_blob(named->blob, artifacts);
    if (!blob) return malformed(blob.error().message);
    planned.parts.push_back({std::string(view(named->name)), std::move(*blob)});
  }
  return std::nullopt;
}

result<net::Content> content_of(const Blob& blob, const artifact::ArtifactStore& store) {
  if (!blob.base64 && blob.kind != WEFT_BYTES) {
    auto file = file_of(blob, store);
    if (!file) return file.error();
    return net::Content(net::FileSlice{
        **file, blob.offset, blob.length == 0 ? std::nullopt : std::optional(blob.length)});
  }
  auto bytes = read_blob(blob, store);
  if (!bytes) return bytes.error();
  return net::Content(blob.base64 ? encode_base64(*bytes) : std::move(*bytes));
}

result<net::Form> form_of(const PlannedRequest& request, const artifact::ArtifactStore& store) {
  net::Form form;
  for (const PlannedPart& part : request.parts) {
    auto content = content_of(part.blob, store);
    if (!content) return content.error();
    const std::string& type = part.blob.media_type;
    form.push_back({part.name, std::move(*content),
                    type.empty() ? "" : part.name + std::string(artifact::extension_of(type)),
                    type});
  }
  return form;
}

}  // namespace

std::variant<FilledHeader, Refusal> fill_header(std::string_view name, std::string_view text,
                                                const SecretLookup& secret) {
  FilledHeader filled{{std::string(name), {}, false}, {}};
  net::Header& header = filled.header;
  if (!is_token(header.name)) return malformed("a header has a malformed name");
  std::string_view rest = text;
  for (auto at = rest.find(secret_begin); at != std::string_view::npos;
       at = rest.find(secret_begin)) {
    const auto end = rest.find('}', at);
    if (end == std::string_view::npos) return malformed("{secret:NAME} is not closed");
    std::string_view wanted = rest.substr(at + secret_begin.size(), end - at - secret_begin.size());
    const bool encodes = wanted.ends_with(in_base64);
    if (encodes) wanted.remove_suffix(in_base64.size());
    const auto value = secret(wanted);
    if (!value)
      return Refusal{WEFT_AUTH,
                     "the secret '" + std::string(wanted) + "' is not listed or not set"};
    header.value += rest.substr(0, at);
    header.value += encodes ? encode_base64(*value) : *value;
    header.secret = true;
    filled.secrets.push_back({std::string(wanted), *value});
    rest.remove_prefix(end + 1);
  }
  header.value += rest;
  if (has_line_break(header.value)) return malformed("a header has a malformed value");
  return filled;
}

Planned plan_request(const weft_http_request& raw, const ArtifactTable& artifacts,
                     const SecretLookup& secret) {
  if (!WEFT_HAS(&raw, weft_http_request, parts)) return malformed("the request has no parts");
  PlannedRequest planned;
  planned.http.method = view(raw.method).empty() ? "GET" : std::string(view(raw.method));
  planned.http.url = view(raw.url);
  if (!is_token(planned.http.method)) return malformed("the method is malformed");
  if (planned.http.url.find(secret_begin) != std::string::npos)
    return malformed("a secret stands in a header, never in a URL");
  if (!is_url(planned.http.url)) return malformed("the URL is malformed");
  planned.is_form = (raw.flags & WEFT_HTTP_FORM) != 0;
  planned.buys = (raw.flags & WEFT_HTTP_BUYS) != 0;
  planned.streams = (raw.flags & WEFT_HTTP_STREAM) != 0;
  planned.http.public_only = (raw.flags & WEFT_HTTP_PUBLIC) != 0;
  if (auto refused = read_lists(raw, artifacts, secret, planned)) return std::move(*refused);

  std::uint32_t timeout_ms = 0, idle_ms = 0;
  if (WEFT_HAS(&raw, weft_http_request, timeout_ms)) timeout_ms = raw.timeout_ms;
  if (WEFT_HAS(&raw, weft_http_request, idle_timeout_ms)) idle_ms = raw.idle_timeout_ms;
  if (timeout_ms == 0) timeout_ms = default_timeout_ms;
  planned.http.total_timeout = Duration(timeout_ms);
  planned.http.idle_timeout = Duration(idle_ms == 0 ? timeout_ms : idle_ms);
  if (WEFT_HAS(&raw, weft_http_request, body_limit)) planned.body_limit_bytes = raw.body_limit;
  if (WEFT_HAS(&raw, weft_http_request, save_as)) planned.save_as = view(raw.save_as);
  if (planned.body_limit_bytes == 0)
    planned.body_limit_bytes =
        planned.save_as.empty() ? default_body_limit_bytes : default_file_limit_bytes;
  if (planned.streams && !planned.save_as.empty())
    return malformed("an answer is streamed or saved, not both");
  return planned;
}

bool refill_secrets(PlannedRequest& request, const SecretLookup& secret) {
  PlannedRequest filled;
  for (const net::Header& header : request.secret_templates)
    if (add_header(filled, header.name, header.value, secret)) return false;
  std::erase_if(request.http.headers, [](const net::Header& header) { return header.secret; });
  std::ranges::move(filled.http.headers, std::back_inserter(request.http.headers));
  request.secrets = std::move(filled.secrets);
  return true;
}

bool reads_files(const PlannedRequest& request) {
  return std::ranges::any_of(request.parts,
                             [](const PlannedPart& part) { return part.blob.kind != WEFT_BYTES; });
}

result<net::HttpRequest> with_body(const PlannedRequest& request,
                                   const artifact::ArtifactStore& store) {
  net::HttpRequest http = request.http;
  if (request.parts.empty()) return http;
  if (request.is_form) {
    auto form = form_of(request, store);
    if (!form) return form.error();
    http.body = std::move(*form);
    return http;
  }
  const std::string& type = request.parts.front().blob.media_type;
  if (!type.empty() && !net::find_header(http.headers, "Content-Type"))
    http.headers.push_back({"Content-Type", type, false});
  if (request.parts.size() == 1) {
    auto content = content_of(request.parts.front().blob, store);
    if (!content) return content.error();
    std::visit([&](auto& body) { http.body = std::move(body); }, *content);
    return http;
  }
  std::string whole;
  for (const PlannedPart& part : request.parts) {
    auto bytes = read_blob(part.blob, store);
    if (!bytes) return bytes.error();
    whole += part.blob.base64 ? encode_base64(*bytes) : *bytes;
  }
  http.body = std::move(whole);
  return http;
}

weft_status status_of(const net::HttpFailure& failure, bool buys) noexcept {
  using Cause = net::HttpFailure::Cause;
  // Nobody sells for half an order, and so it may be sent again.
  const bool is_half = !failure.sent_whole && failure.status == 0;
  const weft_status unsettled =
      !failure.sent || (buys && is_half) ? WEFT_NOT_SENT : (buys ? WEFT_UNKNOWN : WEFT_TRANSIENT);
  switch (failure.cause) {
    case Cause::cancelled:
      return WEFT_CANCELLED;
    case Cause::bad_request:
      return WEFT_BAD_INPUT;
    case Cause::bad_answer:
    case Cause::too_large:
      // Whatever could not be read of it, its status says what became of a request that buys.
      if (buys && failure.sent)
        return failure.status / 100 == 2 || failure.status < 200
                   ? WEFT_UNKNOWN
                   : weft_http_outcome(static_cast<std::uint32_t>(failure.status), true);
      return WEFT_BAD_OUTPUT;
    case Cause::cannot_connect:
    case Cause::timed_out:
    case Cause::connection_lost:
    case Cause::storage:
      break;
  }
  return unsettled;
}

}  // namespace weft::plugin::services
