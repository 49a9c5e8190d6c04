// SPDX-License-Identifier: Apache-2.0
// weft schedule, serve: what starts runs by itself, and the process that stands by for it.
#include <boost/json/serialize.hpp>
#include <ostream>

#include "commands.hpp"
#include "event_line.hpp"
#include "follow.hpp"
#include "inputs.hpp"
#include "json_views.hpp"
#include "signals.hpp"
#include "table.hpp"
#include "text.hpp"

namespace weft::cli {
namespace {

struct ScheduleOptions {
  std::string name;
  std::uint32_t history = 20;
};

struct NewScheduleOptions {
  std::string name;
  std::string file;
  std::string cron, at, zone, files, settle, event, of, overlap, missed, missed_window, jitter;
  std::string max_cost;
  std::vector<std::string> inputs;
};

struct ServeOptions {};

json::value text_or_nothing(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

Tone tone_of_firing(const std::string& state) {
  if (state == "started") return Tone::good;
  if (state == "failed") return Tone::bad;
  return state == "skipped" ? Tone::faint : Tone::careful;
}

json::object firing_json(const FiringView& firing) {
  return {{"cause", firing.cause},
          {"at", weft::to_string(firing.at)},
          {"decided_at", weft::to_string(firing.decided_at)},
          {"state", firing.state},
          {"run", text_or_nothing(firing.run)},
          {"reason", text_or_nothing(firing.reason)}};
}

json::object schedule_json(const ScheduleView& view) {
  json::array next, history;
  for (const TimePoint time : view.next) next.emplace_back(weft::to_string(time));
  for (const FiringView& firing : view.history) history.push_back(firing_json(firing));
  return {{"name", view.name},
          {"when", view.when},
          {"pipeline", view.pipeline},
          {"by_hand", view.by_hand},
          {"paused", view.paused},
          {"overlap", view.overlap},
          {"missed", text_or_nothing(view.missed)},
          {"next", std::move(next)},
          {"running", view.running},
          {"waiting", view.waiting},
          {"history", std::move(history)}};
}

result<int> list(Context& context, const ScheduleOptions&) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto schedules = (*runtime)->schedules();
  if (!schedules) return schedules.error();
  if (context.options.json) {
    json::array all;
    for (const ScheduleView& view : *schedules) all.push_back(schedule_json(view));
    context.print(json::object{{"schedules", std::move(all)}});
    return 0;
  }
  Table table({{"SCHEDULE"},
               {"WHEN", false, true},
               {"STATE"},
               {"NEXT"},
               {"RUNNING", true},
               {"LAST", false, true}});
  for (const ScheduleView& view : *schedules) {
    const FiringView last = view.history.empty() ? FiringView{} : view.history.front();
    table.add({{view.name, Tone::strong},
               {view.when},
               {view.paused ? "paused" : "on", view.paused ? Tone::careful : Tone::good},
               {view.next.empty() ? "" : date_time(view.next.front())},
               {std::to_string(view.running)},
               {last.state.empty() ? "" : date_time(last.at) + " " + last.state, Tone::faint}});
  }
  context.out() << (table.empty() ? "no schedules\n"
                                  : table.to_string(context.width(), context.color()))
                << std::flush;
  return 0;
}

void print_schedule(Context& context, const ScheduleView& view) {
  std::ostream& out = context.out();
  out << paint(view.name, Tone::strong, context.color()) << "  " << view.when
      << (view.paused ? "  paused" : "") << "\n  runs      " << view.pipeline << "\n  overlap   "
      << view.overlap << (view.missed.empty() ? "" : "\n  missed    " + view.missed)
      << "\n  running   " << view.running
      << (view.waiting > 0 ? ", waiting " + std::to_string(view.waiting) : "") << "\n";
  for (std::size_t i = 0; i < view.next.size(); ++i)
    out << (i == 0 ? "  next      " : "            ") << date_time(view.next[i]) << "\n";
  if (view.history.empty()) return;
  Table table({{"AT"}, {"CAUSE", false, true}, {"STATE"}, {"RUN"}, {"WHY", false, true}});
  for (const FiringView& firing : view.history)
    table.add({{date_time(firing.at), Tone::faint},
               {firing.cause},
               {firing.state, tone_of_firing(firing.state)},
               {firing.run.substr(0, 13)},
               {firing.reason}});
  out << "\n" << table.to_string(context.width(), context.color());
}

result<int> show_one(Context& context, const ScheduleOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto view = (*runtime)->schedule(options.name, options.history);
  if (!view) return view.error();
  if (context.options.json)
    context.print(schedule_json(*view));
  else
    print_schedule(context, *view);
  context.out() << std::flush;
  return 0;
}

result<int> say(Context& context, const std::string& name,
                const std::function<result<std::string>(Runtime&)>& act) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto done = act(**runtime);
  if (!done) return done.error();
  if (context.options.json)
    context.print(json::object{{"schedule", name}, {"done", *done}});
  else if (!context.options.quiet)
    context.out() << *done << std::endl;
  return 0;
}

result<int> pause_one(Context& context, const ScheduleOptions& options) {
  return say(context, options.name,
             [&](Runtime& runtime) { return runtime.pause_schedule(options.name, true); });
}
result<int> resume_one(Context& context, const ScheduleOptions& options) {
  return say(context, options.name,
             [&](Runtime& runtime) { return runtime.pause_schedule(options.name, false); });
}
result<int> run_one(Context& context, const ScheduleOptions& options) {
  return say(context, options.name,
             [&](Runtime& runtime) { return runtime.run_schedule(options.name); });
}
result<int> remove_one(Context& context, const ScheduleOptions& options) {
  return say(context, options.name,
             [&](Runtime& runtime) { return runtime.remove_schedule(options.name); });
}

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

// A folder, or names in one: 'inbox', 'inbox/*.png'.
result<json::object> arrival_of(const std::string& written) {
  const std::filesystem::path files(absolute(written));
  std::error_code failed;
  if (std::filesystem::is_directory(files, failed)) return json::object{{"folder", files.string()}};
  const std::string folder = files.parent_path().string(), names = files.filename().string();
  const std::string remedy = "make the folder first; files in it are named as 'inbox/*.png'";
  if (!std::filesystem::is_directory(folder, failed))
    return not_found("there is no folder '" + folder + "'", remedy);
  // A name without an ending is a folder that is not there, rather than one file.
  if (names.find_first_of("*?[") == std::string::npos && !files.has_extension())
    return not_found("there is no folder '" + files.string() + "'", remedy);
  return json::object{{"folder", folder}, {"glob", names}};
}

// The table that the configuration would have, but for its inputs.
result<json::object> table_of(const NewScheduleOptions& options) {
  json::object table{{"pipeline", absolute(options.file)}};
  const auto put = [](json::object& into, const char* key, const std::string& text) {
    if (!text.empty()) into[key] = text;
  };
  for (const auto& [key, text] : std::initializer_list<std::pair<const char*, const std::string&>>{
           {"cron", options.cron},
           {"at", options.at},
           {"zone", options.zone},
           {"overlap", options.overlap},
           {"missed", options.missed},
           {"missed_window", options.missed_window},
           {"jitter", options.jitter},
           {"max_cost", options.max_cost}})
    put(table, key, text);
  if (!options.files.empty()) {
    auto arrival = arrival_of(options.files);
    if (!arrival) return arrival.error();
    put(*arrival, "settle", options.settle);
    table["files"] = std::move(*arrival);
  }
  if (!options.event.empty()) {
    json::object event{{"type", options.event}};
    put(event, "pipeline", options.of);
    table["event"] = std::move(event);
  }
  return table;
}

result<int> add_one(Context& context, const NewScheduleOptions& options) {
  if (auto there = read_text(options.file); !there) return there.error();
  const auto table = table_of(options);
  if (!table) return table.error();
  const auto inputs = parse_inputs(options.inputs);
  if (!inputs) return inputs.error();
  return say(context, options.name, [&](Runtime& runtime) {
    return runtime.add_schedule(options.name, json::serialize(*table), *inputs);
  });
}

// Tells what happens until a stop is asked for; an error when nothing can happen any more.
result<> tell_of_all(Context& context, Runtime& runtime, const SignalWatcher& signals) {
  auto cursor = last_cursor(runtime, "");
  if (!cursor) return cursor.error();
  while (!signals.stop_asked()) {
    constexpr std::chrono::minutes a_while{10};
    if (auto failure = runtime.failure()) return *failure;
    if (!runtime.wait_for_events(*cursor, a_while)) continue;
    const auto events = runtime.events("", *cursor);
    if (!events) return events.error();
    for (const EventView& event : *events) {
      *cursor = event.cursor;
      if (context.options.json)
        context.print(to_json(event));
      else if (!context.options.quiet)
        context.screen().print(plain_event_line(event));
    }
  }
  return {};
}

// Stands by until it is told to stop, which is how it is meant to end.
result<int> serve(Context& context, const ServeOptions&) {
  SignalWatcher signals;
  auto runtime = context.open(Role::execute);
  if (!runtime) return runtime.error();
  const Interruptible interruptible(context, **runtime, signals);
  if (!context.options.quiet && !context.options.json)
    context.screen().print("executing " + (*runtime)->state_folder().string() +
                           "; Ctrl-C stops, and nothing is lost");
  const auto told = tell_of_all(context, **runtime, signals);
  (*runtime)->close();
  if (!told && !signals.stop_asked()) return told.error();
  return 0;
}

CLI::App& add_to(CLI::App& group, Context& context, const std::string& name,
                 const std::string& about, const std::shared_ptr<ScheduleOptions>& options,
                 result<int> (*act)(Context&, const ScheduleOptions&)) {
  CLI::App& command = add_command(group, context, name, about, options, act);
  if (name != "list") command.add_option("NAME", options->name, "Its name")->required();
  command.footer("Example:\n  weft schedule " + name + (name == "list" ? "" : " nightly"));
  return command;
}

void add_add(CLI::App& group, Context& context) {
  const auto made = std::make_shared<NewScheduleOptions>();
  CLI::App& command = add_command(
      group, context, "add", "Make a schedule that the configuration does not have", made, add_one);
  command.add_option("NAME", made->name, "How it is called")->required();
  command.add_option("FILE", made->file, "The definition that it runs")->required();
  const auto option = [&](const char* name, std::string& text, const char* about,
                          const char* type) {
    return command.add_option(name, text, about)->type_name(type);
  };
  option("--cron", made->cron, "Minute, hour, day of month, month, day of week; or @daily", "CRON");
  option("--at", made->at, "Once: 2026-12-24T18:00", "TIME");
  option("--zone", made->zone, "Whose clocks count: Europe/Berlin; default: UTC", "ZONE");
  auto* files = option("--files", made->files,
                       "For each file that arrives: a folder, or 'inbox/*.png'", "GLOB");
  option("--settle", made->settle, "A file is whole when it has not changed for so long", "TIME")
      ->needs(files);
  auto* event =
      option("--event", made->event, "For each such event of the log: run.succeeded", "TYPE");
  option("--of", made->of, "Only events about runs of this pipeline", "PIPELINE")->needs(event);
  option("--overlap", made->overlap,
         "While an earlier run goes on: skip, queue, queue_all, "
         "cancel_other, allow",
         "POLICY");
  option("--missed", made->missed, "Times at which nobody stood by: skip, once, all", "POLICY");
  option("--missed-window", made->missed_window, "What is older is not made up for", "TIME");
  option("--jitter", made->jitter, "Each run starts up to so much later", "TIME");
  option("--max-cost", made->max_cost, "What each run may spend at most", "AMOUNT");
  command
      .add_option("-i,--input", made->inputs,
                  "name=value, as weft run takes it; ${fire.at}, ${file} and ${event.run} stand "
                  "for the cause")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.footer(R"(Examples:
  weft schedule add nightly film.toml --cron '30 3 * * mon-fri' --zone Europe/Berlin
  weft schedule add inbox restyle.toml --files 'inbox/*.png' -i 'picture=${file}'
  weft schedule add then export.toml --event run.succeeded --of film -i 'film=${event.data.outputs.film}')");
}

}  // namespace

