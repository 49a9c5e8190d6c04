// SPDX-License-Identifier: Apache-2.0
// weft pause, resume, cancel, retry, skip, settle.
#include <ostream>

#include "commands.hpp"
#include "follow.hpp"
#include "inputs.hpp"
#include "report.hpp"

namespace weft::cli {
namespace {

struct RunTarget {
  std::string run;
  std::string task;
};

// Of the commands that make a run go on, and stay with it.
struct GoOnOptions {
  RunTarget target;
  std::string max_cost;
  bool rebuy = false;
  bool detach = false;
  std::vector<std::string> outputs;
};

struct SettleOptions {
  RunTarget target;
  std::string file;
  bool bought = false;
  bool not_bought = false;
};

void print_done(Context& context, const std::string& run, const std::string& done) {
  if (context.options.json)
    context.print(json::object{{"run", run}, {"done", done}});
  else if (!context.options.quiet)
    context.out() << done << std::endl;
}

result<int> control_and_follow(Context& context, const GoOnOptions& options, const Control& act) {
  if (options.detach) {
    auto runtime = context.open(Role::client);
    if (!runtime) return runtime.error();
    const auto done = act(**runtime);
    if (!done) return done.error();
    print_done(context, options.target.run, *done);
    return 0;
  }
  const auto targets = parse_save_targets(options.outputs);
  if (!targets) return targets.error();
  SignalWatcher signals;
  auto runtime = context.open(Role::on_demand);
  if (!runtime) return runtime.error();
  const Interruptible interruptible(context, **runtime, signals);
  const auto view = (*runtime)->run(options.target.run);  // the whole id of what may be a prefix
  if (!view) return view.error();
  const auto told = last_cursor(**runtime, view->id);  // before: its history is not news
  if (!told) return told.error();
  const auto done = act(**runtime);
  if (!done) return interrupted_or(signals, done.error());
  if (!context.options.quiet && !context.options.json) context.screen().print(*done);
  return follow_to_end(context, **runtime, signals, {view->id, *told}, [&](const RunView& end) {
    return report_end(context, **runtime, end, *targets);
  });
}

result<int> pause(Context& context, const RunTarget& target) {
  return control(context, target.run, [&](Runtime& runtime) { return runtime.pause(target.run); });
}

result<int> cancel(Context& context, const RunTarget& target) {
  return control(context, target.run, [&](Runtime& runtime) { return runtime.cancel(target.run); });
}

result<int> skip(Context& context, const RunTarget& target) {
  return control(context, target.run,
                 [&](Runtime& runtime) { return runtime.skip(target.run, target.task); });
}

result<int> resume(Context& context, const GoOnOptions& options) {
  return control_and_follow(context, options, [&](Runtime& runtime) {
    return runtime.resume(options.target.run, options.max_cost);
  });
}

result<int> retry(Context& context, const GoOnOptions& options) {
  return control_and_follow(context, options, [&](Runtime& runtime) {
    return runtime.retry(options.target.run, options.target.task, options.rebuy);
  });
}

result<int> settle(Context& context, const SettleOptions& options) {
  if (options.bought == options.not_bought)
    return invalid("say what became of it", "either --bought [FILE] or --not-bought");
  return control(context, options.target.run, [&](Runtime& runtime) {
    return runtime.settle(options.target.run, options.target.task, options.bought, options.file);
  });
}

void add_run_argument(CLI::App& command, RunTarget& target) {
  command.add_option("RUN", target.run, "Its id, or a beginning that only it has")->required();
}

void add_task_argument(CLI::App& command, RunTarget& target, bool required) {
  command.add_option("TASK", target.task, "Its name: 'video[3]', or 'video' for all its items")
      ->required(required);
}

void add_go_on_options(CLI::App& command, GoOnOptions& options) {
  auto* detach =
      command.add_flag("-d,--detach", options.detach, "Return at once; another weft executes");
  command
      .add_option("-o,--output", options.outputs,
                  "Save an output: FILE when there is one, else NAME=FILE; may be repeated")
      ->type_name("[NAME=]FILE")
      ->allow_extra_args(false)
      ->excludes(detach);
}

void add_settle(CLI::App& app, Context& context) {
  const auto options = std::make_shared<SettleOptions>();
  CLI::App& command = add_command(
      app, context, "settle", "Say what became of an attempt of unknown outcome", options, settle);
  add_run_argument(command, options->target);
  add_task_argument(command, options->target, true);
  auto* bought = command
                     .add_option_function<std::vector<std::string>>(
                         "--bought",
                         [options](const std::vector<std::string>& files) {
                           options->bought = true;
                           options->file = files.empty() ? std::string{} : files.front();
                         },
                         "It was bought; FILE is the result, if it is at hand")
                     ->expected(0, 1)
                     ->type_name("[FILE]");
  command.add_flag("--not-bought", options->not_bought, "It was not: the task is tried again")
      ->excludes(bought);
  command.footer(R"(A paid request whose answer was lost is never sent again blindly. Look at the
service's own records, then say here what they show.

Examples:
  weft settle 0192f0c1-abcd 'video[3]' --bought shot3.mp4
  weft settle 0192f0c1-abcd 'video[3]' --not-bought)");
}

void add_retry(CLI::App& app, Context& context) {
  const auto options = std::make_shared<GoOnOptions>();
  CLI::App& command = add_command(app, context, "retry",
                                  "Try failed tasks again and stay with the run", options, retry);
  add_run_argument(command, options->target);
  add_task_argument(command, options->target, false);
  command.add_flag("--rebuy", options->rebuy,
                   "Also what may have been bought already: it may be paid for twice");
  add_go_on_options(command, *options);
  command.footer(R"(Examples:
  weft retry 0192f0c1-abcd
  weft retry 0192f0c1-abcd 'video[3]' --rebuy)");
}

void add_resume(CLI::App& app, Context& context) {
  const auto options = std::make_shared<GoOnOptions>();
  CLI::App& command = add_command(
      app, context, "resume",
      "Make a run go on, after a pause, Ctrl-C or a crash, and stay with it", options, resume);
  add_run_argument(command, options->target);
  command.add_option("--max-cost", options->max_cost, "A new limit for the whole run: 5.00")
      ->type_name("AMOUNT");
  add_go_on_options(command, *options);
  command.footer(R"(Examples:
  weft resume 0192f0c1-abcd -o film.mp4
  weft resume 0192f0c1-abcd --max-cost 10)");
}

}  // namespace

result<int> control(Context& context, const std::string& run, const Control& act) {
  auto runtime = context.open(Role::on_demand);
  if (!runtime) return runtime.error();
  const auto done = act(**runtime);
  if (!done) return done.error();
  print_done(context, run, *done);
  if (context.options.quiet || context.options.json) return 0;
  const auto view = (*runtime)->run(run);
  if (view && view->unattended && view->state == "active")
    context.screen().print("no process executes the run now; it goes on with: weft resume " +
                           view->id);
  return 0;
}

void add_control_commands(CLI::App& app, Context& context) {
  const auto paused = std::make_shared<RunTarget>();
  CLI::App& pause_command =
      add_command(app, context, "pause",
                  "Start nothing more of a run; what is under way ends and is kept", paused, pause);
  add_run_argument(pause_command, *paused);
  pause_command.footer("Example:\n  weft pause 0192f0c1-abcd");

  add_resume(app, context);

  const auto cancelled = std::make_shared<RunTarget>();
  CLI::App& cancel_command = add_command(
      app, context, "cancel", "End a run for good, and its jobs at services", cancelled, cancel);
  add_run_argument(cancel_command, *cancelled);
  cancel_command.footer("Example:\n  weft cancel 0192f0c1-abcd");

  add_retry(app, context);

  const auto skipped = std::make_shared<RunTarget>();
  CLI::App& skip_command =
      add_command(app, context, "skip", "Go on without a task, and without what reads its outputs",
                  skipped, skip);
  add_run_argument(skip_command, *skipped);
  add_task_argument(skip_command, *skipped, true);
  skip_command.footer("Example:\n  weft skip 0192f0c1-abcd 'video[3]'");

  add_settle(app, context);
}

}  // namespace weft::cli
