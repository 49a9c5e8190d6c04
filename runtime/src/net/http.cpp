// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace weft::net {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// An HTTP-date: IMF-fixdate or the older RFC 850 form, which both end in GMT. (Nobody sends asctime
// dates any more.)
std::optional<Timestamp> parse_http_date(const std::string& text) {
  // Without this check curl would make a date of nearly anything.
  if (!text.ends_with("GMT")) return std::nullopt;
  const std::time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds == -1) return std::nullopt;
  return Timestamp{std::chrono::seconds{seconds}};
}

// host or host:port, without anything that could be part of a mistyped password.
bool is_plain_authority(std::string_view text) {
  const auto port = text.rfind(':');
  if (port != std::string_view::npos && text.find(']', port) == std::string_view::npos) {
    if (!std::ranges::all_of(text.substr(port + 1), is_digit)) return false;
  }
  return true;
}

bool is_scheme_character(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || c == '+' || c == '-' || c == '.';
}

// Where host and user-info begin. Behind a scheme curl takes any number of slashes for two.
std::size_t authority_start(std::string_view url) {
  const auto colon = url.find(":/");
  if (colon == std::string_view::npos) return 0;
  if (!std::ranges::all_of(url.substr(0, colon), is_scheme_character)) return 0;
  return std::min(url.find_first_not_of('/', colon + 1), url.size());
}

}  // namespace

bool same_header_name(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

const std::string* find_header(const Headers& headers, std::string_view name) noexcept {
  const auto found = std::ranges::find_if(
      headers, [&](const Header& header) { return same_header_name(header.name, name); });
  return found == headers.end() ? nullptr : &found->value;
}

std::optional<Duration> retry_after(const Headers& headers, Timestamp now) {
  const std::string* value = find_header(headers, "Retry-After");
  if (!value || value->empty()) return std::nullopt;
  if (std::ranges::all_of(*value, is_digit)) {
    std::uint32_t seconds = 0;
    const auto [end, error] =
        std::from_chars(value->data(), value->data() + value->size(), seconds);
    if (error != std::errc{}) return std::nullopt;
    return std::chrono::seconds{seconds};
  }
  const auto until = parse_http_date(*value);
  if (!until) return std::nullopt;
  const std::string* date = find_header(headers, "Date");
  const Timestamp sender_now = date ? parse_http_date(*date).value_or(now) : now;
  return std::max(*until - sender_now, Duration{0});
}

std::string printable_url(std::string_view url) {
  const std::size_t start = authority_start(url);
  const std::string_view scheme = url.substr(0, start);
  std::string_view rest = url.substr(start);
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    rest.remove_prefix(at + 1);
    authority.remove_prefix(at + 1);
  }
  if (!is_plain_authority(authority)) return excerpt(scheme) + "…";
  return excerpt(std::string(scheme) + std::string(rest.substr(0, rest.find_first_of("?#"))));
}

}  // namespace weft::net
