// SPDX-License-Identifier: Apache-2.0
#include "engine/service_state.hpp"

#include <algorithm>

#include "base/json_text.hpp"

namespace weft::engine {
namespace {

std::string_view event_of(HealthState state) {
  switch (state) {
    case HealthState::healthy:
      return "service.healthy";
    case HealthState::degraded:
      return "service.degraded";
    case HealthState::open:
      return "service.open";
    case HealthState::half_open:
      return "service.half_open";
  }
  return "service.healthy";
}

}  // namespace

// ---------------------------------------------------------------- one service

ServiceStates::State::State(const route::Service& service) : health(service.name, service.health) {
  configure(service);
}

void ServiceStates::State::configure(const route::Service& service) {
  const std::int64_t mark = rate.mark();
  rate = route::RateLimit(service.limits.rpm);
  rate.restore(mark);
  if (limits != service.limits)  // else what was found out holds
    adaptive = route::AdaptiveLimit(service.limits.adaptive, service.limits.concurrency);
  limits = service.limits;
  enabled = service.enabled;
  probes = service.health.probe_every && !service.local;
  probe_every = service.health.probe_every.value_or(Duration{});
  probe_armed = false;
  claims = 0;
  plain = true;
  broken = false;
}

ServiceHealth ServiceStates::State::record() const {
  ServiceHealth record = health.record();
  record.paused_until = pause.until();
  record.rate_mark_us = rate.mark();
  record.taken_out = taken_out;
  return record;
}

// ---------------------------------------------------------------- all of them

ServiceStates::ServiceStates(std::shared_ptr<const route::ServiceTable> table)
    : table_(std::move(table)) {
  states_.reserve(table_->services.size());
  for (const route::Service& service : table_->services) refresh(states_.emplace_back(service));
}

void ServiceStates::refresh(State& state) noexcept {
  const ServiceHealth& record = state.health.record();
  state.out = !state.out_of_use().empty();
  const bool plain =
      !state.out && !state.health.is_closed_off() && !state.pause.until() && !state.rate.is_set();
  if (std::exchange(state.plain, plain) != plain) {
    special_ += plain ? -1 : 1;
    ++times_changed_;
  }
  const bool broken = !state.out && record.state == HealthState::open && !record.open_until;
  if (std::exchange(state.broken, broken) != broken) broken_changed_ = true;
  const bool degraded = record.state == HealthState::degraded;
  std::uint32_t limit = UINT32_MAX;
  for (const std::uint32_t one : {state.adaptive.limit(), state.health.allowed()})
    if (one != 0) limit = std::min(limit, one);
  if (limit != state.limit || degraded != state.degraded || !plain) ++times_changed_;
  state.limit = limit;
  state.degraded = degraded;
}

void ServiceStates::restore(const std::vector<ServiceHealth>& records,
                            const route::Chance& chance) {
  for (const ServiceHealth& record : records) {
    const auto index = table_->find(record.service);
    route::Service gone;
    gone.name = record.service;
    State& state = index ? states_[*index] : absent_.emplace_back(gone);
    state.pause.restore(record.paused_until);
    state.rate.restore(record.rate_mark_us);
    state.taken_out = record.taken_out;
    state.drains = !state.out_of_use().empty();
    note(state, state.health.restore(record, chance.now), chance.now);
    if (!index) continue;
    note(state, state.health.reconfigured(table_->services[*index].health, chance.now), chance.now);
    refresh(state);
  }
}

// The state of a service that was known before, or a new one.
ServiceStates::State ServiceStates::take_state(std::vector<State>& known,
                                               const route::Service& service,
                                               bool configuration_read,
                                               const route::Chance& chance) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const State& one) {
    return one.health.record().service == service.name;
  });
  if (found == known.end()) return State(service);
  State state = std::move(*found);
  known.erase(found);
  if (configuration_read)
    note(state, state.health.reconfigured(service.health, chance.now), chance.now);
  const std::string before(state.out_of_use());
  state.configure(service);
  note_use(state, before, "the configuration was read again", chance.now);
  return state;
}

