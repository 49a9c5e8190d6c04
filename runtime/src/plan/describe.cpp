// SPDX-License-Identifier: Apache-2.0
#include "plan/describe.hpp"

#include <algorithm>
#include <set>

namespace weft {

PlanSummary describe(const Plan& plan) {
  const Pipeline& pipeline = *plan.pipeline;
  PlanSummary summary;
  summary.pipeline = pipeline.name;
  summary.nodes = static_cast<std::uint32_t>(plan.nodes.size());
  summary.edges = static_cast<std::uint32_t>(plan.edges.size());
  for (std::size_t i = 0; i < pipeline.tasks.size(); ++i) {
    const TaskDefinition& task = pipeline.tasks[i];
    std::set<std::uint32_t> before(task.needs.begin(), task.needs.end());
    for (const TaskRead& read : task.reads) before.insert(read.task);
    PlannedTask row{task.name,
                    task.operation->name,
                    1,
                    task.for_each.has_value(),
                    task.condition.has_value(),
                    {},
                    0};
    if (row.for_each) row.attempts_planned = plan.nodes[plan.first[i]].item_count;
    for (const std::uint32_t other : before) {
      row.waits_for.push_back(pipeline.tasks[other].name);
      row.depth = std::max(
          row.depth, summary.tasks[other].depth + 1);  // it stands before: see Pipeline::tasks
    }
    std::sort(row.waits_for.begin(), row.waits_for.end());
    summary.attempts_planned += row.attempts_planned;
    summary.tasks.push_back(std::move(row));
  }
  for (const OutputDeclaration& output : pipeline.outputs) summary.outputs.push_back(output.name);
  return summary;
}

}  // namespace weft
