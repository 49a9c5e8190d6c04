// SPDX-License-Identifier: Apache-2.0
// Attempts that a dead runtime left. What happens to one depends on the last commit before the
// crash:
//
//   commit | service               | what happens
//   intent | free                  | ends as interrupted (does not count), the task starts again
//   intent | paid, recover = "key" | attach with an empty token: goes on, or is unknown; or the
//          |                       | service never had it: interrupted, and the task starts again
//   intent | paid, else            | ends as unknown: the task waits for a person
//   token  | any                   | attach with the token
//
// A service that is not there cannot be asked: what may have been bought waits for it, or for a
// person.
#include <algorithm>

#include "engine/core.hpp"

namespace weft::engine {
namespace {

// So long a command about an attached attempt waits for a word of the service about it.
constexpr Duration lookup_limit = std::chrono::seconds{10};

}  // namespace

// `ended` holds each task's attempts in the order of their numbers: the newest that count are those
// of the present allowance.
void Core::remember_failures(Run& run, const std::vector<AttemptRecord>& ended) {
  std::unordered_map<TaskNo, std::uint32_t> older;  // counting attempts of former allowances
  for (const AttemptRecord& record : ended) {
    count_cost(run, record.task, record.cost);
    if (rule_of(record.outcome).counts) ++older[record.task];
  }
  for (auto& [task, count] : older) count -= std::min(count, run.nodes[task].attempts_counted);
  for (const AttemptRecord& record : ended) {
    if (!rule_of(record.outcome).counts) continue;
    std::uint32_t& former = older[record.task];
    if (former > 0)
      --former;
    else
      remember_failure(run, record.task, record.service, record.outcome);
  }
  // Who waits for its time to try again begins a new round.
  for (auto& [task, trouble] : run.trouble)
    if (run.nodes[task].retry_at) trouble.tried.clear();
}

void Core::take_up(Run& run, const AttemptRecord& record, const StoredRun& stored) {
  ActiveAttempt& active = run.active[record.task];
  active.record = record;
  active.timed_from = record.started_at;
  run.ledger.reserve(record.reserved);
  if (record.ended_at) return;  // its outcome is unknown, and somebody will settle it
  const AttemptRef ref{run.record.id, record.task, record.attempt};
  for (const PutLateResult& late : stored.late)
    if (late.attempt == ref) {
      if (const auto service = services_->find(record.service))
        active.free = services_->services[*service].is_free();
      if (run.nodes[record.task].state != TaskState::running)
        set_state(run, record.task, TaskState::running);
      return end_attempt(run, record.task,
                         {late.outcome, late.message, {}, {}, false, late.outputs});
    }
  follow_up(run, record.task);
}

// Goes on with an open attempt as far as its service allows.
void Core::follow_up(Run& run, TaskNo task) {
  ActiveAttempt& active = run.active.at(task);
  const AttemptRecord& record = active.record;
  const auto index = services_->find(record.service);
  if (!index) return park(run, task, "is no longer configured");
  const route::Service& service = services_->services[*index];
  if (!service.unavailable.empty())
    return park(run, task, "cannot be used: " + service.unavailable);
  active.claim = {*index,
                  services_->find_class(run.definition(task).concurrency).value_or(Claim::none)};
  active.free = service.is_free();
  active.local = service.local;
  active.recovered = true;
  active.run_limit = run_limit(run.definition(task), service);
  active.alive = !record.token.empty();  // it has spoken before
  slots_.take(active.claim);
  watch(*index);
  if (run.nodes[task].state != TaskState::running) set_state(run, task, TaskState::running);

  const bool has_token = !record.token.empty();
  const bool attachable = !service.local && service.recover != route::Recover::none &&
                          (has_token || (!active.free && service.recover == route::Recover::key));
  if (attachable) {
    active.in_question = true;
    timers_.set(
        {moment_.now + lookup_limit, AlarmKind::lookup, run.record.id, task, record.attempt});
    asks_.push_back(AskBinding{run.record.id, task, ++run.nodes[task].ticket});
    return;
  }
  const std::string went_down = "the runtime went down";
  if (active.free)
    return end_attempt(run, task, {Outcome::interrupted, went_down, {}, {}, false, {}});
  end_attempt(run, task,
              {Outcome::unknown,
               went_down + " after '" + record.service +
                   "' may have been asked, and it cannot be asked again what became of it",
               {},
               {},
               false,
               {}});
}

// The service that could tell what became of an attempt is not there. What cost nothing starts
// again elsewhere; the rest stays open, and is followed up when the service is back.
void Core::park(Run& run, TaskNo task, const std::string& trouble) {
  ActiveAttempt& active = run.active.at(task);
  AttemptRecord& record = active.record;
  const std::string message =
      "service '" + record.service + "' has to tell what became of its job, and " + trouble;
  const bool bought_nothing = record.reserved && record.reserved->micros == 0;
  if (bought_nothing)
    return end_attempt(run, task, {Outcome::interrupted, message, {}, {}, false, {}});
  if (run.record.cancelling) {
    close(run, task, {Outcome::unknown, message, {}, {}, false, {}});
    return cancel_node(run, task);
  }
  record.message = message;
  end_flight(run, task, nullptr);
  if (run.nodes[task].state != TaskState::waiting)
    wait_for(run, task, WaitReason::unknown_outcome, message);
}

void Core::found_out(Run& run, ActiveAttempt& attempt) {
  if (std::exchange(attempt.in_question, false)) touch(run);
}

void Core::attach(Run& run, TaskNo task, std::shared_ptr<const BoundTask> bound) {
  const ActiveAttempt& active = run.active.at(task);
  const AttemptRecord& record = active.record;
  write_event(run, "task.reattached", task, AttemptFacts{record.attempt, record.service, {}, {}});
  effects_.acts.push_back(AttachJob{job_for(run, task, active, std::move(bound)), record.token});
  arm_task(run, task);  // a deadline may have passed while there was nothing to stop
  arm_run(run);
  arm_attempt(run, active);
  // What it was told before nobody could hear.
  if (active.stop != StopCause::none)
    effects_.acts.push_back(CancelJob{{run.record.id, task, record.attempt}});
  else if (run.record.cancelling)
    stop(run, task, StopCause::asked);
}

}  // namespace weft::engine
