// SPDX-License-Identifier: Apache-2.0
#include "model/binding.hpp"

#include <algorithm>

#include "model/document.hpp"
#include "model/plan_reads.hpp"

namespace weft {
namespace {

class TaskBinder {
 public:
  TaskBinder(const Plan& plan, TaskNo task, const json::object& run, const OutputsOf& outputs)
      : plan_(plan),
        task_(task),
        definition_(plan.definition(task)),
        outputs_(outputs),
        bindings_(bindings_of(plan, task)) {
    bindings_.set("tasks",
                  tasks_value(plan, plan.scope_of(task), definition_.reads, bindings_, outputs));
    bindings_.set("run", expr::from_json(run));
  }

  result<Binding> bind() {
    Binding binding;
    auto runs = is_to_run();
    if (!runs) return runs.error();
    binding.run = *runs;
    if (!binding.run) return binding;
    auto params = bind_params();
    if (!params) return params.error();
    auto inputs = bind_inputs();
    if (!inputs) return inputs.error();
    binding.task =
        std::make_shared<const BoundTask>(BoundTask{std::move(*params), std::move(*inputs)});
    return binding;
  }

  result<BoundValues> bind_values() {
    BoundValues bound;
    auto runs = is_to_run();
    if (!runs) return runs.error();
    bound.run = *runs;
    if (!bound.run) return bound;
    auto chosen = choose_case();
    if (!chosen) return chosen.error();
    bound.chosen = std::move(*chosen);
    auto inputs = definition_.inputs.evaluate(bindings_);
    if (!inputs) return explain(inputs.error());
    bound.inputs = std::move(inputs->get_object());
    return bound;
  }

 private:
  // `if`, and whether there is to be another round.
  result<bool> is_to_run() {
    if (definition_.repeat_until) {
      auto another = is_another_round();
      if (!another || !*another) return another;
    }
    if (!definition_.condition) return true;
    return holds("if", *definition_.condition, bindings_);
  }

  // Not after one that was enough, nor after one that was none.
  result<bool> is_another_round() {
    const std::uint32_t round = plan_.nodes[task_].item;
    bindings_.set("previous", nullptr);
    if (round == 0) return true;
    const json::value& before = outputs_(task_ - 1);
    if (before.is_null()) return false;
    expr::Bindings bindings = bindings_;
    bindings.set("outputs", expr::from_json(before));
    bindings.set("index", std::int64_t{round} - 1);
    auto enough = holds("repeat_until", *definition_.repeat_until, bindings);
    if (!enough) return enough;
    bindings_.set("previous", expr::from_json(before));
    return !*enough;
  }

  result<std::string> choose_case() const {
    if (!definition_.choice) return std::string();
    const auto value = definition_.choice->evaluate(bindings_);
    if (!value) return explain(value.error());
    const std::string* text = value->if_string();
    const std::string name = text ? *text : expr::to_display(*value);
    if (definition_.cases.contains(name)) return name;
    if (definition_.cases.contains("default")) return std::string("default");
    std::string known;
    for (const auto& [one, body] : definition_.cases) known += (known.empty() ? "" : ", ") + one;
    return error("'switch' is '" + name + "', and there is no case for it",
                 "its cases: " + known + "; 'default' would take all others");
  }

  result<bool> holds(const std::string& key, const expr::Program& program,
                     const expr::Bindings& bindings) const {
    const auto value = program.evaluate(bindings);
    if (!value) return explain(value.error());
    if (!value->if_bool())
      return error("'" + key + "' must be true or false, and is " + expr::to_display(*value), "");
    return *value->if_bool();
  }

  Error error(const std::string& message, std::string remedy) const {
    std::vector<Diagnostic> one{
        {definition_.position, label() + ": " + message, std::move(remedy), false}};
    return Error{ErrorKind::invalid, one.front().message, one.front().remedy, std::move(one)};
  }
  std::string label() const { return "task '" + display_name(plan_, task_) + "'"; }

  // "no such key" helps only somebody who knows that a service forgot something.
  Error explain(Error cause) const {
    const expr::Bindings before = bindings_of(plan_, task_);
    for (const TaskRead& read : definition_.reads) {
      const auto node = resolve_read(plan_, plan_.scope_of(task_), read, before);
      if (!node || !*node || read.output.empty()) continue;
      const json::value& outputs = outputs_(**node);
      if (!outputs.is_object() || outputs.get_object().contains(read.output)) continue;
      const std::string from = display_name(plan_, **node);
      return error("task '" + from + "' gave no output '" + read.output + "'",
                   "its service left it out; see the attempt of '" + from + "'");
    }
    return std::move(cause).in(label());
  }

  result<json::object> bind_params() {
    auto value = definition_.params.evaluate(bindings_);
    if (!value) return explain(value.error());
    const Schema& schema = definition_.operation->params;
    schema.convert_numbers(*value);
    if (definition_.params.is_literal())
      return std::move(value->get_object());  // judged when it was read
    const auto violations = schema.validate(*value);
    if (violations.empty()) return std::move(value->get_object());
    const std::string where = definition_.wait ? definition_.operation->name : "params";
    std::vector<Diagnostic> diagnostics;
    for (const Violation& violation : violations) {
      const std::string path = pointer_to_path(violation.pointer);
      diagnostics.push_back(
          {definition_.position,
           label() + ": " + where + (path.empty() ? "" : "." + path) + " " + violation.message,
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
  TaskNo task_;
  const TaskDefinition& definition_;
  const OutputsOf& outputs_;
  expr::Bindings bindings_;
};

std::vector<TaskRead> reads_of_outputs(const PlanScope& scope) {
  std::vector<TaskRead> reads;
  for (const OutputDeclaration& output : scope.pipeline->outputs)
    reads.insert(reads.end(), output.reads.begin(), output.reads.end());
  return reads;
}

}  // namespace

std::vector<TaskNo> nodes_read_by(const Plan& plan, TaskNo task) {
  const PlanNode& node = plan.nodes[task];
  if (node.group) return {};
  const TaskDefinition& definition = plan.definition(task);
  std::vector<TaskNo> nodes =
      nodes_of(plan, plan.scope_of(task), definition.reads, bindings_of(plan, task));
  if (definition.repeat_until && node.item > 0) nodes.push_back(task - 1);
  return nodes;
}

std::vector<TaskNo> nodes_read_by_outputs(const Plan& plan, const PlanScope& scope) {
  return nodes_of(plan, scope, reads_of_outputs(scope), bindings_of_scope(scope));
}

result<Binding> bind(const Plan& plan, TaskNo task, const json::object& run,
                     const OutputsOf& outputs) {
  return TaskBinder(plan, task, run, outputs).bind();
}

result<BoundValues> bind_values(const Plan& plan, TaskNo task, const json::object& run,
                                const OutputsOf& outputs) {
  return TaskBinder(plan, task, run, outputs).bind_values();
}

BoundOutputs bind_outputs(const Plan& plan, const PlanScope& scope, const json::object& run,
                          const OutputsOf& outputs) {
  expr::Bindings bindings = bindings_of_scope(scope);
  bindings.set("tasks", tasks_value(plan, scope, reads_of_outputs(scope), bindings, outputs));
  bindings.set("run", expr::from_json(run));
  BoundOutputs bound;
  for (const OutputDeclaration& output : scope.pipeline->outputs) {
    auto value = output.value.evaluate(bindings);
    if (value)
      bound.values[output.name] = std::move(*value);
    else
      bound.errors.emplace_back(output.name,
                                std::move(value.error()).in("output '" + output.name + "'"));
  }
  return bound;
}

}  // namespace weft
