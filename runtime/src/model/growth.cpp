// SPDX-License-Identifier: Apache-2.0
#include "model/growth.hpp"

#include <algorithm>

#include "model/document.hpp"
#include "model/inputs.hpp"
#include "model/plan_reads.hpp"

namespace weft {
namespace {

Error explained(const Plan& plan, TaskNo task, const SourcePosition& position,
                const std::string& message, std::string remedy = {}) {
  return invalid("task '" + display_name(plan, task) + "'",
                 {Diagnostic{position, message, std::move(remedy), false}});
}

std::shared_ptr<const Pipeline> body_of(const TaskDefinition& task, const std::string& chosen) {
  const auto found = task.cases.find(chosen);
  return found == task.cases.end() ? task.body : found->second;
}

// ---------------------------------------------------------------- what a group goes over

// In order of keys: JSON objects that differ only in the order of their members give equal plans.
result<> fill_from_map(const Plan& plan, TaskNo task, const expr::Map& map, Expansion& expansion,
                       expr::List& values) {
  std::vector<std::pair<std::string, const expr::Value*>> members;
  for (const expr::Map::Entry& entry : map.entries()) {
    if (!entry.key.if_string())
      return explained(plan, task, plan.definition(task).for_each->position(),
                       "the keys of what for_each goes over must be texts");
    members.emplace_back(*entry.key.if_string(), &entry.value);
  }
  std::sort(members.begin(), members.end());
  for (auto& [key, value] : members) {
    values.push_back(*value);
    expansion.keys.push_back(std::move(key));
  }
  return {};
}

result<Expansion> evaluate_items(const Plan& plan, TaskNo task, const expr::Bindings& bindings) {
  const TaskDefinition& definition = plan.definition(task);
  const SourcePosition& position = definition.for_each->position();
  const auto collection = definition.for_each->evaluate(bindings);
  if (!collection)
    return Error(collection.error()).in("for_each of task '" + display_name(plan, task) + "'");
  Expansion expansion;
  expr::List values;
  if (const expr::List* list = collection->if_list()) {
    values = *list;
  } else if (const expr::Map* map = collection->if_map()) {
    if (auto filled = fill_from_map(plan, task, *map, expansion, values); !filled)
      return filled.error();
  } else {
    return explained(plan, task, position,
                     "for_each goes over a list, and this is " + expr::to_display(*collection));
  }
  if (values.size() > items_at_most)
    return explained(plan, task, position,
                     "for_each goes over " + std::to_string(values.size()) + " items",
                     "a task may have " + std::to_string(items_at_most));
  expansion.items.reserve(values.size());
  for (const expr::Value& item : values) {
    auto value = expr::to_json(item);
    if (!value)
      return explained(plan, task, position, "an item of for_each " + value.error().message);
    expansion.items.push_back(std::move(*value));
  }
  return expansion;
}

// Where what was computed for it stands; of a task, when nothing was.
SourcePosition position_of_input(const TaskDefinition& task, const std::string& name) {
  const std::string pointer = child_pointer("", name);
  for (const auto& hole : task.inputs.holes()) {
    if (hole.pointer != pointer && !hole.pointer.starts_with(pointer + "/")) continue;
    const auto programs = hole.text.programs();
    if (!programs.empty()) return programs.front().position();
  }
  return task.position;
}

result<std::optional<Expansion>> evaluate_body(const Plan& plan, TaskNo task,
                                               const json::object& run, const OutputsOf& outputs) {
  auto bound = bind_values(plan, task, run, outputs);
  if (!bound) return bound.error();
  if (!bound->run) return std::optional<Expansion>{};
  const Pipeline* body = body_of(plan.definition(task), bound->chosen).get();
  auto complete = complete_inputs(
      "'" + body->name + "'", body->inputs, std::move(bound->inputs),
      [&](const std::string& name) { return position_of_input(plan.definition(task), name); });
  if (!complete) return std::move(complete.error()).in("task '" + display_name(plan, task) + "'");
  Expansion expansion;
  expansion.chosen = std::move(bound->chosen);
  expansion.inputs = std::move(*complete);
  return std::optional<Expansion>{std::move(expansion)};
}

// ---------------------------------------------------------------- nodes

void append_items(Plan& plan, TaskNo group, std::uint32_t count) {
  const PlanNode of = plan.nodes[group];
  const bool body = plan.definition(group).body != nullptr;
  plan.scopes[of.scope].first_item[of.definition] = static_cast<TaskNo>(plan.nodes.size());
  plan.nodes[group].item_count = count;
  plan.nodes[group].unexpanded = false;
  plan.nodes.reserve(plan.nodes.size() + count);
  for (std::uint32_t item = 0; item < count; ++item)
    plan.nodes.push_back({of.definition, item, false, 0, of.scope, body});
}

result<> grow_group(Plan& plan, TaskNo group, Expansion expansion) {
  const PlanNode node = plan.nodes[group];
  append_items(plan, group, static_cast<std::uint32_t>(expansion.items.size()));
  plan.scopes[node.scope].items[node.definition] = std::move(expansion.items);
  plan.scopes[node.scope].keys[node.definition] = std::move(expansion.keys);
  return {};
}

result<> grow_body(Plan& plan, TaskNo task, Expansion expansion) {
  const auto scope = static_cast<std::uint32_t>(plan.scopes.size());
  PlanScope inner;
  inner.pipeline = body_of(plan.definition(task), expansion.chosen);
  inner.inputs = std::move(expansion.inputs);
  inner.input_values = expr::from_json(inner.inputs);
  inner.parent = task;
  inner.prefix = std::make_shared<const std::string>(display_name(plan, task) + "/");
  plan.scopes.push_back(std::move(inner));
  plan.bodies[task] = scope;
  plan.nodes[task].unexpanded = false;
  return add_nodes(plan, scope);
}

// ---------------------------------------------------------------- edges

class EdgeFinder {
 public:
  EdgeFinder(const Plan& plan, MissingItem missing, std::vector<PlanEdge>& edges)
      : plan_(plan), missing_(missing), edges_(edges) {}

