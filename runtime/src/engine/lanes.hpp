// SPDX-License-Identifier: Apache-2.0
// The queues before the slots. A ready task queues in the lane of the services that can take it, in
// the order of preference (and of the class it names with `concurrency`, if any); whenever one of
// them may be asked and has room, the best head of all lanes goes to it.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "engine/service_state.hpp"
#include "engine/slots.hpp"

namespace weft::engine {

struct QueuedTask {
  std::int32_t priority = 0;
  std::uint64_t order = 0;  // first come, first served among equals
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;  // of the node when it was queued; another one now: the entry is void
};

// Who can take a task.
struct LaneKey {
  std::vector<route::ServiceIndex> services;  // by preference
  std::size_t ordinary = 0;                 // so many of them; the rest stands in when those cannot
  std::uint32_t concurrency = Claim::none;  // into ServiceTable::classes
  bool operator==(const LaneKey&) const = default;
};

using LaneNo = std::uint32_t;

class Lanes {
 public:
  explicit Lanes(const route::ServiceTable& table) { reset(table); }
  // Nothing queues any more, and no number means anything.
  void reset(const route::ServiceTable& table);

  // `kept`: its number stays valid when nothing queues in it.
  LaneNo find(const LaneKey& key, bool kept);
  void push(LaneNo lane, QueuedTask task);
  // Takes the best task that somebody may be asked for and has room for; none when there is none.
  struct Taken {
    Claim claim;
    QueuedTask task;
    const QueuedTask* behind;  // valid until the next call; null: nobody stands there
  };
  std::optional<Taken> pop(const Slots& slots, const ServiceStates& services, Timestamp now);
  // Some task queues for it.
  bool waits_for(route::ServiceIndex service) const;
  // When a service that is closed now for those who queue may be asked again.
  Deadline next_opening(const Slots& slots, const ServiceStates& services, Timestamp now) const;

 private:
  struct Lane {
    LaneKey key;
    bool kept = false;
    std::size_t waiting = 0;
    // By priority, the highest first; within one, first come, first served.
    std::map<std::int32_t, std::deque<QueuedTask>, std::greater<>> lines;
    std::deque<QueuedTask>* first_line();  // null when nothing queues
  };
  std::optional<Claim> taker(const Lane& lane, const Slots& slots, const ServiceStates& services,
                             Timestamp now) const;

  std::vector<Lane> lanes_;           // few: sets of services that definitions lead to
  std::vector<std::uint32_t> queue_;  // of each service: ServiceLimits::queue
  // There was nothing to take when slots had been freed and services had changed so often; none:
  // something came since.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> looked_at_;
  std::uint64_t next_order_ = 0;
};

}  // namespace weft::engine
