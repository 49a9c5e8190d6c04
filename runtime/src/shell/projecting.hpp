// SPDX-License-Identifier: Apache-2.0
// What is known beforehand of those who would do the tasks of a plan.
#pragma once
#include <span>
#include <vector>

#include "model/service_use.hpp"
#include "plan/projection.hpp"
#include "route/choose.hpp"
#include "weft/runtime.hpp"

namespace weft::shell {

// Who would be asked for each task, as far as that can be told before it runs.
struct Routes {
  static constexpr std::uint32_t none = UINT32_MAX;
  std::vector<route::Decision> decisions;
  std::vector<std::uint32_t> by_node;  // into `decisions`; none: a task with a body

  const route::Decision& of(TaskNo task) const { return decisions[by_node[task]]; }
};
Routes routes_of(const Plan& plan, const route::ServiceTable& services);
// The names of those who could do it, the first first.
std::vector<std::string> services_for(const route::Decision& decision,
                                      const route::ServiceTable& services);

// `history` as store::Queries::service_use() gives it: one row for each service and operation.
// Durations are the measured ones, else those declared. Costs are what the price says of this
// task's params, else what successful attempts have cost on average.
Forecast forecast(const Plan& plan, const route::ServiceTable& services, const Routes& routes,
                  std::span<const ServiceMinute> history);

// "0.04 USD", "free"; "" unknown.
std::string show_cost(const CostForecast& cost);
ForecastView show_forecast(const Forecast& forecast, TaskNo task);
ProjectionView show_projection(const Plan& plan, const Projection& projection);

}  // namespace weft::shell