void ServiceStates::reset(std::shared_ptr<const route::ServiceTable> table, bool configuration_read,
                          const route::Chance& chance) {
  std::vector<State> known = std::exchange(states_, {});
  std::move(absent_.begin(), absent_.end(), std::back_inserter(known));
  absent_.clear();
  table_ = std::move(table);
  states_.reserve(table_->services.size());
  special_ = 0;
  for (const route::Service& service : table_->services)
    refresh(states_.emplace_back(take_state(known, service, configuration_read, chance)));
  absent_ = std::move(known);
  for (State& state : absent_) {  // nobody will hear of a trial there
    const route::Ending gone{HealthSign::none, Outcome::interrupted, {}, {}, {}, true, false};
    note(state, state.health.ended(gone, chance), chance.now);
    state.claims = 0;
  }
}

// ---------------------------------------------------------------- may it be asked

route::Situation ServiceStates::situation(route::ServiceIndex service, std::uint32_t in_flight,
                                          Timestamp now, std::uint32_t own) const noexcept {
  const State& state = states_[service];
  const std::uint32_t allowed = state.health.allowed();
  const std::uint32_t claims = state.claims - own;
  return {state.health.record(),
          state.pause.until(),
          state.rate.is_set() ? state.rate.next(now, claims) : Timestamp{},
          state.limit == UINT32_MAX ? 0 : state.limit,
          allowed != 0 && allowed == state.limit,
          in_flight - own,
          claims > 0,
          state.out_of_use()};
}

route::Closure ServiceStates::closure(route::ServiceIndex service, std::uint32_t in_flight,
                                      Timestamp now, std::uint32_t own) const noexcept {
  return route::closure_of(situation(service, in_flight, now, own), now);
}

std::string ServiceStates::text(const route::Closure& closure, route::ServiceIndex service,
                                std::uint32_t in_flight, Timestamp now) const {
  return route::text_of(closure, situation(service, in_flight, now, 0),
                        table_->services[service].limits.rpm);
}

// ---------------------------------------------------------------- what happens

bool ServiceStates::began(route::ServiceIndex service, bool first_of_task, Timestamp now) {
  State& state = states_[service];
  --state.claims;
  state.used_at = now;
  if (first_of_task) state.retries.attempted(), retries_.attempted();
  if (state.plain) return false;
  if (state.rate.is_set()) state.rate.take(now), mark(state);
  if (state.pause.until()) {  // it is over, and all who waited for that come at once
    state.pause.over();
    state.health.start_slowly();
    mark(state);
  }
  const auto change = state.health.trial_started(now);
  note(state, change, now);
  refresh(state);
  return change.has_value();
}

void ServiceStates::ended(route::ServiceIndex service, const AttemptEnd& end,
                          const route::Chance& chance) {
  State& state = states_[service];
  state.used_at = state.heard_at = chance.now;
  OutcomeRule rule = rule_of(end.outcome);
  if (!end.heard) rule.sign = HealthSign::none;
  if (end.timed_out || rule.sign == HealthSign::busy)
    state.adaptive.overloaded(end.began, chance.now);
  if (rule.sign == HealthSign::well) state.adaptive.well(end.in_flight), state.pause.well();
  const bool asks = rule.sign == HealthSign::busy ||
                    (rule.sign == HealthSign::failure && end.retry_after > Duration{0});
  if (asks && state.pause.asked(end.retry_after, chance.now, chance.random))
    note_pause(state, chance.now);
  judge(service, end, rule, chance);
  refresh(state);
  left(service, end.in_flight - 1, chance.now);
}

