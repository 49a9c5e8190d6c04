// SPDX-License-Identifier: Apache-2.0
#include "engine/lanes.hpp"

#include <algorithm>

namespace weft::engine {

void Lanes::reset(const route::ServiceTable& table) {
  lanes_.clear();
  looked_at_.reset();
  queue_.clear();
  for (const route::Service& service : table.services) queue_.push_back(service.limits.queue);
}

LaneNo Lanes::find(const LaneKey& key, bool kept) {
  LaneNo free = static_cast<LaneNo>(lanes_.size());
  for (LaneNo no = 0; no < lanes_.size(); ++no) {
    Lane& lane = lanes_[no];
    if (lane.key == key) {
      lane.kept = lane.kept || kept;
      return no;
    }
    if (!lane.kept && lane.waiting == 0) free = no;
  }
  if (free == lanes_.size()) lanes_.emplace_back();
  lanes_[free].key = key;
  lanes_[free].kept = kept;
  return free;
}

void Lanes::push(LaneNo lane, QueuedTask task) {
  task.order = next_order_++;
  looked_at_.reset();
  ++lanes_[lane].waiting;
  lanes_[lane].lines[task.priority].push_back(task);
}

std::deque<QueuedTask>* Lanes::Lane::first_line() {
  for (auto& [priority, line] : lines)
    if (!line.empty()) return &line;
  return nullptr;
}

// Who takes the next task of a lane; none: it waits. The same order as route::choose has.
std::optional<Claim> Lanes::taker(const Lane& lane, const Slots& slots,
                                  const ServiceStates& services, Timestamp now) const {
  std::optional<Claim> reluctant;
  bool busy = false;
  for (std::size_t i = 0; i < lane.key.services.size(); ++i) {
    if (i == lane.key.ordinary && (busy || reluctant)) break;
    const Claim claim{lane.key.services[i], lane.key.concurrency};
    const std::uint32_t in_flight = slots.used_of_service(claim.service);
    if (services.is_open(claim.service, in_flight, now)) {
      if (!services.is_degraded(claim.service))
        return slots.has_room(claim) ? std::optional(claim) : std::nullopt;
      if (!reluctant) reluctant = claim;
      continue;
    }
    const auto closure = services.closure(claim.service, in_flight, now);
    if (closure.why == route::Closed::full && lane.waiting <= queue_[claim.service])
      return std::nullopt;
    busy = busy || route::obstacle_of(closure.why) == route::Obstacle::busy;
  }
  return reluctant && slots.has_room(*reluctant) ? reluctant : std::nullopt;
}

std::optional<Lanes::Taken> Lanes::pop(const Slots& slots, const ServiceStates& services,
                                       Timestamp now) {
  // A service that is closed for a while opens by itself.
  const std::pair seen{slots.times_freed(), services.times_changed()};
  if (!services.any_closes() && looked_at_ == seen) return std::nullopt;
  const auto later = [](const QueuedTask& a, const QueuedTask& b) {
    return a.priority != b.priority ? a.priority < b.priority : a.order > b.order;
  };
  std::deque<QueuedTask>* best = nullptr;
  Lane* best_lane = nullptr;
  Claim claim;
  for (Lane& lane : lanes_) {
    if (lane.waiting == 0) continue;
    std::deque<QueuedTask>* line = lane.first_line();
    if (best && !later(best->front(), line->front())) continue;
    if (const auto taken = taker(lane, slots, services, now))
      best = line, best_lane = &lane, claim = *taken;
  }
  if (!best) {
    looked_at_ = seen;
    return std::nullopt;
  }
  Taken taken{claim, best->front(), nullptr};
  best->pop_front();
  if (!best->empty()) taken.behind = &best->front();
  --best_lane->waiting;
  return taken;
}

bool Lanes::waits_for(route::ServiceIndex service) const {
  return std::any_of(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
    return lane.waiting > 0 && std::find(lane.key.services.begin(), lane.key.services.end(),
                                         service) != lane.key.services.end();
  });
}

Deadline Lanes::next_opening(const Slots& slots, const ServiceStates& services,
                             Timestamp now) const {
  Deadline next = Deadline::never();
  for (const Lane& lane : lanes_) {
    if (lane.waiting == 0) continue;
    for (const route::ServiceIndex service : lane.key.services)
      if (const auto until = services.closure(service, slots.used_of_service(service), now).until)
        next = next.earlier(Deadline{*until});
  }
  return next;
}

}  // namespace weft::engine
