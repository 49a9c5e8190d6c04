// SPDX-License-Identifier: Apache-2.0
// What services can bear, what they are told of, and another table of them.
#include <algorithm>

#include "engine/core.hpp"

namespace weft::engine {
namespace {

// How often the age of attempts is looked at, at most: all of a service are looked at together.
constexpr Duration look_at_ages_every = std::chrono::seconds{1};

}  // namespace

// ---------------------------------------------------------------- another table

void Core::on(const RestoreServices& event) {
  states_.restore(event.known, chance());
}

void Core::on(const ServicesChanged& event) {
  const auto old = std::exchange(services_, event.table);
  decision_text_.reset();
  slots_.reset(services_);
  states_.reset(services_, event.configuration_read, chance());
  ++table_version_;
  watched_.assign(services_->services.size(), false);
  const auto translate = [&](Claim& claim) {
    if (claim.service != Claim::none)
      claim.service = services_->find(old->services[claim.service].name).value_or(Claim::none);
    if (claim.concurrency != Claim::none)
      claim.concurrency =
          services_->find_class(old->classes[claim.concurrency].name).value_or(Claim::none);
    slots_.take(claim);
    if (claim.service != Claim::none) watch(claim.service);
  };
  for (const auto& [id, run] : runs_) {
    std::vector<TaskNo> parked;
    for (auto& [task, attempt] : run->active) {
      translate(attempt.claim);
      if (!attempt.record.ended_at && run->nodes[task].state == TaskState::waiting)
        parked.push_back(task);
    }
    for (const TaskNo task : parked) follow_up(*run, task);
    for (TaskNo no = 0; no < run->nodes.size(); ++no)
      if (Node& node = run->nodes[no]; is_on_its_way(node.stage)) {
        node.claim = {};
        node.stage = Stage::queued;
      }
  }
  for (route::ServiceIndex i = 0; i < services_->services.size(); ++i)
    states_.left(i, slots_.used_of_service(i), moment_.now);
  requeue_all();
}

// ---------------------------------------------------------------- may they be asked

// What may not be asked at this moment, besides excluded_for(), and what only after the others.
// `own`: of whom the task holds a claim.
void Core::add_closed(std::vector<route::Exclusion>& excluded, std::string_view operation,
                      route::ServiceIndex own) const {
  for (route::ServiceIndex i = 0; i < services_->services.size(); ++i) {
    const std::uint32_t claimed = i == own ? 1 : 0;
    const std::uint32_t in_flight = slots_.used_of_service(i);
    const bool is_open = states_.is_open(i, in_flight - claimed, moment_.now);
    if (is_open && !states_.is_degraded(i)) continue;
    if (!services_->services[i].offers(operation)) continue;
    const auto closure = states_.closure(i, in_flight, moment_.now, claimed);
    if (closure.why == route::Closed::account) continue;
    if (closure.why != route::Closed::no)
      excluded.push_back(
          {i, states_.text(closure, i, in_flight, moment_.now), route::obstacle_of(closure.why)});
    else if (states_.is_degraded(i))
      excluded.push_back({i, states_.record(i).reason, route::Obstacle::none});
  }
}

// Why nobody can be asked: the word for it that the service said.
Outcome Core::account_trouble(const route::Decision& decision) const {
  for (const route::Candidate& candidate : decision.candidates)
    if (candidate.obstacle == route::Obstacle::account)
      return states_.record(candidate.service).account;
  return Outcome::auth;
}

// When the first of those who could take it may be asked; the present, if that cannot be told.
Timestamp Core::opening_of(const route::Decision& decision) const {
  Timestamp first = Timestamp::max();
  for (const route::Candidate& one : decision.candidates) {
    if (!one.is_hope()) continue;
    const std::uint32_t in_flight = slots_.used_of_service(one.service);
    const auto until = states_.closure(one.service, in_flight, moment_.now).until;
    first = std::min(first, until.value_or(moment_.now));
  }
  return first;
}

// Whoever waits for a service that is closed for a while is looked at when that is over.
void Core::arm_opening() {
  for (route::ServiceIndex i = 0; i < services_->services.size(); ++i)
    if (states_.wants_probe(i) && lanes_.waits_for(i)) arm_probe(i);
  const Deadline next = lanes_.next_opening(slots_, states_, moment_.now);
  if (!next.is_set() || (opening_at_ > moment_.now && opening_at_ <= next.at())) return;
  opening_at_ = next.at();
  timers_.set({opening_at_, AlarmKind::opening, RunId{}, 0, 0});
}

std::optional<Duration> Core::run_limit(const TaskDefinition& definition,
                                        const route::Service& service) {
  const auto& of_task = definition.timeouts.run;
  const auto& of_service = service.limits.timeout;
  if (!of_task || !of_service) return of_task ? of_task : of_service;
  return std::min(*of_task, *of_service);
}

// ---------------------------------------------------------------- what becomes of attempts

void Core::tell_service(const Run& run, const ActiveAttempt& active, const JobResult& result) {
  const route::ServiceIndex service = active.claim.service;
  if (service == Claim::none) return;  // it is no longer configured, or has been told already
  AttemptEnd end;
  end.outcome = result.outcome;
  end.message = result.message;
  end.operation = run.definition(active.record.task).operation->name;
  end.began = active.record.started_at;
  if (!active.recovered) end.took = moment_.now - active.record.started_at;
  end.retry_after = result.retry_after;
  end.heard = active.heard;
  end.timed_out = active.stop == StopCause::attempt_timeout;
  end.trial = active.trial;
  end.in_flight = slots_.used_of_service(service);
  states_.ended(service, end, chance());
}

// Looks at the age of its attempts from now on, if it is known what is usual.
void Core::watch(route::ServiceIndex service) {
  if (states_.wants_probe(service)) arm_probe(service);
  if (watched_[service]) return;
  if (const auto age = states_.suspicious_age(service)) watch(service, *age);
}

void Core::watch(route::ServiceIndex service, Duration wait) {
  watched_[service] = true;
  timers_.set({moment_.now + std::max(wait, look_at_ages_every), AlarmKind::suspicion, RunId{},
               service, table_version_});
}

void Core::ring_suspicion(const Alarm& alarm) {
  const route::ServiceIndex service = alarm.task;
  if (alarm.stamp != table_version_) return;
  watched_[service] = false;
  const auto usual = states_.suspicious_age(service);
  if (!usual) return;
  std::optional<Duration> oldest;  // of those that are not suspected
  for (const auto& [id, run] : runs_)
    for (auto& [task, active] : run->active) {
      if (active.claim.service != service || active.suspected || active.recovered) continue;
      const Duration age = moment_.now - active.record.started_at;
      active.suspected = age >= *usual;
      if (active.suspected)
        states_.grew_old(service, run->definition(task).operation->name, age, chance());
      else
        oldest = std::max(oldest.value_or(age), age);
    }
  if (oldest) watch(service, *usual - *oldest);
}

// ---------------------------------------------------------------- probes

void Core::arm_probe(route::ServiceIndex service) {
  timers_.set(
      {states_.arm_probe(service, chance()), AlarmKind::probe, RunId{}, service, table_version_});
}

void Core::ring_probe(const Alarm& alarm) {
  const route::ServiceIndex service = alarm.task;
  if (alarm.stamp != table_version_ || shutting_down_) return;
  const bool needed = slots_.used_of_service(service) > 0 || lanes_.waits_for(service);
  if (states_.take_probe(service, needed, moment_.now))
    effects_.acts.push_back(ProbeService{services_->services[service].name});
  else if (states_.is_looked_after(service, needed, moment_.now))
    arm_probe(service);
}

void Core::on(const ServiceProbed& event) {
  states_.probed(event.service, {event.outcome, event.message, event.vouched}, chance());
  const auto service = services_->find(event.service);
  if (service && states_.wants_probe(*service)) arm_probe(*service);
}

}  // namespace weft::engine
