// SPDX-License-Identifier: Apache-2.0
// What people say to tasks that wait for them: a command row, and its answer.
#include "base/text.hpp"
#include "model/inputs.hpp"
#include "shell/local_runtime.hpp"
#include "shell/submission.hpp"
#include "shell/views.hpp"

namespace weft::shell {
namespace {

// What the question of a task asks for, from its event.
std::vector<InputDeclaration> asked_for(const json::object& question) {
  std::vector<InputDeclaration> declarations;
  const json::value* outputs = question.if_contains("outputs");
  if (!outputs || !outputs->is_object()) return declarations;
  for (const json::key_value_pair& output : outputs->get_object())
    if (output.value().is_object())
      declarations.push_back(input_from_form(output.key(), output.value().get_object()));
  return declarations;
}

}  // namespace

result<std::string> LocalRuntime::approve(std::string_view run, std::string_view task,
                                          std::optional<std::uint32_t> choice,
                                          std::string_view note) {
  auto command = command_for(CommandKind::approve, run, task);
  if (!command) return std::move(command).error();
  command->choice = choice;
  command->reason = join_lines(std::string(note));
  return control(*command, Duty::commands);
}

result<std::string> LocalRuntime::reject(std::string_view run, std::string_view task,
                                         std::string_view note) {
  auto command = command_for(CommandKind::reject, run, task);
  if (!command) return std::move(command).error();
  command->reason = join_lines(std::string(note));
  return control(*command, Duty::commands);
}

// Read and judged here, where the files are and the mistakes can be told one by one; the executing
// runtime judges it again.
result<std::string> LocalRuntime::give(std::string_view run, std::string_view task,
                                       const std::map<std::string, GivenInput>& values) {
  auto command = command_for(CommandKind::give, run, task);
  if (!command) return std::move(command).error();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto question = waiting_question(**reader, {command->run, *command->task});
  if (!question) return std::move(question).error();
  const auto declarations = asked_for(*question);
  if (declarations.empty())
    return conflict("task '" + std::string(task) + "' does not wait for input",
                    "'weft show' says what waits");
  auto given = read_inputs(declarations, values, describe_file);
  if (!given) return std::move(given).error();
  auto complete = complete_inputs("task '" + std::string(task) + "'", declarations, *given);
  if (!complete) return std::move(complete).error();
  if (auto kept = keep_files(values); !kept) return std::move(kept).error();
  command->given = std::move(*given);
  return control(*command, Duty::commands);
}

}  // namespace weft::shell
