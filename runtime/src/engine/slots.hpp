// SPDX-License-Identifier: Apache-2.0
// Slots: how much of each class is taken, and by how many at each service.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "route/services.hpp"

namespace weft::engine {

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
  // In its classes. What the service itself can bear is not asked here (service_state.hpp).
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

}  // namespace weft::engine
