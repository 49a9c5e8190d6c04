// SPDX-License-Identifier: Apache-2.0
// Rules about rows that are about to become durable.
#include "rules.hpp"

namespace weft::simulation {

namespace {

bool has_open_attempt(const StoredTask& task) {
  return !task.attempts.empty() && !task.attempts.back().row.ended_at;
}

// Is it an item of the group, or part of the body?
bool is_inside(const Plan& plan, TaskNo task, TaskNo whole) {
  for (TaskNo at = task; at != PlanScope::no_parent;) {
    if (at == whole) return true;
    const PlanScope& scope = plan.scope_of(at);
    const TaskNo group = scope.first[plan.nodes[at].definition];
    at = group != at ? group : scope.parent;
  }
  return false;
}

}  // namespace

// ---------------------------------------------------------------- the run

void Rules::run_row(const StoredRunRows& run, const RunRecord& next) {
  require(!is_final(run.row.state) || next.state == run.row.state, "run states",
          "a run leaves a final state", run.row.id);
  if (next.state == RunState::paused && run.row.state != RunState::paused &&
      next.pause_reason == PauseReason::budget)
    ++scene_.counts.budget_pauses;
}

void Rules::event(StoredRunRows& run, const AppendEvent& event) {
  require(event.run_seq == run.last_run_seq + 1, "events", "an event leaves a gap in its run",
          run.row.id);
  const std::string& last = run.last_run_event;
  require(last != "run.succeeded" && last != "run.degraded" && last != "run.cancelled",
          "run states", "an event follows the end of its run", run.row.id);
  require(last != "run.failed" || event.type == "run.retried" || event.type == "run.cancelling",
          "run states", "an event follows the failure of its run", run.row.id);
  const AttemptRef where{run.row.id, event.task.value_or(Journal::none), 0};
  const std::string data = json_text(event.data);
  scene_.journal.note(event.type, where, data);
  if (event.type == "task.skipped") ++scene_.counts.skips;
  if (event.type == "task.settled") ++scene_.counts.settled;
  if (event.task) question(run, event);
  const auto says = [&](std::string_view member) { return data.find(member) != std::string::npos; };
  if ((event.type == "task.failed" && says(R"("outcome":"budget")")) ||
      (event.type == "run.paused" && says(R"("reason":"budget")")))
    ++scene_.counts.budget_refusals;
}

// People are asked once, until there is an answer.
void Rules::question(StoredRunRows& run, const AppendEvent& event) {
  if (!definition(run, *event.task).wait) return;
  if (event.type != "task.waiting") {
    run.asked.erase(*event.task);
    return;
  }
  ++scene_.counts.questions;
  run.said.erase(*event.task);
  require(run.asked.insert(*event.task).second, "questions", "a task asks people twice",
          run.row.id);
}

// ---------------------------------------------------------------- tasks

void Rules::task_row(StoredRunRows& run, const StoredTask& task, const TaskRecord& next) {
  const TaskRecord& row = task.row;
  const bool over = ended_well(row.state) || row.state == TaskState::cancelled;
  const bool comes_last = definition(run, row.no).occasion != Occasion::ordinary;
  require(!over || comes_last || next.state == row.state, "task states",
          "a task leaves the state it ended in", run.row.id);
  require(next.attempt == task.attempts.size(), "attempts", "attempt numbers leave a gap",
          run.row.id);
  require(next.attempts_counted <= definition(run, row.no).retry.attempts, "attempts",
          "a task is tried more often than its definition allows", run.row.id);
  const auto ended = run.ended.find(row.no);
  const std::uint32_t more = ended == run.ended.end() ? 0 : ended->second;
  require(next.attempts_counted <= row.attempts_counted + more, "attempts",
          "an attempt counts twice", run.row.id);
  if (definition(run, row.no).wait) answer_is_given(run, row, next);
  run.changed.emplace_back(row.no, row.state);
}

// A task that waits for people succeeds by their word, or by what the definition says of silence.
void Rules::answer_is_given(StoredRunRows& run, const TaskRecord& row, const TaskRecord& next) {
  const TaskDefinition& task = definition(run, row.no);
  require(next.attempt == 0, "questions", "a service is asked instead of people", run.row.id);
  if (row.state != TaskState::waiting || next.state != TaskState::succeeded) return;
  const auto total = task.timeouts.total;
  const bool silence = total && row.ready_at && *row.ready_at + *total <= scene_.now();
  const auto said = run.said.find(row.no);
  const bool yes = said != run.said.end() ? said->second != CommandKind::reject
                                          : silence && task.wait->on_timeout == Silence::approve;
  const bool no = said != run.said.end() ? said->second == CommandKind::reject
                                         : silence && task.wait->on_timeout == Silence::reject;
  require(yes || (no && task.wait->on_reject == Rejection::go_on), "questions",
          "a task goes on, and nobody has said so", run.row.id);
  ++scene_.counts.answers;
}

void Rules::outputs(const StoredRunRows& run, const StoredTask& task) {
  require(!task.has_outputs, "one end", "a task has outputs twice", run.row.id);
  require(task.row.state != TaskState::succeeded, "one end", "a task gets outputs after its end",
          run.row.id);
}

void Rules::task_is_consistent(const StoredRunRows& run, const StoredTask& task) const {
  const TaskState state = task.row.state;
  const RunId id = run.row.id;
  const bool open = has_open_attempt(task);
  const bool refused = !task.attempts.empty() && task.attempts.back().refused;
  require(!open || state == TaskState::running || state == TaskState::waiting, "task states",
          "an attempt runs, and its task does not", id);
  require(state != TaskState::running || open || refused, "task states",
          "a task runs without an attempt", id);
  require(state != TaskState::waiting || open || definition(run, task.row.no).wait ||
              (!task.attempts.empty() && task.attempts.back().row.outcome == Outcome::unknown),
          "task states", "a task waits for the outcome of nothing", id);
  require(state != TaskState::succeeded || task.has_outputs || task.row.group, "task states",
          "a task has succeeded without outputs", id);
}

// ---------------------------------------------------------------- attempts

void Rules::attempt_inserted(const StoredRunRows& run, const AttemptRecord& attempt) {
  const RunId id = run.row.id;
  const StoredTask& task = run.tasks.at(attempt.task);
  require(attempt.attempt == task.attempts.size() + 1, "attempts", "an attempt has a wrong number",
          id);
  require(!has_open_attempt(task), "nothing twice", "a task has two attempts at a time", id);
  require(!run.row.cancelling && run.last_run_event != "run.cancelling", "pauses",
          "a task is dispatched in a run that is being cancelled", id);
  require(run.last_run_event != "run.paused", "pauses", "a task is dispatched in a paused run", id);
  const MaybeMoney& limit = definition(run, attempt.task).route.max_cost;
  const ModelService* model = landscape_.find(attempt.service);
  require(model, "routing", "a task is dispatched to a service that nobody knows", id);
  if (!limit || model->service.is_free()) return;
  require(attempt.reserved && attempt.reserved->currency == limit->currency, "budget",
          "a task with a limit is dispatched at an unknown price", id);
  std::int64_t spent = attempt.reserved->micros;
  for (const StoredAttempt& earlier : task.attempts)
    if (earlier.row.cost && earlier.row.cost->currency == limit->currency)
      spent += earlier.row.cost->micros;
  require(spent <= limit->micros, "budget", "a task is dispatched over its max_cost", id);
}

void Rules::attempt_ended(StoredRunRows& run, StoredAttempt& attempt, const EndAttempt& end) {
  const bool again = attempt.row.ended_at.has_value();
  const bool unknown = again && attempt.row.outcome == Outcome::unknown;
  require(!again || (attempt.refused && end.attempt.outcome == Outcome::budget) ||
              (unknown && end.settle),
          "one end", "an attempt ends twice in the store", run.row.id);
  require(end.attempt.ended_at.has_value(), "one end", "an attempt ends without a time",
          run.row.id);
  require(attempt.row.idempotency_key == end.attempt.idempotency_key, "one end",
          "the end of one attempt is written to another", run.row.id);
  if (!again && rule_of(end.attempt.outcome).counts) ++run.ended[end.attempt.task];
  if (!again) ++scene_.counts.outcomes[end.attempt.outcome];
  scene_.journal.note(again ? "settled" : "ended",
                      {run.row.id, end.attempt.task, end.attempt.attempt},
                      to_string(end.attempt.outcome));
}

// ---------------------------------------------------------------- commands

void Rules::command_answered(StoredRunRows& run, const StoredCommand& stored) {
  const Command& command = stored.command;
  scene_.journal.note(std::string(to_string(command.kind)) + " by hand",
                      {run.row.id, command.task.value_or(Journal::none), 0}, stored.answer->text);
  if (!stored.answer->done) return;
  ++scene_.counts.commands_done;
  const auto permit = [&](StoredTask& task) {
    for (StoredAttempt& attempt : task.attempts) {
      Truth& truth = attempt.truth;
      const bool confirmed =
          truth.settled_with && truth.settled_with->outcome == Outcome::cancelled;
      if (command.kind == CommandKind::settle || command.rebuy || confirmed) truth.permitted = true;
    }
  };
  const bool answer = command.kind == CommandKind::approve || command.kind == CommandKind::reject ||
                      command.kind == CommandKind::give;
  if (command.kind != CommandKind::settle && command.kind != CommandKind::retry && !answer) return;
  for (StoredTask& task : run.tasks) {
    const bool in_group = command.task && is_inside(*run.plan, task.row.no, *command.task);
    if (command.task && *command.task != task.row.no && !in_group) continue;
    if (!answer)
      permit(task);
    else if (task.row.state == TaskState::waiting)
      run.said.try_emplace(task.row.no, command.kind);  // the first word in a turn is heard
  }
}

void Rules::service_command_answered(const StoredCommand& stored) {
  scene_.journal.note(
      std::string(to_string(stored.command.kind)) + " by hand " + stored.command.service, RunId{},
      stored.answer->text);
  if (!stored.answer->done) return;
  ++scene_.counts.commands_done;
  if (stored.command.kind == CommandKind::drain) ++scene_.counts.services_drained;
}

// ---------------------------------------------------------------- the end of a batch

// When a task begins that waits for that.
void Rules::nothing_else_moves(const StoredRunRows& run) const {
  for (const StoredTask& task : run.tasks)
    require(definition(run, task.row.no).occasion != Occasion::ordinary ||
                !is_under_way(task.row.state),
            "occasions", "what comes last begins while something else moves", run.row.id);
}

void Rules::batch_applied(StoredRunRows& run) {
  const RunId id = run.row.id;
  for (const auto& [no, before] : run.changed) {
    const StoredTask& task = run.tasks[no];
    const TaskState state = task.row.state;
    if (!task.row.group) task_is_consistent(run, task);
    if (before != TaskState::pending || state == TaskState::pending ||
        state == TaskState::skipped || state == TaskState::cancelled)
      continue;
    if (state == TaskState::failed && run.plan->stands_for_others(no)) continue;
    // A retry may follow in the same batch.
    if (definition(run, no).occasion != Occasion::ordinary && !run.commanded)
      nothing_else_moves(run);
    for (const TaskNo needed : run.needs[no])
      require(ended_well(run.tasks[needed].row.state), "dependencies",
              "a task moves before what it depends on has ended well", id);
  }
  run.changed.clear();
  run.ended.clear();
  run.commanded = false;
  const auto in = [&](TaskState state) { return run.count[static_cast<std::size_t>(state)]; };
  const std::uint32_t moving =
      in(TaskState::ready) + in(TaskState::running) + in(TaskState::waiting);
  switch (run.row.state) {
    case RunState::succeeded:
    case RunState::degraded:
      require(in(TaskState::succeeded) + in(TaskState::skipped) == run.row.task_count, "run states",
              "a run has succeeded before its tasks", id);
      require(run.row.degraded == (run.row.state == RunState::degraded), "run states",
              "a run forgets that it is degraded", id);
      break;
    case RunState::failed:
      require(moving == 0 && in(TaskState::failed) > 0, "run states",
              "a run has failed, and something in it can move", id);
      break;
    case RunState::cancelled:
      require(moving == 0 && in(TaskState::pending) == 0, "run states",
              "a run is cancelled, and something in it can move", id);
      break;
    default:
      return;
  }
  if (run.counted_as_finished) return;
  run.counted_as_finished = true;
  ++scene_.counts.finished;
  if (run.row.state == RunState::degraded) ++scene_.counts.degraded;
}

}  // namespace weft::simulation
