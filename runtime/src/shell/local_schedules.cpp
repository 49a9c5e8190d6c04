// SPDX-License-Identifier: Apache-2.0
// Schedules: the thread that looks at them, and what people see and say of them.
#include <boost/json/serialize.hpp>
#include <map>

#include "base/text.hpp"
#include "model/inputs.hpp"
#include "shell/config_watch.hpp"
#include "shell/local_runtime.hpp"
#include "shell/scheduler.hpp"

namespace weft::shell {
namespace {

constexpr std::chrono::seconds look_every{1};
constexpr std::size_t times_shown = 5;

std::string_view word_of(store::FiringState state) {
  switch (state) {
    case store::FiringState::asked:
      return "asked";
    case store::FiringState::waiting:
      return "waiting";
    case store::FiringState::started:
      return "started";
    case store::FiringState::skipped:
      return "skipped";
    case store::FiringState::failed:
      break;
  }
  return "failed";
}

FiringView view_of(const store::FiringRow& row) {
  return {row.cause,
          row.at,
          row.decided_at,
          std::string(word_of(row.state)),
          row.run ? row.run->to_string() : std::string(),
          row.reason};
}

// What the store knows of all schedules.
struct KnownSchedules {
  const std::vector<store::ScheduleRow>& rows;
  std::map<std::string, store::OpenFirings> open;
  std::map<std::string, std::vector<RunId>> running;
};

result<KnownSchedules> known_of(store::Queries& reader,
                                const std::vector<store::ScheduleRow>& rows) {
  auto open = reader.open_firings();
  if (!open) return std::move(open).error();
  auto running = reader.runs_of_schedules();
  if (!running) return std::move(running).error();
  return KnownSchedules{rows, std::move(*open), std::move(*running)};
}

std::vector<TimePoint> next_times(const Schedule& schedule) {
  std::vector<TimePoint> times;
  for (auto next = next_time(schedule, now()); next && times.size() < times_shown;
       next = next_time(schedule, *next))
    times.push_back(*next + jitter_of(schedule, *next));
  return times;
}

result<ScheduleView> show_schedule(const Schedule& schedule, const KnownSchedules& known,
                                   store::Queries& reader, std::uint32_t history) {
  ScheduleView view;
  view.name = schedule.name;
  view.when = schedule.when;
  view.pipeline = schedule.pipeline;
  view.paused = schedule.paused;
  for (const store::ScheduleRow& row : known.rows) {
    if (row.name != schedule.name) continue;
    view.paused = row.paused.value_or(schedule.paused);
    view.by_hand = !row.written.is_null();
  }
  view.overlap = to_string(schedule.overlap);
  if (next_time(schedule, Timestamp{}) || std::holds_alternative<AtTime>(schedule.trigger))
    view.missed = to_string(schedule.missed);
  if (!view.paused) view.next = next_times(schedule);
  if (const auto running = known.running.find(schedule.name); running != known.running.end())
    view.running = static_cast<std::uint32_t>(running->second.size());
  if (const auto open = known.open.find(schedule.name); open != known.open.end())
    view.waiting = open->second.asked + open->second.waiting;
  auto firings = reader.firings(schedule.name, history);
  if (!firings) return std::move(firings).error();
  for (const store::FiringRow& row : *firings) view.history.push_back(view_of(row));
  return view;
}

}  // namespace

// ---------------------------------------------------------------- the thread

result<> LocalRuntime::start_schedules() {
  store::Options options;
  options.folder = environment_->state;
  auto reader = store::Queries::open(options);
  if (!reader) return std::move(reader).error();
  auto writer = store::Client::open(options);
  if (!writer) return std::move(writer).error();
  schedule_queries_ = std::move(*reader);
  schedule_client_ = std::move(*writer);
  scheduling_ = std::jthread([this](const std::stop_token& stop) { keep_schedules(stop); });
  return {};
}

void LocalRuntime::keep_schedules(const std::stop_token& stop) {
  Scheduler scheduler({*environment_, *schedule_queries_, *schedule_client_,
                       [this](const Submission& submission) -> result<Planned> {
                         auto services = board();
                         if (!services) return std::move(services).error();
                         return make_plan(submission, *environment_, (*services)->table(),
                                          describe_file, definitions_);
                       },
                       [this](const std::filesystem::path& file) -> result<ArtifactInfo> {
                         auto artifacts = artifact_store();
                         if (!artifacts) return std::move(artifacts).error();
                         return keep_file(**artifacts, file);
                       }});
  ConfigWatch watch(environment_->config);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested() && !failure()) {
    if (watch.changed() && read_schedules_again(watch)) scheduler.configure(configured_schedules());
    if (auto looked = scheduler.pass(now(), stop); !looked)
      environment_->log->error(on_one_line(looked.error()));
    stopped.wait_for(lock, stop, look_every, [] { return false; });
  }
}

