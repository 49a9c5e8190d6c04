// SPDX-License-Identifier: Apache-2.0
// weft run, weft plan.
#include <algorithm>
#include <iterator>
#include <ostream>

#include "commands.hpp"
#include "definitions.hpp"
#include "error_text.hpp"
#include "follow.hpp"
#include "inputs.hpp"
#include "json_views.hpp"
#include "outputs.hpp"
#include "previews.hpp"
#include "projection_text.hpp"
#include "report.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct DefinitionOptions {
  std::string file;
  std::vector<std::string> inputs;
  std::string max_cost;
};

struct RunOptions {
  DefinitionOptions definition;
  std::int32_t priority = 0;
  std::string id;
  bool detach = false;
  bool no_cache = false;
  std::vector<std::string> outputs;
  std::string previews;
};

result<Submission> submission_of(Runtime& runtime, const DefinitionOptions& options) {
  auto definition = find_definition(runtime, options.file);
  if (!definition) return definition.error();
  auto inputs = parse_inputs(options.inputs);
  if (!inputs) return inputs.error();
  Submission submission;
  submission.definition = std::move(definition->text);
  submission.file = std::move(definition->file);
  submission.inputs = std::move(*inputs);
  submission.max_cost = options.max_cost;
  return submission;
}

result<Submission> submission_of(Runtime& runtime, const RunOptions& options) {
  auto submission = submission_of(runtime, options.definition);
  if (!submission) return submission;
  submission->priority = options.priority;
  submission->id = options.id;
  submission->no_cache = options.no_cache;
  return submission;
}

result<int> submit_only(Context& context, const RunOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto submission = submission_of(**runtime, options);
  if (!submission) return submission.error();
  const auto id = (*runtime)->submit(*submission);
  if (!id) return id.error();
  if (context.options.json) {
    context.print(json::object{{"run", *id}});
    return 0;
  }
  context.out() << *id << std::endl;
  if (!context.options.quiet)
    context.screen().print("follow it: weft events -f " + *id +
                           "\nexecute it here, if no other process does: weft resume " + *id);
  return 0;
}

result<int> run(Context& context, const RunOptions& options) {
  const auto targets = parse_save_targets(options.outputs);
  if (!targets) return targets.error();
  if (auto there = look_for(options.definition.file); !there) return there.error();
  if (options.detach) return submit_only(context, options);
  SignalWatcher signals;
  auto runtime = context.open(Role::on_demand);
  if (!runtime) return runtime.error();
  const Interruptible interruptible(context, **runtime, signals);
  const auto submission = submission_of(**runtime, options);
  if (!submission) return submission.error();
  if (!targets->empty()) {
    const auto plan = (*runtime)->plan(*submission);
    if (!plan) return interrupted_or(signals, plan.error());
    if (auto found = check_targets(*targets, plan->outputs); !found) return found.error();
  }
  const auto id = (*runtime)->submit(*submission);
  if (!id) return interrupted_or(signals, id.error());
  std::unique_ptr<PreviewFiles> previews;
  if (!options.previews.empty()) {
    auto started = PreviewFiles::start(**runtime, *id, options.previews);
    if (!started) return started.error();
    previews = std::move(*started);
  }
  return follow_to_end(context, **runtime, signals, {*id}, [&](const RunView& end) {
    return report_end(context, **runtime, end, *targets);
  });
}

struct PlanOptions {
  DefinitionOptions definition;
  Projected asked;
};

void print_plan(Context& context, const PlanView& plan, const Projected& asked) {
  std::vector<Column> columns{{"TASK"}, {"OPERATION"}, {"SERVICES", false, true}};
  std::ranges::copy(projection_columns(asked), std::back_inserter(columns));
  columns.push_back({"WAITS FOR", false, true});
  Table table(std::move(columns));
  Unforeseen unforeseen;
  std::size_t count = 0;
  for (const PlannedTask& task : plan.tasks) {
    count += task.group ? 0 : 1;  // a group is its items
    if (!task.group || task.later) unforeseen.add(task.name, task.estimate, task.forecast);
    std::vector<Cell> row{{task.name, task.group ? Tone::strong : Tone::plain},
                          {task.operation},
                          {task.later   ? "known in the run"
                           : task.group ? ""
                                        : joined(task.services, " → ")}};
    std::ranges::copy(projection_cells(asked, task.estimate, task.forecast, !task.group),
                      std::back_inserter(row));
    row.push_back({joined(task.waits_for, ", "), Tone::faint});
    table.add(std::move(row));
  }
  context.out() << plan.pipeline << ": " << count_of(count, "task") << "\n"
                << table.to_string(context.width(), context.color())
                << projection_text(asked, plan.projection, unforeseen, "task") << std::flush;
  for (const Diagnostic& warning : plan.warnings) {
    std::string text = diagnostic_text(warning, context.screen_color());
    text.pop_back();  // print() ends the line
    context.screen().print(text);
  }
}

