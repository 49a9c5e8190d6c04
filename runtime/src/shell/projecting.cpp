// SPDX-License-Identifier: Apache-2.0
#include "shell/projecting.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "model/plan_reads.hpp"
#include "route/closure.hpp"

namespace weft::shell {
namespace {

const ServiceUse* use_of(std::span<const ServiceMinute> history, const std::string& service,
                         const std::string& operation) {
  const auto found = std::ranges::find_if(history, [&](const ServiceMinute& row) {
    return row.service == service && row.operation == operation;
  });
  return found == history.end() || found->use.succeeded == 0 ? nullptr : &found->use;
}

const DeclaredLatency* declared(const route::Service& service, const std::string& operation) {
  const DeclaredLatency* any = nullptr;
  for (const DeclaredLatency& latency : service.latency) {
    if (latency.operation == operation) return &latency;
    if (latency.operation.empty()) any = &latency;
  }
  return any;
}

void forecast_span(const route::Service& service, const std::string& operation,
                   const ServiceUse* use, TimeForecast& time) {
  if (use && use->latency.count() > 0) {
    time.span = {use->latency.quantile(0.5), use->latency.quantile(0.95)};
    time.basis = Basis::measured;
  } else if (const DeclaredLatency* latency = declared(service, operation)) {
    time.span = {latency->p50, latency->p95};
    time.basis = Basis::declared;
  }
}

// The classes first, then the services that take so many at a time.
struct Pools {
  explicit Pools(const route::ServiceTable& services) {
    for (const SlotClass& one : services.classes) all.push_back({"class " + one.name, one.slots});
    for (const route::Service& service : services.services) {
      of_service.push_back(static_cast<std::uint32_t>(all.size()));
      if (service.limits.concurrency > 0)
        all.push_back({"service " + service.name, service.limits.concurrency});
    }
  }
  std::vector<SlotPool> all;
  std::vector<std::uint32_t> of_service;  // where it would be, if it has one
};

std::vector<SlotShare> shares_of(const route::ServiceTable& services, const Pools& pools,
                                 route::ServiceIndex chosen, const TaskDefinition& definition) {
  const route::Service& service = services.services[chosen];
  std::vector<SlotShare> shares{{service.slot_class, service.slots}};
  if (service.limits.concurrency > 0) shares.push_back({pools.of_service[chosen], 1});
  if (const auto own = services.find_class(definition.concurrency)) shares.push_back({*own, 1});
  return shares;
}

// The params of a node as far as inputs and its item tell them.
json::object known_params(const Plan& plan, TaskNo task, const TaskDefinition& definition) {
  json::object params = definition.params.source().as_object();
  const expr::Bindings bindings = bindings_of(plan, task);
  for (const expr::ValueTemplate::Hole& hole : definition.params.holes()) {
    const std::string name = hole.pointer.substr(1, hole.pointer.find('/', 1) - 1);
    const bool whole = hole.pointer.size() == name.size() + 1;
    const auto value = hole.text.evaluate(bindings);
    auto written = value ? expr::to_json(*value) : result<json::value>(value.error());
    if (whole && written)
      params[name] = std::move(*written);
    else
      params.erase(name);
  }
  json::value numbers(std::move(params));
  definition.operation->params.convert_numbers(numbers);
  return std::move(numbers.as_object());
}

// All of them, when nothing of them is known only in the run. Of a group: those of its first item.
std::optional<json::object> complete_params(const Plan& plan, TaskNo task,
                                            const TaskDefinition& definition) {
  const PlanNode& node = plan.nodes[task];
  if (node.unexpanded || (node.group && node.item_count == 0)) return std::nullopt;
  auto value =
      definition.params.evaluate(bindings_of(plan, node.group ? plan.first_item_of(task) : task));
  if (!value) return std::nullopt;
  definition.operation->params.convert_numbers(*value);
  return std::move(value->as_object());
}

CostForecast average_cost(const ServiceUse* use) {
  if (!use || use->cost_micros.size() != 1) return {};
  const auto& [currency, micros] = *use->cost_micros.begin();
  return {Money{micros / static_cast<std::int64_t>(use->succeeded), Currency(currency)},
          Basis::measured};
}

// What the nodes of one definition cost at a service.
class Pricing {
 public:
  Pricing(const Plan& plan, const TaskDefinition& definition, const route::Service& service,
          const ServiceUse* use)
      : plan_(plan), definition_(definition), service_(service), average_(average_cost(use)) {
    asks_params_ = service.price && std::ranges::any_of(service.price->rows, [](const auto& row) {
                     return row.when.has_value();
                   });
    if (!asks_params_) same_for_all_ = of({});
  }
  CostForecast of_node(TaskNo task) const {
    return asks_params_ ? of(known_params(plan_, task, definition_)) : same_for_all_;
  }

 private:
  CostForecast of(const json::object& params) const {
    const MaybeMoney price = service_.price ? service_.price->of(params) : std::nullopt;
    return price ? CostForecast{price, Basis::declared} : average_;
  }

