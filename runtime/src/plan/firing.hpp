// SPDX-License-Identifier: Apache-2.0
// What a schedule does now: pure functions of the schedule, of what it has done and of the time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "model/schedule.hpp"

namespace weft {

// The next time of the schedule, without its jitter; none: it has none, or no more.
std::optional<Timestamp> next_time(const Schedule& schedule, Timestamp after);
// By so much later than its time a run starts: below the schedule's jitter, and always the same.
Duration jitter_of(const Schedule& schedule, Timestamp time);

// Times that passed without a run, by the schedule's policy.
struct MissedTimes {
  std::uint64_t count = 0;
  Timestamp first{};
  Timestamp last{};
};
struct Due {
  std::vector<Timestamp> times;  // for each a run is to start now
  MissedTimes missed;
  Timestamp considered{};  // everything up to it has been decided
};
// What is due of the times after `considered`. A time that is more than a minute late has been
// missed.
Due due_times(const Schedule& schedule, Timestamp considered, Timestamp now);

// How one that is due meets those that go on.
struct Meeting {
  enum class Answer : std::uint8_t { start, wait, skip };
  Answer answer = Answer::start;
  bool cancel_others = false;
  std::string reason;  // of a skip, for people
};
// `running`: runs of the schedule that have not ended; `waiting`: that wait for one of them.
Meeting meet(Overlap overlap, std::size_t running, std::size_t waiting);

// A run that an event starts may cause the next event: so many follow from one another at most.
inline constexpr std::uint32_t chain_at_most = 8;

// The run of a schedule for one cause is always the same, so that it is started once, whoever tries
// and however often.
RunId run_of_firing(const std::string& schedule, const std::string& cause, Timestamp at);

}  // namespace weft
