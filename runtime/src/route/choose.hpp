// SPDX-License-Identifier: Apache-2.0
// One routing decision, a pure function: the services of the operation in the order of the
// configuration, those that cannot take the task excluded with a reason, the first of the rest
// chosen. What the definition lists under `route.degrade` comes after all others, and its choice is
// a degradation; a placeholder that is not listed counts only where nobody else offers the
// operation.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "route/services.hpp"

namespace weft::route {

// A service that this task shall not use, and why.
struct Exclusion {
  ServiceIndex service = 0;
  std::string reason;
};

struct Request {
  std::string_view operation;
  const json::object* params = nullptr;  // null: not bound yet; what depends on them is not asked
  std::span<const std::string> degrade;  // services that stand in when no other can
  std::span<const Exclusion> excluded;
  MaybeMoney task_budget_left;  // none: no limit
  MaybeMoney run_budget_left;
};

enum class Obstacle : std::uint8_t {
  none,
  tried,
  unavailable,
  params,
  task_budget,  // no limit of the run would help
  run_budget,   // a higher one would
};

struct Candidate {
  ServiceIndex service = 0;
  Obstacle obstacle = Obstacle::none;
  std::string reason;   // for people; "" when there is no obstacle
  MaybeMoney estimate;  // none: unknown
};

struct Decision {
  std::vector<Candidate>
      candidates;  // every service that offers the operation and may be asked at all
  std::optional<ServiceIndex> chosen;
  MaybeMoney estimate;    // of the chosen one
  bool degraded = false;  // the chosen one is a degradation
  // The nearest obstacle when nothing was chosen: a budget before unavailability before the rest.
  Obstacle obstacle() const noexcept;
  // "img-a: tried (transient); img-b: its library could not be loaded"; for messages.
  std::string reasons(const ServiceTable& table) const;
};

Decision choose(const ServiceTable& table, const Request& request);

}  // namespace weft::route
