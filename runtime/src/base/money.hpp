// SPDX-License-Identifier: Apache-2.0
// Money is an integer number of millionths of one currency. Different currencies never add up.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace weft {

struct Money {
  std::int64_t micros = 0;
  std::string currency;  // ISO 4217, upper case

  // "0.40" in `default_currency`, or "0.40 EUR". At most six decimals; never negative.
  static result<Money> parse(std::string_view text, std::string_view default_currency);
  // "0.40 USD": at least two decimals, at most six.
  std::string to_string() const;
  bool operator==(const Money&) const = default;
};

// A price or cost that may not be known. Unknown is not zero.
using MaybeMoney = std::optional<Money>;

}  // namespace weft
