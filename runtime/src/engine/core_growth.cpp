// SPDX-License-Identifier: Apache-2.0
// Nodes that stand for others: the groups of items and of rounds, and tasks whose work is a
// pipeline. What one stands for may be known only once what it reads has ended well. Then it is
// made part of the plan in one step, and its nodes are taken up some at a time. So one whose own
// dependencies have ended stays `pending` until those inside have, too.
#include <boost/json/serialize.hpp>

#include "engine/core.hpp"

namespace weft::engine {
namespace {

// A step of the core stays far below a hundredth of a second.
constexpr TaskNo taken_up_at_once = 500;
constexpr Duration until_more{1};

// How many nodes hold back the one that stands for them.
std::uint32_t parts_of(const Plan& plan, TaskNo task) {
  if (plan.nodes[task].group) return plan.nodes[task].item_count;
  return static_cast<std::uint32_t>(plan.scopes[plan.bodies.at(task)].first.size());
}

bool is_special(const TaskDefinition& task) {
  return task.limit != 0 || task.min_success_permille != 1000;
}

bool has_special_groups(const Pipeline& pipeline) {
  return std::any_of(pipeline.tasks.begin(), pipeline.tasks.end(), [](const TaskDefinition& task) {
    return is_special(task) || (task.body && has_special_groups(*task.body)) ||
           std::any_of(task.cases.begin(), task.cases.end(),
                       [](const auto& one) { return has_special_groups(*one.second); });
  });
}

}  // namespace

// ---------------------------------------------------------------- a run comes in

void Core::prepare_growth(Run& run) {
  const std::vector<PlanNode>& nodes = run.plan->nodes;
  if (std::any_of(nodes.begin(), nodes.end(), [](const PlanNode& one) { return one.unexpanded; }))
    run.plan = run.growing = std::make_shared<Plan>(*run.plan);
  give_lanes(run);
  run.has_special_groups = has_special_groups(*run.plan->root().pipeline);
  const auto& tasks = run.plan->root().pipeline->tasks;
  if (std::any_of(tasks.begin(), tasks.end(),
                  [](const auto& task) { return task.occasion != Occasion::ordinary; }))
    for (TaskNo no = 0; no < nodes.size(); ++no)
      if (run.definition(no).occasion != Occasion::ordinary) run.late.push_back(no);
}

// Tasks of one pipeline queue alike, however often it is used.
void Core::give_lanes(Run& run) {
  for (std::size_t scope = run.lane_base.size(); scope < run.plan->scopes.size(); ++scope) {
    const Pipeline* pipeline = run.plan->scopes[scope].pipeline.get();
    const auto next = static_cast<std::uint32_t>(run.lane_of.size());
    const auto [known, fresh] = run.lanes_from.emplace(pipeline, next);
    if (fresh) run.lane_of.resize(next + pipeline->tasks.size(), Claim::none);
    run.lane_base.push_back(known->second);
  }
}

void Core::load_growth(Run& run, const StoredRun& stored) {
  for (std::size_t i = 0; i < stored.expansions.size(); ++i) {
    const StoredExpansion& one = stored.expansions[i];
    const auto end = i + 1 < stored.expansions.size() ? stored.expansions[i + 1].first
                                                      : static_cast<TaskNo>(run.nodes.size());
    const TaskNo next = one.first + one.rows;
    if (next >= end) continue;
    run.growths.push_back({one.task, next, end, true});
    for (TaskNo no = next; no < end; ++no) {
      run.nodes[no].state = TaskState::pending;
      ++run.open_dependencies[no];
    }
    run.count[static_cast<std::size_t>(TaskState::pending)] += end - next;
  }
  for (const TaskNo no : run.late) {
    const TaskState state = run.nodes[no].state;
    const bool out_of_turn = state == TaskState::skipped || state == TaskState::cancelled;
    if (state != TaskState::pending && !out_of_turn) run.late_begun = true;
  }
  if (!run.late_begun)
    for (const TaskNo no : run.late) ++run.open_dependencies[no];
}

// What stood at the very point of being asked about, or of getting a place; and what by now waits
// for less, because it is known which item it reads.
void Core::go_on_growing(Run& run, const StoredRun& stored) {
  if (!run.growths.empty())
    timers_.set({moment_.now + until_more, AlarmKind::growth, run.record.id, 0, 0});
  for (const TaskRecord& task : stored.unfinished) {
    if (run.nodes[task.no].state != TaskState::pending || run.open_dependencies[task.no] != 0)
      continue;
    if (run.record.state != RunState::failed)
      make_ready(run, task.no);
    else
      run.stalled.push_back(task.no);
  }
}

// ---------------------------------------------------------------- expansion

void Core::gather(Run& run, TaskNo task) {
  const PlanNode& node = run.plan->nodes[task];
  if (run.nodes[task].state != TaskState::pending) set_state(run, task, TaskState::pending);
  if (node.group && !node.unexpanded) return succeed(run, task, AttemptFacts{});
  ++run.gathering;
  if (node.unexpanded)
    asks_.push_back(AskExpansion{run.record.id, task, ++run.nodes[task].ticket});
  else
    asks_.push_back(AskBodyOutputs{run.record.id, task, ++run.nodes[task].ticket});
}

// The run, if the answer to a question about the node still means something.
Run* Core::answered(RunId id, TaskNo task, std::uint32_t ticket) {
  Run* run = loaded(id);
  if (!run) return nullptr;
  --run->gathering;
  touch(*run);
  const Node& node = run->nodes[task];
  return node.ticket == ticket && node.state == TaskState::pending ? run : nullptr;
}

void Core::on(NodeExpanded&& event) {
  Run* run = answered(event.run, event.task, event.ticket);
  if (!run) return;
  if (!event.expansion)
    return fail(*run, event.task, Outcome::bad_input, event.expansion.error().in_one_line());
  if (!*event.expansion) return skip(*run, event.task, "its condition is false");
  expand(*run, event.task, std::move(**event.expansion));
}

void Core::expand(Run& run, TaskNo task, Expansion&& expansion) {
  const auto first = static_cast<TaskNo>(run.nodes.size());
  auto detail = std::make_shared<const std::string>(json::serialize(to_json(expansion)));
  if (auto grown = grow(*run.growing, task, std::move(expansion)); !grown)
    return fail(run, task, Outcome::bad_input, grown.error().in_one_line());
  give_lanes(run);
  const auto end = static_cast<TaskNo>(run.plan->nodes.size());
  run.nodes.resize(end);
  for (TaskNo no = first; no < end; ++no) run.nodes[no].state = TaskState::pending;
  run.count[static_cast<std::size_t>(TaskState::pending)] += end - first;
  run.open_dependencies.resize(end, 1);  // until it is taken up
  run.open_dependencies[task] = parts_of(*run.plan, task);
  run.record.task_count = end;
  mark_dirty(run, task);
  write<PutExpansion>(run, run.record.id, task, first, end, run.plan->nodes[task].item_count,
                      std::move(detail));
  write_event(run, "task.expanded", task, {{"tasks", end - first}});
  if (first == end) return gather(run, task);
  run.growths.push_back({task, first, end, false});
  if (run.growths.size() == 1) take_up(run);
}

// ---------------------------------------------------------------- new nodes

void Core::take_up(Run& run) {
  if (run.growths.empty()) return;
  take_up(run, run.growths.front());
  if (run.growths.front().next == run.growths.front().end) run.growths.erase(run.growths.begin());
  touch(run);
  if (!run.growths.empty())
    timers_.set({moment_.now + until_more, AlarmKind::growth, run.record.id, 0, 0});
}

void Core::take_up(Run& run, Growth& growth) {
  const TaskNo from = growth.next;
  const TaskNo to = std::min(growth.end, from + taken_up_at_once);
  const bool edges_known = growth.edges_known;
  auto grown = std::make_shared<GrownTasks>();
  grown->first = from;
  (void)find_edges(*run.plan, from, to, MissingItem::means_group, grown->edges);
  growth.next = to;  // making one ready may bring more growths
  for (TaskNo no = from; no < to; ++no) {
    grown->nodes.push_back(run.plan->nodes[no]);
    if (run.plan->nodes[no].scope != 0) grown->names.push_back(inner_name(*run.plan, no));
  }
  std::vector<PlanEdge> skips;
  for (const PlanEdge& edge : grown->edges) {
    const bool inwards = edge.to >= from && edge.to < to;
    if (!edges_known) {
      run.more_edges[edge.from].push_back(edge);
      if (inwards && !ended_well(run.nodes[edge.from].state)) ++run.open_dependencies[edge.to];
    }
    if (inwards && edge.carries_skip && run.nodes[edge.from].state == TaskState::skipped)
      skips.push_back(edge);
  }
  write<InsertTasks>(run, run.record.id, std::move(grown));
  for (TaskNo no = from; no < to; ++no)
    if (run.nodes[no].state != TaskState::pending) mark_dirty(run, no);  // skipped before its time
  for (const PlanEdge& edge : skips)
    skip(run, edge.to, "it reads " + display_name(*run.plan, edge.from) + ", which was skipped");
  for (TaskNo no = from; no < to; ++no)
    if (--run.open_dependencies[no] == 0 && run.nodes[no].state == TaskState::pending)
      make_ready(run, no);
}

// ---------------------------------------------------------------- the end of a body

void Core::on(BodyOutputsBound&& event) {
  Run* run = answered(event.run, event.task, event.ticket);
  if (!run) return;
  if (!event.outputs.errors.empty())
    return fail(*run, event.task, Outcome::bad_output,
                event.outputs.errors.front().second.in_one_line());
  put_outputs(*run, event.task, std::move(event.outputs.values));
  succeed(*run, event.task, AttemptFacts{});
}

}  // namespace weft::engine
