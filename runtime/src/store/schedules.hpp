// SPDX-License-Identifier: Apache-2.0
// Rows of schedules, and of what each has started.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace weft::store {

// Table `schedule`: what is known of one, whether the configuration has it or somebody made it.
struct ScheduleRow {
  std::string name;
  json::value written;         // of one made by hand; null: the configuration has it
  std::optional<bool> paused;  // as people said last; none: as written
  Timestamp considered{};      // times up to it are decided
  std::uint64_t cursor = 0;    // events up to it are
  Timestamp created_at{};
};

// Why a run was started, or why not. The numbers are stored: never change one.
enum class FiringState : std::uint8_t {
  asked = 0,    // somebody wants it now
  waiting = 1,  // for an earlier run of the schedule
  started = 2,
  skipped = 3,
  failed = 4,  // the definition or its inputs are wrong
};

// Table `firing`: one cause for a run. A cause counts once: `cause` is unique within its schedule.
struct FiringRow {
  std::string schedule;
  std::string cause;  // "time 2026-12-24T18:00:00.000Z", "file shot.png 1024 1700000000000"
  Timestamp at{};     // when it happened
  Timestamp decided_at{};
  FiringState state = FiringState::asked;
  std::optional<RunId> run;  // that was started
  std::uint32_t depth = 0;   // so many schedules before it, each started by the one before
  std::string reason;        // of a skip or a failure
  json::object values;       // what its inputs are made of
};

// How many causes of a schedule are not decided yet.
struct OpenFirings {
  std::uint32_t asked = 0;
  std::uint32_t waiting = 0;
};

// What started a run.
struct Starter {
  std::string schedule;
  std::uint32_t depth = 0;  // as of the firing
};

}  // namespace weft::store
