// SPDX-License-Identifier: Apache-2.0
#include "engine/slots.hpp"

namespace weft::engine {

void Slots::reset(std::shared_ptr<const route::ServiceTable> table) {
  table_ = std::move(table);
  used_of_class_.assign(table_->classes.size(), 0);
  used_of_service_.assign(table_->services.size(), 0);
  ++times_freed_;
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
  ++times_freed_;
  if (claim.service != Claim::none) {
    used_of_class_[table_->services[claim.service].slot_class] -=
        table_->services[claim.service].slots;
    --used_of_service_[claim.service];
  }
  if (takes_own(claim)) --used_of_class_[claim.concurrency];
}

void Lanes::push(const Claim& lane, QueuedTask task) {
  task.order = next_order_++;
  looked_at_.reset();
  for (Lane& existing : lanes_)
    if (existing.claim == lane) return existing.lines[task.priority].push_back(task);
  lanes_.push_back({lane, {}});
  lanes_.back().lines[task.priority].push_back(task);
}

std::deque<QueuedTask>* Lanes::Lane::first_line() {
  for (auto& [priority, line] : lines)
    if (!line.empty()) return &line;
  return nullptr;
}

std::optional<Lanes::Taken> Lanes::pop(const Slots& slots) {
  if (looked_at_ == slots.times_freed()) return std::nullopt;
  const auto later = [](const QueuedTask& a, const QueuedTask& b) {
    return a.priority != b.priority ? a.priority < b.priority : a.order > b.order;
  };
  std::deque<QueuedTask>* best = nullptr;
  Claim claim;
  for (Lane& lane : lanes_) {
    std::deque<QueuedTask>* line = lane.first_line();
    if (!line || (best && !later(best->front(), line->front()))) continue;
    if (slots.has_room(lane.claim)) best = line, claim = lane.claim;
  }
  if (!best) {
    looked_at_ = slots.times_freed();
    return std::nullopt;
  }
  const Taken taken{claim, best->front()};
  best->pop_front();
  return taken;
}

}  // namespace weft::engine
