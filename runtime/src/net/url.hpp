// SPDX-License-Identifier: Apache-2.0
// http(s) URLs, as libcurl reads them, so that what is checked is what is connected to.
#pragma once
#include <boost/system/result.hpp>
#include <string>

namespace weft::net {

struct Url {
  std::string text;    // absolute
  std::string origin;  // "https://host:443": scheme, host in lower case, port
};

// What is wrong, without the URL itself, as half a sentence: "is not an http or https URL".
struct UrlFault {
  std::string what;
};

boost::system::result<Url, UrlFault> parse_url(const std::string& text);
// The target of a Location header that came from `base`.
boost::system::result<Url, UrlFault> resolve_url(const Url& base, const std::string& location);

}  // namespace weft::net
