// SPDX-License-Identifier: Apache-2.0
// What people ask for: pause, resume, cancel, retry, skip, settle. Each has one answer, durable
// with what it did. What they say to tasks that wait for them: core_waits.cpp.
#include <algorithm>

#include "engine/core.hpp"

namespace weft::engine {

void Core::on(const GiveCommand& event) {
  const Command& command = event.command;
  if (!command.service.empty()) return decide_service(command);
  Run* run = loaded(command.run);
  if (!run) return;  // lost meanwhile: it stays open for whoever has the run
  if (in_question(*run, command) || awaits_choices(*run, command))
    run->held.push_back(command);
  else
    decide(*run, command);
}

// Is it about an attempt whose outcome is being looked up after a restart? Then what may be done
// about its task is not known yet.
bool Core::in_question(const Run& run, const Command& command) const {
  const bool about_tasks = command.kind == CommandKind::retry ||
                           command.kind == CommandKind::skip || command.kind == CommandKind::settle;
  if (!about_tasks) return false;
  const bool of_all = !command.task || *command.task >= run.nodes.size();
  for (const auto& [task, attempt] : run.active) {
    if (!attempt.in_question) continue;
    if (of_all) return true;
    const std::vector<TaskNo> asked = addressed(run, *command.task);
    if (std::find(asked.begin(), asked.end(), task) != asked.end()) return true;
  }
  return false;
}

void Core::decide_held(Run& run) {
  const std::vector<Command> held = std::exchange(run.held, {});
  for (const Command& command : held)
    if (in_question(run, command) || awaits_choices(run, command))
      run.held.push_back(command);
    else
      decide(run, command);
}

void Core::decide(Run& run, const Command& command) {
  const auto act = [&]() -> result<std::string> {
    if (command.task && *command.task >= run.nodes.size())
      return not_found("the run has no such task");
    switch (command.kind) {
      case CommandKind::pause:
        return pause(run);
      case CommandKind::resume:
        return resume(run, command);
      case CommandKind::cancel:
        return cancel(run);
      case CommandKind::retry:
        return retry(run, command);
      case CommandKind::skip:
        return skip_by_hand(run, command);
      case CommandKind::settle:
        return settle_by_hand(run, command);
      case CommandKind::approve:
        return approve(run, command);
      case CommandKind::reject:
        return reject(run, command);
      case CommandKind::give:
        return give(run, command);
      case CommandKind::drain:
      case CommandKind::enable:
      case CommandKind::reopen:
        break;
    }
    return internal("unknown command");
  };
  const result<std::string> done = act();
  CommandAnswer answer{command.id, done.has_value(), done ? *done : done.error().to_string()};
  write<AnswerCommand>(run, command.run, answer);
  effects_.acts.push_back(AnswerCaller{command.run, std::move(answer)});
}

// ---------------------------------------------------------------- a service

void Core::decide_service(const Command& command) {
  const auto act = [&]() -> result<std::string> {
    const auto service = services_->find(command.service);
    if (!service) return not_found("no service '" + command.service + "' is configured");
    switch (command.kind) {
      case CommandKind::drain: {
        std::string done = states_.take_out(*service, command.reason, moment_.now);
        states_.left(*service, slots_.used_of_service(*service), moment_.now);
        return done;
      }
      case CommandKind::enable:
        if (!services_->services[*service].enabled)
          return conflict("the configuration says 'enabled = false' of " + command.service,
                          "change it there; it is taken over while this runs");
        return states_.take_in(*service, moment_.now);
      case CommandKind::reopen:
        return states_.reopen(*service, command.reason, moment_.now);
      default:
        return internal("unknown command");
    }
  };
  const result<std::string> done = act();
  CommandAnswer answer{command.id, done.has_value(), done ? *done : done.error().to_string()};
  effects_.batch.writes.emplace_back(std::in_place_type<AnswerCommand>, command.run, answer);
  effects_.acts.push_back(AnswerCaller{command.run, std::move(answer)});
}

// ---------------------------------------------------------------- the run

result<std::string> Core::pause(Run& run) {
  if (run.record.state == RunState::paused) return std::string("already paused");
  if (run.record.state != RunState::active || run.record.cancelling)
    return conflict("the run is " + std::string(to_string(run.record.state)) +
                    " and cannot be paused");
  run.record.state = RunState::paused;
  run.record.pause_reason = PauseReason::asked;
  run.record.paused_at = moment_.now;
  mark_dirty(run);
  write_run_event(run, "run.paused", {{"reason", "asked"}});
  return std::string("paused; running attempts go on");
}

void Core::pause_for_budget(Run& run, const std::string& message) {
  if (run.record.state != RunState::active) return;
  run.record.state = RunState::paused;
  run.record.pause_reason = PauseReason::budget;
  run.record.paused_at = moment_.now;
  mark_dirty(run);
  write_run_event(run, "run.paused", {{"reason", "budget"}, {"message", message}});
}

result<std::string> Core::resume(Run& run, const Command& command) {
  if (run.record.state == RunState::failed)
    return conflict("the run has failed", "retry its failed tasks with 'weft retry'");
  if (command.limit) {
    run.record.limit = command.limit;
    run.ledger.set_limit(command.limit);
    // Before the reservations that it makes room for: the store looks at its own row.
    write<UpdateRun>(run, run.record);
  }
  if (run.record.state == RunState::active) return std::string("goes on");
  if (run.record.state != RunState::paused)
    return conflict("the run is " + std::string(to_string(run.record.state)));
  const Timestamp paused_at = run.record.paused_at.value_or(moment_.now);
  run.record.state = RunState::active;
  run.record.pause_reason = PauseReason::none;
  run.record.paused_at.reset();
  run.record.paused_for += moment_.now - paused_at;
  mark_dirty(run);
  write_run_event(run, "run.resumed", {});
  shift_deadlines(run, paused_at);
  return std::string("resumed");
}

// What began to count during the pause moves only by the rest of it.
void Core::shift_deadlines(Run& run, Timestamp paused_at) {
  const Duration pause = moment_.now - paused_at;
  const auto shift = [&](MaybeTimestamp& from) {
    if (from) from = *from + (moment_.now - std::max(paused_at, *from));
  };
  run.record.deadline = run.record.deadline.delayed(pause);
  arm_run(run);
  for (auto& [task, active] : run.active) {
    active.timed_from += pause;
    if (run.nodes[task].state == TaskState::running) arm_attempt(run, active);
  }
  for (TaskNo no = 0; no < run.nodes.size(); ++no) {
    Node& node = run.nodes[no];
    if (!is_under_way(node.state)) continue;
    shift(node.ready_at);
    shift(node.queued_at);
    mark_dirty(run, no);
    arm_task(run, no);
    if (node.state != TaskState::ready) continue;
    if (node.retry_at && *node.retry_at + pause > moment_.now)
      delay(run, no, *node.retry_at + pause);
    else if (!is_on_its_way(node.stage) && node.stage != Stage::following)
      enqueue(run, no);
  }
}

result<std::string> Core::cancel(Run& run) {
  if (is_final(run.record.state))
    return conflict("the run is over: " + std::string(to_string(run.record.state)));
  if (run.record.cancelling) return std::string("already being cancelled");
  run.record.cancelling = true;
  run.record.state = RunState::active;
  run.record.pause_reason = PauseReason::none;
  run.record.paused_at.reset();
  run.record.ended_at.reset();
  mark_dirty(run);
  write_run_event(run, "run.cancelling", {});
  std::string unsure;
  for (TaskNo no = 0; no < run.nodes.size(); ++no) {
    switch (run.nodes[no].state) {
      case TaskState::running:
        stop(run, no, StopCause::asked);
        break;
      case TaskState::waiting:
        if (const auto active = run.active.find(no); active != run.active.end()) {
          const AttemptRecord& last = active->second.record;
          unsure +=
              (unsure.empty() ? "'" : ", '") + display_name(*run.plan, no) + "' at " + last.service;
          close(run, no, {Outcome::unknown, last.message, {}, {}, false, {}});
        }
        [[fallthrough]];
      case TaskState::pending:
      case TaskState::ready:
        cancel_node(run, no);
        break;
      default:
        break;
    }
  }
  touch(run);
  std::string done = run.in_state(TaskState::running)
                         ? "cancelling; running attempts are told to end"
                         : "cancelled";
  if (!unsure.empty())
    done += "; may have been bought, and counts as spent: " + unsure +
            "; ask there what became of it, for nothing more is settled here: 'weft settle' is for "
            "runs that are not cancelled";
  return done;
}

// ---------------------------------------------------------------- tasks

std::vector<TaskNo> Core::addressed(const Run& run, TaskNo task) const {
  const PlanNode& node = run.plan->nodes[task];
  std::vector<TaskNo> all;
  const auto add = [&](TaskNo no) {
    const std::vector<TaskNo> inner = addressed(run, no);
    all.insert(all.end(), inner.begin(), inner.end());
  };
  if (node.group && !node.unexpanded) {
    for (std::uint32_t i = 0; i < node.item_count; ++i) add(run.plan->first_item_of(task) + i);
    return all;
  }
  if (const auto body = run.plan->bodies.find(task); body != run.plan->bodies.end())
    for (const TaskNo no : run.plan->scopes[body->second].first) add(no);
  all.push_back(task);
  return all;
}

void Core::fresh_deadline(Run& run) {
  if (!run.record.deadline.reached(moment_.now) || !run.plan->root().pipeline->timeout) return;
  run.record.deadline = Deadline{moment_.now + *run.plan->root().pipeline->timeout};
  mark_dirty(run);
  arm_run(run);
}

void Core::reopen(Run& run, TaskNo task) {
  if (run.record.state == RunState::failed) {
    run.record.state = RunState::active;
    run.record.ended_at.reset();
    mark_dirty(run);
    write_run_event(run, "run.retried", {});
    fresh_deadline(run);
    arm_run(run);
    for (const auto& [group, gate] : run.gates) groups_to_see_.emplace_back(run.record.id, group);
    for (const TaskNo no : std::exchange(run.stalled, {}))
      if (run.nodes[no].state == TaskState::pending && run.open_dependencies[no] == 0)
        make_ready(run, no);
  }
  forget_trouble(run, task);
}

// But for what it has cost: its limit is for good.
void Core::forget_trouble(Run& run, TaskNo task) {
  const auto found = run.trouble.find(task);
  if (found == run.trouble.end()) return;
  const std::int64_t spent_micros = found->second.spent_micros;
  found->second = {};
  found->second.spent_micros = spent_micros;
}

result<std::string> Core::retry(Run& run, const Command& command) {
  if (run.record.cancelling) return conflict("the run is being cancelled");
  std::vector<TaskNo> tasks;
  if (command.task)
    tasks = addressed(run, *command.task);
  else
    for (TaskNo no = 0; no < run.nodes.size(); ++no) tasks.push_back(no);
  take_back_late(run, tasks);
  std::size_t retried = 0;
  for (const TaskNo no : tasks) {
    const Node& node = run.nodes[no];
    const bool unknown =
        node.state == TaskState::waiting && node.wait_reason == WaitReason::unknown_outcome;
    if (node.state != TaskState::failed && !(unknown && command.rebuy)) continue;
    if (unknown)
      close(run, no, {Outcome::unknown, run.active.at(no).record.message, {}, {}, false, {}});
    reopen(run, no);
    fresh_deadline(run);
    make_ready(run, no);
    ++retried;
  }
  if (retried > 0)
    return "retrying " + std::to_string(retried) + (retried == 1 ? " task" : " tasks");
  for (const TaskNo no : tasks)
    if (run.nodes[no].wait_reason == WaitReason::unknown_outcome &&
        run.nodes[no].state == TaskState::waiting)
      return conflict("its outcome is unknown: it may have been bought",
                      "settle it with 'weft settle', or buy again with 'weft retry --rebuy'");
  if (!command.task) return conflict("no task has failed");
  return conflict("the task is " + std::string(to_string(run.nodes[*command.task].state)) +
                  "; only what has failed is tried again");
}

result<std::string> Core::skip_by_hand(Run& run, const Command& command) {
  if (!command.task) return invalid("skip needs a task");
  if (run.record.cancelling) return conflict("the run is being cancelled");
  std::size_t skipped = 0;
  const std::vector<TaskNo> tasks = addressed(run, *command.task);
  take_back_late(run, tasks);
  for (const TaskNo no : tasks) {
    const TaskState state = run.nodes[no].state;
    if (state != TaskState::pending && state != TaskState::ready && state != TaskState::failed &&
        !waits_for_people(run, no))
      continue;
    reopen(run, no);
    skip(run, no, "by hand");
    ++skipped;
  }
  if (skipped == 0)
    return conflict("the task is " + std::string(to_string(run.nodes[*command.task].state)) +
                    " and cannot be skipped");
  return "skipped " + std::to_string(skipped) + (skipped == 1 ? " task" : " tasks");
}

result<std::string> Core::settle_by_hand(Run& run, const Command& command) {
  if (!command.task) return invalid("settle needs a task");
  const TaskNo no = *command.task;
  const Node& node = run.nodes[no];
  if (node.state != TaskState::waiting || node.wait_reason != WaitReason::unknown_outcome)
    return conflict("the task is " + std::string(to_string(node.state)) +
                    "; only a task whose outcome is unknown is settled");
  if (!command.bought) {
    JobResult result{Outcome::lost, "settled by hand: not bought", {}, Money{0, {}}, false, {}};
    if (const auto& reserved = run.active.at(no).record.reserved)
      result.cost->currency = reserved->currency;
    close(run, no, result);
    write_event(run, "task.settled", no, {{"bought", false}});
    set_state(run, no, TaskState::ready);
    arm_task(run, no);
    enqueue(run, no);
    return std::string("not bought: the task goes on");
  }
  if (!command.artifact) {
    close(run, no,
          {Outcome::unknown, "settled by hand: bought, without a result", {}, {}, false, {}});
    write_event(run, "task.settled", no, {{"bought", true}});
    fail(run, no, Outcome::lost, "it was bought, but its result is lost");
    return std::string("bought, and its result is lost: the task has failed");
  }
  json::object outputs;
  for (const OperationOutput& output : run.definition(no).operation->outputs)
    if (!output.media_type.empty()) {
      outputs[output.name] = to_json(*command.artifact);
      break;
    }
  if (outputs.empty()) return conflict("the operation of this task has no output that is a file");
  const AttemptFacts attempt =
      close(run, no, {Outcome::ok, "settled by hand", {}, {}, false, outputs});
  put_outputs(run, no, outputs);
  write_event(run, "task.settled", no, {{"bought", true}});
  succeed(run, no, AttemptFacts{attempt.attempt, attempt.service, {}, {}});
  return std::string("bought: the task has succeeded with the given file");
}

}  // namespace weft::engine