// What is wrong with the configuration is told by the services, which read it as well.
bool LocalRuntime::read_schedules_again(ConfigWatch& watch) {
  auto config = read_configuration(environment_->options);
  if (!config) return false;
  watch = ConfigWatch(*config);
  const std::lock_guard lock(mutex_);
  schedules_ = std::move(config->schedules);
  return true;
}

std::vector<Schedule> LocalRuntime::configured_schedules() const {
  const std::lock_guard lock(mutex_);
  return schedules_;
}

void LocalRuntime::stop_schedules() {
  scheduling_.request_stop();
  const std::lock_guard lock(scheduling_mutex_);
  if (scheduling_.joinable()) scheduling_.join();
}

// ---------------------------------------------------------------- what people see

result<std::vector<Schedule>> LocalRuntime::all_schedules(
    const std::vector<store::ScheduleRow>& rows) {
  return known_schedules(configured_schedules(), rows,
                         [this](const std::string& name, const Error& error) {
                           environment_->log->error(on_one_line(error), {{"schedule", name}});
                         });
}

result<std::vector<store::ScheduleRow>> LocalRuntime::schedule_rows() {
  auto writer = client();  // makes the store where nothing has run yet
  if (!writer) return std::move(writer).error();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  return (*reader)->schedules();
}

result<std::vector<ScheduleView>> LocalRuntime::schedules() {
  auto rows = schedule_rows();
  if (!rows) return std::move(rows).error();
  auto all = all_schedules(*rows);
  if (!all) return std::move(all).error();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto known = known_of(**reader, *rows);
  if (!known) return std::move(known).error();
  std::vector<ScheduleView> views;
  for (const Schedule& schedule : *all) {
    auto view = show_schedule(schedule, *known, **reader, 1);
    if (!view) return std::move(view).error();
    views.push_back(std::move(*view));
  }
  return views;
}

result<Schedule> LocalRuntime::find_schedule(const std::vector<store::ScheduleRow>& rows,
                                             std::string_view name) {
  auto all = all_schedules(rows);
  if (!all) return std::move(all).error();
  std::vector<std::string> names;
  for (Schedule& schedule : *all) {
    if (schedule.name == name) return std::move(schedule);
    names.push_back(schedule.name);
  }
  return not_found("there is no schedule '" + excerpt(name, 60) + "'",
                   names.empty() ? "write [schedules.NAME] into the configuration, or 'weft "
                                   "schedule add'"
                                 : suggest(std::string(name), names));
}

result<ScheduleView> LocalRuntime::schedule(std::string_view name, std::uint32_t history) {
  auto rows = schedule_rows();
  if (!rows) return std::move(rows).error();
  auto found = find_schedule(*rows, name);
  if (!found) return std::move(found).error();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto known = known_of(**reader, *rows);
  if (!known) return std::move(known).error();
  return show_schedule(*found, *known, **reader, history);
}

// ---------------------------------------------------------------- what people say

// Its row, which is made now if nobody has stood by since it was written.
result<store::ScheduleRow> LocalRuntime::row_of_schedule(std::string_view name) {
  auto rows = schedule_rows();
  if (!rows) return std::move(rows).error();
  auto found = find_schedule(*rows, name);
  if (!found) return std::move(found).error();
  for (const store::ScheduleRow& row : *rows)
    if (row.name == name) return row;
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto last = (*reader)->last_event();
  if (!last) return std::move(last).error();
  store::ScheduleRow row;
  row.name = name;
  row.considered = now();
  row.cursor = *last;
  const std::lock_guard lock(client_mutex_);
  if (auto put = client_->put_schedule(row); !put) return std::move(put).error();
  return row;
}

result<json::object> LocalRuntime::fixed_inputs(const Schedule& schedule,
                                                const std::map<std::string, GivenInput>& given) {
  auto text = read_text_file(schedule.pipeline);
  if (!text) return std::move(text).error();
  auto services = board();
  if (!services) return std::move(services).error();
  auto read = definitions_.read(*text, schedule.pipeline, *environment_, (*services)->table());
  if (!read) return std::move(read).error();
  std::vector<InputDeclaration> declared = read->pipeline->inputs;
  auto inputs =
      read_inputs(declared, given, [](const std::filesystem::path& file) -> result<ArtifactInfo> {
        return invalid("'" + file.string() + "' may be gone or another one when a run starts",
                       "let each run have the file that causes it: ${file}");
      });
  if (!inputs) return std::move(inputs).error();
  if (const json::value* written = find_member(schedule.written, "inputs"))
    for (const json::key_value_pair& input : written->get_object())
      inputs->emplace(input.key(), input.value());
  // What hangs on the cause is checked when there is one.
  json::object known = *inputs;
  std::erase_if(declared, [&](const InputDeclaration& input) {
    const json::value* value = known.if_contains(input.name);
    const bool hangs = value && json::serialize(*value).find("${") != std::string::npos;
    if (hangs) known.erase(input.name);
    return hangs;
  });
  auto complete = complete_inputs("'" + read->pipeline->name + "'", declared, std::move(known));
  if (!complete) return std::move(complete).error();
  return inputs;
}

