// SPDX-License-Identifier: Apache-2.0
// weft fork: a new run that takes over what another one has made.
#include <ostream>

#include "commands.hpp"
#include "definitions.hpp"
#include "follow.hpp"
#include "inputs.hpp"
#include "json_views.hpp"
#include "report.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct ForkOptions {
  Fork fork;
  std::vector<std::string> inputs;
  std::string pipeline;
  bool dry_run = false;
  bool detach = false;
};

json::object fork_json(const ForkView& view) {
  json::array tasks;
  for (const ForkedTaskView& task : view.tasks)
    tasks.push_back(json::object{{"name", task.name},
                                 {"operation", task.operation},
                                 {"keep", task.keep},
                                 {"reason", task.reason}});
  return {{"run", view.run.empty() ? json::value(nullptr) : json::value(view.run)},
          {"from", view.from},
          {"pipeline", view.pipeline},
          {"kept", view.kept},
          {"tasks", std::move(tasks)}};
}

std::string summary_of(const ForkView& view) {
  return view.pipeline + ": " + count_of(view.kept, "task") + " kept of run " + view.from + ", " +
         count_of(view.tasks.size() - view.kept, "task") + " to run";
}

void print_fork(Context& context, const ForkView& view) {
  Table table({{"TASK"}, {"OPERATION"}, {""}, {"WHY", false, true}});
  for (const ForkedTaskView& task : view.tasks)
    table.add({{task.name, task.keep ? Tone::faint : Tone::strong},
               {task.operation},
               {task.keep ? "kept" : "runs", task.keep ? Tone::faint : Tone::plain},
               {task.reason}});
  context.out() << summary_of(view) << "\n"
                << table.to_string(context.width(), context.color()) << std::flush;
}

result<Fork> fork_of(Runtime& runtime, const ForkOptions& options) {
  Fork fork = options.fork;
  auto inputs = parse_inputs(options.inputs);
  if (!inputs) return inputs.error();
  fork.inputs = std::move(*inputs);
  if (options.pipeline.empty()) return fork;
  auto definition = find_definition(runtime, options.pipeline);
  if (!definition) return definition.error();
  fork.definition = std::move(*definition);
  return fork;
}

result<int> fork(Context& context, const ForkOptions& options) {
  SignalWatcher signals;
  auto runtime = context.open(options.dry_run || options.detach ? Role::client : Role::on_demand);
  if (!runtime) return runtime.error();
  const Interruptible interruptible(context, **runtime, signals);
  const auto wanted = fork_of(**runtime, options);
  if (!wanted) return wanted.error();
  const auto view = options.dry_run ? (*runtime)->plan_fork(*wanted) : (*runtime)->fork(*wanted);
  if (!view) return interrupted_or(signals, view.error());
  if (options.dry_run || options.detach) {
    if (context.options.json)
      context.print(fork_json(*view));
    else if (options.dry_run)
      print_fork(context, *view);
    else
      context.out() << view->run << std::endl;
    return 0;
  }
  if (!context.options.quiet && !context.options.json) context.screen().print(summary_of(*view));
  return follow_to_end(context, **runtime, signals, {view->run},
                       [&](const RunView& end) { return report_end(context, **runtime, end, {}); });
}

}  // namespace

void add_fork_command(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ForkOptions>();
  CLI::App& command =
      add_command(app, context, "fork", "Run again, but take over what is the same", options, fork);
  command.add_option("RUN", options->fork.run, "The run, or the beginning of its id")->required();
  command.add_option(
      "TASK", options->fork.tasks,
      "Make this anew, and what depends on it: 'video[3]', or 'video' for all items");
  command
      .add_option("-i,--input", options->inputs,
                  "In place of what the run was given: name=value, as weft run takes it")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--pipeline", options->pipeline,
                  "In place of the run's definition: FILE, NAME or NAME@N")
      ->type_name("DEFINITION");
  command.add_flag("-n,--dry-run", options->dry_run, "Only show what is kept and what would run");
  command.add_flag("-d,--detach", options->detach,
                   "Submit, print the run's id and return; another weft executes");
  command
      .add_option("--max-cost", options->fork.max_cost,
                  "What the new run may spend at most: 5.00, or 5.00 EUR")
      ->type_name("AMOUNT");
  command.add_option("--priority", options->fork.priority, "-100 … 100; higher goes first")
      ->type_name("NUMBER")
      ->check(CLI::Range(-100, 100));
  command.footer(
      R"(A finished task is kept when it still asks for the same operation with the same params
and the same inputs, and nothing it depends on runs anew. The run that is forked stays
as it is.

Examples:
  weft fork 0192f0c1 -n 'video[3]'
  weft fork 0192f0c1 -i seed=8
  weft fork 0192f0c1 --pipeline film@3)");
}

}  // namespace weft::cli
