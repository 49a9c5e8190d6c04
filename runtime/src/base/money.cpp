// SPDX-License-Identifier: Apache-2.0
#include "base/money.hpp"

#include <algorithm>
#include <array>

namespace weft {
namespace {

constexpr std::int64_t micros_per_unit = 1'000'000;
constexpr std::size_t decimals_at_most = 6;
constexpr std::size_t digits_at_most =
    12;  // a million millions: far from overflow even when summed

bool digits_only(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}
std::int64_t to_number(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

bool Currency::is_code(std::string_view text) noexcept {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

result<Money> Money::parse(std::string_view text, std::string_view default_currency) {
  const auto space = text.find(' ');
  const std::string_view amount = text.substr(0, space);
  const std::string_view currency = space == text.npos ? default_currency : text.substr(space + 1);
  const auto point = amount.find('.');
  const std::string_view whole = amount.substr(0, point);
  std::string fraction(point == amount.npos ? std::string_view{} : amount.substr(point + 1));
  const bool good_number = !whole.empty() && whole.size() <= digits_at_most && digits_only(whole) &&
                           fraction.size() <= decimals_at_most && digits_only(fraction) &&
                           (point == amount.npos || !fraction.empty());
  if (!good_number || !Currency::is_code(currency))
    return invalid("'" + std::string(text) + "' is not an amount of money",
                   "write \"0.40\" or \"0.40 EUR\", with at most six decimals");
  fraction.resize(decimals_at_most, '0');
  return Money{to_number(whole) * micros_per_unit + to_number(fraction), currency};
}

std::string Money::to_string() const {
  std::array<char, 32> text;  // filled from its end
  std::size_t at = text.size();
  const auto put = [&](char c) { text[--at] = c; };
  const auto put_digit = [&](std::uint64_t& rest) {
    put(static_cast<char>('0' + rest % 10));
    rest /= 10;
  };
  const std::string_view code = currency.code();
  std::for_each(code.rbegin(), code.rend(), put);
  put(' ');
  auto rest = static_cast<std::uint64_t>(micros < 0 ? -micros : micros);
  std::size_t decimals = decimals_at_most;
  for (; decimals > 2 && rest % 10 == 0; --decimals) rest /= 10;
  for (; decimals > 0; --decimals) put_digit(rest);
  put('.');
  do put_digit(rest);
  while (rest > 0);
  if (micros < 0) put('-');
  return {text.data() + at, text.size() - at};
}

}  // namespace weft