result<int> plan(Context& context, const PlanOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto submission = submission_of(**runtime, options.definition);
  if (!submission) return submission.error();
  const auto view = (*runtime)->plan(*submission);
  if (!view) return view.error();
  if (context.options.json)
    context.print(to_json(*view));
  else
    print_plan(context, *view, options.asked);
  return 0;
}

void add_definition_options(CLI::App& command, DefinitionOptions& options) {
  command
      .add_option("FILE", options.file,
                  "The definition: TOML, or JSON if it ends in .json; or NAME[@N], one that is "
                  "kept")
      ->required();
  command
      .add_option("-i,--input", options.inputs,
                  "An input: name=value, name=@file.json, name=@picture.png; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--max-cost", options.max_cost,
                  "What the run may spend at most: 5.00, or 5.00 EUR")
      ->type_name("AMOUNT");
}

constexpr const char* input_help = R"(Inputs:
  A value is what the definition declares: of a string the text as it stands,
  of anything else JSON: 7, true, '["a", "b"]'. @file.json is read as JSON; any
  other @file becomes an artifact, and several of one name become a list.
)";

}  // namespace

void add_run_commands(CLI::App& app, Context& context) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App& run_command =
      add_command(app, context, "run", "Run a definition and stay until it rests", options, run);
  add_definition_options(run_command, options->definition);
  run_command.add_flag("--no-cache", options->no_cache,
                       "Make everything anew, whatever earlier runs have made already");
  run_command.add_option("--priority", options->priority, "-100 … 100; higher goes first")
      ->type_name("NUMBER")
      ->check(CLI::Range(-100, 100));
  run_command
      .add_option("--id", options->id,
                  "Your own UUID for the run: submitting it twice is submitting it once")
      ->type_name("UUID");
  auto* detach =
      run_command.add_flag("-d,--detach", options->detach,
                           "Submit, print the run's id and return; another weft executes");
  run_command
      .add_option("-o,--output", options->outputs,
                  "Save an output: FILE when there is one, else NAME=FILE; may be repeated")
      ->type_name("[NAME=]FILE")
      ->allow_extra_args(false)
      ->excludes(detach);
  run_command
      .add_option("--previews", options->previews,
                  "Keep the newest preview of each running task in this folder, as TASK.jpg")
      ->type_name("FOLDER")
      ->excludes(detach);
  run_command.footer(std::string(input_help) + R"(
Ctrl-C stops cleanly: nothing is lost, jobs at services go on, and
`weft resume RUN` carries on. Ctrl-C again stops at once.

Examples:
  weft run film.toml -i seed=7 -o film.mp4
  weft run restyle.toml -i pictures=@a.png -i pictures=@b.png --max-cost 2.50
  weft run film.toml -i shots=@shots.json --json | jq -r .type)");

  const auto plan_options = std::make_shared<PlanOptions>();
  CLI::App& plan_command = add_command(
      app, context, "plan",
      "Show what a run would do, without doing it: tasks, services, estimates", plan_options, plan);
  add_definition_options(plan_command, plan_options->definition);
  plan_command.add_flag("--cost", plan_options->asked.cost,
                        "Also what it costs in all, and whose price is unknown");
  plan_command.add_flag("--time", plan_options->asked.time,
                        "Also how long it takes, and which tasks decide that");
  plan_command.footer(std::string(input_help) + R"(
Estimates are of the service that would be asked first. A price is the declared one, else
what attempts have cost on average; P50 and P95 are those of the attempts of the last
seven days, else the declared latency. What nobody knows is unknown, and in no sum.

Examples:
  weft plan film.toml -i seed=7
  weft plan film.toml --cost --time
  weft plan film.toml --json | jq '.tasks[].services[0]')");
}

}  // namespace weft::cli
