// SPDX-License-Identifier: Apache-2.0
#include "model/plan_reads.hpp"

#include <algorithm>
#include <utility>

namespace weft {

expr::Bindings bindings_of_scope(const PlanScope& scope) {
  expr::Bindings bindings(scope.pipeline->environment);
  bindings.set("inputs", scope.input_values);
  return bindings;
}

expr::Bindings bindings_of(const Plan& plan, TaskNo task) {
  const PlanNode& node = plan.nodes[task];
  const PlanScope& scope = plan.scope_of(task);
  const TaskDefinition& definition = plan.definition(task);
  expr::Bindings bindings(definition.environment);
  bindings.set("inputs", scope.input_values);
  if (node.item == PlanNode::no_item) return bindings;
  bindings.set("index", std::int64_t{node.item});
  if (!definition.for_each) return bindings;
  bindings.set("item", expr::from_json(scope.items[node.definition][node.item]));
  if (const auto& keys = scope.keys[node.definition]; !keys.empty())
    bindings.set("key", keys[node.item]);
  return bindings;
}

result<std::optional<TaskNo>> resolve_read(const Plan& plan, const PlanScope& scope,
                                           const TaskRead& read, const expr::Bindings& bindings) {
  const TaskNo first = scope.first[read.task];
  const PlanNode& node = plan.nodes[first];
  const TaskDefinition& definition = scope.pipeline->tasks[read.task];
  if (!definition.for_each || node.unexpanded || !read.index) return first;
  const auto index = read.index->evaluate(bindings);
  if (!index || !index->if_int()) return first;  // hangs on what a run brings
  const std::int64_t i = *index->if_int();
  if (i >= 0 && i < std::int64_t{node.item_count})
    return scope.first_item[read.task] + static_cast<TaskNo>(i);
  if (read.conditional) return std::optional<TaskNo>{};
  const std::string& name = definition.name;
  const std::string count =
      node.item_count == 1 ? "1 item" : std::to_string(node.item_count) + " items";
  return invalid("tasks." + name + "[" + std::to_string(i) + "] does not exist: the for_each of '" +
                     name + "' has " + count,
                 "count from 0, and guard the ends: index > 0 ? tasks." + name + "[index - 1] : …");
}

std::vector<TaskNo> nodes_of(const Plan& plan, const PlanScope& scope,
                             const std::vector<TaskRead>& reads, const expr::Bindings& bindings) {
  std::vector<TaskNo> nodes;
  for (const TaskRead& read : reads) {
    const auto node = resolve_read(plan, scope, read, bindings);
    if (!node)
      nodes.push_back(scope.first[read.task]);  // evaluation says what is missing
    else if (*node)
      nodes.push_back(**node);
  }
  std::sort(nodes.begin(), nodes.end(), [&](TaskNo a, TaskNo b) {
    return std::pair(plan.nodes[a].definition, a) < std::pair(plan.nodes[b].definition, b);
  });
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

// A for_each task of which only known items are read is a map from their positions, so that binding
// one item does not cost as much as all of them.
expr::Value tasks_value(const Plan& plan, const PlanScope& scope,
                        const std::vector<TaskRead>& reads, const expr::Bindings& bindings,
                        const OutputsOf& outputs) {
  const std::vector<TaskNo> nodes = nodes_of(plan, scope, reads, bindings);
  std::vector<expr::Map::Entry> tasks;
  std::vector<expr::Map::Entry> items;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const PlanNode& node = plan.nodes[nodes[i]];
    const std::string& name = scope.pipeline->tasks[node.definition].name;
    const auto of_group = [&](TaskNo other) {
      return plan.nodes[other].definition == node.definition;
    };
    if (node.item == PlanNode::no_item) {
      tasks.push_back({name, expr::from_json(outputs(nodes[i]))});
      while (i + 1 < nodes.size() && of_group(nodes[i + 1]))
        ++i;  // its items are in the list already
      continue;
    }
    items.push_back({std::int64_t{node.item}, expr::from_json(outputs(nodes[i]))});
    if (i + 1 == nodes.size() || !of_group(nodes[i + 1]))
      tasks.push_back({name, *expr::Map::make(std::exchange(items, {}))});
  }
  return *expr::Map::make(std::move(tasks));
}

}  // namespace weft
