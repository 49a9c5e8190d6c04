// SPDX-License-Identifier: Apache-2.0
// weft runs, show.
#include <algorithm>
#include <ostream>

#include "commands.hpp"
#include "json_views.hpp"
#include "live_view.hpp"
#include "report.hpp"
#include "task_table.hpp"

namespace weft::cli {
namespace {

struct RunsOptions {
  RunQuery query;
};

struct ShowOptions {
  std::string run;
  std::string task;
  TaskQuery query;
  bool all = false;
};

// "paused (asked)"; "active (2 tasks wait for you)"; "active (unattended)" when nobody executes it.
std::string state_text(const RunView& run) {
  std::string more = run.reason;
  const auto waiting = run.tasks.find("waiting");
  if (run.state == "active" && waiting != run.tasks.end())
    more += count_of(waiting->second, "task") + (waiting->second == 1 ? " waits" : " wait") +
            " for you";
  if (run.unattended) more += more.empty() ? "unattended" : ", unattended";
  return run.state + (more.empty() ? "" : " (" + more + ")");
}

// A run's id as a table shows it: a beginning that commands take. Ids begin with their time in
// milliseconds; runs of one millisecond are shown whole.
std::string short_id(const std::string& id, const std::vector<RunView>& among) {
  const std::string start = id.substr(0, 13);
  const auto same = std::count_if(among.begin(), among.end(),
                                  [&](const RunView& run) { return run.id.starts_with(start); });
  return same > 1 ? id : start;
}

result<int> runs(Context& context, const RunsOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto runs = (*runtime)->runs(options.query);
  if (!runs) return runs.error();
  if (context.options.json) {
    context.print(json::object{{"runs", to_json(*runs)}});
    return 0;
  }
  Table table({{"RUN"},
               {"PIPELINE", false, true},
               {"STATE"},
               {"DONE", true},
               {"CREATED"},
               {"TOOK", true},
               {"SPENT", true}});
  for (const RunView& run : *runs) {
    const auto [done, total] = completion_of(run);
    table.add({{short_id(run.id, *runs)},
               {run.pipeline},
               {state_text(run), tone_of(run.state)},
               {std::to_string(done) + "/" + std::to_string(total)},
               {date_time(run.created_at), Tone::faint},
               {run.ended_at ? human_duration(*run.ended_at - run.created_at) : ""},
               {run.spent}});
  }
  context.out() << (table.empty() ? "no runs\n" : table.to_string(context.width(), context.color()))
                << std::flush;
  return 0;
}

void print_run(Context& context, const RunView& run) {
  std::ostream& out = context.out();
  const auto line = [&out](const char* label, const std::string& text) {
    if (!text.empty()) out << "  " << pad_right(label, 10) << text << "\n";
  };
  const auto [done, total] = completion_of(run);
  out << "run " << run.id << "  " << paint(one_line(run.pipeline), Tone::strong, context.color())
      << "  " << paint(state_text(run), tone_of(run.state), context.color())
      << (run.cancelling && !run.ended_at ? ", cancelling" : "") << "\n";
  line("created", date_time(run.created_at));
  line("ended", run.ended_at ? date_time(*run.ended_at) + ", after " +
                                   human_duration(*run.ended_at - run.created_at)
                             : "");
  line("done", std::to_string(done) + " of " + count_of(total, "task"));
  line("spent", run.spent);
  line("reserved", run.reserved);
  line("limit", run.limit);
  for (const auto& [name, why] : run.output_errors) line("missing", one_line(why));
  line("forked", run.forked_from.empty() ? "" : "from run " + run.forked_from);
  line("replaced", run.replaced_by.empty() ? "" : "by run " + run.replaced_by);
  line("executor", run.unattended ? "none: no process executes it now" : run.owner);
  line("go on", run.unattended ? "weft resume " + run.id : "");
}

result<int> show(Context& context, const ShowOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto id = run_or_newest(**runtime, options.run);
  if (!id) return id.error();
  if (!options.task.empty()) return show_task(context, **runtime, *id, options.task);
  const auto run = (*runtime)->run(*id);
  if (!run) return run.error();
  const auto tasks = (*runtime)->tasks(run->id, options.query);
  if (!tasks) return tasks.error();
  if (context.options.json) {
    context.print(json::object{{"run", to_json(*run)}, {"tasks", to_json(*tasks)}});
    return 0;
  }
  print_run(context, *run);
  const bool all = options.all || !options.query.state.empty();
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  context.out() << "\n"
                << task_table(*tasks, now, all).to_string(context.width(), context.color())
                << std::flush;
  return 0;
}

void add_show(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ShowOptions>();
  CLI::App& command = add_command(
      app, context, "show", "Show a run: its tasks, and why those wait that do", options, show);
  command.add_option("RUN", options->run, "Its id or the beginning; default: the newest");
  command.add_option("TASK", options->task,
                     "Only this one, 'video[3]': its attempts and what they took, as weft why");
  command.add_flag("-a,--all", options->all,
                   "Every item of every group, not only those that run, wait or failed");
  command
      .add_option("--only", options->query.state,
                  "Only tasks in this state: pending, ready, running, waiting, failed, …")
      ->type_name("STATE");
  command.footer(R"(Examples:
  weft show
  weft show 0192f0c1-abcd --all
  weft show 0192f0c1-abcd 'video[3]'
  weft show --only failed --json | jq -r '.tasks[].name')");
}

}  // namespace

result<std::string> run_or_newest(Runtime& runtime, const std::string& given) {
  if (!given.empty()) return given;
  RunQuery last;
  last.limit = 1;
  const auto newest = runtime.runs(last);
  if (!newest) return newest.error();
  if (newest->empty()) return not_found("there are no runs yet", "weft run FILE starts one");
  return newest->front().id;
}

void add_look_commands(CLI::App& app, Context& context) {
  const auto options = std::make_shared<RunsOptions>();
  CLI::App& command =
      add_command(app, context, "runs", "List runs, the newest first", options, runs);
  command
      .add_option("--only", options->query.state,
                  "Only: active, paused, succeeded, degraded, failed or cancelled")
      ->check(CLI::IsMember({"active", "paused", "succeeded", "degraded", "failed", "cancelled"}))
      ->type_name("STATE");
  command.add_option("--pipeline", options->query.pipeline, "Only runs of this pipeline")
      ->type_name("NAME");
  command.add_option("-n,--limit", options->query.limit, "How many at most; default: 50")
      ->type_name("NUMBER");
  command.footer(R"(Examples:
  weft runs --only failed
  weft runs --json | jq -r '.runs[0].id')");

  add_show(app, context);
}

}  // namespace weft::cli
