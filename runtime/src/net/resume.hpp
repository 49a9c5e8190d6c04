// SPDX-License-Identifier: Apache-2.0
// Going on with a download that broke off, by ranges (RFC 9110, 13.1.5 and 14). Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "net/http.hpp"

namespace weft::net {

// What the answer to a GET said about itself: enough to ask for the rest, and for the rest of
// nothing else.
class Resume {
 public:
  // Nothing: it can only be asked for as a whole. That takes bytes as they are, a server that knows
  // ranges, and an entity tag that changes with every byte.
  static std::optional<Resume> of(int status, const Headers& headers);

  // What asks for the rest from there, or for all of it if it has changed.
  Headers range_from(std::uint64_t first_byte) const;
  // Whether the head of the answer to that goes on from there.
  bool goes_on(int status, const Headers& headers, std::uint64_t first_byte) const;
  // Of the whole, if it was said.
  std::optional<std::uint64_t> total_bytes() const noexcept { return total_bytes_; }

 private:
  std::string tag_;
  std::optional<std::uint64_t> total_bytes_;
};

}  // namespace weft::net
