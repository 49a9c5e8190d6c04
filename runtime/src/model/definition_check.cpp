// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "model/definition_parts.hpp"

namespace weft {
namespace {

using expr::Kind;
using expr::Type;
using Hole = expr::ValueTemplate::Hole;

// What a violation says does not hang on the values of the holes within the offending part.
bool is_about_structure(const Violation& violation) {
  for (const std::string_view keyword : {"type", "required", "additionalProperties", "minItems",
                                         "maxItems", "minProperties", "maxProperties"})
    if (violation.keyword == keyword) return true;
  return false;
}

bool hangs_on_a_hole(const Violation& violation, const std::vector<std::string>& holes) {
  return std::any_of(holes.begin(), holes.end(), [&](const std::string& hole) {
    if (hole == violation.pointer) return true;
    return hole.starts_with(violation.pointer + "/") && !is_about_structure(violation);
  });
}

// Whether a value of type `actual` can be what `wanted` asks for. An int becomes a double at the
// border, and a double that happens to be whole an int, so numbers go both ways.
bool can_be(const Type& wanted, const Type& actual) {
  if (wanted.is_dyn() || actual.is_dyn()) return true;
  if (wanted.may_be_null() && actual.may_be_null()) return true;
  const auto is_number = [](Kind kind) {
    return kind == Kind::integer || kind == Kind::floating || kind == Kind::unsigned_integer;
  };
  if (is_number(*wanted.kind()) && is_number(*actual.kind())) return true;
  if (wanted.kind() != actual.kind()) return false;
  return wanted.kind() != Kind::list || can_be(wanted.element(), actual.element());
}

std::string task_prefix(const TaskDraft& draft) {
  return "task '" + draft.task.name + "': ";
}

// Of the holes in the part of the params at `within`, which `schema` describes.
void check_hole_types(const Document& document, const TaskDraft& draft,
                      const std::vector<const Hole*>& holes, const std::string& within,
                      const Schema& schema, Mistakes& mistakes) {
  for (const Hole* hole : holes) {
    if (!hole->pointer.starts_with(within + "/")) continue;
    const json::value* part =
        schema.part_for(std::string_view(hole->pointer).substr(within.size()));
    if (!part) continue;
    const Type wanted = Type::from_json_schema(*part);
    if (!can_be(wanted, hole->text.type()))
      mistakes.add(document.value_position(draft.pointer + "/params" + hole->pointer),
                   task_prefix(draft) + "params." + pointer_to_path(hole->pointer) + " takes " +
                       wanted.to_string() + ", and this is " + hole->text.type().to_string(),
                   "convert it, or refer to something else");
  }
}

// The params with what is known of them put in; `open` gets the holes that stay.
json::value fill_constants(const expr::ValueTemplate& params, std::vector<const Hole*>& open) {
  json::value filled = params.source();
  for (const Hole& hole : params.holes()) {
    const auto constant = hole.text.constant();
    auto value = constant ? expr::to_json(*constant) : result<json::value>(invalid("not constant"));
    boost::system::error_code error;
    json::value* place = filled.find_pointer(hole.pointer, error);
    if (value && place)
      *place = std::move(*value);
    else
      open.push_back(&hole);
  }
  return filled;
}

// Makes the numbers what the schema says, and tells what it says about the part of the params at
// `within`, of which the values at the pointers in `unknown` are not known.
std::vector<Violation> find_violations(const Schema& schema, json::value& known,
                                       const std::string& within,
                                       const std::vector<std::string>& unknown) {
  schema.convert_numbers(known);
  std::vector<Violation> found;
  for (Violation& violation : schema.validate(known)) {
    violation.pointer.insert(0, within);
    if (!hangs_on_a_hole(violation, unknown)) found.push_back(std::move(violation));
  }
  return found;
}

void report_violations(const Document& document, const TaskDraft& draft,
                       const std::vector<Violation>& violations, Mistakes& mistakes) {
  for (const Violation& violation : violations) {
    const std::string pointer = draft.pointer + "/params" + violation.pointer;
    const std::string path = pointer_to_path(violation.pointer);
    const bool about_key =
        violation.keyword == "additionalProperties" || violation.keyword == "required";
    mistakes.add(
        about_key ? document.key_position(pointer) : document.value_position(pointer),
        task_prefix(draft) + "params" + (path.empty() ? "" : "." + path) + " " + violation.message,
        violation.remedy);
  }
}

// options.<component>, each by what the configured services of the component say. It is right if it
// is for one of them.
class OptionsCheck {
 public:
  OptionsCheck(const Document& document, const TaskDraft& draft, const DefinitionContext& context,
               const std::vector<const Hole*>& open, const std::vector<std::string>& unknown,
               Mistakes& mistakes)
      : document_(document),
        draft_(draft),
        context_(context),
        open_(open),
        unknown_(unknown),
        mistakes_(mistakes) {}

