// SPDX-License-Identifier: Apache-2.0
#include "shell/service_history.hpp"

namespace weft::shell {

void ServiceHistory::add(const Batch& batch) {
  for (const Write& write : batch.writes) {
    const auto* end = std::get_if<EndAttempt>(&write);
    if (!end || !end->operation || !end->attempt.ended_at) continue;
    const AttemptRecord& attempt = end->attempt;
    if (attempt.outcome == Outcome::budget) continue;  // nobody was asked
    const Timestamp minute{std::chrono::floor<std::chrono::minutes>(*attempt.ended_at)};
    Entry& entry = entries_[{minute, attempt.service, end->operation->name}];
    entry.use.add(attempt.outcome, end->waited, *attempt.ended_at - attempt.started_at,
                  attempt.cost);
    if (end->usage) entry.use.usage.add(*end->usage);
    entry.changed = true;
  }
}

std::vector<ServiceMinute> ServiceHistory::take() {
  std::vector<ServiceMinute> taken;
  Timestamp newest{};
  for (auto& [key, entry] : entries_) {
    const auto& [minute, service, operation] = key;
    newest = minute;  // the keys begin with it
    if (!std::exchange(entry.changed, false)) continue;
    taken.push_back({minute, service, operation, book_, entry.use});
  }
  std::erase_if(entries_, [&](const auto& one) { return std::get<0>(one.first) < newest; });
  return taken;
}

}  // namespace weft::shell
