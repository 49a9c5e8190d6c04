// SPDX-License-Identifier: Apache-2.0
// Rules about results that tasks take from each other.
#include <algorithm>

#include "rules.hpp"

namespace weft::simulation {

// It is known by the key that its attempt was sent with, and it is what the service gave.
void Rules::result_kept(ModelStore& store, const KeepResult& keep) {
  made_[keep.key->digest].push_back(keep.outputs);
  const StoredRunRows* run = store.find(keep.run);
  if (!run) return;
  const bool fits = std::any_of(run->tasks.begin(), run->tasks.end(), [&](const StoredTask& task) {
    if (!task.key || task.key->key->digest != keep.key->digest || task.attempts.empty())
      return false;
    const Truth& truth = task.attempts.back().truth;
    return truth.settled_with && truth.settled_with->outputs == keep.outputs;
  });
  require(fits, "results", "a result is kept that is not what its key says", keep.run);
}

void Rules::result_taken(const StoredRunRows& run, const TakeResult& take) {
  if (take.waits) return static_cast<void>(++scene_.counts.results_waited_for);
  ++scene_.counts.results_taken;
  const StoredTask& task = run.tasks.at(take.task);
  const auto made = made_.find(take.key->digest);
  const bool is_one =
      made != made_.end() && task.outputs.is_object() &&
      std::count(made->second.begin(), made->second.end(), task.outputs.get_object()) > 0;
  require(is_one, "results", "a task takes what nobody made under its key", run.row.id);
  require(!run.row.fresh, "results", "a task takes a result in a run that makes all anew",
          run.row.id);
}

// While this process has an attempt under way that makes the same, nobody else is asked for it.
void Rules::look_at_equals(ModelStore& store, const engine::Job& job) {
  const StoredRunRows& run = *store.find(job.attempt.run);
  const StoredTask& own = run.tasks[job.attempt.task];
  if (run.row.fresh || !own.key || own.key->attempt != job.attempt.attempt) return;
  for (const auto& [id, other] : store.runs()) {
    if (!epochs_.contains(id)) continue;
    for (const StoredTask& task : other.tasks) {
      if (&task == &own || !task.key || task.key->key->digest != own.key->key->digest) continue;
      if (task.attempts.empty() || task.attempts.back().row.attempt != task.key->attempt) continue;
      const Truth& truth = task.attempts.back().truth;
      const bool under_way = truth.process == process_ && !truth.handed_over_end &&
                             !truth.told_to_end && !truth.heard &&
                             task.row.state == TaskState::running;
      require(
          !under_way || task.attempts.back().row.started_at >= own.attempts.back().row.started_at,
          "results", "two services are asked for the same at a time", job.attempt.run);
    }
  }
}

}  // namespace weft::simulation
