// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: what something that is planned takes of time and money
// (Runtime::plan, Runtime::plan_making). Each task counts with one attempt that succeeds at the
// service that would be asked first; what `if` may leave out counts as well.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

// Where a number comes from: "measured", by attempts of the last days; "declared", by `price` and
// `latency` of the configuration; "" it is unknown, which is not zero.
struct ForecastView {
  std::string cost_basis;
  std::string time_basis;
  std::optional<std::int64_t> p50_ms;  // none: unknown
  std::optional<std::int64_t> p95_ms;
};

// Half of all cases stay under p50, 95 of 100 under p95; of many tasks: if each takes its own.
struct SpanView {
  std::int64_t p50_ms = 0;
  std::int64_t p95_ms = 0;
};

// Of all tasks together. What is unknown is left out of the sums, and counted.
struct ProjectionView {
  std::uint32_t tasks = 0;        // without groups: those are their items
  std::uint32_t later = 0;        // that stand for tasks which are known only in the run
  std::vector<std::string> cost;  // one sum in each currency: "1.20 USD"; "free" when that is all
  std::uint32_t unknown_costs = 0;
  std::uint32_t declared_costs = 0;
  std::uint32_t unknown_times = 0;
  std::uint32_t declared_times = 0;
  SpanView path;                           // as fast as it can be with any number of slots
  std::vector<std::string> critical_path;  // the tasks that take so long, in their order
  SpanView one_after_the_other;
  // A lower bound with the slots there are: of the path, and of the work for each class and service
  // over what it takes at a time.
  SpanView at_least;
  std::string bound_by;  // "class gpu"; "": the critical path
};

}  // namespace weft
