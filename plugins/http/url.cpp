// SPDX-License-Identifier: Apache-2.0
#include "url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace http_plugin {
namespace {

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// Four decimal numbers without leading zeros; nothing otherwise.
std::optional<std::array<int, 4>> dotted_quad(std::string_view host) {
  std::array<int, 4> parts{};
  const char* at = host.data();
  const char* const end = host.data() + host.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc() || parts[i] < 0 || parts[i] > 255) return std::nullopt;
    if (*at == '0' && next - at > 1) return std::nullopt;
    at = next;
  }
  return at == end ? std::optional(parts) : std::nullopt;
}

// RFC 6890 and multicast.
bool is_reserved(const std::array<int, 4>& ip) {
  return ip[0] == 0 || ip[0] == 10 || ip[0] == 127 || (ip[0] == 169 && ip[1] == 254) ||
         (ip[0] == 172 && ip[1] >= 16 && ip[1] < 32) || (ip[0] == 192 && ip[1] == 168) ||
         (ip[0] == 192 && ip[1] == 0 && ip[2] == 0) || (ip[0] == 198 && (ip[1] | 1) == 19) ||
         (ip[0] == 100 && ip[1] >= 64 && ip[1] < 128) || ip[0] >= 224;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  url.scheme = lowered(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  text.remove_prefix(colon + 3);
  std::string_view authority = text.substr(0, text.find_first_of("/?#\\"));
  url.rest = text.substr(authority.size());
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  url.port = url.scheme == "https" ? "443" : "80";
  const std::size_t host_end =
      authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  if (host_end == 0) return std::nullopt;  // a bracket that is not closed
  if (host_end != std::string_view::npos && host_end < authority.size()) {
    if (authority[host_end] != ':') return std::nullopt;
    url.port = authority.substr(host_end + 1);
    authority = authority.substr(0, host_end);
  }
  url.host = lowered(authority);
  while (url.host.ends_with('.')) url.host.pop_back();
  const bool is_number = !url.port.empty() && url.port.size() <= 5 &&
                         url.port.find_first_not_of("0123456789") == std::string::npos;
  if (url.host.empty() || !is_number || url.rest.starts_with('\\')) return std::nullopt;
  return url;
}

bool same_origin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

bool fits_origin(const Url& url, const Url& pattern) {
  if (!pattern.host.starts_with("*.")) return same_origin(url, pattern);
  return url.scheme == pattern.scheme && url.port == pattern.port &&
         url.host.ends_with(pattern.host.substr(1)) && url.host.size() > pattern.host.size() - 1;
}

bool is_local(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  // Of IPv6 only 2000::/3 is public, without 6to4, whose address holds one of IPv4.
  if (host.starts_with('['))
    return host.size() < 6 || (host[1] != '2' && host[1] != '3') || host.starts_with("[2002:") ||
           host[5] != ':';
  if (const auto ip = dotted_quad(host)) return is_reserved(*ip);
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return last.find_first_not_of("0123456789") == std::string_view::npos || last.starts_with("0x");
}

std::string cleaned(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unfit = " \"<>\\^`{|}";
  std::string clean;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte > 32 && byte < 127 && unfit.find(letter) == std::string_view::npos) {
      clean += letter;
    } else {
      clean += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return clean;
}

bool climbs(std::string_view path) {
  std::string lower = lowered(path.substr(0, path.find_first_of("?#")));
  for (std::size_t at = lower.find("%2e"); at != std::string::npos; at = lower.find("%2e"))
    lower.replace(at, 3, ".");
  return (lower + "/").find("/../") != std::string::npos;
}

}  // namespace http_plugin
