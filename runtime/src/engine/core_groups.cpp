// SPDX-License-Identifier: Apache-2.0
// Groups with rules of their own: only so many items under way at once, or content with a part of
// them. What follows from the end of an item is decided at the end of the step.
#include <algorithm>

#include "engine/core.hpp"

namespace weft::engine {
namespace {

TaskNo group_of(const Plan& plan, TaskNo item) {
  return plan.scope_of(item).first[plan.nodes[item].definition];
}

bool has_ended(TaskState state) {
  return state > TaskState::waiting;
}

}  // namespace

// Before the state of a node changes.
void Core::count_item(Run& run, TaskNo task, TaskState before, TaskState after) {
  if (before == after || !has_ended(after)) return;
  if (std::exchange(run.nodes[task].under_way, false)) {
    const TaskNo group = group_of(*run.plan, task);
    --run.gates[group].under_way;
    groups_to_see_.emplace_back(run.record.id, group);
  }
  // It may be an item, and it may be inside others that are.
  for (TaskNo at = task; at != PlanScope::no_parent; at = run.plan->scope_of(at).parent) {
    if (run.plan->nodes[at].item == PlanNode::no_item ||
        run.definition(at).min_success_permille == 1000)
      continue;
    const TaskNo group = group_of(*run.plan, at);
    if (after == TaskState::failed) run.failing[group].insert(at);
    groups_to_see_.emplace_back(run.record.id, group);
  }
}

// Takes one of the places of its group, or has to wait for one.
bool Core::has_place(Run& run, TaskNo task) {
  Node& node = run.nodes[task];
  const std::uint32_t limit = run.definition(task).limit;
  const bool is_limited = limit != 0 && run.plan->nodes[task].item != PlanNode::no_item;
  // A body that is there only has to tell what it gives.
  if (!is_limited || node.under_way || run.plan->bodies.contains(task)) return true;
  Gate& gate = run.gates[group_of(*run.plan, task)];
  if (gate.under_way >= limit) {
    gate.held.insert(task);
    return false;
  }
  ++gate.under_way;
  return node.under_way = true;
}

// Who has a place when the run is loaded, and what may have failed for good.
void Core::load_groups(Run& run, const StoredRun& stored) {
  for (const TaskRecord& task : stored.unfinished) {
    count_item(run, task.no, TaskState::pending, task.state);
    const bool moves_inside = task.state == TaskState::pending &&
                              run.plan->bodies.contains(task.no) &&
                              run.open_dependencies[task.no] > 0;
    if (run.definition(task.no).limit == 0 || run.plan->nodes[task.no].item == PlanNode::no_item ||
        (!is_under_way(task.state) && !moves_inside))
      continue;
    ++run.gates[group_of(*run.plan, task.no)].under_way;
    run.nodes[task.no].under_way = true;
  }
}

void Core::see_groups() {
  for (std::size_t i = 0; i < groups_to_see_.size(); ++i) {
    const auto [id, group] = groups_to_see_[i];
    if (Run* run = loaded(id)) see_group(*run, group);
  }
  groups_to_see_.clear();
}

void Core::see_group(Run& run, TaskNo group) {
  const bool goes_on = run.record.state == RunState::active || run.record.state == RunState::paused;
  if (!goes_on || run.record.cancelling) return;
  const TaskDefinition& definition = run.definition(group);
  if (const auto found = run.gates.find(group); found != run.gates.end()) {
    Gate& gate = found->second;
    while (gate.under_way < definition.limit && !gate.held.empty()) {
      const TaskNo next = *gate.held.begin();
      gate.held.erase(gate.held.begin());
      if (run.nodes[next].state == TaskState::pending) make_ready(run, next);
    }
  }
  if (const auto failing = run.failing.find(group); failing != run.failing.end())
    see_failing(run, group, failing->second);
}

// Lets go of what has failed, once nothing else in the group may still end and enough of it has
// ended well.
void Core::see_failing(Run& run, TaskNo group, std::set<TaskNo>& failing) {
  if (failing.size() < run.open_dependencies[group]) return;
  const auto has_failed = [](TaskState state) { return state == TaskState::failed; };
  std::erase_if(failing, [&](TaskNo item) { return !any_of_item(run, item, has_failed); });
  if (failing.empty() || failing.size() != run.open_dependencies[group]) return;
  for (const TaskNo item : failing)
    if (any_of_item(run, item, is_under_way)) return;
  const std::uint64_t items = run.plan->nodes[group].item_count;
  const std::uint32_t asked_for = run.definition(group).min_success_permille;
  if ((items - failing.size()) * 1000 < items * asked_for) return;
  if (!std::exchange(run.record.degraded, true)) mark_dirty(run);
  for (const TaskNo item : std::exchange(failing, {}))
    for (const TaskNo no : addressed(run, item))
      if (!ended_well(run.nodes[no].state))
        skip(run, no, "it failed, and enough of the others have succeeded");
}

// Is the item, or anything inside it?
bool Core::any_of_item(const Run& run, TaskNo item, bool (*is)(TaskState)) const {
  const std::vector<TaskNo> nodes = addressed(run, item);
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](TaskNo no) { return is(run.nodes[no].state); });
}

}  // namespace weft::engine
