// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "model/definition_parts.hpp"

namespace weft {
namespace {

using expr::Kind;
using expr::Type;

// What a body gives is known as far as its outputs are expressions of one value.
Type outputs_type_of_body(const TaskDraft& draft) {
  std::vector<Type::Field> fields;
  for (const OutputDeclaration& output : draft.task.body->outputs) {
    const auto& holes = output.value.holes();
    const bool whole = holes.size() == 1 && holes.front().pointer.empty();
    fields.push_back({output.name, whole ? holes.front().text.type() : Type::dyn(), true});
  }
  return Type::object(std::move(fields), true, {"output", "task '" + draft.task.name + "'"});
}

Type outputs_type(const TaskDraft& draft) {
  if (!draft.task.cases.empty()) return Type::dyn();
  if (draft.task.body) return outputs_type_of_body(draft);
  if (!draft.task.operation) return Type::dyn();
  std::vector<Type::Field> fields;
  for (const OperationOutput& output : draft.task.operation->outputs)
    fields.push_back(
        {output.name,
         output.media_type.empty() ? Type::from_json_schema(output.schema) : Type(Kind::artifact),
         true});
  return Type::object(std::move(fields), true, {"output", "task '" + draft.task.name + "'"});
}

// A task that was skipped, by its `if` or by hand, is null; so is a skipped item in the list of a
// group.
Type task_type(const TaskDraft& draft) {
  const Type outputs = outputs_type(draft);
  if (outputs.is_dyn()) return outputs;
  return draft.has_items ? Type::list(outputs.or_null()).or_null() : outputs.or_null();
}

expr::Environment make_environment(Type inputs, Type tasks, Type item, const Type& outputs) {
  const Type run = Type::object({{"id", Kind::string, true},
                                 {"name", Kind::string, true},
                                 {"failed", Type::list(Kind::string), true}},
                                true, {"field", "'run'"});
  return expr::Environment({{"inputs", std::move(inputs)},
                            {"tasks", std::move(tasks)},
                            {"run", run},
                            {"item", std::move(item)},
                            {"index", Kind::integer},
                            {"key", Kind::string},
                            {"outputs", outputs},
                            {"previous", outputs.is_dyn() ? outputs : outputs.or_null()}});
}

Type type_of_variable(const expr::Environment& environment, std::string_view name) {
  return environment.variables()[*environment.find(name)].type;
}

// What item is in a for_each over this.
Type item_type(const Type& collection) {
  if (collection.kind() != Kind::map || collection.fields().empty()) return collection.element();
  Type joined = collection.fields().front().type;
  for (const Type::Field& field : collection.fields()) joined = Type::join(joined, field.type);
  return joined;
}

// Which of the variables may stand here, and what to say about the others.
struct Place {
  bool item = false;
  bool index = false;
  bool key = false;
  bool run = true;
  bool outputs = false;
  bool previous = false;
};

void check_variables(const std::vector<std::string>& variables, const Place& place,
                     const SourcePosition& position, Mistakes& mistakes) {
  for (const std::string& name : variables) {
    if ((name == "item" && !place.item) || (name == "index" && !place.index))
      mistakes.add(position, "'" + name + "' is known only in a task with for_each",
                   "give the task a for_each, or leave '" + name + "' out");
    else if (name == "key" && !place.key)
      mistakes.add(position, "'key' is known only in a task whose for_each goes over a table",
                   "use 'index' for the position in a list");
    else if (name == "run" && !place.run)
      mistakes.add(position, "for_each cannot use 'run'",
                   "go over a list of inputs, such as inputs.shots, or over what a task gives");
    else if (name == "outputs" && !place.outputs)
      mistakes.add(position, "'outputs' is known only in repeat_until",
                   "name the task: tasks.<name>.<output>");
    else if (name == "previous" && !place.previous)
      mistakes.add(position, "'previous' is known only in a task with repeat_until",
                   "give the task a repeat_until, or leave 'previous' out");
  }
}

bool may_be_skipped_over(std::string_view text) {
  return text.find('?') != text.npos || text.find("&&") != text.npos ||
         text.find("||") != text.npos;
}

void add_reads(const expr::Program& program, std::vector<DraftRead>& reads) {
  for (expr::Reference& reference : program.references()) {
    TaskRead read;
    read.index = std::move(reference.index);
    if (!reference.path.empty()) read.output = reference.path.front();
    read.conditional = may_be_skipped_over(program.text());
    read.position = reference.position;
    reads.push_back({std::move(reference.name), std::move(read)});
  }
}

void add_reads(const expr::ValueTemplate& value, std::vector<DraftRead>& reads) {
  for (const auto& hole : value.holes())
    for (const expr::Program& program : hole.text.programs()) add_reads(program, reads);
}

std::optional<expr::Program> compile_key(TableReader& table, std::string_view key,
                                         const expr::Environment& environment, const Place& place) {
  const json::string* text = table.text(key);
  if (!text) return std::nullopt;
  const SourcePosition position = table.document().text_position(table.pointer_of(key));
  if (std::string_view(*text).starts_with("${")) {
    table.mistakes().add(position, "'" + std::string(key) + "' is an expression already",
                         "leave out the ${ and the }");
    return std::nullopt;
  }
  expr::CompileOptions options;
  options.origin = position;
  options.suggest = table.mistakes().few();
  auto program = expr::compile(*text, environment, options);
  if (!program) {
    table.mistakes().add(program.error(), position);
    return std::nullopt;
  }
  check_variables(program->variables(), place, position, table.mistakes());
  return *program;
}

// Replaces the texts that do not compile by null and notes where they stood.
void take_out_broken(json::value& value, const std::string& pointer,
                     const expr::Environment& environment, std::vector<std::string>& broken) {
  if (auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      take_out_broken((*array)[i], child_pointer(pointer, std::to_string(i)), environment, broken);
  } else if (auto* object = value.if_object()) {
    for (json::key_value_pair& member : *object)
      take_out_broken(member.value(), child_pointer(pointer, member.key()), environment, broken);
  } else if (value.is_string() &&
             !expr::compile_template(value.get_string(), environment, {.suggest = false})) {
    value = nullptr;
    broken.push_back(pointer);
  }
}

// Where the text at a JSON Pointer within a value stands.
using PositionOf = std::function<SourcePosition(std::string_view)>;

PositionOf positions_below(const Document& document, const std::string& pointer) {
  return [&document, pointer](std::string_view within) {
    return document.text_position(pointer + std::string(within));
  };
}

expr::ValueTemplate compile_value(const PositionOf& position_of, const json::value& value,
                                  const expr::Environment& environment, const Place& place,
                                  Mistakes& mistakes, std::vector<std::string>& broken) {
  expr::CompileOptions options;
  options.suggest = mistakes.few();
  auto compiled = expr::compile_json(value, environment, position_of, options);
  if (!compiled) {
    mistakes.add(compiled.error(), position_of(""));
    json::value rest = value;
    take_out_broken(rest, "", environment, broken);
    compiled = expr::compile_json(rest, environment, position_of);
    if (!compiled) return {};
  }
  for (const auto& hole : compiled->holes())
    check_variables(hole.text.variables(), place, position_of(hole.pointer), mistakes);
  return std::move(*compiled);
}

void read_for_each(TableReader& table, const expr::Environment& shared, TaskDraft& draft) {
  Place place;
  place.run = false;
  auto program = compile_key(table, "for_each", shared, place);
  if (!program) return;
  const Type& type = program->type();
  if (!type.may_be(Kind::list) && !type.may_be(Kind::map))
    table.mistakes().add(table.document().text_position(table.pointer_of("for_each")),
                         "for_each goes over a list, and this is " + type.to_string(),
                         "name a list, such as inputs.shots");
  add_reads(*program, draft.for_each_reads);
  const bool asks = program->text().find("null") != std::string::npos;
  for (DraftRead& read : draft.for_each_reads)
    read.read.carries_skip = !asks || !program->tests_null(read.task);
  draft.task.for_each = std::move(program);
}

void read_repeat_until(TableReader& table, TaskDraft& draft) {
  Place place;
  place.index = place.outputs = true;
  auto program = compile_key(table, "repeat_until", draft.task.environment, place);
  if (!program) return;
  if (!program->type().may_be(Kind::boolean))
    table.mistakes().add(
        table.document().text_position(table.pointer_of("repeat_until")),
        "'repeat_until' asks for true or false, and this is " + program->type().to_string(),
        "compare something: outputs.score >= 0.8");
  add_reads(*program, draft.reads);
  draft.task.repeat_until = std::move(program);
}

void read_condition(TableReader& table, const Place& place, TaskDraft& draft) {
  auto program = compile_key(table, "if", draft.task.environment, place);
  if (!program) return;
  const SourcePosition position = table.document().text_position(table.pointer_of("if"));
  if (!program->type().may_be(Kind::boolean))
    table.mistakes().add(position,
                         "'if' asks for true or false, and this is " + program->type().to_string(),
                         "compare it with something");
  if (const expr::Value* constant = program->constant();
      constant && constant->if_bool() && !*constant->if_bool())
    table.mistakes().warn(position, "'if' is never true, so " + table.what() + " is always skipped",
                          "delete the task, or mend the condition");
  add_reads(*program, draft.reads);
  draft.task.condition = std::move(program);
}

// What a task that waits shows is one value, though its parts stand in two places.
void read_question(TableReader& table, const Place& place, TaskDraft& draft) {
  const std::string key(key_of(*draft.task.wait));
  json::object question;
  for (const char* part : {"message", "choices"})
    if (const json::value* written =
            value_at(table.document().root(), child_pointer(table.pointer_of(key), part)))
      question[part] = *written;
  if (const json::object* inputs = table.object("inputs")) question["inputs"] = *inputs;
  const PositionOf position_of = [&](std::string_view within) {
    const bool input = within.starts_with("/inputs");
    return table.document().text_position((input ? table.pointer() : table.pointer_of(key)) +
                                          std::string(within));
  };
  draft.task.params = compile_value(position_of, std::move(question), draft.task.environment, place,
                                    table.mistakes(), draft.broken);
  draft.task.inputs = compile_value(position_of, json::object{}, draft.task.environment, place,
                                    table.mistakes(), draft.broken);
  add_reads(draft.task.params, draft.reads);
  if (draft.broken.empty()) check_question(table, draft);
}

void read_params_and_inputs(TableReader& table, const Place& place, TaskDraft& draft) {
  TaskDefinition& task = draft.task;
  const json::value nothing = json::object{};
  for (const std::string key : {"params", "inputs"}) {
    const json::value* written = table.object(key) ? table.any(key) : &nothing;
    auto& compiled = key == "params" ? task.params : task.inputs;
    std::vector<std::string> broken;
    compiled = compile_value(positions_below(table.document(), table.pointer_of(key)), *written,
                             task.environment, place, table.mistakes(), broken);
    for (const std::string& pointer : broken) draft.broken.push_back("/" + key + pointer);
    add_reads(compiled, draft.reads);
  }
}

// The expressions of a task that may compare something with null: few, where its reads may be many.
std::vector<expr::Program> programs_with_null(const TaskDefinition& task) {
  std::vector<expr::Program> programs = task.params.programs();
  for (expr::Program& program : task.inputs.programs()) programs.push_back(std::move(program));
  if (task.condition) programs.push_back(*task.condition);
  if (task.choice) programs.push_back(*task.choice);
  std::erase_if(programs, [](const expr::Program& program) {
    return program.text().find("null") == std::string::npos;
  });
  return programs;
}

}  // namespace

expr::Environment definition_environment(const std::vector<InputDeclaration>& inputs,
                                         const std::vector<TaskDraft>& tasks) {
  std::vector<Type::Field> input_fields, task_fields;
  for (const InputDeclaration& input : inputs)
    input_fields.push_back({input.name, Type::from_json_schema(input.schema.source()), true});
  for (const TaskDraft& draft : tasks)
    task_fields.push_back({draft.task.name, task_type(draft), true});
  return make_environment(Type::object(std::move(input_fields), true, {"input", {}}),
                          Type::object(std::move(task_fields), true, {"task", {}}), Type::dyn(),
                          Type::dyn());
}

void read_task_expressions(TableReader& table, const expr::Environment& shared, TaskDraft& draft) {
  TaskDefinition& task = draft.task;
  read_for_each(table, shared, draft);
  Place place;
  place.item = draft.has_items;
  place.index = draft.has_items || draft.has_rounds;
  place.previous = draft.has_rounds;
  task.environment = shared;
  if (task.for_each || draft.has_rounds) {
    const Type collection = task.for_each ? task.for_each->type() : Type::dyn();
    place.key = task.for_each && (collection.is_dyn() || collection.kind() == Kind::map);
    task.environment =
        make_environment(type_of_variable(shared, "inputs"), type_of_variable(shared, "tasks"),
                         task.for_each ? item_type(collection) : Type::dyn(), outputs_type(draft));
  }
  if (draft.has_rounds) read_repeat_until(table, draft);
  read_condition(table, place, draft);
  if (auto choice = compile_key(table, "switch", task.environment, place)) {
    add_reads(*choice, draft.reads);
    task.choice = std::move(choice);
  }
  if (task.wait)
    read_question(table, place, draft);
  else
    read_params_and_inputs(table, place, draft);
  const auto programs = programs_with_null(task);
  for (DraftRead& read : draft.reads)
    read.read.carries_skip = std::ranges::none_of(
        programs, [&](const expr::Program& program) { return program.tests_null(read.task); });
}

void read_output_expression(const Document& document, const std::string& pointer,
                            const expr::Environment& shared, OutputDraft& draft,
                            Mistakes& mistakes) {
  std::vector<std::string> broken;  // noted; nothing more is said about an output
  draft.output.value =
      compile_value(positions_below(document, pointer), *value_at(document.root(), pointer), shared,
                    {}, mistakes, broken);
  add_reads(draft.output.value, draft.reads);
}

}  // namespace weft
