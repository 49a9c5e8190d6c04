// SPDX-License-Identifier: Apache-2.0
#include "route/closure.hpp"

namespace weft::route {

std::string_view out_of_use(bool enabled, std::string_view taken_out) noexcept {
  return enabled ? taken_out : "the configuration says 'enabled = false'";
}

Closure closure_of(const Situation& situation, Timestamp now) noexcept {
  if (!situation.out_of_use.empty()) return {Closed::out, std::nullopt};
  const ServiceHealth& health = situation.health;
  if (health.state == HealthState::half_open) return {Closed::trial, std::nullopt};
  if (health.state == HealthState::open) {
    if (!health.open_until) return {Closed::account, std::nullopt};
    if (*health.open_until > now) return {Closed::open, health.open_until};
    if (situation.is_tried) return {Closed::trial, std::nullopt};
  }
  if (situation.paused_until && *situation.paused_until > now)
    return {Closed::paused, situation.paused_until};
  if (situation.rate_next > now) return {Closed::rate, situation.rate_next};
  if (situation.limit != 0 && situation.in_flight >= situation.limit)
    return {situation.starting ? Closed::starting : Closed::full, std::nullopt};
  return {};
}

Obstacle obstacle_of(Closed why) noexcept {
  switch (why) {
    case Closed::no:
      return Obstacle::none;
    case Closed::full:
    case Closed::starting:
    case Closed::rate:
      return Obstacle::busy;
    case Closed::out:
    case Closed::paused:
    case Closed::trial:
    case Closed::open:
      return Obstacle::closed;
    case Closed::account:
      return Obstacle::account;
  }
  return Obstacle::none;
}

std::string text_of(const Closure& closure, const Situation& situation, std::uint32_t rpm) {
  const auto until = [&] {
    return closure.until ? " until " + to_string(*closure.until) : std::string();
  };
  switch (closure.why) {
    case Closed::no:
      return {};
    case Closed::out:
      return "out of use: " + std::string(situation.out_of_use);
    case Closed::full:
      return "at its limit of " + std::to_string(situation.limit) + " at a time";
    case Closed::starting:
      return "starting slowly, " + std::to_string(situation.limit) + " at a time for now";
    case Closed::rate:
      return "at its limit of " + std::to_string(rpm) + " a minute" + until();
    case Closed::paused:
      return "left alone" + until() + ", as it asked";
    case Closed::trial:
      return "being tried out by another task: " + situation.health.reason;
    case Closed::open:
      return "left alone" + until() + ": " + situation.health.reason;
    case Closed::account:
      return "left alone until the configuration is read again: " + situation.health.reason;
  }
  return {};
}

}  // namespace weft::route