void ServiceStates::judge(route::ServiceIndex service, const AttemptEnd& end,
                          const OutcomeRule& rule, const route::Chance& chance) {
  State& state = states_[service];
  const bool bad = rule.sign == HealthSign::failure || rule.sign == HealthSign::half_failure;
  route::Ending ending{rule.sign,       end.outcome, end.message, end.took,
                       end.retry_after, end.trial,   false};
  if (bad) ending.last = is_last(service, end.operation);
  const std::uint32_t times_opened = state.health.record().times_opened;
  const auto change = state.health.ended(ending, chance);
  note(state, change, chance.now);
  if (state.health.record().times_opened != times_opened) mark(state);
  if (bad && !change) compare(service, end.operation, chance);
}

void ServiceStates::grew_old(route::ServiceIndex service, std::string_view operation, Duration age,
                             const route::Chance& chance) {
  State& state = states_[service];
  const auto change = state.health.grew_old(age, is_last(service, operation), chance);
  note(state, change, chance.now);
  if (!change) compare(service, operation, chance);
  refresh(state);
}

// Whether too few would be left for the operation without it.
bool ServiceStates::is_last(route::ServiceIndex service, std::string_view operation) const {
  std::uint32_t others = 0;
  for (route::ServiceIndex i = 0; i < states_.size(); ++i) {
    const route::Service& other = table_->services[i];
    if (i != service && other.unavailable.empty() && other.offers(operation) && !states_[i].out &&
        !states_[i].health.is_closed_off())
      ++others;
  }
  return others < table_->services[service].health.min_available;
}

// With those who do the same work.
void ServiceStates::compare(route::ServiceIndex service, std::string_view operation,
                            const route::Chance& chance) {
  std::vector<double> peers;
  for (route::ServiceIndex i = 0; i < states_.size(); ++i) {
    if (i == service || !table_->services[i].offers(operation)) continue;
    if (states_[i].out || states_[i].health.is_closed_off()) continue;
    if (const auto rate = states_[i].health.success_rate()) peers.push_back(*rate);
  }
  State& state = states_[service];
  note(state, state.health.compared(peers, is_last(service, operation), chance), chance.now);
}

// ---------------------------------------------------------------- probes

Timestamp ServiceStates::arm_probe(route::ServiceIndex service,
                                   const route::Chance& chance) noexcept {
  State& state = states_[service];
  state.probe_armed = true;
  const auto spread_ms = static_cast<std::uint64_t>(state.probe_every.count()) / 4;
  const Duration jitter{static_cast<std::int64_t>(chance.random % (spread_ms + 1))};
  return std::max(chance.now, std::max(state.used_at, state.heard_at) + state.probe_every + jitter);
}

bool ServiceStates::is_looked_after(route::ServiceIndex service, bool needed,
                                    Timestamp now) const noexcept {
  constexpr int intervals = 10;
  const State& state = states_[service];
  if (!state.probes || state.out || state.is_probed) return false;
  return needed || now - state.used_at <= intervals * state.probe_every;
}

bool ServiceStates::take_probe(route::ServiceIndex service, bool needed, Timestamp now) noexcept {
  State& state = states_[service];
  state.probe_armed = false;
  if (!is_looked_after(service, needed, now) || now - state.heard_at < state.probe_every)
    return false;
  return state.is_probed = true;
}

void ServiceStates::probed(std::string_view service, const ProbeAnswer& answer,
                           const route::Chance& chance) {
  for (State& state : absent_)
    if (state.health.record().service == service) state.is_probed = false;
  const auto index = table_->find(service);
  if (!index) return;
  State& state = states_[*index];
  state.is_probed = false;
  state.heard_at = chance.now;
  HealthSign sign = rule_of(answer.outcome).sign;
  if (answer.outcome == Outcome::deadline) sign = HealthSign::failure;  // it does not answer
  if (answer.outcome == Outcome::ok && answer.vouched && state.health.try_soon(chance.now))
    mark(state);
  const std::string said = "asked whether it is well: " + std::string(answer.message);
  const auto& offered = table_->services[*index].operations;
  const bool last = std::any_of(offered.begin(), offered.end(), [&](const auto& operation) {
    return is_last(*index, operation.name);
  });
  note(state, state.health.probed({sign, answer.outcome, said, {}, {}, false, last}, chance),
       chance.now);
  refresh(state);
}

