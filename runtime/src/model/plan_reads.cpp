// SPDX-License-Identifier: Apache-2.0
#include "model/plan_reads.hpp"

namespace weft {

expr::Bindings bindings_of_outputs(const Plan& plan) {
  expr::Bindings bindings(plan.pipeline->environment);
  bindings.set("inputs", plan.input_values);
  return bindings;
}

expr::Bindings bindings_of(const Plan& plan, TaskNo task) {
  const PlanNode& node = plan.nodes[task];
  expr::Bindings bindings(plan.pipeline->tasks[node.definition].environment);
  bindings.set("inputs", plan.input_values);
  if (node.item == PlanNode::no_item) return bindings;
  bindings.set("item", expr::from_json(plan.items[node.definition][node.item]));
  bindings.set("index", std::int64_t{node.item});
  if (const auto& keys = plan.keys[node.definition]; !keys.empty())
    bindings.set("key", keys[node.item]);
  return bindings;
}

result<std::optional<TaskNo>> resolve_read(const Plan& plan, const TaskRead& read,
                                           const expr::Bindings& bindings) {
  const TaskNo first = plan.first[read.task];
  const PlanNode& node = plan.nodes[first];
  if (!node.group || !read.index) return first;
  const auto index = read.index->evaluate(bindings);
  if (!index || !index->if_int()) return first;  // hangs on what a run brings
  const std::int64_t i = *index->if_int();
  if (i >= 0 && i < std::int64_t{node.item_count}) return first + 1 + static_cast<TaskNo>(i);
  if (read.conditional) return std::optional<TaskNo>{};
  const std::string& name = plan.pipeline->tasks[read.task].name;
  const std::string count =
      node.item_count == 1 ? "1 item" : std::to_string(node.item_count) + " items";
  return invalid("tasks." + name + "[" + std::to_string(i) + "] does not exist: the for_each of '" +
                     name + "' has " + count,
                 "count from 0, and guard the ends: index > 0 ? tasks." + name + "[index - 1] : …");
}

}  // namespace weft
