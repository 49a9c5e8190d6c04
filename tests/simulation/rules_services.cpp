// SPDX-License-Identifier: Apache-2.0
// Rules about how often services are asked, and what is remembered of them.
#include "rules.hpp"

namespace weft::simulation {

void Rules::health_row(const ServiceHealth& row, const ServiceHealth& next) {
  if (next.state == row.state) return;
  if (next.state == HealthState::open) ++scene_.counts.opened;
  if (next.state == HealthState::half_open) ++scene_.counts.trials;
  const bool by_trial = row.state == HealthState::half_open && next.state == HealthState::healthy;
  if (by_trial) ++scene_.counts.recovered;
}

void Rules::service_event(const AppendServiceEvent& event) {
  if (event.type == "service.paused") ++scene_.counts.pauses_of_services;
  scene_.journal.note(event.type, RunId{}, event.data);
}

void Rules::service_asked(ModelStore& store, const AttemptRef& ref) {
  const AttemptRecord& attempt = store.find(ref.run)->attempt(ref.task, ref.attempt)->row;
  Asked& asked = asked_[attempt.service];

  const std::uint32_t rpm = landscape_.find(attempt.service)->service.limits.rpm;
  asked.last_minute.push_back(attempt.started_at);
  while (asked.last_minute.front() + std::chrono::minutes{1} <= attempt.started_at)
    asked.last_minute.pop_front();
  require(rpm == 0 || asked.last_minute.size() <= rpm, "rates",
          "a service is asked more often in a minute than it may", ref.run);

  const auto known = store.health().find(attempt.service);
  if (known == store.health().end()) return;
  const ServiceHealth& health = known->second;
  if (health.state != HealthState::open && health.state != HealthState::half_open) return;
  require(health.changed_at >= attempt.started_at, "open services",
          "a service that is left alone is asked, and not to try it out", ref.run);
  if (health.state != HealthState::half_open || health.changed_at != attempt.started_at) return;
  StoredRunRows* run = store.find(asked.trial.run);
  const StoredAttempt* former = run ? run->attempt(asked.trial.task, asked.trial.attempt) : nullptr;
  require(!former || asked.trial_at != health.changed_at || former->row.ended_at, "open services",
          "two tasks try a service out at a time", ref.run);
  asked.trial = ref;
  asked.trial_at = health.changed_at;
}

}  // namespace weft::simulation
