// SPDX-License-Identifier: Apache-2.0
// What HTTP client and server have in common.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace weft::net {

struct Header {
  std::string name;
  std::string value;
  // The value goes to the origin it was meant for and nowhere else: not to another origin by a
  // redirect, not into an error, not into a log. Requests only.
  bool secret = false;
};
using Headers = std::vector<Header>;

// The value of the first header of that name (any case), or null.
const std::string* find_header(const Headers& headers, std::string_view name) noexcept;
bool same_header_name(std::string_view a, std::string_view b) noexcept;

// How long the sender of these headers asks to wait: Retry-After (RFC 9110, 10.2.3) in seconds or
// as a date. A date is taken against the sender's own Date, so that a clock that is wrong does not
// matter; `now` serves when Date is missing. Never negative; absent when the header is missing or
// means nothing.
std::optional<Duration> retry_after(const Headers& headers, Timestamp now);

// "https://host:8443/path" of a URL: what may be shown. User-info, query and fragment can hold
// credentials.
std::string printable_url(std::string_view url);

}  // namespace weft::net
