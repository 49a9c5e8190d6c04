// SPDX-License-Identifier: Apache-2.0
#include "expr/text_forms.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace weft::expr {
namespace {

constexpr std::int64_t nanos_per_s = 1'000'000'000;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// ".5", ".001", "" for a part of a second.
std::string decimals(std::int64_t nanos) {
  if (nanos == 0) return {};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), ".%09lld", static_cast<long long>(nanos));
  std::string out(text.data());
  out.erase(out.find_last_not_of('0') + 1);
  return out;
}

// Takes the parts of a text from its front; each says whether what it wanted was there.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool at_end() const noexcept { return rest_.empty(); }
  bool take(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) noexcept {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // Exactly `digits` digits.
  bool take_number(std::size_t digits, int& number) noexcept {
    if (rest_.size() < digits) return false;
    number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return false;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }
  std::string_view take_digits() noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && is_digit(rest_[size])) ++size;
    const std::string_view digits = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return digits;
  }

 private:
  std::string_view rest_;
};

// The digits after a decimal point as billionths; more than nine are cut off.
std::int64_t billionths(std::string_view digits) noexcept {
  std::int64_t number = 0;
  for (std::size_t i = 0; i < 9; ++i)
    number = number * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return number;
}

bool take_offset(Reader& reader, std::int64_t& offset_s) {
  offset_s = 0;
  if (reader.take('Z') || reader.take('z')) return true;
  const bool west = reader.take('-');
  if (!west && !reader.take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!reader.take_number(2, hours) || !reader.take(':') || !reader.take_number(2, minutes))
    return false;
  const int size_s = hours * 3600 + minutes * 60;
  offset_s = west ? -size_s : size_s;
  return hours < 24 && minutes < 60;
}

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
// "ms" before "m": the first that fits is taken.
constexpr std::array<Unit, 7> units{{{"ns", 1},
                                     {"us", 1'000},
                                     {"µs", 1'000},
                                     {"ms", 1'000'000},
                                     {"s", nanos_per_s},
                                     {"m", 60 * nanos_per_s},
                                     {"h", 3600 * nanos_per_s}}};

// One "1.5h" of a duration, added to `total`, which is negative or zero: that side reaches one
// farther.
bool take_part(Reader& reader, std::int64_t& total) {
  const std::string_view whole = reader.take_digits();
  const std::string_view fraction = reader.take('.') ? reader.take_digits() : std::string_view{};
  if (whole.empty() && fraction.empty()) return false;
  std::uint64_t count = 0;
  if (!whole.empty() &&
      std::from_chars(whole.data(), whole.data() + whole.size(), count).ec != std::errc{})
    return false;
  for (const Unit& unit : units) {
    if (!reader.take_word(unit.name)) continue;
    const __int128_t nanos =
        static_cast<__int128_t>(count) * unit.nanos +
        static_cast<__int128_t>(billionths(fraction)) * unit.nanos / nanos_per_s;
    return !__builtin_sub_overflow(total, nanos, &total);
  }
  return false;
}

}  // namespace

std::string format_double(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

std::optional<double> parse_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  double number = 0;
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ptr != end || parsed.ec == std::errc::invalid_argument) return std::nullopt;
  if (parsed.ec == std::errc{}) return number;
  // Too large, or so small that it becomes zero: the wider type tells.
  long double wide = 0;
  if (std::from_chars(text.data(), end, wide).ec != std::errc{} || std::abs(wide) > 1)
    return std::nullopt;
  return static_cast<double>(wide);
}

std::string format_timestamp(const Instant& at) {
  using namespace std::chrono;
  const sys_seconds moment{seconds{at.unix_s}};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text.data() + decimals(at.nanos) + "Z";
}

std::optional<Instant> parse_timestamp(std::string_view text) {
  using namespace std::chrono;
  Reader reader(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool date_read = reader.take_number(4, year) && reader.take('-') &&
                         reader.take_number(2, month) && reader.take('-') &&
                         reader.take_number(2, day);
  if (!date_read || !(reader.take('T') || reader.take('t'))) return std::nullopt;
  const bool time_read = reader.take_number(2, hour) && reader.take(':') &&
                         reader.take_number(2, minute) && reader.take(':') &&
                         reader.take_number(2, second);
  if (!time_read || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  Instant at;
  if (reader.take('.')) {
    const std::string_view digits = reader.take_digits();
    if (digits.empty()) return std::nullopt;
    at.nanos = static_cast<std::int32_t>(billionths(digits));
  }
  std::int64_t offset_s = 0;
  if (!take_offset(reader, offset_s) || !reader.at_end()) return std::nullopt;
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const auto days_s = duration_cast<seconds>(sys_days{date}.time_since_epoch()).count();
  const int of_day_s = hour * 3600 + minute * 60 + second;
  at.unix_s = days_s + of_day_s - offset_s;
  if (at.unix_s < first_unix_s || at.unix_s > last_unix_s) return std::nullopt;
  return at;
}

std::string format_duration(Span span) {
  const std::int64_t whole_s = span.count() / nanos_per_s;
  const std::int64_t nanos = span.count() % nanos_per_s;
  const std::string sign = span.count() < 0 ? "-" : "";
  return sign + std::to_string(std::abs(whole_s)) + decimals(std::abs(nanos)) + "s";
}

std::optional<Span> parse_duration_text(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Span{0};  // the one number that needs no unit
  Reader reader(text);
  std::int64_t total = 0;
  do {
    if (!take_part(reader, total)) return std::nullopt;
  } while (!reader.at_end());
  if (!negative && __builtin_sub_overflow(std::int64_t{0}, total, &total)) return std::nullopt;
  return Span{total};
}

}  // namespace weft::expr
