// SPDX-License-Identifier: Apache-2.0
#include "route/choose.hpp"

#include <algorithm>

#include "route/adapt.hpp"

namespace weft::route {
namespace {

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A placeholder is a candidate only if the definition lists it, or if nobody else offers the
// operation.
bool only_placeholders(const ServiceTable& table, std::string_view operation) {
  return std::none_of(table.services.begin(), table.services.end(), [&](const Service& service) {
    return !service.placeholder && service.offers(operation);
  });
}

// Empty when `estimate` fits into what is left; else why not.
std::string over_budget(const MaybeMoney& left, const MaybeMoney& estimate,
                        std::string_view whose) {
  if (!left || (estimate && estimate->micros == 0)) return {};
  if (!estimate) return "its price is unknown, and the " + std::string(whose) + " has a limit";
  if (estimate->currency != left->currency)
    return "its price is in " + std::string(estimate->currency.code()) + ", the limit of the " +
           std::string(whose) + " in " + std::string(left->currency.code());
  if (estimate->micros <= left->micros) return {};
  return "it asks " + estimate->to_string() + ", and " + left->to_string() + " are left of the " +
         std::string(whose) + "'s limit";
}

// Whether it can do what is asked, and for that money.
void examine_request(const Service& service, const Request& request, const json::value& params,
                     Candidate& candidate) {
  const auto stop = [&](Obstacle obstacle, std::string reason) {
    candidate.obstacle = obstacle;
    candidate.reason = std::move(reason);
  };
  const Schema& taken = service.offers(request.operation)->params;
  std::optional<Adapted> adapted;
  if (const auto violations = taken.validate(params); !violations.empty()) {
    if (!request.adapt.empty()) adapted = adapt(taken, *request.params, request.adapt);
    if (!adapted)
      return stop(Obstacle::params,
                  "param " + violations.front().pointer + " " + violations.front().message);
    candidate.adapted = text_of(adapted->losses);
  }
  if (service.price)
    candidate.estimate = service.price->of(adapted ? adapted->params : *request.params);
  if (auto reason = over_budget(request.task_budget_left, candidate.estimate, "task");
      !reason.empty())
    return stop(Obstacle::task_budget, std::move(reason));
  if (auto reason = over_budget(request.run_budget_left, candidate.estimate, "run");
      !reason.empty()) {
    // A higher limit helps only where the price can be compared with it.
    const bool comparable =
        candidate.estimate && candidate.estimate->currency == request.run_budget_left->currency;
    stop(comparable ? Obstacle::run_budget : Obstacle::task_budget, std::move(reason));
  }
}

// `params` is request.params as a value, or null: made once for all services.
Candidate examine(const Service& service, ServiceIndex index, const Request& request,
                  const json::value& params) {
  Candidate candidate;
  candidate.service = index;
  const auto stop = [&](Obstacle obstacle, std::string reason) {
    candidate.obstacle = obstacle;
    candidate.reason = std::move(reason);
    return candidate;
  };
  // What it can never do comes before what it cannot do now: nobody waits for the latter in vain.
  const Exclusion* now = nullptr;
  for (const Exclusion& exclusion : request.excluded) {
    if (exclusion.service != index) continue;
    if (exclusion.obstacle == Obstacle::tried) return stop(Obstacle::tried, exclusion.reason);
    now = &exclusion;
  }
  if (!service.offers(request.operation)) return stop(Obstacle::silent, service.unavailable);
  if (!service.unavailable.empty()) return stop(Obstacle::unavailable, service.unavailable);
  if (request.params) examine_request(service, request, params, candidate);
  if (now && candidate.obstacle == Obstacle::none) return stop(now->obstacle, now->reason);
  return candidate;
}

// The lower the better. The lanes before the slots have the same order.
int reluctance(const Candidate& candidate) {
  return (candidate.reason.empty() ? 0 : 2) + (candidate.adapted.empty() ? 0 : 1);
}

// Whether a service may be asked at all, and whether asking it is a degradation.
enum class Standing : std::uint8_t { none, ordinary, degradation };

Standing standing_of(const Service& service, const Request& request, bool last_resort) {
  if (!service.offers(request.operation) && !service.might_offer(request.operation))
    return Standing::none;
  if (contains(request.degrade, service.name)) return Standing::degradation;
  return service.placeholder && !last_resort ? Standing::none : Standing::ordinary;
}

}  // namespace

bool Decision::has_hope() const noexcept {
  return std::any_of(candidates.begin(), candidates.end(),
                     [](const Candidate& candidate) { return candidate.is_hope(); });
}

Obstacle Decision::obstacle() const noexcept {
  for (const Obstacle nearest :
       {Obstacle::busy, Obstacle::closed, Obstacle::run_budget, Obstacle::task_budget,
        Obstacle::unavailable, Obstacle::account, Obstacle::params, Obstacle::tried})
    for (const Candidate& candidate : candidates)
      if (candidate.obstacle == nearest) return nearest;
  return Obstacle::unavailable;  // no candidate that is known to do it
}

std::string Decision::reasons(const ServiceTable& table) const {
  std::string text;
  for (const Candidate& candidate : candidates) {
    if (candidate.obstacle == Obstacle::none) continue;
    if (!text.empty()) text += "; ";
    text += table.services[candidate.service].name + ": " + candidate.reason;
  }
  return text;
}

Decision choose(const ServiceTable& table, const Request& request) {
  Decision decision;
  const json::value params = request.params ? json::value(*request.params) : json::value(nullptr);
  const bool last_resort = only_placeholders(table, request.operation);
  bool busy = false;
  const Candidate* reluctant = nullptr;
  // Two passes: what the definition calls a degradation comes after everybody else.
  decision.candidates.reserve(table.services.size());
  for (const Standing pass : {Standing::ordinary, Standing::degradation}) {
    const auto take = [&](const Candidate& candidate) {
      decision.chosen = candidate.service;
      decision.estimate = candidate.estimate;
      decision.degraded = pass == Standing::degradation;
    };
    for (ServiceIndex index = 0; index < table.services.size(); ++index) {
      const Service& service = table.services[index];
      if (standing_of(service, request, last_resort) != pass) continue;
      Candidate& candidate =
          decision.candidates.emplace_back(examine(service, index, request, params));
      candidate.degradation = pass == Standing::degradation;
      if (candidate.degradation && busy && candidate.obstacle == Obstacle::none)
        candidate.obstacle = Obstacle::busy,
        candidate.reason = "kept for when no other can, not for when others are busy";
      busy = busy || (!candidate.degradation && candidate.obstacle == Obstacle::busy);
      if (decision.chosen || candidate.obstacle != Obstacle::none) continue;
      if (reluctance(candidate) == 0)
        take(candidate);
      else if (!reluctant || reluctance(candidate) < reluctance(*reluctant))
        reluctant = &candidate;
    }
    if (!decision.chosen && reluctant) take(*reluctant);
  }
  return decision;
}

}  // namespace weft::route
