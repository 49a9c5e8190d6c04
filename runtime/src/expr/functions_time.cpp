// SPDX-License-Identifier: Apache-2.0
// The parts of timestamps and durations. A time zone is "UTC" or a fixed offset such as "+02:00" or
// "-09:30": named zones would need the machine's database, and this library reads no file.
#include <chrono>
#include <optional>

#include "expr/functions.hpp"

namespace weft::expr {
namespace {

using namespace std::chrono;

// A timestamp on a clock face somewhere.
struct Face {
  year_month_day date;
  sys_days day;
  hh_mm_ss<seconds> time;
  std::int32_t nanos = 0;
};

std::optional<seconds> zone_offset(std::string_view zone) {
  if (zone == "UTC" || zone == "Z") return seconds{0};
  const bool west = zone.starts_with('-');
  if (west || zone.starts_with('+')) zone.remove_prefix(1);
  const auto digit = [&](std::size_t i) { return zone[i] - '0'; };
  const auto is_digit = [&](std::size_t i) { return zone[i] >= '0' && zone[i] <= '9'; };
  if (zone.size() != 5 || zone[2] != ':') return std::nullopt;
  if (!is_digit(0) || !is_digit(1) || !is_digit(3) || !is_digit(4)) return std::nullopt;
  const hours hour{digit(0) * 10 + digit(1)};
  const minutes minute{digit(3) * 10 + digit(4)};
  if (hour >= hours{24} || minute >= minutes{60}) return std::nullopt;
  return west ? -(hour + minute) : hour + minute;
}

bool face_of(Call& call, Face& face) {
  seconds offset{0};
  if (call.size() == 2) {
    const auto zone = zone_offset(*call[1].if_string());
    if (!zone)
      return call.fail("unknown time zone " + to_display(call[1]),
                       "write 'UTC' or an offset such as '+02:00'");
    offset = *zone;
  }
  const Instant& at = *call[0].if_timestamp();
  const sys_seconds local = sys_seconds{seconds{at.unix_s}} + offset;
  face.day = floor<days>(local);
  face.date = year_month_day{face.day};
  face.time = hh_mm_ss<seconds>{local - face.day};
  face.nanos = at.nanos;
  return true;
}

std::int64_t full_year(const Face& face) {
  return static_cast<int>(face.date.year());
}
std::int64_t month(const Face& face) {
  return static_cast<unsigned>(face.date.month()) - std::int64_t{1};
}
std::int64_t date(const Face& face) {
  return static_cast<unsigned>(face.date.day());
}
std::int64_t day_of_month(const Face& face) {
  return date(face) - 1;
}
std::int64_t day_of_week(const Face& face) {
  return weekday{face.day}.c_encoding();
}
std::int64_t day_of_year(const Face& face) {
  return (face.day - sys_days{face.date.year() / January / 1}).count();
}
std::int64_t hour_of_day(const Face& face) {
  return face.time.hours().count();
}
std::int64_t minute_of_hour(const Face& face) {
  return face.time.minutes().count();
}
std::int64_t second_of_minute(const Face& face) {
  return face.time.seconds().count();
}
std::int64_t millisecond_of_second(const Face& face) {
  return face.nanos / 1'000'000;
}

template <std::int64_t (*part)(const Face&)>
bool timestamp_part(Call& call) {
  Face face;
  if (!face_of(call, face)) return false;
  call.out = part(face);
  return true;
}

template <class Unit>
bool duration_in(Call& call) {
  call.out = static_cast<std::int64_t>(duration_cast<Unit>(*call[0].if_duration()).count());
  return true;
}
// Not the whole duration in milliseconds: CEL asks for what is left of a second.
bool duration_milliseconds(Call& call) {
  call.out = static_cast<std::int64_t>(
      duration_cast<milliseconds>(*call[0].if_duration() % seconds{1}).count());
  return true;
}

template <std::int64_t (*part)(const Face&)>
Function selector(std::string_view name, bool (*of_duration)(Call&) = nullptr) {
  constexpr Kind at = Kind::timestamp;
  Function function{name,
                    true,
                    {{{at}, Kind::integer, &timestamp_part<part>},
                     {{at, Kind::string}, Kind::integer, &timestamp_part<part>}}};
  if (of_duration) function.overloads.push_back({{Kind::duration}, Kind::integer, of_duration});
  return function;
}

}  // namespace

std::vector<Function> time_functions() {
  return {
      selector<full_year>("getFullYear"),
      selector<month>("getMonth"),
      selector<date>("getDate"),
      selector<day_of_month>("getDayOfMonth"),
      selector<day_of_week>("getDayOfWeek"),
      selector<day_of_year>("getDayOfYear"),
      selector<hour_of_day>("getHours", &duration_in<hours>),
      selector<minute_of_hour>("getMinutes", &duration_in<minutes>),
      selector<second_of_minute>("getSeconds", &duration_in<seconds>),
      selector<millisecond_of_second>("getMilliseconds", &duration_milliseconds),
  };
}

}  // namespace weft::expr
