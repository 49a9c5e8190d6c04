// SPDX-License-Identifier: Apache-2.0
#include "plan/projection.hpp"

#include <algorithm>

namespace weft {
namespace {

constexpr TaskNo no_task = UINT32_MAX;

// When each node has ended at the earliest, and which of those before it ended last.
struct Ends {
  std::vector<Span> at;
  std::vector<TaskNo> last_before;  // by p50
};

// The end of a node that begins when `ready` is over, put off by an edge's other end.
void put_off(Span& ready, TaskNo& last, const Span& other, TaskNo from) {
  const bool as_late = other.p50 == ready.p50 && from < last;  // so that equal plans say the same
  if (last == no_task || other.p50 > ready.p50 || as_late) last = from;
  ready.p50 = std::max(ready.p50, other.p50);
  ready.p95 = std::max(ready.p95, other.p95);
}

// Nodes in an order in which each stands after what it waits for; groups stand before their items,
// so that of their numbers will not do.
Ends ends_of(const Plan& plan, const Forecast& forecast) {
  const std::size_t count = plan.nodes.size();
  Ends ends{std::vector<Span>(count), std::vector<TaskNo>(count, no_task)};
  std::vector<std::uint32_t> open(count, 0);  // edges into it that have not been gone over
  for (const PlanEdge& edge : plan.edges) ++open[edge.to];
  std::vector<std::size_t> first(count + 1, plan.edges.size());  // edge from it
  for (std::size_t i = plan.edges.size(); i-- > 0;) first[plan.edges[i].from] = i;
  std::vector<TaskNo> ready;
  for (TaskNo no = 0; no < count; ++no)
    if (open[no] == 0) ready.push_back(no);
  while (!ready.empty()) {
    const TaskNo no = ready.back();
    ready.pop_back();
    if (const std::uint32_t time = forecast.time_of[no]; time != Forecast::no_time) {
      ends.at[no].p50 += forecast.times[time].span.p50;
      ends.at[no].p95 += forecast.times[time].span.p95;
    }
    for (std::size_t i = first[no]; i < plan.edges.size() && plan.edges[i].from == no; ++i) {
      const TaskNo to = plan.edges[i].to;
      put_off(ends.at[to], ends.last_before[to], ends.at[no], no);
      if (--open[to] == 0) ready.push_back(to);
    }
  }
  return ends;
}

void find_critical_path(const Plan& plan, const Forecast& forecast, Projection& projection) {
  const Ends ends = ends_of(plan, forecast);
  TaskNo last = no_task;
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
    projection.path.p95 = std::max(projection.path.p95, ends.at[no].p95);
    if (forecast.time_of[no] == Forecast::no_time || ends.at[no].p50 <= projection.path.p50)
      continue;
    projection.path.p50 = ends.at[no].p50;
    last = no;
  }
  for (; last != no_task; last = ends.last_before[last])
    if (forecast.time_of[last] != Forecast::no_time) projection.critical_path.push_back(last);
  std::ranges::reverse(projection.critical_path);
}

void count_time(const TimeForecast& time, std::uint32_t tasks, Projection& projection,
                std::vector<Span>& work) {
  if (time.basis == Basis::unknown) projection.unknown_times += tasks;
  if (time.basis == Basis::declared) projection.declared_times += tasks;
  const Span all{time.span.p50 * tasks, time.span.p95 * tasks};
  projection.one_after_the_other.p50 += all.p50;
  projection.one_after_the_other.p95 += all.p95;
  for (const SlotShare& share : time.shares) {
    work[share.pool].p50 += all.p50 * share.slots;
    work[share.pool].p95 += all.p95 * share.slots;
  }
}

void count_cost(const CostForecast& cost, Projection& projection) {
  ++projection.tasks;
  if (!cost.cost) {
    ++projection.unknown_costs;
    return;
  }
  if (cost.basis == Basis::declared) ++projection.declared_costs;
  projection.cost_micros[cost.cost->currency] += cost.cost->micros;
}

void bound_by_slots(const std::vector<SlotPool>& pools, const std::vector<Span>& work,
                    Projection& projection) {
  projection.at_least = projection.path;
  for (std::size_t i = 0; i < pools.size(); ++i) {
    const std::uint32_t slots = std::max(pools[i].slots, 1U);
    const Span needed{work[i].p50 / slots, work[i].p95 / slots};
    if (needed.p50 > projection.at_least.p50) projection.bound_by = pools[i].name;
    projection.at_least.p50 = std::max(projection.at_least.p50, needed.p50);
    projection.at_least.p95 = std::max(projection.at_least.p95, needed.p95);
  }
}

}  // namespace

Projection project(const Plan& plan, const Forecast& forecast) {
  Projection projection;
  std::vector<std::uint32_t> tasks(forecast.times.size(), 0);  // of each of `times`
  for (std::size_t no = 0; no < plan.nodes.size(); ++no) {
    if (plan.nodes[no].unexpanded) ++projection.later;
    if (forecast.time_of[no] == Forecast::no_time) continue;
    ++tasks[forecast.time_of[no]];
    count_cost(forecast.costs[no], projection);
  }
  std::vector<Span> work(forecast.pools.size());
  for (std::size_t i = 0; i < tasks.size(); ++i)
    count_time(forecast.times[i], tasks[i], projection, work);
  find_critical_path(plan, forecast, projection);
  bound_by_slots(forecast.pools, work, projection);
  return projection;
}

}  // namespace weft
