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
  if (run.has_special_groups) count_item(run, task, node.state, state);
  node.state = state;
  node.wait_reason = WaitReason::none;
  ++node.ticket;
  node.queued_at.reset();
  if (state == TaskState::pending || is_under_way(state))
    node.ended_at.reset();
  else
    node.ended_at = moment_.now;
  mark_dirty(run, task);
  touch(run);
}

void Core::make_ready(Run& run, TaskNo task) {
  if (run.has_special_groups && !has_place(run, task)) {
    if (run.nodes[task].state == TaskState::pending) return;
    set_state(run, task, TaskState::pending);
    run.nodes[task].attempts_counted = 0;  // a restart before it has one: a fresh allowance too
    return;
  }
  if (run.plan->stands_for_others(task)) return gather(run, task);
  Node& node = run.nodes[task];
  set_state(run, task, TaskState::ready);
  node.ready_at = moment_.now;
  node.retry_at.reset();
  node.attempts_counted = 0;
  arm_task(run, task);
  enqueue(run, task);
}

void Core::satisfy_dependents(Run& run, TaskNo task) {
  run.for_each_edge(task, [&](const PlanEdge& edge) {
    if (--run.open_dependencies[edge.to] == 0 && run.nodes[edge.to].state == TaskState::pending)
      make_ready(run, edge.to);
  });
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
    run.for_each_edge(next.task, [&](const PlanEdge& edge) {
      if (edge.carries_skip)
        todo.push_back(
            {edge.to, "it reads " + display_name(*run.plan, next.task) + ", which was skipped"});
    });
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
  // What runs once nothing else moves does so also because that deadline has passed.
  if (run.definition(task).occasion != Occasion::ordinary) return own;
  return own.earlier(run.record.deadline);
}

}  // namespace weft::engine
