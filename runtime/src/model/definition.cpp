// SPDX-License-Identifier: Apache-2.0
#include "model/definition.hpp"

#include "base/text.hpp"
#include "model/definition_parts.hpp"
#include "model/pipeline_reference.hpp"

namespace weft {
namespace {

class DefinitionReader {
 public:
  DefinitionReader(const Document& document, const DefinitionContext& context)
      : document_(document), context_(context), root_(document, "", "a definition", mistakes_) {}

  result<ReadPipeline> read() {
    read_head();
    read_inputs();
    read_outline();
    const expr::Environment shared = definition_environment(inputs_, tasks_);
    pipeline_.environment = shared;
    read_tasks(shared);
    read_outputs(shared);
    root_.finish();
    order_tasks(document_, tasks_, outputs_, mistakes_);
    const bool failed = mistakes_.any();
    std::vector<Diagnostic> diagnostics = mistakes_.take();
    if (failed) return invalid(document_.file(), std::move(diagnostics));
    pipeline_.tasks.reserve(tasks_.size());
    for (TaskDraft& draft : tasks_) pipeline_.tasks.push_back(std::move(draft.task));
    for (OutputDraft& draft : outputs_) pipeline_.outputs.push_back(std::move(draft.output));
    pipeline_.inputs = std::move(inputs_);
    pipeline_.canonical = canonical_form(pipeline_);
    pipeline_.hash = digest_of(pipeline_.canonical);
    return ReadPipeline{std::make_shared<const Pipeline>(std::move(pipeline_)),
                        std::move(diagnostics)};
  }

  // Text and format are not part of a document.
  void keep_source(std::string_view text, std::string_view format) {
    pipeline_.source = text;
    pipeline_.format = format;
  }

 private:
  void read_head() {
    root_.require("pipeline", "begin with [pipeline] and a name");
    auto head = root_.table("pipeline", "[pipeline]");
    if (!head) return;
    head->require("name", "give it one: name = \"three_shot_film\"");
    if (const json::string* name = head->text("name")) {
      pipeline_.name = std::string(*name);
      check_pipeline_name(*head);
    }
    if (const json::string* description = head->text("description"))
      pipeline_.description = std::string(*description);
    pipeline_.timeout = head->duration("timeout");
    head->finish();
  }

  void check_pipeline_name(TableReader& head) {
    const std::string& name = pipeline_.name;
    if (!is_pipeline_name(name))
      head.wrong(
          "name", "'" + excerpt(name, 60) + "' cannot name a pipeline",
          "use letters, digits, '_', '-' and '.', at most 100, and begin with a letter or digit");
  }

  void read_inputs() {
    const json::object* members = root_.object("inputs");
    if (!members) return;
    for (const json::key_value_pair& member : *members) {
      const std::string name(member.key());
      inputs_.push_back(read_input(document_, child_pointer("/inputs", name),
                                   {name, "input '" + name + "'"}, mistakes_));
    }
  }

  // Names and operations of all tasks come first: expressions of any task may refer to any other.
  void read_outline() {
    root_.require("tasks", "give it at least one: [tasks.keyframe]");
    const json::object* members = root_.object("tasks");
    if (!members) return;
    if (members->empty())
      mistakes_.add(root_.key_position("tasks"), "a definition without tasks does nothing",
                    "give it at least one: [tasks.keyframe]");
    tasks_.reserve(members->size());
    for (const json::key_value_pair& member : *members) {
      TaskDraft& draft = tasks_.emplace_back();
      draft.task.name = std::string(member.key());
      draft.pointer = child_pointer("/tasks", member.key());
      draft.task.position = document_.key_position(draft.pointer);
      draft.has_items = find_member(member.value(), "for_each") != nullptr;
      draft.has_rounds = find_member(member.value(), "repeat_until") != nullptr;
      check_name(draft.task.name, draft.task.position, mistakes_);
      read_wait(document_, draft, mistakes_);
      if (const json::value* operation = find_member(member.value(), "operation");
          !draft.task.wait && operation && operation->is_string())
        draft.task.operation = context_.operations.find(operation->get_string());
      if (member.value().is_object()) {
        TableReader table(document_, draft.pointer, "task '" + draft.task.name + "'", mistakes_);
        read_body(table, context_, draft);
      }
    }
  }

  void read_tasks(const expr::Environment& shared) {
    for (TaskDraft& draft : tasks_) {
      TableReader table(document_, draft.pointer, "task '" + draft.task.name + "'", mistakes_);
      read_task_keys(table, context_, draft);
      read_task_expressions(table, shared, draft);
      table.finish();
    }
    const expr::Value samples = sample_tasks(tasks_);
    for (const TaskDraft& draft : tasks_) {
      if (draft.task.wait) continue;
      check_task_params(document_, draft, context_, mistakes_);
      check_task_inputs(document_, draft, samples, mistakes_);
      check_body_inputs(document_, draft, mistakes_);
    }
  }

  void read_outputs(const expr::Environment& shared) {
    const json::object* members = root_.object("outputs");
    if (!members) return;
    for (const json::key_value_pair& member : *members) {
      const std::string pointer = child_pointer("/outputs", member.key());
      OutputDraft draft;
      draft.output.name = std::string(member.key());
      draft.output.position = document_.key_position(pointer);
      check_name(draft.output.name, draft.output.position, mistakes_);
      read_output_expression(document_, pointer, shared, draft, mistakes_);
      outputs_.push_back(std::move(draft));
    }
  }

  const Document& document_;
  const DefinitionContext& context_;
  Mistakes mistakes_;
  TableReader root_;
  Pipeline pipeline_;
  std::vector<InputDeclaration> inputs_;
  std::vector<TaskDraft> tasks_;
  std::vector<OutputDraft> outputs_;
};

}  // namespace

result<ReadPipeline> read_pipeline(std::string_view text, const std::string& file,
                                   const DefinitionContext& context) {
  const bool is_json = file.ends_with(".json");
  auto document = is_json ? Document::from_json(text, file) : Document::from_toml(text, file);
  if (!document) return document.error();
  DefinitionReader reader(*document, context);
  reader.keep_source(text, is_json ? "json" : "toml");
  return reader.read();
}

result<std::shared_ptr<const Pipeline>> read_canonical(const json::value& canonical_value,
                                                       const DefinitionContext& context) {
  const Document document = Document::without_positions(canonical_value, "stored definition");
  DefinitionReader reader(document, context);
  reader.keep_source(canonical(canonical_value), "json");
  auto read = reader.read();
  if (!read) return read.error();
  return read->pipeline;
}

}  // namespace weft
