// SPDX-License-Identifier: Apache-2.0
#include "model/binding.hpp"

#include <algorithm>

#include "model/document.hpp"
#include "model/plan_reads.hpp"

namespace weft {
namespace {

std::vector<TaskNo> nodes_of(const Plan& plan, const std::vector<TaskRead>& reads,
                             const expr::Bindings& bindings) {
  std::vector<TaskNo> nodes;
  for (const TaskRead& read : reads)
    if (const auto node = resolve_read(plan, read, bindings); node && *node)
      nodes.push_back(**node);
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

// The variable `tasks`, with what is read of it. A for_each task of which only known items are read
// is a map from their positions, so that binding one item does not cost as much as all of them.
expr::Value tasks_value(const Plan& plan, const std::vector<TaskRead>& reads,
                        const expr::Bindings& bindings, const OutputsOf& outputs) {
  const std::vector<TaskNo> nodes = nodes_of(plan, reads, bindings);
  std::vector<expr::Map::Entry> tasks;
  std::vector<expr::Map::Entry> items;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const PlanNode& node = plan.nodes[nodes[i]];
    const std::string& name = plan.pipeline->tasks[node.definition].name;
    if (node.item == PlanNode::no_item) {
      tasks.push_back({name, expr::from_json(outputs(nodes[i]))});
      const auto of_group = [&](TaskNo other) {
        return plan.nodes[other].definition == node.definition;
      };
      while (i + 1 < nodes.size() && of_group(nodes[i + 1]))
        ++i;  // its items are in the list already
      continue;
    }
    items.push_back({std::int64_t{node.item}, expr::from_json(outputs(nodes[i]))});
    if (i + 1 == nodes.size() || plan.nodes[nodes[i + 1]].definition != node.definition)
      tasks.push_back({name, *expr::Map::make(std::exchange(items, {}))});
  }
  return *expr::Map::make(std::move(tasks));
}

class TaskBinder {
 public:
  TaskBinder(const Plan& plan, TaskNo task, const json::object& run, const OutputsOf& outputs)
      : plan_(plan),
        node_(plan.nodes[task]),
        definition_(plan.pipeline->tasks[node_.definition]),
        outputs_(outputs),
        bindings_(bindings_of(plan, task)) {
    bindings_.set("tasks", tasks_value(plan, definition_.reads, bindings_, outputs));
    bindings_.set("run", expr::from_json(run));
  }

  result<Binding> bind() {
    Binding binding;
    if (definition_.condition) {
      const auto holds = definition_.condition->evaluate(bindings_);
      if (!holds) return explain(holds.error());
      if (!holds->if_bool())
        return error("'if' must be true or false, and is " + expr::to_display(*holds), "");
      binding.run = *holds->if_bool();
      if (!binding.run) return binding;
    }
    auto params = bind_params();
    if (!params) return params.error();
    auto inputs = bind_inputs();
    if (!inputs) return inputs.error();
    binding.task =
        std::make_shared<const BoundTask>(BoundTask{std::move(*params), std::move(*inputs)});
    return binding;
  }

 private:
  Error error(const std::string& message, std::string remedy) const {
    std::vector<Diagnostic> one{
        {definition_.position, label() + ": " + message, std::move(remedy), false}};
    return Error{ErrorKind::invalid, one.front().message, one.front().remedy, std::move(one)};
  }
  std::string label() const { return "task '" + display_name(*plan_.pipeline, node_) + "'"; }

  // "no such key" helps only somebody who knows that a service forgot something.
  Error explain(Error cause) const {
    const expr::Bindings before = bindings_of(plan_, node_no());
    for (const TaskRead& read : definition_.reads) {
      const auto node = resolve_read(plan_, read, before);
      if (!node || !*node || read.output.empty()) continue;
      const json::value& outputs = outputs_(**node);
      if (!outputs.is_object() || outputs.get_object().contains(read.output)) continue;
      const std::string from = display_name(*plan_.pipeline, plan_.nodes[**node]);
      return error("task '" + from + "' gave no output '" + read.output + "'",
                   "its service left it out; see the attempt of '" + from + "'");
    }
    return std::move(cause).in(label());
  }
  TaskNo node_no() const { return static_cast<TaskNo>(&node_ - plan_.nodes.data()); }