  result<> find(TaskNo task) {
    const std::size_t begin = edges_.size();
    if (auto found = find_into(task); !found) return found;
    merge_from(begin);
    find_out_of(task);
    return {};
  }

 private:
  result<> find_into(TaskNo task) {
    const PlanNode& node = plan_.nodes[task];
    const PlanScope& scope = plan_.scope_of(task);
    const TaskDefinition& definition = plan_.definition(task);
    if (node.group) {
      if (!node.unexpanded) return {};
      return add_reads(task, scope, definition.for_each_reads, bindings_of_scope(scope));
    }
    for (const std::uint32_t need : definition.needs) add(scope.first[need], task, false);
    if (definition.repeat_until && node.item > 0) add(task - 1, task, false);
    if (definition.reads.empty()) return {};
    if (node.item == PlanNode::no_item || !definition.for_each)
      return add_reads(task, scope, definition.reads, bindings_of(plan_, task));
    return add_reads(task, scope, definition.reads, bindings_of_item(task, definition));
  }

  // An item and the inner nodes of a body hold back what stands for them.
  void find_out_of(TaskNo task) {
    const PlanNode& node = plan_.nodes[task];
    const PlanScope& scope = plan_.scope_of(task);
    if (node.item != PlanNode::no_item)
      edges_.push_back({task, scope.first[node.definition], false});
    else if (scope.parent != PlanScope::no_parent)
      edges_.push_back({task, scope.parent, false});
  }

  result<> add_reads(TaskNo task, const PlanScope& scope, const std::vector<TaskRead>& reads,
                     const expr::Bindings& bindings) {
    for (const TaskRead& read : reads) {
      const auto from = resolve_read(plan_, scope, read, bindings);
      if (!from && missing_ == MissingItem::is_mistake)
        return explained(plan_, task, read.position, from.error().message, from.error().remedy);
      if (!from)
        add(scope.first[read.task], task, false);
      else if (*from)
        add(**from, task, read.carries_skip && !plan_.nodes[**from].group);
    }
    return {};
  }

  // What is done when nothing else moves waits for none of that.
  void add(TaskNo from, TaskNo to, bool carries_skip) {
    if (plan_.definition(to).occasion != plan_.definition(from).occasion) return;
    edges_.push_back({from, to, carries_skip});
  }

  // Items of one task follow each other, and hardly any read is by more than its index.
  const expr::Bindings& bindings_of_item(TaskNo task, const TaskDefinition& definition) {
    const PlanNode& node = plan_.nodes[task];
    if (of_ != &definition || scope_ != node.scope) {
      of_ = &definition;
      scope_ = node.scope;
      by_index_alone_ = std::ranges::none_of(definition.reads, [](const TaskRead& read) {
        return read.index && std::ranges::any_of(read.index->variables(), [](const auto& name) {
                 return name == "item" || name == "key";
               });
      });
      bindings_.emplace(bindings_of(plan_, task));
      index_slot_ = bindings_->environment().find("index");
    }
    if (!by_index_alone_)
      bindings_.emplace(bindings_of(plan_, task));
    else if (index_slot_)
      bindings_->set_at(*index_slot_, std::int64_t{node.item});
    return *bindings_;
  }

  // One edge between two nodes; it carries a skip if one of the reads that made it does.
  void merge_from(std::size_t begin) {
    const auto first = edges_.begin() + static_cast<std::ptrdiff_t>(begin);
    if (edges_.end() - first < 2) return;
    std::sort(first, edges_.end());
    auto last = first;
    for (auto edge = first + 1; edge != edges_.end(); ++edge)
      if (edge->from == last->from)
        last->carries_skip = last->carries_skip || edge->carries_skip;
      else
        *++last = *edge;
    edges_.erase(last + 1, edges_.end());
  }