Timestamp ServiceStates::retry_at(route::ServiceIndex service, Timestamp now) noexcept {
  return std::max(states_[service].retries.take(now), retries_.take(now));
}

// ---------------------------------------------------------------- out of use, and back

std::string ServiceStates::take_out(route::ServiceIndex service, std::string_view reason,
                                    Timestamp now) {
  State& state = states_[service];
  const bool was_out = state.out;
  const std::string before(state.out_of_use());
  state.taken_out = "by hand";
  if (!reason.empty()) state.taken_out.append(": ").append(reason);
  mark(state);
  note_use(state, before, {}, now);
  refresh(state);
  const std::string& name = table_->services[service].name;
  return name +
         (was_out ? " was out of use already" : " begins nothing more; what runs there ends");
}

std::string ServiceStates::take_in(route::ServiceIndex service, Timestamp now) {
  State& state = states_[service];
  const std::string before(state.out_of_use());
  state.taken_out.clear();
  note_use(state, before, "by hand", now);
  if (state.health.try_soon(now)) mark(state);
  const std::string reopened = reopen(service, "enabled by hand", now);
  return before.empty() ? reopened : table_->services[service].name + " is in use again";
}

std::string ServiceStates::reopen(route::ServiceIndex service, std::string_view reason,
                                  Timestamp now) {
  State& state = states_[service];
  note(state, state.health.account_mended(std::string(reason), now), now);
  refresh(state);
  return table_->services[service].name + " may be asked";
}

void ServiceStates::left(route::ServiceIndex service, std::uint32_t in_flight, Timestamp now) {
  State& state = states_[service];
  if (!state.drains || in_flight > state.claims) return;
  state.drains = false;
  mark(state);
  events_.push_back(
      {now, "service.disabled",
       json_text({{"service", state.health.record().service}, {"reason", state.out_of_use()}})});
}

// ---------------------------------------------------------------- what has to be made durable

void ServiceStates::mark(State& state) {
  state.dirty = any_dirty_ = true;
}

void ServiceStates::note(State& state, const std::optional<route::Change>& change, Timestamp now) {
  if (!change) return;
  mark(state);
  const ServiceHealth& record = state.health.record();
  const std::string until = record.open_until ? to_string(*record.open_until) : std::string();
  events_.push_back({now, event_of(change->to),
                     json_text({{"service", record.service},
                                {"before", to_string(change->from)},
                                {"reason", record.reason},
                                {"until", unless_empty(until)}})});
}

void ServiceStates::note_pause(State& state, Timestamp now) {
  mark(state);
  const std::string until = to_string(*state.pause.until());
  events_.push_back({now, "service.paused",
                     json_text({{"service", state.health.record().service}, {"until", until}})});
}

// `why` it is back in use, if it is.
void ServiceStates::note_use(State& state, const std::string& before, std::string_view why,
                             Timestamp now) {
  const std::string_view after = state.out_of_use();
  if (after == before) return;
  state.drains = !after.empty();
  mark(state);
  events_.push_back({now, after.empty() ? "service.enabled" : "service.draining",
                     json_text({{"service", state.health.record().service},
                                {"reason", after.empty() ? why : after}})});
}

void ServiceStates::hand_over(Batch& batch) {
  if (!std::exchange(any_dirty_, false)) return;
  for (std::vector<State>* states : {&states_, &absent_})
    for (State& state : *states)
      if (std::exchange(state.dirty, false))
        batch.writes.emplace_back(std::in_place_type<PutServiceHealth>, state.record());
  for (AppendServiceEvent& event : std::exchange(events_, {}))
    batch.writes.emplace_back(std::in_place_type<AppendServiceEvent>, std::move(event));
}

}  // namespace weft::engine
