// SPDX-License-Identifier: Apache-2.0
// Where a request may go, and what may go with it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace http_plugin {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // in lower case; an IPv6 address with its brackets
  std::string port;    // never empty
  std::string rest;    // from the path on
};

// Nothing for what is no absolute http or https URL, or has user-info.
std::optional<Url> parse_url(std::string_view text);

bool same_origin(const Url& a, const Url& b);

// "https://*.bfl.ai" fits every host below bfl.ai.
bool fits_origin(const Url& url, const Url& pattern);

// Whether a host is, by what is written, no address of the public Internet: localhost, a private,
// loopback, link-local or reserved address, or digits that only some resolvers take for one. Names
// are for the host to check when they are resolved.
bool is_local(std::string_view host);

// Percent-encodes what cannot stand in a URL at all (white space, quotes, bytes beyond ASCII).
std::string cleaned(std::string_view text);

// Whether a path has a segment "..", encoded or not.
bool climbs(std::string_view path);

}  // namespace http_plugin