  void check(const json::value& params) {
    const json::value* options = find_member(params, "options");
    if (!options || !options->is_object()) return;
    for (const json::key_value_pair& member : options->get_object())
      if (member.value().is_object() && !is_silent(member.key()))
        check_component(std::string(member.key()), member.value());
  }

 private:
  bool is_silent(std::string_view component) const {
    return std::ranges::count(context_.silent_components, component) > 0;
  }

  void check_component(const std::string& component, const json::value& written) {
    const std::string within = child_pointer("/options", component);
    const Schema* schema = nullptr;  // the first that says something against it
    std::vector<Violation> violations;
    for (const ComponentOptions& one : context_.options) {
      if (one.component != component || !one.schema || !is_for_this(one)) continue;
      json::value known = written;
      one.schema->fill_defaults(known);
      auto found = find_violations(*one.schema, known, within, unknown_);
      if (found.empty())
        return check_hole_types(document_, draft_, open_, within, *one.schema, mistakes_);
      if (!std::exchange(schema, &*one.schema)) violations = std::move(found);
    }
    if (!schema) return nobody_takes(component, within);
    report_violations(document_, draft_, violations, mistakes_);
  }

  bool is_for_this(const ComponentOptions& options) const {
    return options.operation == draft_.task.operation->name;
  }

  void nobody_takes(const std::string& component, const std::string& within) {
    std::vector<std::string> takers;
    for (const ComponentOptions& one : context_.options)
      if (one.schema && is_for_this(one) && std::ranges::count(takers, one.component) == 0)
        takers.push_back(one.component);
    mistakes_.add(
        document_.key_position(draft_.pointer + "/params" + within),
        task_prefix(draft_) + "no configured service of " + draft_.task.operation->name +
            " takes options." + excerpt(component, 60),
        takers.empty() ? "leave it out: none takes any options" : suggest(component, takers));
  }

  const Document& document_;
  const TaskDraft& draft_;
  const DefinitionContext& context_;
  const std::vector<const Hole*>& open_;
  const std::vector<std::string>& unknown_;
  Mistakes& mistakes_;
};

// What of the inputs of a task is computed, by pointer.
using Holes = std::unordered_map<std::string_view, const Hole*>;

// One artifact or the elements of a list of them, as an input of a task is written.
class InputCheck {
 public:
  InputCheck(const Document& document, const TaskDraft& draft, const Holes& holes,
             const OperationInput& input, const expr::Value& samples, Mistakes& mistakes)
      : document_(document),
        draft_(draft),
        holes_(holes),
        input_(input),
        samples_(samples),
        mistakes_(mistakes) {}

  void check() {
    const std::string pointer = child_pointer("", input_.name);
    const json::value& value = *value_at(draft_.task.inputs.source(), pointer);
    if (is_broken(pointer)) return;
    if (const Hole* hole = find_hole(pointer)) return check_hole(*hole, input_.list);
    if (!value.is_array())
      return wrong(pointer, "is " + std::string(kind_of(value)) + ", not an artifact", refer());
    if (!input_.list) return wrong(pointer, "takes one artifact, not a list", refer());
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      const std::string element = child_pointer(pointer, std::to_string(i));
      if (const Hole* hole = find_hole(element))
        check_hole(*hole, false);
      else if (!is_broken(element))
        wrong(element, "is " + std::string(kind_of(value.get_array()[i])) + ", not an artifact",
              refer());
    }
  }

 private:
  static std::string refer() {
    return "refer to one: \"${tasks.<name>.<output>}\" or \"${inputs.<name>}\"";
  }
  const Hole* find_hole(const std::string& pointer) const {
    const auto found = holes_.find(pointer);
    return found == holes_.end() ? nullptr : found->second;
  }
  bool is_broken(const std::string& pointer) const {
    return std::find(draft_.broken.begin(), draft_.broken.end(), "/inputs" + pointer) !=
           draft_.broken.end();
  }
  void wrong(const std::string& pointer, const std::string& message, std::string remedy) {
    mistakes_.add(document_.value_position(draft_.pointer + "/inputs" + pointer),
                  task_prefix(draft_) + "inputs." + pointer_to_path(pointer) + " " + message,
                  std::move(remedy));
  }

  void check_hole(const Hole& hole, bool list) {
    const Type& type = hole.text.type();
    const std::string found = "and this is " + type.to_string();
    if (list && !type.may_be(Kind::list))
      return wrong(hole.pointer, "takes a list of artifacts, " + found,
                   "put it in brackets: [\"${...}\"]");
    if (list && !can_be(Kind::artifact, type.element()))
      return wrong(hole.pointer, "takes a list of artifacts, " + found,
                   "name the output: tasks.x.map(t, t.video)");
    if (!list && !type.may_be(Kind::artifact))
      return wrong(hole.pointer, "takes an artifact, " + found, refer());
    check_media(hole);
  }

