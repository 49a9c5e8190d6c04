// SPDX-License-Identifier: Apache-2.0
// Slots and the queues before them. A ready task queues in the lane of the service it would go to
// (and of the class it names with `concurrency`, if any); whenever there is room, the best head of
// all lanes with room goes first.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "route/services.hpp"

namespace weft::engine {

struct Run;

// Slots held: those of the service's class and of the service, and one of the task's own class.
struct Claim {
  static constexpr std::uint32_t none = UINT32_MAX;
  std::uint32_t service = none;
  std::uint32_t concurrency = none;  // into ServiceTable::classes
  bool empty() const noexcept { return service == none && concurrency == none; }
  bool operator==(const Claim&) const noexcept = default;
};

class Slots {
 public:
  explicit Slots(std::shared_ptr<const route::ServiceTable> table) { reset(std::move(table)); }
  // Starts over with nothing held.
  void reset(std::shared_ptr<const route::ServiceTable> table);
  bool has_room(const Claim& claim) const noexcept;
  // May take more than there is: an attempt that was running before a restart keeps its slots.
  void take(const Claim& claim) noexcept;
  void give_back(const Claim& claim) noexcept;
  // Whether the class that a task names takes a slot beside its service's: not when they are one.
  bool takes_own(const Claim& claim) const noexcept;
  // Goes up whenever there is more room than before.
  std::uint64_t times_freed() const noexcept { return times_freed_; }

  // For invariants.
  std::uint32_t used_of_class(std::uint32_t slot_class) const noexcept {
    return used_of_class_[slot_class];
  }
  std::uint32_t used_of_service(route::ServiceIndex service) const noexcept {
    return used_of_service_[service];
  }

 private:
  std::shared_ptr<const route::ServiceTable> table_;
  std::vector<std::uint32_t> used_of_class_;
  std::vector<std::uint32_t> used_of_service_;
  std::uint64_t times_freed_ = 0;
};

struct QueuedTask {
  std::int32_t priority = 0;
  std::uint64_t order = 0;  // first come, first served among equals
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;  // of the node when it was queued; another one now: the entry is void
};

class Lanes {
 public:
  void clear() { lanes_.clear(); }
  void push(const Claim& lane, QueuedTask task);
  // Takes the best task for which there is room; none when nothing queues or nothing has room.
  struct Taken {
    Claim claim;
    QueuedTask task;
  };
  std::optional<Taken> pop(const Slots& slots);

 private:
  struct Lane {
    Claim claim;
    // By priority, the highest first; within one, first come, first served.
    std::map<std::int32_t, std::deque<QueuedTask>, std::greater<>> lines;
    std::deque<QueuedTask>* first_line();  // null when nothing queues
  };
  std::vector<Lane> lanes_;  // few: services x classes
  // There was nothing to take when slots had been freed so often; none: something came since.
  std::optional<std::uint64_t> looked_at_;
  std::uint64_t next_order_ = 0;
};

}  // namespace weft::engine