  const Plan& plan_;
  const TaskDefinition& definition_;
  const route::Service& service_;
  CostForecast average_;
  bool asks_params_ = false;
  CostForecast same_for_all_;
};

std::string basis_text(Basis basis) {
  if (basis == Basis::unknown) return {};
  return basis == Basis::measured ? "measured" : "declared";
}

SpanView show_span(const Span& span) {
  return {span.p50.count(), span.p95.count()};
}

}  // namespace

Routes routes_of(const Plan& plan, const route::ServiceTable& services) {
  std::vector<route::Exclusion> out_of_use;
  for (route::ServiceIndex i = 0; i < services.services.size(); ++i)
    if (!services.services[i].enabled)
      out_of_use.push_back({i, std::string(route::out_of_use(false, {})), route::Obstacle::closed});
  Routes routes;
  routes.by_node.assign(plan.nodes.size(), Routes::none);
  std::unordered_map<const TaskDefinition*, std::uint32_t> known;
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
    const TaskDefinition& definition = plan.definition(no);
    if (!definition.operation) continue;
    const auto next = static_cast<std::uint32_t>(routes.decisions.size());
    const auto [found, is_new] = known.emplace(&definition, next);
    routes.by_node[no] = found->second;
    if (!is_new) continue;
    route::Request request;
    request.operation = definition.operation->name;
    request.degrade = definition.route.degrade;
    request.adapt = definition.route.adapt;
    request.excluded = out_of_use;
    const auto params = complete_params(plan, no, definition);  // of others alike the same is said
    if (params) request.params = &*params;
    routes.decisions.push_back(route::choose(services, request));
  }
  return routes;
}

std::vector<std::string> services_for(const route::Decision& decision,
                                      const route::ServiceTable& services) {
  std::vector<std::string> names;
  for (const route::Candidate& candidate : decision.candidates)
    if (candidate.obstacle == route::Obstacle::none)
      names.push_back(services.services[candidate.service].name);
  return names;
}

Forecast forecast(const Plan& plan, const route::ServiceTable& services, const Routes& routes,
                  std::span<const ServiceMinute> history) {
  Pools pools(services);
  Forecast forecast;
  forecast.times.resize(routes.decisions.size());
  forecast.time_of.assign(plan.nodes.size(), Forecast::no_time);
  forecast.costs.resize(plan.nodes.size());
  std::vector<std::optional<Pricing>> prices(routes.decisions.size());
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
    const TaskDefinition& definition = plan.definition(no);
    if (plan.stands_for_others(no) || definition.occasion == Occasion::on_failure) continue;
    const std::uint32_t alike = routes.by_node[no];
    forecast.time_of[no] = alike;
    if (definition.wait) forecast.costs[no] = {Money{}, Basis::declared};  // people are not billed
    const auto chosen = routes.decisions[alike].chosen;
    if (!chosen) continue;
    if (!prices[alike]) {
      const route::Service& service = services.services[*chosen];
      const std::string& operation = definition.operation->name;
      const ServiceUse* use = use_of(history, service.name, operation);
      forecast_span(service, operation, use, forecast.times[alike]);
      forecast.times[alike].shares = shares_of(services, pools, *chosen, definition);
      prices[alike].emplace(plan, definition, service, use);
    }
    forecast.costs[no] = prices[alike]->of_node(no);
  }
  forecast.pools = std::move(pools.all);
  return forecast;
}

std::string show_cost(const CostForecast& cost) {
  if (!cost.cost) return {};
  return cost.cost->micros == 0 ? "free" : cost.cost->to_string();
}

ForecastView show_forecast(const Forecast& forecast, TaskNo task) {
  ForecastView view;
  if (forecast.time_of[task] == Forecast::no_time) return view;
  const TimeForecast& time = forecast.times[forecast.time_of[task]];
  view.cost_basis = basis_text(forecast.costs[task].basis);
  view.time_basis = basis_text(time.basis);
  if (time.basis == Basis::unknown) return view;
  view.p50_ms = time.span.p50.count();
  view.p95_ms = time.span.p95.count();
  return view;
}

ProjectionView show_projection(const Plan& plan, const Projection& projection) {
  ProjectionView view;
  view.tasks = projection.tasks;
  view.later = projection.later;
  for (const auto& [currency, micros] : projection.cost_micros)
    if (micros != 0) view.cost.push_back(Money{micros, currency}.to_string());
  if (view.cost.empty() && !projection.cost_micros.empty()) view.cost.emplace_back("free");
  view.unknown_costs = projection.unknown_costs;
  view.declared_costs = projection.declared_costs;
  view.unknown_times = projection.unknown_times;
  view.declared_times = projection.declared_times;
  view.path = show_span(projection.path);
  for (const TaskNo task : projection.critical_path)
    view.critical_path.push_back(display_name(plan, task));
  view.one_after_the_other = show_span(projection.one_after_the_other);
  view.at_least = show_span(projection.at_least);
  view.bound_by = projection.bound_by;
  return view;
}

}  // namespace weft::shell
