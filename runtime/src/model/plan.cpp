// SPDX-License-Identifier: Apache-2.0
#include "model/plan.hpp"

namespace weft {

std::string display_name(const Plan& plan, TaskNo task) {
  return display_name(plan.scope_of(task).prefix.get(), plan.definition(task),
                      plan.nodes[task].item);
}

InnerName inner_name(const Plan& plan, TaskNo task) {
  const TaskDefinition& definition = plan.definition(task);
  return {display_name(plan, task), definition.operation ? definition.operation->name : ""};
}

std::string display_name(const std::string* prefix, const TaskDefinition& task,
                         std::uint32_t item) {
  std::string name = prefix ? *prefix : std::string();
  name += task.name;
  if (item != PlanNode::no_item) name += "[" + std::to_string(item) + "]";
  return name;
}

}  // namespace weft
