// SPDX-License-Identifier: Apache-2.0
// Tasks whose work is a pipeline: `use` names one, `pipeline` has it inside, as stored definitions
// do.
#include <algorithm>

#include "base/text.hpp"
#include "model/definition_parts.hpp"

namespace weft {
namespace {

// Deeper than anybody means, and far from what a stack bears.
constexpr std::uint32_t depth_at_most = 16;

// What is wrong inside another file keeps its own positions.
void note(const Error& error, const SourcePosition& position, const std::string& what,
          Mistakes& mistakes) {
  if (error.diagnostics.empty())
    return mistakes.add(position, what + ": " + error.message, error.remedy);
  for (const Diagnostic& one : error.diagnostics)
    mistakes.add(one.position.file.empty() || one.position.line == 0 ? position : one.position,
                 what + ": " + one.message, one.remedy);
}

// A pipeline that is used inside itself is told at its first repetition: each further one would be
// read as often as the one before uses it.
result<> refuse_ring(const std::string& file, const std::vector<std::string>& used_in) {
  const auto first = std::ranges::find(used_in, file);
  if (first == used_in.end() && used_in.size() < depth_at_most) return {};
  if (first == used_in.end())
    return invalid("pipelines use each other too deeply",
                   "at most " + std::to_string(depth_at_most) + " of them stand in each other");
  std::string ring;
  for (auto at = first; at != used_in.end(); ++at) ring += *at + " → ";
  return invalid("pipelines use each other without end: " + ring + file,
                 "a pipeline cannot use itself, nor one that uses it");
}

result<std::shared_ptr<const Pipeline>> read_used(const std::string& name, const std::string& from,
                                                  DefinitionContext context) {
  if (!context.find_pipeline)
    return not_found("no pipeline can be used here",
                     "write it down below 'pipeline' of the task instead");
  auto found = context.find_pipeline(name, from);
  if (!found) return std::move(found).error();
  context.used_in.push_back(from);
  if (auto refused = refuse_ring(found->file, context.used_in); !refused)
    return std::move(refused).error();
  auto read = read_pipeline(found->text, found->file, context);
  if (!read) return std::move(read).error();
  return std::move(read->pipeline);
}

bool has_own_ends(const Pipeline& pipeline) {
  return std::ranges::any_of(pipeline.tasks, [](const TaskDefinition& task) {
    return task.occasion != Occasion::ordinary;
  });
}

}  // namespace

namespace {

// One body: a name, or a pipeline written down. Null, and noted, when it cannot be.
std::shared_ptr<const Pipeline> read_one(TableReader& table, const json::value& written,
                                         const SourcePosition& position,
                                         const DefinitionContext& context) {
  const auto wrong = [&](const std::string& message, std::string remedy) {
    table.mistakes().add(position, message, std::move(remedy));
    return nullptr;
  };
  if (!written.is_string() && !written.is_object())
    return wrong("a pipeline is named, or written down as a table", "name one that lies beside");
  auto body = written.is_string()
                  ? read_used(std::string(written.get_string()), table.document().file(), context)
                  : read_canonical(written, context);
  if (!body) {
    note(body.error(), position, table.what(), table.mistakes());
    return nullptr;
  }
  if (has_own_ends(**body))
    return wrong("'" + (*body)->name + "' has tasks with 'on_failure' or 'finally'",
                 "those belong to the pipeline that is run, not to one that is used");
  if ((*body)->timeout)
    return wrong("'" + (*body)->name + "' has a timeout of the whole pipeline",
                 "give its tasks timeouts, or the pipeline that is run");
  return std::move(*body);
}

void check_inputs_of(const Document& document, const TaskDraft& draft, const Pipeline& body,
                     Mistakes& mistakes) {
  const json::object& given = draft.task.inputs.source().get_object();
  const std::string prefix = "task '" + draft.task.name + "': ";
  std::vector<std::string> names;
  for (const InputDeclaration& input : body.inputs) {
    names.push_back(input.name);
    if (!given.contains(input.name) && !input.default_value)
      mistakes.add(document.key_position(draft.pointer),
                   prefix + "input '" + input.name + "' of pipeline '" + body.name + "' is missing",
                   "give it: inputs = { " + input.name + " = … }");
  }
  for (const json::key_value_pair& member : given)
    if (std::ranges::find(names, std::string_view(member.key())) == names.end())
      mistakes.add(
          document.key_position(child_pointer(draft.pointer + "/inputs", member.key())),
          prefix + "pipeline '" + body.name + "' has no input '" + excerpt(member.key(), 60) + "'",
          suggest(member.key(), names));
}

}  // namespace

void read_body(TableReader& table, const DefinitionContext& context, TaskDraft& draft) {
  for (const std::string_view key : {"use", "pipeline"}) {
    const json::value* written = table.any(key);
    if (!written) continue;
    const SourcePosition position = table.document().value_position(table.pointer_of(key));
    if (draft.task.body || table.has("cases"))
      return table.mistakes().add(position, "'use', 'pipeline' and 'cases' say the same thing",
                                  "keep one of them");
    draft.task.body = read_one(table, *written, position, context);
  }
  const json::object* cases = table.object("cases");
  if (!cases) return;
  if (cases->empty())
    table.mistakes().add(table.document().key_position(table.pointer_of("cases")),
                         table.what() + ": 'cases' names no pipeline",
                         "give one for each value of 'switch': cases = { quick = \"…\" }");
  for (const json::key_value_pair& one : *cases) {
    const SourcePosition position =
        table.document().value_position(child_pointer(table.pointer_of("cases"), one.key()));
    auto body = read_one(table, one.value(), position, context);
    if (!body) continue;
    draft.task.body = body;
    draft.task.cases.emplace(one.key(), std::move(body));
  }
}

void check_body_inputs(const Document& document, const TaskDraft& draft, Mistakes& mistakes) {
  if (!draft.task.body || !draft.task.inputs.source().is_object()) return;
  if (draft.task.cases.empty()) return check_inputs_of(document, draft, *draft.task.body, mistakes);
  for (const auto& [name, body] : draft.task.cases)
    check_inputs_of(document, draft, *body, mistakes);
}

}  // namespace weft
