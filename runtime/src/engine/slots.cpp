// SPDX-License-Identifier: Apache-2.0
#include "engine/slots.hpp"

namespace weft::engine {

void Slots::reset(std::shared_ptr<const route::ServiceTable> table) {
  table_ = std::move(table);
  used_of_class_.assign(table_->classes.size(), 0);
  used_of_service_.assign(table_->services.size(), 0);
}

bool Slots::takes_own(const Claim& claim) const noexcept {
  return claim.concurrency != Claim::none &&
         (claim.service == Claim::none ||
          table_->services[claim.service].slot_class != claim.concurrency);
}

bool Slots::has_room(const Claim& claim) const noexcept {
  const auto fits = [&](std::uint32_t slot_class, std::uint32_t more) {
    return used_of_class_[slot_class] + more <= table_->classes[slot_class].slots;
  };
  if (claim.service != Claim::none) {
    const route::Service& service = table_->services[claim.service];
    if (!fits(service.slot_class, service.slots)) return false;
    if (service.concurrency != 0 && used_of_service_[claim.service] >= service.concurrency)
      return false;
  }
  return !takes_own(claim) || fits(claim.concurrency, 1);
}

void Slots::take(const Claim& claim) noexcept {
  if (claim.service != Claim::none) {
    used_of_class_[table_->services[claim.service].slot_class] +=
        table_->services[claim.service].slots;
    ++used_of_service_[claim.service];
  }
  if (takes_own(claim)) ++used_of_class_[claim.concurrency];
}

void Slots::give_back(const Claim& claim) noexcept {
  if (claim.service != Claim::none) {
    used_of_class_[table_->services[claim.service].slot_class] -=
        table_->services[claim.service].slots;
    --used_of_service_[claim.service];
  }
  if (takes_own(claim)) --used_of_class_[claim.concurrency];
}

void Lanes::push(const Claim& lane, QueuedTask task) {
  task.order = next_order_++;
  for (Lane& existing : lanes_)
    if (existing.claim == lane) return existing.queue.push(task);
  lanes_.push_back({lane, {}});
  lanes_.back().queue.push(task);
}

std::optional<Lanes::Taken> Lanes::pop(const Slots& slots) {
  Lane* best = nullptr;
  for (Lane& lane : lanes_) {
    if (lane.queue.empty() || (best && !Later{}(best->queue.top(), lane.queue.top()))) continue;
    if (slots.has_room(lane.claim)) best = &lane;
  }
  if (!best) return std::nullopt;
  Taken taken{best->claim, best->queue.top()};
  best->queue.pop();
  return taken;
}

}  // namespace weft::engine
