// SPDX-License-Identifier: Apache-2.0
#include "base/time_zone.hpp"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include "base/text.hpp"

namespace weft {
namespace {

constexpr auto epoch = std::chrono::local_days{std::chrono::year{1970} / 1 / 1};

absl::CivilMinute civil(LocalTime shown) {
  return absl::CivilMinute(1970, 1, 1) + (shown - epoch).count();
}

Timestamp from_absl(absl::Time time) {
  return from_unix_ms(absl::ToUnixMillis(time));
}

}  // namespace

struct TimeZone::Zone {
  absl::TimeZone zone;
};

TimeZone::TimeZone() : zone_(std::make_shared<const Zone>(Zone{absl::UTCTimeZone()})) {}

result<TimeZone> TimeZone::find(const std::string& name) {
  absl::TimeZone found;
  // Abseil takes a text that begins with ':' for a file.
  if (name.empty() || name.front() == ':' || name.front() == '/' ||
      !absl::LoadTimeZone(name, &found))
    return not_found("there is no time zone '" + excerpt(name, 60) + "'",
                     "name one of the tz database, such as \"Europe/Berlin\" or \"UTC\"");
  TimeZone zone;
  zone.name_ = name;
  zone.zone_ = std::make_shared<const Zone>(Zone{found});
  return zone;
}

LocalTime TimeZone::local(Timestamp at) const {
  const auto minute = absl::CivilMinute(zone_->zone.At(absl::FromUnixMillis(to_unix_ms(at))).cs);
  return epoch + std::chrono::minutes{minute - absl::CivilMinute(1970, 1, 1)};
}

Timestamp TimeZone::moment(LocalTime shown) const {
  const auto info = zone_->zone.At(absl::CivilSecond(civil(shown)));
  return from_absl(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre);
}

}  // namespace weft
