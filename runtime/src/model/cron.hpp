// SPDX-License-Identifier: Apache-2.0
// When something comes again, in the five fields of cron: minute, hour, day of month, month, day of
// week. Pure: the zone is a value.
//
//   "30 3 * * mon-fri"   "*/15 8-18 * * *"   "0 0 1,15 * *"   "@daily"
//
// Fields hold *, numbers, names (jan, mon), ranges, steps and lists; 0 and 7 are Sunday. When both
// the day of month and the day of week are restricted, either is enough, as in every cron.
#pragma once
#include <bitset>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time_zone.hpp"

namespace weft {

class Cron {
 public:
  // Also "@hourly @daily @midnight @weekly @monthly @yearly @annually". An error of kind invalid
  // says which field is wrong, and also when no day ever matches: "0 0 30 2 *".
  static result<Cron> parse(std::string_view text);

  // The first time after `after`. Where clocks change: a time that is skipped comes at the moment
  // of the change, one that clocks show twice comes once; but when every hour is asked for, each
  // hour that passes has its times, whatever clocks show.
  Timestamp next(Timestamp after, const TimeZone& zone) const;

 private:
  LocalTime next_shown(LocalTime after) const;
  bool has_day(std::chrono::local_days day) const;
  Timestamp next_of_every_hour(Timestamp after, const TimeZone& zone) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;    // of the month, from 1
  std::bitset<13> months_;  // from 1
  std::bitset<7> weekdays_;
  bool any_day_ = true;      // the field is *
  bool any_weekday_ = true;  // the field is *
};

}  // namespace weft