  // Evaluates with artifacts that have the media type their operation declares. What needs more
  // than that to be known is left for the run.
  void check_media(const Hole& hole) {
    const auto programs = hole.text.programs();
    if (programs.size() != 1 || programs.front().text().find('?') != std::string::npos) return;
    expr::Bindings bindings(draft_.task.environment);
    bindings.set("tasks", samples_);
    bindings.set("index", 0);
    const auto value = hole.text.evaluate(bindings);
    if (!value) return;
    if (const expr::Artifact* artifact = value->if_artifact()) check_sample(hole, *artifact);
    if (const expr::List* list = value->if_list())
      for (const expr::Value& element : *list)
        if (const expr::Artifact* artifact = element.if_artifact())
          return check_sample(hole, *artifact);
  }
  void check_sample(const Hole& hole, const expr::Artifact& sample) {
    if (!media_type_fits(sample.media_type, input_.media_type))
      wrong(hole.pointer, "takes " + input_.media_type + ", and this is " + sample.media_type,
            "refer to an output that is " + input_.media_type);
  }

  const Document& document_;
  const TaskDraft& draft_;
  const Holes& holes_;
  const OperationInput& input_;
  const expr::Value& samples_;
  Mistakes& mistakes_;
};

expr::Value sample_outputs(const Operation& operation) {
  std::vector<expr::Map::Entry> outputs;
  for (const OperationOutput& output : operation.outputs)
    if (!output.media_type.empty())
      outputs.push_back(
          {output.name, expr::Artifact{std::string(64, '0'), output.media_type, 0, output.name}});
  return *expr::Map::make(std::move(outputs));
}

}  // namespace

void check_task_params(const Document& document, const TaskDraft& draft,
                       const DefinitionContext& context, Mistakes& mistakes) {
  if (!draft.task.operation || !draft.task.params.source().is_object()) return;
  std::vector<const Hole*> open;
  json::value known = fill_constants(draft.task.params, open);
  std::vector<std::string> unknown;
  for (const Hole* hole : open) unknown.push_back(hole->pointer);
  for (const std::string& broken : draft.broken)
    if (broken.starts_with("/params/"))
      unknown.push_back(broken.substr(std::string_view("/params").size()));
  const Schema& schema = draft.task.operation->params;
  report_violations(document, draft, find_violations(schema, known, "", unknown), mistakes);
  check_hole_types(document, draft, open, "", schema, mistakes);
  OptionsCheck(document, draft, context, open, unknown, mistakes).check(known);
}

expr::Value sample_tasks(const std::vector<TaskDraft>& tasks) {
  constexpr std::size_t sample_items = 8;
  std::vector<expr::Map::Entry> all;
  std::map<const Operation*, expr::Value> outputs_of;
  for (const TaskDraft& draft : tasks) {
    if (!draft.task.operation) continue;
    const auto [found, added] = outputs_of.try_emplace(draft.task.operation.get());
    if (added) found->second = sample_outputs(*draft.task.operation);
    const expr::Value& outputs = found->second;
    all.push_back({draft.task.name,
                   draft.has_items ? expr::Value(expr::List(sample_items, outputs)) : outputs});
  }
  return *expr::Map::make(std::move(all));
}

void check_task_inputs(const Document& document, const TaskDraft& draft, const expr::Value& samples,
                       Mistakes& mistakes) {
  if (!draft.task.operation || !draft.task.inputs.source().is_object()) return;
  const json::object& given = draft.task.inputs.source().get_object();
  const auto& inputs = draft.task.operation->inputs;
  Holes holes;
  for (const Hole& hole : draft.task.inputs.holes()) holes.emplace(hole.pointer, &hole);
  std::vector<std::string> absent;
  for (const OperationInput& input : inputs) {
    if (given.contains(input.name)) {
      InputCheck(document, draft, holes, input, samples, mistakes).check();
      continue;
    }
    absent.push_back(input.name);
    if (input.required)
      mistakes.add(document.key_position(draft.pointer),
                   task_prefix(draft) + "input '" + input.name + "' of " +
                       draft.task.operation->name + " is missing",
                   "give it: inputs = { " + input.name + " = \"${tasks.<name>.<output>}\" }");
  }
  for (const json::key_value_pair& member : given) {
    const auto is_it = [&](const OperationInput& input) { return input.name == member.key(); };
    if (std::none_of(inputs.begin(), inputs.end(), is_it))
      mistakes.add(document.key_position(child_pointer(draft.pointer + "/inputs", member.key())),
                   task_prefix(draft) + draft.task.operation->name + " has no input '" +
                       excerpt(member.key(), 60) + "'",
                   suggest(member.key(), absent));
  }
}

}  // namespace weft