result<std::string> LocalRuntime::add_schedule(std::string_view name, std::string_view table,
                                               const std::map<std::string, GivenInput>& inputs) {
  const std::string text(name);
  if (!is_plain_name(name))
    return invalid("'" + excerpt(name, 60) + "' cannot name a schedule",
                   "begin with a lower-case letter, go on with lower-case letters, digits, '_' and "
                   "'-'");
  auto written = parse_json(table, "schedule '" + text + "'");
  if (!written) return std::move(written).error();
  auto schedule = read_written_schedule(text, *written);
  if (!schedule) return std::move(schedule).error();
  auto rows = schedule_rows();
  if (!rows) return std::move(rows).error();
  if (find_schedule(*rows, name))
    return conflict("there is a schedule '" + text + "' already",
                    "give this one another name, or remove that");
  auto fixed = fixed_inputs(*schedule, inputs);
  if (!fixed) return std::move(fixed).error();
  if (!fixed->empty()) schedule->written.get_object()["inputs"] = std::move(*fixed);
  schedule = read_written_schedule(text, json::value(schedule->written));
  if (!schedule) return std::move(schedule).error();
  return put_schedule(*schedule);
}

result<std::string> LocalRuntime::put_schedule(const Schedule& schedule) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto last = (*reader)->last_event();
  if (!last) return std::move(last).error();
  store::ScheduleRow row;
  row.name = schedule.name;
  row.written = schedule.written;
  row.considered = now();
  row.cursor = *last;
  const std::lock_guard lock(client_mutex_);
  if (auto put = client_->put_schedule(row); !put) return std::move(put).error();
  const auto next = next_time(schedule, row.considered);
  return schedule.name + " is added: " + schedule.when +
         (next ? "; next at " + to_string(*next) : "");
}

result<std::string> LocalRuntime::remove_schedule(std::string_view name) {
  auto row = row_of_schedule(name);
  if (!row) return std::move(row).error();
  if (row->written.is_null())
    return conflict("schedule '" + row->name + "' stands in the configuration",
                    "take it out there, or 'weft schedule pause " + row->name + "'");
  const std::lock_guard lock(client_mutex_);
  if (auto done = client_->remove_schedule(row->name); !done) return std::move(done).error();
  return row->name + " is removed; its runs go on";
}

result<std::string> LocalRuntime::pause_schedule(std::string_view name, bool paused) {
  auto row = row_of_schedule(name);
  if (!row) return std::move(row).error();
  auto schedule = find_schedule({*row}, name);
  if (!schedule) return std::move(schedule).error();
  if (row->paused.value_or(schedule->paused) == paused)
    return row->name + (paused ? " is paused already" : " is not paused");
  const std::lock_guard lock(client_mutex_);
  if (auto done = client_->pause_schedule(row->name, paused); !done) return std::move(done).error();
  return row->name + (paused ? " is paused: it starts nothing" : " goes on");
}

result<std::string> LocalRuntime::run_schedule(std::string_view name) {
  auto row = row_of_schedule(name);
  if (!row) return std::move(row).error();
  auto rows = schedule_rows();
  if (!rows) return std::move(rows).error();
  auto schedule = find_schedule(*rows, name);
  if (!schedule) return std::move(schedule).error();
  if (!next_time(*schedule, Timestamp{}) && !std::holds_alternative<AtTime>(schedule->trigger))
    return conflict("schedule '" + row->name + "' runs because of something",
                    "run its pipeline: weft run " + schedule->pipeline);
  store::FiringRow firing;
  firing.schedule = row->name;
  firing.at = now();
  firing.cause = "by hand " + new_command_id().to_string();
  firing.values["fire"] = json::object{{"schedule", row->name}, {"at", to_string(firing.at)}};
  const std::lock_guard lock(client_mutex_);
  auto done = client_->fire(firing, nullptr, {});
  if (!done) return std::move(done).error();
  return row->name +
         " is asked for: a process that serves starts it within seconds, else the next 'weft "
         "serve'";
}

}  // namespace weft::shell
