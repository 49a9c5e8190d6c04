// SPDX-License-Identifier: Apache-2.0
// The core's alarms: a heap of moments. An alarm that has lost its meaning is not taken out;
// whoever it rings for compares the moment with what holds by then, and does nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace weft::engine {

enum class AlarmKind : std::uint8_t {
  retry,          // of a delayed task
  queue_timeout,  // of a ready task
  start_timeout,  // of an attempt; `stamp` is its number; so with the next two
  run_timeout,
  stop_grace,  // a stopped attempt has not ended
  lookup,      // an attached attempt has not told what became of it
  task_deadline,
  run_deadline,
  growth,     // there are new nodes to take up
  opening,    // of a service for which tasks wait
  suspicion,  // of the service `task`: some attempt may be older than is usual
  probe,      // of the service `task`: nothing may have been heard of it for too long
};

struct Alarm {
  Timestamp at{};
  AlarmKind kind = AlarmKind::retry;
  RunId run;
  TaskNo task = 0;
  AttemptNo stamp = 0;  // 0: not of an attempt
};

class Timers {
 public:
  void set(Alarm alarm) { heap_.push(alarm); }
  Deadline next() const { return heap_.empty() ? Deadline::never() : Deadline{heap_.top().at}; }
  // An alarm whose moment has come; none when all lie ahead.
  std::optional<Alarm> pop(Timestamp now) {
    if (heap_.empty() || heap_.top().at > now) return std::nullopt;
    const Alarm alarm = heap_.top();
    heap_.pop();
    return alarm;
  }

 private:
  struct Later {
    bool operator()(const Alarm& a, const Alarm& b) const noexcept { return a.at > b.at; }
  };
  std::priority_queue<Alarm, std::vector<Alarm>, Later> heap_;
};

}  // namespace weft::engine
