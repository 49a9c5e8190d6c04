// SPDX-License-Identifier: Apache-2.0
// weft events.
#include <ostream>

#include "commands.hpp"
#include "event_line.hpp"
#include "json_views.hpp"
#include "signals.hpp"

namespace weft::cli {
namespace {

constexpr std::chrono::milliseconds signal_check{200};

struct EventOptions {
  std::string run;
  bool all_runs = false;
  bool follow = false;
  std::uint64_t after = 0;
};

void print_event(Context& context, const EventView& event, bool with_run) {
  if (context.options.json)
    context.print(to_json(event));
  else
    context.out() << (with_run ? (event.run.empty() ? "-" : event.run) + " " : "")
                  << plain_event_line(event) << "\n";
}

// Prints what there is after `cursor` and moves it on.
result<void> print_new(Context& context, Runtime& runtime, const std::string& run,
                       std::uint64_t& cursor) {
  while (context.out()) {
    const auto events = runtime.events(run, cursor);
    if (!events) return events.error();
    for (const EventView& event : *events) print_event(context, event, run.empty());
    context.out() << std::flush;
    if (events->empty()) break;
    cursor = events->back().cursor;
  }
  return {};
}

// A run has told everything when it is over; all runs together never are.
result<bool> is_over(Runtime& runtime, const std::string& run) {
  if (run.empty()) return false;
  const auto view = runtime.run(run);
  if (!view) return view.error();
  return view->ended_at.has_value();
}

// Returns when the run is over, a stop is asked for, or nobody reads any more.
result<int> follow_events(Context& context, Runtime& runtime, const SignalWatcher& signals,
                          const std::string& run, std::uint64_t cursor) {
  while (context.out()) {
    const auto over = is_over(runtime, run);  // asked first: then nothing can come after the print
    if (!over) return over.error();
    if (auto printed = print_new(context, runtime, run, cursor); !printed) return printed.error();
    if (*over) break;
    while (!signals.stop_asked() && !runtime.wait_for_events(cursor, signal_check)) {
    }
    if (signals.stop_asked()) return interrupted_exit_code;
  }
  return 0;
}

result<int> events(Context& context, const EventOptions& options) {
  std::optional<SignalWatcher> signals;
  if (options.follow) signals.emplace();
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto run =
      options.all_runs ? result<std::string>(std::string{}) : run_or_newest(**runtime, options.run);
  if (!run) return run.error();
  std::uint64_t cursor = options.after;
  if (signals) return follow_events(context, **runtime, *signals, *run, cursor);
  if (auto printed = print_new(context, **runtime, *run, cursor); !printed) return printed.error();
  return 0;
}

}  // namespace

void add_event_commands(CLI::App& app, Context& context) {
  const auto options = std::make_shared<EventOptions>();
  CLI::App& command =
      add_command(app, context, "events", "Print the events of a run, in order", options, events);
  auto* run =
      command.add_option("RUN", options->run, "Its id or the beginning; default: the newest");
  command.add_flag("--all", options->all_runs, "Of all runs, and of services")->excludes(run);
  command.add_flag("-f,--follow", options->follow, "Go on until the run is over");
  command.add_option("--after", options->after, "Only what came after this cursor (of --json)")
      ->type_name("CURSOR");
  command.footer(R"(Examples:
  weft events -f
  weft events 0192f0c1-abcd | grep task.retrying
  weft events --all -f --json | jq -c 'select(.type == "run.failed")')");
}

}  // namespace weft::cli
