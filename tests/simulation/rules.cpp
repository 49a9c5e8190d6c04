// SPDX-License-Identifier: Apache-2.0
// Rules about the process, about batches as wholes, and about words to services and callers.
#include "rules.hpp"

namespace weft::simulation {

void Rules::broken(const std::string& rule, const std::string& what, RunId run) const {
  throw Violation(rule, what, run);
}

void Rules::process_began(std::uint64_t number) {
  process_ = number;
  shutting_down_ = false;
  process_began_at_ = scene_.now();
  epochs_.clear();
}

std::shared_ptr<const Plan> Rules::submitted_plan(RunId run,
                                                  const std::shared_ptr<const Plan>& given) {
  const auto found = plans_.find(run);
  if (found == plans_.end()) return given;
  auto plan = std::move(found->second);
  plans_.erase(found);
  return plan;
}

// What earlier processes knew is gone.
void Rules::loaded(StoredRunRows& run) {
  for (StoredTask& task : run.tasks)
    for (StoredAttempt& attempt : task.attempts) {
      Truth& truth = attempt.truth;
      truth.process = 0;
      truth.in_doubt = attempt.row.token.empty();
      truth.told_to_end = false;
      truth.heard.reset();
      truth.handed_over_end = attempt.row.ended_at.has_value();
      truth.handed_over_unknown =
          truth.handed_over_end && attempt.row.outcome == Outcome::unknown &&
          task.row.state == TaskState::waiting && task.row.attempt == attempt.row.attempt;
    }
}

void Rules::know(StoredAttempt& attempt) {
  const ModelService* model = landscape_.find(attempt.row.service);
  attempt.truth.free = model && model->service.is_free();
  attempt.truth.local = model && model->service.local;
}

std::uint64_t Rules::checkpoint_number(const std::string& token) {
  return std::strtoull(token.c_str() + token.rfind('-') + 1, nullptr, 10);
}

// ---------------------------------------------------------------- batches

void Rules::handed_over(const Batch& batch, ModelStore& store) {
  for (const auto& [run, epoch] : batch.epochs) {
    const auto held = epochs_.find(run);
    require(held != epochs_.end(), "epochs", "something is written to a run that was lost", run);
    require(held->second == epoch, "epochs", "a run is written to with an epoch nobody gave", run);
  }
  for (const Write& write : batch.writes)
    if (const auto* end = std::get_if<EndAttempt>(&write)) end_handed_over(store, *end);
  for (const Write& write : batch.writes)
    if (const auto* keep = std::get_if<KeepResult>(&write)) result_kept(store, *keep);
}

// Why may it end so? Everything that a service has said was heard in the turn that decided.
void Rules::end_handed_over(ModelStore& store, const EndAttempt& end) {
  StoredRunRows* run = store.find(end.run);
  StoredAttempt* attempt = run ? run->attempt(end.attempt.task, end.attempt.attempt) : nullptr;
  if (!attempt) return;
  Truth& truth = attempt->truth;
  if (truth.handed_over_end) {
    require(truth.handed_over_unknown && end.settle, "one end", "an attempt ends twice", end.run);
    truth.handed_over_unknown = false;
    return;
  }
  truth.handed_over_end = true;
  truth.handed_over_unknown = !end.settle;
  const Outcome outcome = end.attempt.outcome;
  if (attempt->refused)
    return require(outcome == Outcome::budget, "one end",
                   "an attempt that was refused ends otherwise", end.run);
  if (truth.heard) {
    truth.settled_with = truth.heard;
    if (!answer_fits(*run, *attempt, truth.heard->outcome, outcome))
      broken("answers",
             "the service said '" + std::string(to_string(truth.heard->outcome)) +
                 "', and the attempt ends '" + std::string(to_string(outcome)) + "'",
             end.run);
    return;
  }
  for (const LateRow& late : run->late)
    if (late.attempt == AttemptRef{end.run, end.attempt.task, end.attempt.attempt} &&
        answer_fits(*run, *attempt, late.result.outcome, outcome)) {
      truth.settled_with = late.result;
      ++scene_.counts.late_results_used;
      return;
    }
  const bool given_up =
      outcome == Outcome::unknown || outcome == Outcome::cancelled || outcome == Outcome::deadline;
  const bool goes_down = truth.local && shutting_down_ && outcome == Outcome::interrupted;
  if (truth.process == process_)
    return require(truth.told_to_end && (given_up || goes_down), "answers",
                   "an attempt ends, and its service neither answered nor was told to end",
                   end.run);
  if (end.settle && asked_to_settle(store, end.run)) return;
  const bool interrupted = outcome == Outcome::interrupted && truth.free;
  require(interrupted || outcome == Outcome::unknown || given_up, "answers",
          "an attempt that a dead runtime left ends with an answer nobody gave", end.run);
}

// A person may settle what waits for a service that is gone.
bool Rules::asked_to_settle(ModelStore& store, RunId run) const {
  for (const auto& [id, stored] : store.commands())
    if (stored.command.run == run && !stored.answer &&
        (stored.command.kind == CommandKind::settle || stored.command.kind == CommandKind::retry))
      return true;
  return false;
}

bool Rules::answer_fits(const StoredRunRows& run, const StoredAttempt& attempt, Outcome heard,
                        Outcome recorded) const {
  if (heard == recorded) return true;
  const Truth& truth = attempt.truth;
  if (recorded == Outcome::interrupted)
    return (truth.local && shutting_down_) || (truth.in_doubt && heard == Outcome::lost);
  switch (heard) {
    case Outcome::ok:
      return recorded == Outcome::bad_output;
    case Outcome::lost:
      return recorded == Outcome::unknown;
    case Outcome::cancelled:
      // The word to end it may still be on its way.
      return (truth.told_to_end || has_timeout(run, attempt.row)) &&
             (recorded == Outcome::deadline || recorded == Outcome::unknown);
    default:
      return false;
  }
}

bool Rules::has_timeout(const StoredRunRows& run, const AttemptRecord& attempt) const {
  const Timeouts& timeouts = definition(run, attempt.task).timeouts;
  return timeouts.start || timeouts.run || timeouts.total || run.row.deadline.is_set() ||
         landscape_.find(attempt.service)->service.limits.timeout;
}

// ---------------------------------------------------------------- services

bool Rules::may_buy_again(const StoredRunRows& run, const StoredAttempt& earlier) const {
  const Truth& truth = earlier.truth;
  if (truth.free || earlier.refused || truth.permitted) return true;
  const RouteSettings& route = definition(run, earlier.row.task).route;
  if (route.rebuy == Rebuy::allow) return true;
  if (!truth.settled_with) return truth.local && earlier.row.outcome == Outcome::interrupted;
  const engine::JobResult& answer = *truth.settled_with;
  switch (answer.outcome) {
    case Outcome::unknown:
      return false;
    case Outcome::lost:
      return answer.cost && answer.cost->micros == 0;
    case Outcome::cancelled:
      return !truth.told_to_end || route.rebuy == Rebuy::after_cancel || truth.local;
    case Outcome::ok:
      return earlier.row.outcome == Outcome::bad_output;
    default:
      return true;
  }
}

// A refusal is final at the service that refused, and everywhere unless the definition says more.
void Rules::look_at_refusals(const StoredRunRows& run, const engine::Job& job) {
  const StoredTask& task = run.tasks[job.attempt.task];
  std::uint32_t left = task.row.attempts_counted;  // of the present allowance
  for (std::size_t i = job.attempt.attempt - 1; i > 0 && left > 0; --i) {
    const AttemptRecord& earlier = task.attempts[i - 1].row;
    if (!rule_of(earlier.outcome).counts) continue;
    --left;
    if (earlier.outcome != Outcome::refused) continue;
    require(definition(run, job.attempt.task).route.refusal == Refusal::next, "refusals",
            "a task that was refused is taken to another service", run.row.id);
    require(earlier.service != job.service, "refusals",
            "a task is taken back to the service that refused it", run.row.id);
  }
}

void Rules::dispatched(ModelStore& store, const engine::Job& job) {
  const RunId id = job.attempt.run;
  StoredRunRows* run = store.find(id);
  StoredAttempt* attempt = run ? run->attempt(job.attempt.task, job.attempt.attempt) : nullptr;
  require(attempt, "commit, then act", "a job is dispatched that is not in the store", id);
  require(
      attempt->row.idempotency_key == job.idempotency_key && attempt->row.service == job.service,
      "commit, then act", "a job is dispatched otherwise than the store has it", id);
  require(!attempt->refused, "budget", "a job is dispatched whose reservation was refused", id);
  require(!attempt->truth.submitted, "nothing twice", "a job is submitted twice", id);
  look_at_equals(store, job);
  bool bought_before = false;
  for (const StoredAttempt& earlier : run->tasks[job.attempt.task].attempts) {
    if (earlier.row.attempt >= job.attempt.attempt) break;
    require(earlier.row.ended_at.has_value(), "nothing twice",
            "a task is dispatched while an earlier attempt of it runs", id);
    if (!may_buy_again(*run, earlier))
      broken("nothing twice",
             "task " + std::to_string(job.attempt.task) + ": attempt " +
                 std::to_string(earlier.row.attempt) +
                 " may have been bought, and the task is bought again",
             id);
    bought_before = bought_before || (!earlier.truth.free && !earlier.refused &&
                                      earlier.row.outcome == Outcome::unknown);
  }
  look_at_refusals(*run, job);
  const route::Service& service = landscape_.find(job.service)->service;
  require(service.offers(job.operation())->params.validate(job.task->params).empty(), "params",
          "a service is asked for what it does not take", id);
  if (bought_before && !attempt->truth.free) ++scene_.counts.rebuys;
  if (job.attempt.attempt > 1 &&
      run->tasks[job.attempt.task].attempts[job.attempt.attempt - 2].row.service != job.service)
    ++scene_.counts.fallbacks;
  ++scene_.counts.dispatches;
  if (!attempt->truth.free) ++scene_.counts.paid_dispatches;
  attempt->truth.submitted = true;
  attempt->truth.process = process_;
  scene_.journal.note("dispatched", job.attempt, job.service);
}

void Rules::attached(ModelStore& store, const engine::Job& job, const std::string& token) {
  const RunId id = job.attempt.run;
  StoredRunRows* run = store.find(id);
  StoredAttempt* attempt = run ? run->attempt(job.attempt.task, job.attempt.attempt) : nullptr;
  require(attempt, "commit, then act", "a job is attached that is not in the store", id);
  require(
      attempt->row.idempotency_key == job.idempotency_key && attempt->row.service == job.service,
      "commit, then act", "a job is attached otherwise than the store has it", id);
  require(attempt->row.token == token, "checkpoints",
          "a job is attached with another token than its last durable one", id);
  const route::Service& service = landscape_.find(job.service)->service;
  require(!service.local, "attach", "local work is attached", id);
  require(service.recover != route::Recover::none, "attach",
          "a job is attached at a service that cannot", id);
  require(!token.empty() || service.recover == route::Recover::key, "attach",
          "a job is looked up by its key at a service that cannot", id);
  require(attempt->truth.process != process_, "attach", "a job is attached twice", id);
  attempt->truth.process = process_;
  ++scene_.counts.attaches;
  if (token.empty()) ++scene_.counts.attaches_by_key;
  scene_.journal.note("attached", job.attempt, token);
}

void Rules::cancelled(ModelStore& store, const AttemptRef& ref) {
  StoredRunRows* run = store.find(ref.run);
  StoredAttempt* attempt = run ? run->attempt(ref.task, ref.attempt) : nullptr;
  require(attempt, "commit, then act", "an attempt is cancelled that is not in the store", ref.run);
  const Timeouts& timeouts = definition(*run, ref.task).timeouts;
  const TaskRecord& row = run->tasks[ref.task].row;
  const auto over = [&](const std::optional<Duration>& limit, Timestamp from) {
    return limit && from + *limit <= scene_.now();
  };
  const bool late = over(timeouts.start, attempt->row.started_at) ||
                    over(timeouts.run, attempt->row.started_at) ||
                    over(landscape_.find(attempt->row.service)->service.limits.timeout,
                         attempt->row.started_at) ||
                    (row.ready_at && over(timeouts.total, *row.ready_at - run->row.paused_for)) ||
                    run->first_deadline.reached(scene_.now());
  require(run->row.cancelling || late || attempt->row.ended_at, "cancel",
          "an attempt is cancelled, and nobody asked for it and no deadline has passed", ref.run);
  attempt->truth.told_to_end = true;
  ++scene_.counts.cancels;
  scene_.journal.note("told to end", ref);
}

void Rules::interrupted(ModelStore& store, const AttemptRef& ref) {
  StoredRunRows* run = store.find(ref.run);
  StoredAttempt* attempt = run ? run->attempt(ref.task, ref.attempt) : nullptr;
  if (!attempt) return;
  require(attempt->truth.local, "cancel", "remote work is interrupted", ref.run);
  attempt->truth.told_to_end = true;
  ++scene_.counts.interrupts;
  scene_.journal.note("interrupted", ref);
}

void Rules::checkpoint_confirmed(ModelStore& store, const AttemptRef& ref, std::uint64_t op) {
  StoredRunRows* run = store.find(ref.run);
  StoredAttempt* attempt = run ? run->attempt(ref.task, ref.attempt) : nullptr;
  require(attempt && attempt->truth.checkpoint >= op, "checkpoints",
          "a checkpoint is confirmed that is not durable", ref.run);
}

void Rules::answer_heard(ModelStore& store, const AttemptRef& ref,
                         const engine::JobResult& result) {
  StoredRunRows* run = store.find(ref.run);
  StoredAttempt* attempt = run ? run->attempt(ref.task, ref.attempt) : nullptr;
  scene_.journal.note("the service ends it", ref, to_string(result.outcome));
  if (!attempt) return;
  if (attempt->truth.heard)
    ++scene_.counts.duplicate_answers;
  else
    attempt->truth.heard = result;
  if (attempt->truth.handed_over_end) ++scene_.counts.late_answers;
}

void Rules::answered(const ModelStore&, const CommandAnswer& answer,
                     const std::map<CommandId, StoredCommand>& commands) {
  const auto found = commands.find(answer.id);
  if (found == commands.end()) return;  // of a run that has been forgotten
  const auto& durable = found->second.answer;
  require(durable && durable->done == answer.done, "commit, then act",
          "somebody is told an answer that is not in the store", found->second.command.run);
}

}  // namespace weft::simulation
