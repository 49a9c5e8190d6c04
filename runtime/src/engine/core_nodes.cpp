// SPDX-License-Identifier: Apache-2.0
// The life of a node, and what follows from its new state for others.
#include "engine/core.hpp"

namespace weft::engine {

void Core::mark_dirty(Run& run) {
  run.dirty = true;
  note(run);
}

void Core::mark_dirty(Run& run, TaskNo task) {
  note(run);
  if (std::exchange(run.nodes[task].dirty, true)) return;
  run.dirty_nodes.push_back(task);
}

void Core::set_state(Run& run, TaskNo task, TaskState state) {
  Node& node = run.nodes[task];
  --run.count[static_cast<std::size_t>(node.state)];
  ++run.count[static_cast<std::size_t>(state)];
  node.state = state;
  node.wait_reason = WaitReason::none;
  ++node.ticket;
  node.queued_at.reset();
  if (state == TaskState::pending || state == TaskState::ready || state == TaskState::running ||
      state == TaskState::waiting)
    node.ended_at.reset();
  else
    node.ended_at = moment_.now;
  mark_dirty(run, task);
  touch(run);
}

void Core::make_ready(Run& run, TaskNo task) {
  Node& node = run.nodes[task];
  if (run.plan->nodes[task].group) return succeed(run, task, {});
  set_state(run, task, TaskState::ready);
  node.ready_at = moment_.now;
  node.retry_at.reset();
  node.attempts_counted = 0;
  arm_task(run, task);
  enqueue(run, task);
}

void Core::satisfy_dependents(Run& run, TaskNo task) {
  for (std::uint32_t i = run.first_edge[task]; i < run.first_edge[task + 1]; ++i) {
    const TaskNo dependent = run.plan->edges[i].to;
    if (--run.open_dependencies[dependent] == 0 && run.nodes[dependent].state == TaskState::pending)
      make_ready(run, dependent);
  }
}

void Core::succeed(Run& run, TaskNo task, AttemptFacts&& facts) {
  set_state(run, task, TaskState::succeeded);
  run.trouble.erase(task);
  if (!run.plan->nodes[task].group) write_event(run, "task.succeeded", task, std::move(facts));
  satisfy_dependents(run, task);
}

void Core::fail(Run& run, TaskNo task, Outcome outcome, const std::string& message) {
  set_state(run, task, TaskState::failed);
  write_event(run, "task.failed", task, {{"outcome", to_string(outcome)}, {"message", message}});
}

void Core::skip(Run& run, TaskNo task, const std::string& reason) {
  struct Step {
    TaskNo task;
    std::string reason;
  };
  std::vector<Step> todo{
      {task, reason}};  // a list, not recursion: a chain of skips may be as long as the run
  while (!todo.empty()) {
    const Step next = std::move(todo.back());
    todo.pop_back();
    if (ended_well(run.nodes[next.task].state) || run.nodes[next.task].state == TaskState::running)
      continue;
    leave_queue(run, next.task);
    set_state(run, next.task, TaskState::skipped);
    run.trouble.erase(next.task);
    write_event(run, "task.skipped", next.task, {{"reason", next.reason}});
    for (std::uint32_t i = run.first_edge[next.task]; i < run.first_edge[next.task + 1]; ++i)
      if (run.plan->edges[i].carries_skip)
        todo.push_back({run.plan->edges[i].to,
                        "it reads " +
                            display_name(*run.plan->pipeline, run.plan->nodes[next.task]) +
                            ", which was skipped"});
    satisfy_dependents(run, next.task);
  }
}

void Core::cancel_node(Run& run, TaskNo task) {
  leave_queue(run, task);
  set_state(run, task, TaskState::cancelled);
  write_event(run, "task.cancelled", task, {});
}

void Core::wait_for(Run& run, TaskNo task, WaitReason reason, const std::string& message) {
  set_state(run, task, TaskState::waiting);
  run.nodes[task].wait_reason = reason;
  write_event(run, "task.waiting", task, {{"reason", to_string(reason)}, {"message", message}});
}

Deadline Core::task_deadline(const Run& run, TaskNo task) const {
  const auto total = run.definition(task).timeouts.total;
  const auto ready_at = run.nodes[task].ready_at;
  const Deadline own = total && ready_at ? Deadline{*ready_at + *total} : Deadline::never();
  return own.earlier(run.record.deadline);
}

}  // namespace weft::engine
