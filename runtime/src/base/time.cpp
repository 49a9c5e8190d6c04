// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace weft {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 5> units{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

}  // namespace

result<Duration> parse_duration(std::string_view text) {
  constexpr double longest_ms =
      1e15;  // 30,000 years; keeps every sum of moments and spans in range
  double amount = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, amount, std::chars_format::fixed);
  const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  if (parsed.ec == std::errc{} && amount >= 0)
    for (const Unit& candidate : units) {
      if (candidate.name != unit) continue;
      const double ms = amount * static_cast<double>(candidate.ms);
      if (ms > longest_ms || ms != std::floor(ms)) break;
      return Duration{static_cast<std::int64_t>(ms)};
    }
  return invalid("'" + std::string(text) + "' is not a duration",
                 "write a number and a unit: 500ms, 2s, 10m, 1h or 7d");
}

std::string to_string(Duration span) {
  const std::int64_t ms = span.count();
  for (std::size_t i = units.size(); i-- > 0;)
    if (ms != 0 && ms % units[i].ms == 0)
      return std::to_string(ms / units[i].ms) + std::string(units[i].name);
  return std::to_string(ms) + "ms";
}

std::string to_string(Timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  std::array<char, 40> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace weft
