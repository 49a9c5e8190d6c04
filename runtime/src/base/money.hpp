// SPDX-License-Identifier: Apache-2.0
// Money is an integer number of millionths of one currency. Different currencies never add up.
#pragma once
#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace weft {

// Three capital letters (ISO 4217), or none. Small, because every attempt carries several amounts.
class Currency {
 public:
  constexpr Currency() noexcept = default;
  // From a code that has been checked; no code has another length.
  constexpr Currency(std::string_view code) noexcept {
    if (code.size() == code_.size()) std::copy(code.begin(), code.end(), code_.begin());
  }
  constexpr Currency(const char* code) noexcept : Currency(std::string_view(code)) {}
  Currency(const std::string& code) noexcept : Currency(std::string_view(code)) {}
  static bool is_code(std::string_view text) noexcept;

  constexpr std::string_view code() const noexcept {
    return {code_.data(), code_.front() == '\0' ? 0 : code_.size()};
  }
  constexpr auto operator<=>(const Currency&) const noexcept = default;

 private:
  std::array<char, 3> code_{};
};

struct Money {
  std::int64_t micros = 0;
  Currency currency;

  // "0.40" in `default_currency`, or "0.40 EUR". At most six decimals; never negative.
  static result<Money> parse(std::string_view text, std::string_view default_currency);
  // "0.40 USD": at least two decimals, at most six.
  std::string to_string() const;
  bool operator==(const Money&) const = default;
};

// A price or cost that may not be known. Unknown is not zero.
using MaybeMoney = std::optional<Money>;

}  // namespace weft
