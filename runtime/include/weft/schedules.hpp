// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: what starts runs by itself (Runtime::schedules and the others). They
// start runs where a runtime stands by: Role::execute.
#pragma once
#include <weft/services.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

// One cause for a run: a time, a file, an event, or a person.
struct FiringView {
  std::string cause;  // "time 2026-12-24T18:00:00.000Z", "file shot.png 1024 1700000000000",
                      // "event RUN 12", "by hand …"
  TimePoint at{};     // when it happened
  TimePoint decided_at{};
  std::string state;   // asked, waiting (for an earlier run), started, skipped, failed
  std::string run;     // that was started; "" none
  std::string reason;  // of a skip or a failure
};

struct ScheduleView {
  std::string name;
  std::string when;      // "30 3 * * mon-fri, Europe/Berlin"; "files *.png in /inbox"
  std::string pipeline;  // the definition's file
  bool by_hand = false;  // else the configuration has it
  bool paused = false;
  std::string overlap;              // skip, queue, queue_all, cancel_other, allow
  std::string missed;               // skip, once, all; "" it has no times
  std::vector<TimePoint> next;      // the next five times, with their jitter; of a paused one none
  std::uint32_t running = 0;        // runs of it that have not ended
  std::uint32_t waiting = 0;        // causes that wait for one of them
  std::vector<FiringView> history;  // the newest first
};

}  // namespace weft
