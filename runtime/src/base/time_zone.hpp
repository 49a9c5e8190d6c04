// SPDX-License-Identifier: Apache-2.0
// What clocks on a wall show: time zones by the system's tz database, through Abseil.
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace weft {

// What a clock on a wall shows, to the minute; no moment without a zone.
using LocalTime = std::chrono::local_time<std::chrono::minutes>;

// Immutable, cheap to copy; safe to use from several threads at once.
class TimeZone {
 public:
  TimeZone();  // UTC
  // "Europe/Berlin", "UTC". Reads the system's database: an error of kind not_found when that has
  // no such zone.
  static result<TimeZone> find(const std::string& name);

  const std::string& name() const noexcept { return name_; }
  LocalTime local(Timestamp at) const;
  // The moment at which clocks show it. A time that is skipped when clocks go forward is the moment
  // of that change; of one that comes twice when they go back it is the first.
  Timestamp moment(LocalTime shown) const;

 private:
  struct Zone;
  std::string name_ = "UTC";
  std::shared_ptr<const Zone> zone_;
};

}  // namespace weft
