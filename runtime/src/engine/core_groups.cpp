// SPDX-License-Identifier: Apache-2.0
// Groups with rules of their own: only so many items under way at once, or content with a part of
// them. What follows from the end of an item is decided at the end of the step.
#include <algorithm>

#include "engine/core.hpp"

namespace weft::engine {
namespace {

bool has_ended(TaskState state) {
  return state > TaskState::waiting;
}

}  // namespace

// Before the state of a node changes.
void Core::count_item(Run& run, TaskNo task, TaskState before, TaskState after) {
  if (before == after || !has_ended(after)) return;
  if (std::exchange(run.nodes[task].under_way, false)) {
    const TaskNo group = run.plan->group_of(task);
    --run.gates[group].under_way;
    groups_to_see_.emplace_back(run.record.id, group);
  }
  // It may be an item, and it may be inside others that are.
  for (TaskNo at = task; at != PlanScope::no_parent; at = run.plan->scope_of(at).parent) {
    if (run.plan->nodes[at].item == PlanNode::no_item) continue;
    const bool may_rest = run.nodes[at].under_way && run.in_state(TaskState::failed) > 0;
    const bool may_do_without = run.definition(at).min_success_permille != 1000;
    if (!may_rest && !may_do_without) continue;
    const TaskNo group = run.plan->group_of(at);
    if (may_rest) run.gates[group].to_see.insert(at);
    if (may_do_without && after == TaskState::failed) run.failing[group].insert(at);
    groups_to_see_.emplace_back(run.record.id, group);
  }
}

// Takes a place of its group, and of the groups that it is inside an item of, for those of them
// that have none; or has to wait for one.
bool Core::has_place(Run& run, TaskNo task) {
  std::vector<TaskNo> without;
  for (TaskNo at = task; at != PlanScope::no_parent; at = run.plan->scope_of(at).parent) {
    const std::uint32_t limit = run.definition(at).limit;
    if (limit == 0 || run.plan->nodes[at].item == PlanNode::no_item || run.nodes[at].under_way)
      continue;
    // A body that is there only has to tell what it gives.
    if (at == task && run.plan->bodies.contains(task)) continue;
    Gate& gate = run.gates[run.plan->group_of(at)];
    if (gate.under_way >= limit) {
      gate.held[at].push_back(task);
      return false;
    }
    without.push_back(at);
  }
  for (const TaskNo at : without) {
    const TaskNo group = run.plan->group_of(at);
    Gate& gate = run.gates[group];
    ++gate.under_way;
    run.nodes[at].under_way = true;
    if (!gate.held.contains(at)) continue;  // else more of it can go on
    gate.to_see.insert(at);
    groups_to_see_.emplace_back(run.record.id, group);
  }
  return true;
}

// Who has a place when the run is loaded, and what may have failed for good. An item in which all
// that could go on has stood at the very point of getting its place asks for it once more.
void Core::load_groups(Run& run, const StoredRun& stored) {
  for (const TaskRecord& task : stored.unfinished) {
    count_item(run, task.no, TaskState::pending, task.state);
    if (run.definition(task.no).limit == 0 || run.plan->nodes[task.no].item == PlanNode::no_item ||
        !moves(run, task.no))
      continue;
    ++run.gates[run.plan->group_of(task.no)].under_way;
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
  if (const auto found = run.gates.find(group); found != run.gates.end())
    see_gate(run, found->second, run.definition(group).limit);
  if (const auto failing = run.failing.find(group); failing != run.failing.end())
    see_failing(run, group, failing->second);
}

// An item in which something has failed keeps its place only while anything in it moves.
void Core::see_gate(Run& run, Gate& gate, std::uint32_t limit) {
  for (const TaskNo item : std::exchange(gate.to_see, {})) {
    if (!run.nodes[item].under_way) continue;
    if (gate.held.contains(item)) {
      let_go_on(run, gate, item);
    } else if (rests(run, item)) {
      run.nodes[item].under_way = false;
      --gate.under_way;
    }
  }
  while (gate.under_way < limit && !gate.held.empty())
    let_go_on(run, gate, gate.held.begin()->first);
}

void Core::let_go_on(Run& run, Gate& gate, TaskNo item) {
  const auto held = gate.held.extract(item);
  for (const TaskNo no : held.mapped())
    if (run.nodes[no].state == TaskState::pending) make_ready(run, no);
}

// Something in it is under way, or is to be taken up.
bool Core::moves(const Run& run, TaskNo item) const {
  const std::vector<TaskNo> nodes = addressed(run, item);
  const auto is_inside = [&](const Growth& growth) {
    return std::find(nodes.begin(), nodes.end(), growth.task) != nodes.end();
  };
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](TaskNo no) { return is_under_way(run.nodes[no].state); }) ||
         std::any_of(run.growths.begin(), run.growths.end(), is_inside);
}

// Something in it has failed, and nothing in it will move of itself.
bool Core::rests(const Run& run, TaskNo item) const {
  const std::vector<TaskNo> nodes = addressed(run, item);
  const auto has_failed = [&](TaskNo no) { return run.nodes[no].state == TaskState::failed; };
  const auto is_asked_about = [&](TaskNo no) {
    return run.nodes[no].state == TaskState::pending && run.open_dependencies[no] == 0;
  };
  return std::any_of(nodes.begin(), nodes.end(), has_failed) &&
         std::none_of(nodes.begin(), nodes.end(), is_asked_about) && !moves(run, item);
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
