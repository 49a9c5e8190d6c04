// SPDX-License-Identifier: Apache-2.0
#include "plan/expand.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"
#include "model/plan_reads.hpp"
#include "plan/inputs.hpp"

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

class Expander {
 public:
  explicit Expander(Plan& plan) : plan_(plan), pipeline_(*plan.pipeline) {}

  result<> expand() {
    for (std::uint32_t i = 0; i < pipeline_.tasks.size(); ++i)
      if (auto added = add_nodes(i); !added) return added;
    plan_.edges.reserve(edges_at_most());
    for (std::uint32_t i = 0; i < pipeline_.tasks.size(); ++i)
      if (auto added = add_edges(i); !added) return added;
    sort_edges();
    return {};
  }

 private:
  std::size_t edges_at_most() const {
    std::size_t edges = 0;
    for (const PlanNode& node : plan_.nodes) {
      const TaskDefinition& task = pipeline_.tasks[node.definition];
      edges += node.group ? 0 : task.needs.size() + task.reads.size() + 1;
    }
    return edges;
  }

  result<> add_nodes(std::uint32_t definition) {
    const TaskDefinition& task = pipeline_.tasks[definition];
    plan_.first.push_back(static_cast<TaskNo>(plan_.nodes.size()));
    plan_.items.emplace_back();
    plan_.keys.emplace_back();
    item_values_.emplace_back();
    if (!task.for_each) {
      plan_.nodes.push_back({definition, PlanNode::no_item, false, 0});
      return {};
    }
    if (auto filled = fill_items(task); !filled) return filled;
    const auto count = static_cast<std::uint32_t>(plan_.items.back().size());
    plan_.nodes.reserve(plan_.nodes.size() + 1 + count);
    plan_.nodes.push_back({definition, PlanNode::no_item, true, count});
    for (std::uint32_t item = 0; item < count; ++item)
      plan_.nodes.push_back({definition, item, false, 0});
    return {};
  }

  result<> fill_items(const TaskDefinition& task) {
    const auto collection = task.for_each->evaluate(bindings_of_outputs(plan_));
    if (!collection) return Error(collection.error()).in("for_each of task '" + task.name + "'");
    if (const expr::List* list = collection->if_list()) {
      item_values_.back() = *list;
    } else if (const expr::Map* map = collection->if_map()) {
      if (auto filled = fill_from_map(task, *map); !filled) return filled;
    } else {
      return at(task, "for_each goes over a list, and this is " + expr::to_display(*collection));
    }
    plan_.items.back().reserve(item_values_.back().size());
    for (const expr::Value& item : item_values_.back()) {
      auto value = expr::to_json(item);
      if (!value) return at(task, "an item of for_each " + value.error().message);
      plan_.items.back().push_back(std::move(*value));
    }
    return {};
  }

  // In order of keys: JSON objects that differ only in the order of their members give equal plans.
  result<> fill_from_map(const TaskDefinition& task, const expr::Map& map) {
    std::vector<std::pair<std::string, const expr::Value*>> members;
    for (const expr::Map::Entry& entry : map.entries()) {
      if (!entry.key.if_string())
        return at(task, "the keys of what for_each goes over must be texts");
      members.emplace_back(*entry.key.if_string(), &entry.value);
    }
    std::sort(members.begin(), members.end());
    for (auto& [key, value] : members) {
      item_values_.back().push_back(*value);
      plan_.keys.back().push_back(std::move(key));
    }
    return {};
  }

  static Error at(const TaskDefinition& task, const std::string& message) {
    return invalid("task '" + task.name + "'",
                   {Diagnostic{task.for_each->position(), message, {}, false}});
  }

  result<> add_edges(std::uint32_t definition) {
    const TaskDefinition& task = pipeline_.tasks[definition];
    const TaskNo first = plan_.first[definition];
    if (!task.for_each) return add_edges_of(task, first, bindings_of(plan_, first));
    expr::Bindings bindings = bindings_of(plan_, first);
    const auto& items = item_values_[definition];
    const auto& keys = plan_.keys[definition];
    const auto item_slot = bindings.environment().find("item");
    const auto index_slot = bindings.environment().find("index");
    for (std::uint32_t item = 0; item < items.size(); ++item) {
      if (item_slot) bindings.set_at(*item_slot, items[item]);
      if (index_slot) bindings.set_at(*index_slot, std::int64_t{item});
      if (!keys.empty()) bindings.set("key", keys[item]);
      const TaskNo node = first + 1 + item;
      if (auto added = add_edges_of(task, node, bindings); !added) return added;
      plan_.edges.push_back({node, first, false});
    }
    return {};
  }

  result<> add_edges_of(const TaskDefinition& task, TaskNo node, const expr::Bindings& bindings) {
    for (const std::uint32_t need : task.needs)
      plan_.edges.push_back({plan_.first[need], node, false});
    for (const TaskRead& read : task.reads) {
      const auto from = resolve_read(plan_, read, bindings);
      if (!from) {
        const std::string label = "task '" + display_name(pipeline_, plan_.nodes[node]) + "'";
        return invalid(
            label, {Diagnostic{read.position, from.error().message, from.error().remedy, false}});
      }
      if (*from)
        plan_.edges.push_back({**from, node, read.carries_skip && !plan_.nodes[**from].group});
    }
    return {};
  }

  // One edge between two nodes; it carries a skip if one of the reads that made it does.
  void sort_edges() {
    auto& edges = plan_.edges;
    order_by_ends(edges, plan_.nodes.size());
    const auto same_ends = [](const PlanEdge& a, const PlanEdge& b) {
      return a.from == b.from && a.to == b.to;
    };
    auto last = edges.begin();
    for (const PlanEdge& edge : edges) {
      if (last != edges.begin() && same_ends(*(last - 1), edge))
        (last - 1)->carries_skip = (last - 1)->carries_skip || edge.carries_skip;
      else
        *last++ = edge;
    }
    edges.erase(last, edges.end());
  }

  Plan& plan_;
  const Pipeline& pipeline_;
  std::vector<expr::List> item_values_;  // per definition: what Plan::items has, for expressions
};

}  // namespace

result<Plan> expand(std::shared_ptr<const Pipeline> pipeline, json::object inputs) {
  auto complete = complete_inputs(*pipeline, std::move(inputs));
  if (!complete) return complete.error();
  Plan plan;
  plan.pipeline = std::move(pipeline);
  plan.inputs = std::move(*complete);
  plan.input_values = expr::from_json(plan.inputs);
  if (auto expanded = Expander(plan).expand(); !expanded) return expanded.error();
  return plan;
}

}  // namespace weft
