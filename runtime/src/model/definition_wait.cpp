// SPDX-License-Identifier: Apache-2.0
// Tasks that wait for people: `approve` and `wait_for`.
#include <array>

#include "base/text.hpp"
#include "model/definition_parts.hpp"
#include "model/inputs.hpp"
#include "model/waiting.hpp"

namespace weft {
namespace {

constexpr std::array<const char*, 3> rejection_words{"fail", "skip", "go_on"};
constexpr std::array<const char*, 3> silence_words{"fail", "reject", "approve"};

void read_approve(TableReader& table, WaitDefinition& wait) {
  if (const json::value* choices = table.any("choices")) {
    wait.choices = true;
    if (!choices->is_string() && !choices->is_array())
      table.wrong("choices", "'choices' must be a list, not " + std::string(kind_of(*choices)),
                  "refer to one: \"${tasks.<name>.map(t, t.image)}\"");
  }
  if (const auto word = table.word("on_reject", {rejection_words.begin(), rejection_words.end()}))
    wait.on_reject = static_cast<Rejection>(*word);
  if (const auto word = table.word("on_timeout", {silence_words.begin(), silence_words.end()}))
    wait.on_timeout = static_cast<Silence>(*word);
}

void read_outputs(TableReader& table, WaitDefinition& wait) {
  table.require("outputs",
                "say what is to be given: outputs = { image = { type = \"artifact\" } }");
  const json::object* members = table.object("outputs");
  if (!members) return;
  for (const json::key_value_pair& member : *members) {
    const std::string name(member.key());
    wait.outputs.push_back(read_input(table.document(),
                                      child_pointer(table.pointer_of("outputs"), name),
                                      {name, "output '" + name + "'"}, table.mistakes()));
  }
  if (members->empty())
    table.wrong("outputs", table.what() + " asks for nothing",
                "name at least one output, or let somebody approve");
}

}  // namespace

std::string_view key_of(const WaitDefinition& wait) noexcept {
  return wait.reason == WaitReason::input ? "wait_for" : "approve";
}

void read_wait(const Document& document, TaskDraft& draft, Mistakes& mistakes) {
  const json::value& task = *value_at(document.root(), draft.pointer);
  const bool approval = find_member(task, "approve") != nullptr;
  if (!approval && !find_member(task, "wait_for")) return;
  WaitDefinition& wait = draft.task.wait.emplace();
  wait.reason = approval ? WaitReason::approval : WaitReason::input;
  const std::string key(key_of(wait));
  TableReader table(document, child_pointer(draft.pointer, key),
                    "'" + key + "' of task '" + draft.task.name + "'", mistakes);
  table.require("message", "say what is to be " + std::string(approval ? "decided" : "given"));
  table.text("message");
  if (approval)
    read_approve(table, wait);
  else
    read_outputs(table, wait);
  table.finish();
  draft.task.operation = operation_of(wait);
}

void check_wait_keys(TableReader& table, const TaskDraft& draft) {
  const WaitDefinition& wait = *draft.task.wait;
  for (const char* key : {"operation", "use", "pipeline", "switch", "cases", "params", "retry",
                          "route", "priority", "concurrency"})
    if (table.any(key))
      table.mistakes().add(
          table.key_position(key),
          "'" + std::string(key) + "' is for services, and " + table.what() + " waits for people",
          "leave it out");
  if (wait.reason == WaitReason::approval && table.has("wait_for"))
    table.mistakes().add(table.key_position("wait_for"),
                         table.what() + " has both 'approve' and 'wait_for'",
                         "make two tasks of it");
  const Timeouts& timeouts = draft.task.timeouts;
  if (timeouts.queue || timeouts.start || timeouts.run)
    table.wrong("timeout", "a task that waits for people has one timeout",
                "write timeout = \"3d\"");
  if (wait.on_timeout != Silence::fail && !timeouts.total)
    table.mistakes().add(
        table.document().value_position(child_pointer(table.pointer_of("approve"), "on_timeout")),
        "'on_timeout' needs a timeout", "give the task one: timeout = \"3d\"");
}

void check_question(TableReader& table, const TaskDraft& draft) {
  const expr::ValueTemplate& question = draft.task.params;
  const auto position_of = [&](const char* part) {
    return table.document().value_position(
        child_pointer(table.pointer_of(key_of(*draft.task.wait)), part));
  };
  const json::value* choices = find_member(question.source(), "choices");
  const bool well_formed = choices && (choices->is_array() || choices->is_string());
  bool list = well_formed && choices->is_array() && !choices->get_array().empty();
  for (const expr::ValueTemplate::Hole& hole : question.holes()) {
    if (hole.pointer == "/choices") list = hole.text.type().may_be(expr::Kind::list);
    if (hole.pointer == "/message" && !hole.text.type().may_be(expr::Kind::string))
      table.mistakes().add(position_of("message"),
                           "'message' is a text, and this is " + hole.text.type().to_string(),
                           "put it into words: \"${…} of them\"");
  }
  if (well_formed && !list)
    table.mistakes().add(position_of("choices"), "'choices' is no list of what may be chosen",
                         "refer to one: \"${tasks.<name>.map(t, t.image)}\"");
}

json::object wait_form(const TaskDefinition& task) {
  const WaitDefinition& wait = *task.wait;
  json::object question = task.params.source().get_object();
  json::object table;
  if (const json::value* inputs = question.if_contains("inputs");
      inputs && !inputs->get_object().empty())
    table["inputs"] = *inputs;
  question.erase("inputs");
  if (wait.on_reject != Rejection::fail)
    question["on_reject"] = rejection_words[static_cast<std::size_t>(wait.on_reject)];
  if (wait.on_timeout != Silence::fail)
    question["on_timeout"] = silence_words[static_cast<std::size_t>(wait.on_timeout)];
  if (wait.reason == WaitReason::input) {
    json::object outputs;
    for (const InputDeclaration& output : wait.outputs) outputs[output.name] = input_form(output);
    question["outputs"] = std::move(outputs);
  }
  table[key_of(wait)] = std::move(question);
  return table;
}

}  // namespace weft