  result<json::object> bind_params() {
    auto value = definition_.params.evaluate(bindings_);
    if (!value) return explain(value.error());
    const Schema& schema = definition_.operation->params;
    schema.convert_numbers(*value);
    if (definition_.params.is_literal())
      return std::move(value->get_object());  // judged when it was read
    const auto violations = schema.validate(*value);
    if (violations.empty()) return std::move(value->get_object());
    std::vector<Diagnostic> diagnostics;
    for (const Violation& violation : violations) {
      const std::string path = pointer_to_path(violation.pointer);
      diagnostics.push_back(
          {definition_.position,
           label() + ": params" + (path.empty() ? "" : "." + path) + " " + violation.message,
           violation.remedy, false});
    }
    return Error{ErrorKind::invalid, diagnostics.front().message, diagnostics.front().remedy,
                 std::move(diagnostics)};
  }

  result<std::vector<BoundInput>> bind_inputs() {
    auto value = definition_.inputs.evaluate(bindings_);
    if (!value) return explain(value.error());
    std::vector<BoundInput> bound;
    for (const OperationInput& input : definition_.operation->inputs) {
      const json::value* given = find_member(*value, input.name);
      if (!given || (given->is_null() && !input.required)) continue;
      auto one = bind_input(input, *given);
      if (!one) return one.error();
      bound.push_back(std::move(*one));
    }
    return bound;
  }

  result<BoundInput> bind_input(const OperationInput& input, const json::value& given) const {
    const std::string name = "inputs." + input.name;
    BoundInput bound{input.name, {}};
    if (!input.list) {
      auto artifact = bind_artifact(input, name, given);
      if (!artifact) return artifact.error();
      bound.artifacts.push_back(std::move(*artifact));
      return bound;
    }
    if (!given.is_array()) return error(name + " takes a list of artifacts", "put it in brackets");
    if (given.get_array().empty() && input.required)
      return error(name + " is an empty list", "give at least one");
    for (const json::value& element : given.get_array()) {
      auto artifact =
          bind_artifact(input, name + "[" + std::to_string(bound.artifacts.size()) + "]", element);
      if (!artifact) return artifact.error();
      bound.artifacts.push_back(std::move(*artifact));
    }
    return bound;
  }

  result<ArtifactInfo> bind_artifact(const OperationInput& input, const std::string& name,
                                     const json::value& given) const {
    auto artifact = artifact_from_json(given);
    if (!artifact)
      return error(name + " is no artifact",
                   given.is_null() ? "what it refers to was skipped" : "");
    if (!media_type_fits(artifact->media_type, input.media_type))
      return error(name + " takes " + input.media_type + ", and this is " + artifact->media_type,
                   "refer to an artifact that is " + input.media_type);
    return std::move(*artifact);
  }

  const Plan& plan_;
  const PlanNode& node_;
  const TaskDefinition& definition_;
  const OutputsOf& outputs_;
  expr::Bindings bindings_;
};

std::vector<TaskRead> reads_of_outputs(const Plan& plan) {
  std::vector<TaskRead> reads;
  for (const OutputDeclaration& output : plan.pipeline->outputs)
    reads.insert(reads.end(), output.reads.begin(), output.reads.end());
  return reads;
}

}  // namespace

std::vector<TaskNo> nodes_read_by(const Plan& plan, TaskNo task) {
  const PlanNode& node = plan.nodes[task];
  if (node.group) return {};
  return nodes_of(plan, plan.pipeline->tasks[node.definition].reads, bindings_of(plan, task));
}

std::vector<TaskNo> nodes_read_by_outputs(const Plan& plan) {
  return nodes_of(plan, reads_of_outputs(plan), bindings_of_outputs(plan));
}

result<Binding> bind(const Plan& plan, TaskNo task, const json::object& run,
                     const OutputsOf& outputs) {
  return TaskBinder(plan, task, run, outputs).bind();
}

result<json::object> bind_outputs(const Plan& plan, const json::object& run,
                                  const OutputsOf& outputs) {
  expr::Bindings bindings = bindings_of_outputs(plan);
  bindings.set("tasks", tasks_value(plan, reads_of_outputs(plan), bindings, outputs));
  bindings.set("run", expr::from_json(run));
  json::object bound;
  for (const OutputDeclaration& output : plan.pipeline->outputs) {
    auto value = output.value.evaluate(bindings);
    if (!value) return std::move(value.error()).in("output '" + output.name + "'");
    bound[output.name] = std::move(*value);
  }
  return bound;
}

}  // namespace weft
