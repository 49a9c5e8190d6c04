// SPDX-License-Identifier: Apache-2.0
#include "faults/on_store.hpp"

#include <algorithm>

namespace weft::simulation {
namespace {

template <class T>
bool has(const Batch& batch) {
  return std::any_of(batch.writes.begin(), batch.writes.end(),
                     [](const Write& write) { return std::holds_alternative<T>(write); });
}

}  // namespace

bool ActBeforeCommit::acknowledge_at_once(const Batch& batch) {
  return has<InsertAttempt>(batch);
}

bool PublishBeforeCommit::acknowledge_at_once(const Batch& batch) {
  return has<AnswerCommand>(batch) && !has<InsertAttempt>(batch);
}

void CheckpointForgotten::batch(Batch& batch) {
  std::erase_if(batch.writes,
                [](const Write& write) { return std::holds_alternative<PutCheckpoint>(write); });
}

void TokenForgotten::loaded(StoredRun& stored) {
  for (AttemptRecord& attempt : stored.open) attempt.token.clear();
}

void DispatchedAgain::loaded(StoredRun& stored) {
  std::erase_if(stored.open, [](const AttemptRecord& attempt) { return !attempt.ended_at; });
  for (TaskRecord& task : stored.unfinished)
    if (task.state == TaskState::running) task.state = TaskState::ready;
}

bool RunNotLoaded::skip_load(Random& random) {
  return random.chance(30);
}

void PauseForgotten::loaded(StoredRun& stored) {
  if (stored.run.state == RunState::paused) stored.run.state = RunState::active;
}

void QuestionForgotten::loaded(StoredRun& stored) {
  for (TaskRecord& task : stored.unfinished)
    if (task.wait_reason == WaitReason::approval || task.wait_reason == WaitReason::input)
      task.state = TaskState::ready;
}

void TrialUnsaid::batch(Batch& batch) {
  std::erase_if(batch.writes, [](const Write& write) {
    const auto* put = std::get_if<PutServiceHealth>(&write);
    return put && put->health.state == HealthState::half_open;
  });
}

void HealthForgotten::restored(std::vector<ServiceHealth>& known) {
  for (ServiceHealth& health : known) health.state = HealthState::healthy;
}

void DrainForgotten::restored(std::vector<ServiceHealth>& known) {
  for (ServiceHealth& health : known) health.taken_out.clear();
}

void RefusalsForgotten::loaded(StoredRun& stored) {
  std::erase_if(stored.ended,
                [](const AttemptRecord& attempt) { return attempt.outcome == Outcome::refused; });
}

void RateForgotten::restored(std::vector<ServiceHealth>& known) {
  for (ServiceHealth& health : known) health.rate_mark_us = 0;
}

bool BatchLost::lose(const Batch&, Random& random) {
  return random.chance(2);
}

void GrowthDropped::batch(Batch& batch) {
  std::erase_if(batch.writes,
                [](const Write& write) { return std::holds_alternative<InsertTasks>(write); });
}

void ReservationKept::batch(Batch& batch) {
  for (Write& write : batch.writes)
    if (auto* end = std::get_if<EndAttempt>(&write)) end->settle = false;
}

void RefusalIgnored::committed(engine::Committed& committed) {
  committed.refused.clear();
}

void CountedTwice::batch(Batch& batch) {
  for (Write& write : batch.writes)
    if (auto* update = std::get_if<UpdateTask>(&write)) update->task.attempts_counted *= 2;
}

bool AnyEpoch::takes_any_epoch() {
  return true;
}

void FencingIgnored::committed(engine::Committed& committed) {
  committed.fenced.clear();
}

// The outputs of the one that was found before.
bool WrongResult::found(std::optional<FoundResult>& found, Random&) {
  if (!found) return true;
  const auto before = std::exchange(last_, found);
  if (before) found->outputs = before->outputs;
  return true;
}

bool LookupLost::found(std::optional<FoundResult>&, Random& random) {
  return !random.chance(20);
}

void KeysForgotten::loaded(StoredRun& stored) {
  stored.keys.clear();
}

void KeyConfused::batch(Batch& batch) {
  for (Write& write : batch.writes)
    if (auto* keep = std::get_if<KeepResult>(&write)) {
      const auto own = std::exchange(last_, keep->key);
      if (own) keep->key = own;
    }
}

}  // namespace weft::simulation
