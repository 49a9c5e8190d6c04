// SPDX-License-Identifier: Apache-2.0
// weft approve, reject, give: the answers of people to tasks that wait for them.
#include "commands.hpp"
#include "inputs.hpp"

namespace weft::cli {
namespace {

struct AnswerOptions {
  std::string run;
  std::string task;
  std::optional<std::uint32_t> choice;
  std::string note;
  std::vector<std::string> values;
};

result<int> approve(Context& context, const AnswerOptions& options) {
  return control(context, options.run, [&](Runtime& runtime) {
    return runtime.approve(options.run, options.task, options.choice, options.note);
  });
}

result<int> reject(Context& context, const AnswerOptions& options) {
  return control(context, options.run, [&](Runtime& runtime) {
    return runtime.reject(options.run, options.task, options.note);
  });
}

result<int> give(Context& context, const AnswerOptions& options) {
  const auto values = parse_inputs(options.values);
  if (!values) return values.error();
  return control(context, options.run, [&](Runtime& runtime) {
    return runtime.give(options.run, options.task, *values);
  });
}

CLI::App& add_answer(CLI::App& app, Context& context, const std::string& name,
                     const std::string& about, const std::shared_ptr<AnswerOptions>& options,
                     result<int> (*act)(Context&, const AnswerOptions&)) {
  CLI::App& command = add_command(app, context, name, about, options, act);
  command.add_option("RUN", options->run, "Its id, or a beginning that only it has")->required();
  command
      .add_option("TASK", options->task,
                  "Its name: 'review[3]', or 'review' for all its items that wait")
      ->required();
  return command;
}

void add_note(CLI::App& command, AnswerOptions& options) {
  command.add_option("--note", options.note, "Why; it stays with the run")->type_name("TEXT");
}

}  // namespace

void add_answer_commands(CLI::App& app, Context& context) {
  const auto yes = std::make_shared<AnswerOptions>();
  CLI::App& approve_command = add_answer(
      app, context, "approve", "Say yes to a task that waits for you, or choose", yes, approve);
  approve_command
      .add_option("--choose", yes->choice, "Which of the choices, from 0: weft why lists them")
      ->type_name("NUMBER");
  add_note(approve_command, *yes);
  approve_command.footer(R"(Examples:
  weft approve 0192f0c1-abcd review --note 'the light is right now'
  weft approve 0192f0c1-abcd 'pick[3]' --choose 2)");

  const auto no = std::make_shared<AnswerOptions>();
  CLI::App& reject_command =
      add_answer(app, context, "reject", "Say no to a task that waits for you", no, reject);
  add_note(reject_command, *no);
  reject_command.footer("Example:\n  weft reject 0192f0c1-abcd review --note 'too dark'");

  const auto given = std::make_shared<AnswerOptions>();
  CLI::App& give_command =
      add_answer(app, context, "give", "Give a task what it waits for", given, give);
  give_command
      .add_option("-i,--input", given->values,
                  "name=value, name=@file.json, name=@picture.png; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  give_command.footer(
      R"(Values are read as those of weft run. What is wrong is refused, and the task waits on.

Example:
  weft give 0192f0c1-abcd mask -i image=@mask.png -i feather=4)");
}

}  // namespace weft::cli
