// SPDX-License-Identifier: Apache-2.0
// What a plan takes of time and money, from what is known of those who would do its tasks. Pure.
//
// Every task is reckoned with one attempt that succeeds, and as if no `if` said no; what runs only
// on a failure is left out. What nobody knows is counted as unknown, never as nothing: so is what
// stands for tasks that are known only in the run.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "base/time.hpp"
#include "model/plan.hpp"

namespace weft {

// Where a forecast comes from.
enum class Basis : std::uint8_t {
  unknown,
  measured,  // by attempts that were made
  declared,  // by the configuration
};

// So long in half of all cases, and in 95 of 100. Of sums: if each part takes its own.
struct Span {
  Duration p50{};
  Duration p95{};
  bool operator==(const Span&) const = default;
};

// A number of slots that tasks share: a class, or a service that takes so many at a time.
struct SlotPool {
  std::string name;  // for people: "class gpu"
  std::uint32_t slots = 1;
};

struct SlotShare {
  std::uint32_t pool = 0;   // into Forecast::pools
  std::uint32_t slots = 1;  // that one task takes while it runs
};

struct TimeForecast {
  Span span;
  Basis basis = Basis::unknown;
  std::vector<SlotShare> shares;
};

struct CostForecast {
  MaybeMoney cost;  // none exactly when it is unknown
  Basis basis = Basis::unknown;
};

struct Forecast {
  std::vector<SlotPool> pools;
  std::vector<TimeForecast> times;     // of tasks that are alike
  std::vector<std::uint32_t> time_of;  // by node: into `times`, or no_time
  std::vector<CostForecast> costs;     // by node; of one that stands for others nothing

  static constexpr std::uint32_t no_time = UINT32_MAX;
};

struct Projection {
  std::uint32_t tasks = 0;  // without those that stand for others
  std::uint32_t later = 0;  // that stand for tasks which are known only in the run
  std::map<Currency, std::int64_t> cost_micros;
  std::uint32_t unknown_costs = 0;  // of so many tasks
  std::uint32_t declared_costs = 0;
  std::uint32_t unknown_times = 0;
  std::uint32_t declared_times = 0;
  // The way through the plan that takes longest, by p50, and what ways take at most: nothing is
  // faster with any number of slots. Empty when no time is known.
  std::vector<TaskNo> critical_path;
  Span path;
  Span one_after_the_other;
  // Nothing is faster with the slots there are: the longer of `path` and of the fullest pool's work
  // over its slots. No schedule is made, so it may well take longer.
  Span at_least;
  std::string bound_by;  // the pool's name; "": the critical path
};

// Costs O(nodes + edges).
Projection project(const Plan& plan, const Forecast& forecast);

}  // namespace weft
