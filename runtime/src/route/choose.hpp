// SPDX-License-Identifier: Apache-2.0
// One routing decision, a pure function: the services of the operation in the order of the
// configuration, those that cannot take the task excluded with a reason, the first of the rest
// chosen; one that takes the params only with a loss comes after those that take them as they are,
// and one that works badly after those that are well. What the definition lists under
// `route.degrade` comes after all others, and its choice is a degradation: it stands in for those
// who cannot take the task, not for those who are merely busy. A placeholder that is not listed
// counts only where nobody else offers the operation.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "route/services.hpp"

namespace weft::route {

enum class Obstacle : std::uint8_t {
  none,
  tried,
  unavailable,
  params,
  task_budget,  // no limit of the run would help
  run_budget,   // a higher one would
  busy,         // at a limit of its own, and free again by itself
  closed,       // left alone for a while: it did not work, asked for it, or is out of use
  account,      // left alone until somebody mends the account
  silent,       // it cannot even say what it does
};

// A service that this task shall not use now, and why; with `none`: only after the others.
struct Exclusion {
  ServiceIndex service = 0;
  std::string reason;
  Obstacle obstacle = Obstacle::tried;
};

struct Request {
  std::string_view operation;
  const json::object* params = nullptr;  // null: not bound yet; what depends on them is not asked
  std::span<const std::string> adapt;    // RouteSettings::adapt
  std::span<const std::string> degrade;  // services that stand in when no other can
  std::span<const Exclusion> excluded;
  MaybeMoney task_budget_left;  // none: no limit
  MaybeMoney run_budget_left;
};

struct Candidate {
  ServiceIndex service = 0;
  Obstacle obstacle = Obstacle::none;
  std::string reason;  // of the obstacle, or why it is asked only after others; for people
  // What it does not take as it is asked for: "seconds 8 becomes 10"; "" it takes everything.
  std::string adapted;
  MaybeMoney estimate;       // none: unknown
  bool degradation = false;  // what its choice would be

  // It could take the task, now or by waiting.
  bool is_hope() const noexcept {
    return obstacle == Obstacle::none || obstacle == Obstacle::busy || obstacle == Obstacle::closed;
  }
};

struct Decision {
  std::vector<Candidate>
      candidates;  // every service that offers the operation and may be asked at all
  std::optional<ServiceIndex> chosen;
  MaybeMoney estimate;    // of the chosen one
  bool degraded = false;  // the chosen one is a degradation
  // Somebody could take it, now or by waiting.
  bool has_hope() const noexcept;
  // The nearest obstacle when nothing was chosen: what passes by itself before a budget before
  // unavailability before the rest.
  Obstacle obstacle() const noexcept;
  // "img-a: tried (transient); img-b: its library could not be loaded"; for messages.
  std::string reasons(const ServiceTable& table) const;
};

Decision choose(const ServiceTable& table, const Request& request);

}  // namespace weft::route
