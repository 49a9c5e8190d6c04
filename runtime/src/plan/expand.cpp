// SPDX-License-Identifier: Apache-2.0
#include "plan/expand.hpp"

#include <algorithm>
#include <numeric>

#include "model/growth.hpp"
#include "model/inputs.hpp"

namespace weft {
namespace {

// Counts instead of comparing: nodes are dense, and a plan has millions of edges that were made in
// the order of `to` but for a few.
void order_by_ends(std::vector<PlanEdge>& edges, std::size_t nodes) {
  std::vector<std::size_t> place(nodes + 1, 0);
  for (const PlanEdge& edge : edges) ++place[edge.from + 1];
  std::partial_sum(place.begin(), place.end(), place.begin());
  std::vector<PlanEdge> ordered(edges.size());
  for (const PlanEdge& edge : edges) ordered[place[edge.from]++] = edge;
  for (std::size_t from = 0, begin = 0; from < nodes; begin = place[from++]) {
    const auto first = ordered.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = ordered.begin() + static_cast<std::ptrdiff_t>(place[from]);
    if (!std::is_sorted(first, last)) std::sort(first, last);
  }
  edges = std::move(ordered);
}

std::size_t edges_at_most(const Plan& plan) {
  std::size_t edges = 0;
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
    const TaskDefinition& task = plan.definition(no);
    edges += plan.nodes[no].group ? 0 : task.needs.size() + task.reads.size() + 1;
  }
  return edges;
}

// A body whose inputs hang on nothing that a run brings, and that nothing can keep from running.
bool is_known(const Plan& plan, TaskNo task) {
  if (plan.nodes[task].group || !plan.nodes[task].unexpanded) return false;
  const TaskDefinition& definition = plan.definition(task);
  return !definition.condition && !definition.repeat_until && definition.needs.empty() &&
         definition.reads.empty() && definition.occasion == Occasion::ordinary &&
         definition.limit == 0;
}

result<> add_known_bodies(Plan& plan) {
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
    if (!is_known(plan, no)) continue;
    auto expansion = evaluate_expansion(plan, no, {}, {});
    if (!expansion) return expansion.error();
    if (auto grown = grow(plan, no, std::move(**expansion)); !grown) return grown;
  }
  return {};
}

result<> add_stored(Plan& plan, const std::vector<StoredExpansion>& stored) {
  for (const StoredExpansion& one : stored) {
    auto expansion = expansion_from_json(one.detail);
    if (!expansion) return expansion.error();
    const bool fits = one.task < plan.nodes.size() && plan.nodes[one.task].unexpanded &&
                      one.first == plan.nodes.size();
    if (!fits)
      return conflict("the run was planned by another version of weft", "go on with that one");
    if (auto grown = grow(plan, one.task, std::move(*expansion)); !grown) return grown;
  }
  return {};
}

result<Plan> expand_nodes(std::shared_ptr<const Pipeline> pipeline, json::object inputs,
                          const std::vector<StoredExpansion>& stored) {
  auto complete = complete_inputs("'" + pipeline->name + "'", pipeline->inputs, std::move(inputs));
  if (!complete) return complete.error();
  Plan plan;
  plan.root().pipeline = std::move(pipeline);
  plan.root().inputs = std::move(*complete);
  plan.root().input_values = expr::from_json(plan.root().inputs);
  if (auto added = add_nodes(plan, 0); !added) return added.error();
  if (auto added = add_known_bodies(plan); !added) return added.error();
  if (auto added = add_stored(plan, stored); !added) return added.error();
  return plan;
}

// Which nodes may still move: those whose rows say so, and those that have none yet.
std::vector<bool> unfinished_nodes(const Plan& plan, const StoredRun& stored) {
  std::vector<bool> unfinished(plan.nodes.size(), false);
  for (const TaskRecord& task : stored.unfinished)
    if (task.no < unfinished.size()) unfinished[task.no] = true;
  for (std::size_t i = 0; i < stored.expansions.size(); ++i) {
    const StoredExpansion& one = stored.expansions[i];
    const std::size_t end =
        i + 1 < stored.expansions.size() ? stored.expansions[i + 1].first : plan.nodes.size();
    for (std::size_t no = std::size_t{one.first} + one.rows; no < end; ++no) unfinished[no] = true;
  }
  return unfinished;
}

}  // namespace

result<Plan> expand(std::shared_ptr<const Pipeline> pipeline, json::object inputs) {
  auto plan = expand_nodes(std::move(pipeline), std::move(inputs), {});
  if (!plan) return plan;
  plan->edges.reserve(edges_at_most(*plan));
  const auto end = static_cast<TaskNo>(plan->nodes.size());
  if (auto found = find_edges(*plan, 0, end, MissingItem::is_mistake, plan->edges); !found)
    return found.error();
  order_by_ends(plan->edges, plan->nodes.size());
  return plan;
}

result<Plan> expand_again(std::shared_ptr<const Pipeline> pipeline, const StoredRun& stored) {
  auto plan = expand_nodes(std::move(pipeline), stored.inputs, stored.expansions);
  if (!plan) return plan;
  const std::vector<bool> unfinished = unfinished_nodes(*plan, stored);
  const auto end = static_cast<TaskNo>(plan->nodes.size());
  for (TaskNo from = 0; from < end;) {
    if (!unfinished[from]) {
      ++from;
      continue;
    }
    TaskNo to = from + 1;
    while (to < end && unfinished[to]) ++to;
    if (auto found = find_edges(*plan, from, to, MissingItem::means_group, plan->edges); !found)
      return found.error();
    from = to;
  }
  order_by_ends(plan->edges, plan->nodes.size());
  return plan;
}

}  // namespace weft