void add_schedule_commands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("schedule", "What starts runs by itself");
  group->require_subcommand(1);
  const auto options = [] { return std::make_shared<ScheduleOptions>(); };
  add_to(*group, context, "list", "List schedules, and when they run next", options(), list);
  const auto shown = options();
  CLI::App& show_command =
      add_to(*group, context, "show", "Show one, and what it has started or not", shown, show_one);
  show_command.add_option("-n,--limit", shown->history, "So many of its history; default: 20")
      ->type_name("NUMBER");
  add_to(*group, context, "pause", "Let it start nothing until it is resumed", options(),
         pause_one);
  add_to(*group, context, "resume", "Let it start runs again", options(), resume_one);
  add_to(*group, context, "run-now", "Start a run of it now, whatever its times", options(),
         run_one);
  add_add(*group, context);
  add_to(*group, context, "remove", "Remove one that was made by hand", options(), remove_one);

  const auto serve_options = std::make_shared<ServeOptions>();
  CLI::App& command = add_command(app, context, "serve",
                                  "Stand by: execute what others submit, and what schedules start",
                                  serve_options, serve);
  command.footer(
      R"(Runs in the foreground until Ctrl-C or SIGTERM. Local work is ended then, jobs at
services go on, and the next 'weft serve' carries on; the exit code is 0 then. A second
Ctrl-C ends it at once, with 130. When its store fails (a full disk, an I/O error) it
tells so and ends with 5.

Example:
  weft serve)");
}

}  // namespace weft::cli