  const Plan& plan_;
  const MissingItem missing_;
  std::vector<PlanEdge>& edges_;
  const TaskDefinition* of_ = nullptr;
  std::uint32_t scope_ = 0;
  bool by_index_alone_ = false;
  std::optional<expr::Bindings> bindings_;
  std::optional<std::size_t> index_slot_;
};

}  // namespace

json::object to_json(const Expansion& expansion) {
  json::object object;
  if (!expansion.items.empty())
    object["items"] = json::array(expansion.items.begin(), expansion.items.end());
  if (!expansion.keys.empty())
    object["keys"] = json::array(expansion.keys.begin(), expansion.keys.end());
  if (!expansion.chosen.empty()) object["case"] = expansion.chosen;
  if (!expansion.inputs.empty()) object["inputs"] = expansion.inputs;
  return object;
}

result<Expansion> expansion_from_json(const json::value& value) {
  Expansion expansion;
  if (!value.is_object()) return invalid("what a task was expanded to is no table");
  if (const json::value* items = find_member(value, "items"); items && items->is_array())
    expansion.items.assign(items->get_array().begin(), items->get_array().end());
  if (const json::value* keys = find_member(value, "keys"); keys && keys->is_array())
    for (const json::value& key : keys->get_array())
      if (key.is_string()) expansion.keys.emplace_back(key.get_string());
  if (const json::value* chosen = find_member(value, "case"); chosen && chosen->is_string())
    expansion.chosen = std::string(chosen->get_string());
  if (const json::value* inputs = find_member(value, "inputs"); inputs && inputs->is_object())
    expansion.inputs = inputs->get_object();
  if (!expansion.keys.empty() && expansion.keys.size() != expansion.items.size())
    return invalid("what a task was expanded to has " + std::to_string(expansion.keys.size()) +
                   " keys for " + std::to_string(expansion.items.size()) + " items");
  return expansion;
}

std::vector<TaskNo> nodes_read_by_expansion(const Plan& plan, TaskNo task) {
  if (!plan.nodes[task].group) return nodes_read_by(plan, task);
  const PlanScope& scope = plan.scope_of(task);
  return nodes_of(plan, scope, plan.definition(task).for_each_reads, bindings_of_scope(scope));
}

result<std::optional<Expansion>> evaluate_expansion(const Plan& plan, TaskNo task,
                                                    const json::object& run,
                                                    const OutputsOf& outputs) {
  if (!plan.nodes[task].group) return evaluate_body(plan, task, run, outputs);
  const PlanScope& scope = plan.scope_of(task);
  expr::Bindings bindings = bindings_of_scope(scope);
  const auto& reads = plan.definition(task).for_each_reads;
  if (!reads.empty()) {
    bindings.set("tasks", tasks_value(plan, scope, reads, bindings, outputs));
    bindings.set("run", expr::from_json(run));
  }
  auto items = evaluate_items(plan, task, bindings);
  if (!items) return items.error();
  return std::optional<Expansion>{std::move(*items)};
}

result<> add_nodes(Plan& plan, std::uint32_t scope) {
  const std::shared_ptr<const Pipeline> pipeline = plan.scopes[scope].pipeline;
  const std::size_t definitions = pipeline->tasks.size();
  plan.scopes[scope].items.resize(definitions);
  plan.scopes[scope].keys.resize(definitions);
  plan.scopes[scope].first_item.resize(definitions);
  plan.scopes[scope].first.reserve(definitions);
  for (std::uint32_t i = 0; i < definitions; ++i) {
    const TaskDefinition& task = pipeline->tasks[i];
    const auto no = static_cast<TaskNo>(plan.nodes.size());
    plan.scopes[scope].first.push_back(no);
    const bool unexpanded = task.for_each || (task.body && !task.is_group());
    plan.nodes.push_back({i, PlanNode::no_item, task.is_group(), 0, scope, unexpanded});
    if (task.repeat_until) append_items(plan, no, task.rounds_at_most);
    if (!task.for_each || !task.for_each_reads.empty()) continue;
    auto items = evaluate_expansion(plan, no, {}, {});
    if (!items) return items.error();
    if (auto grown = grow_group(plan, no, std::move(**items)); !grown) return grown;
  }
  return {};
}

result<> grow(Plan& plan, TaskNo task, Expansion expansion) {
  if (plan.nodes[task].group) return grow_group(plan, task, std::move(expansion));
  const std::size_t nodes = plan.nodes.size();
  auto grown = grow_body(plan, task, std::move(expansion));
  if (grown) return grown;
  plan.nodes.resize(nodes);
  plan.nodes[task].unexpanded = true;
  plan.scopes.pop_back();
  plan.bodies.erase(task);
  return grown;
}

result<> find_edges(const Plan& plan, TaskNo from, TaskNo to, MissingItem missing,
                    std::vector<PlanEdge>& edges) {
  EdgeFinder finder(plan, missing, edges);
  for (TaskNo task = from; task < to; ++task)
    if (auto found = finder.find(task); !found) return found;
  return {};
}

}  // namespace weft
