// SPDX-License-Identifier: Apache-2.0
#include "shell/scheduler.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <utility>

namespace weft::shell {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t events_at_a_time = 1'000;

store::FiringRow firing_at(const Schedule& schedule, std::string cause, Timestamp at) {
  store::FiringRow firing;
  firing.schedule = schedule.name;
  firing.cause = std::move(cause);
  firing.at = at;
  firing.values["fire"] = json::object{{"schedule", schedule.name}, {"at", to_string(at)}};
  return firing;
}

std::int64_t changed_at_ms(const fs::path& file, std::error_code& failed) {
  return std::chrono::duration_cast<Duration>(fs::last_write_time(file, failed).time_since_epoch())
      .count();
}

result<std::string> read_whole(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return not_found("cannot read '" + file + "'", "mend the schedule's 'pipeline'");
  return text;
}

}  // namespace

result<std::vector<Schedule>> known_schedules(
    std::vector<Schedule> configured, const std::vector<store::ScheduleRow>& rows,
    const std::function<void(const std::string&, const Error&)>& broken) {
  std::vector<Schedule> schedules = std::move(configured);
  for (const store::ScheduleRow& row : rows) {
    const auto is_it = [&](const Schedule& one) { return one.name == row.name; };
    if (row.written.is_null() || std::ranges::any_of(schedules, is_it)) continue;
    auto schedule = read_written_schedule(row.name, row.written);
    if (schedule)
      schedules.push_back(std::move(*schedule));
    else
      broken(row.name, schedule.error());
  }
  std::ranges::sort(schedules, {}, &Schedule::name);
  return schedules;
}

result<> Scheduler::pass(Timestamp now, std::stop_token stop) {
  stop_ = std::move(stop);
  running_.reset();
  auto rows = parts_.queries.schedules();
  if (!rows) return std::move(rows).error();
  auto open = parts_.queries.open_firings();
  if (!open) return std::move(open).error();
  open_ = std::move(*open);
  const auto tell = [this](const std::string& name, const Error& error) {
    const std::string problem = on_one_line(error);
    if (std::exchange(told_[name], problem) != problem)
      parts_.environment.log->error(problem, {{"schedule", name}});
  };
  auto schedules = known_schedules(configured_, *rows, tell);
  if (!schedules) return std::move(schedules).error();
  std::erase_if(files_, [&](const auto& seen) {
    return !std::ranges::binary_search(*schedules, seen.first, {}, &Schedule::name);
  });
  for (const Schedule& schedule : *schedules) {
    if (stop_.stop_requested()) break;
    auto row = row_of(schedule, *rows, now);
    if (!row) return std::move(row).error();
    if (auto looked = look_at(schedule, std::move(*row), now); !looked)
      tell(schedule.name, looked.error());
    else
      told_.erase(schedule.name);
  }
  return {};
}

// One that is seen for the first time begins now: neither its past times nor past events count.
result<store::ScheduleRow> Scheduler::row_of(const Schedule& schedule,
                                             const std::vector<store::ScheduleRow>& rows,
                                             Timestamp now) {
  const auto found = std::ranges::find(rows, schedule.name, &store::ScheduleRow::name);
  if (found != rows.end()) return *found;
  auto last = parts_.queries.last_event();
  if (!last) return std::move(last).error();
  store::ScheduleRow row;
  row.name = schedule.name;
  row.considered = now;
  row.cursor = *last;
  if (auto put = parts_.client.put_schedule(row); !put) return std::move(put).error();
  return row;
}

result<> Scheduler::look_at(const Schedule& schedule, store::ScheduleRow row, Timestamp now) {
  if (auto started = start_asked(schedule); !started) return started;
  if (row.paused.value_or(schedule.paused)) {
    paused_.insert(schedule.name);
    constexpr Duration often_enough = std::chrono::minutes{1};
    return now - row.considered < often_enough ? result<>() : pass_over(row, now);
  }
  // Of one that goes on because somebody says so, the store has it that it begins then.
  if (paused_.erase(schedule.name) > 0 && !row.paused)
    if (auto passed = pass_over(row, now); !passed) return passed;
  if (auto started = start_waiting(schedule); !started) return started;
  if (const auto* arrival = std::get_if<FileArrival>(&schedule.trigger))
    return look_at_files(schedule, *arrival, now);
  if (std::holds_alternative<LogEvent>(schedule.trigger)) return look_at_events(schedule, row);
  return look_at_times(schedule, row, now);
}

// What has passed until now is not made up for.
result<> Scheduler::pass_over(store::ScheduleRow& row, Timestamp now) {
  auto last = parts_.queries.last_event();
  if (!last) return std::move(last).error();
  row.considered = now;
  row.cursor = *last;
  return parts_.client.consider(row.name, row.considered, row.cursor, {});
}

result<std::vector<RunId>*> Scheduler::running(const std::string& schedule) {
  if (!running_) {
    auto runs = parts_.queries.runs_of_schedules();
    if (!runs) return std::move(runs).error();
    running_ = std::move(*runs);
  }
  return &(*running_)[schedule];
}

result<> Scheduler::start_asked(const Schedule& schedule) {
  const std::uint32_t count = open_[schedule.name].asked;
  if (count == 0) return {};
  auto asked = parts_.queries.open_firings(schedule.name, store::FiringState::asked, count);
  if (!asked) return std::move(asked).error();
  for (store::FiringRow& firing : *asked) {
    if (stop_.stop_requested()) break;
    if (auto started = start(schedule, std::move(firing), {}); !started) return started;
  }
  return {};
}

// The oldest first, each when the schedule has no run any more.
result<> Scheduler::start_waiting(const Schedule& schedule) {
  std::uint32_t& waiting = open_[schedule.name].waiting;
  for (; waiting > 0 && !stop_.stop_requested(); --waiting) {
    auto runs = running(schedule.name);
    if (!runs) return std::move(runs).error();
    const Meeting meeting = meet(schedule.overlap, (*runs)->size(), 0);
    if (meeting.answer != Meeting::Answer::start) return {};
    auto next = parts_.queries.open_firings(schedule.name, store::FiringState::waiting, 1);
    if (!next) return std::move(next).error();
    if (next->empty()) return {};
    const std::vector<RunId> cancelled = meeting.cancel_others ? **runs : std::vector<RunId>{};
    if (auto started = start(schedule, std::move(next->front()), cancelled); !started)
      return started;
  }
  return {};
}

// A cause that is known already stays as it is: whoever noted it may have died before it noted how
// far it had looked.
result<> Scheduler::decide(const Schedule& schedule, store::FiringRow firing) {
  auto known = parts_.queries.has_firing(schedule.name, firing.cause);
  if (!known) return std::move(known).error();
  if (*known) return {};
  auto runs = running(schedule.name);
  if (!runs) return std::move(runs).error();
  std::uint32_t& waiting = open_[schedule.name].waiting;
  Meeting meeting = meet(schedule.overlap, (*runs)->size(), waiting);
  if (firing.depth >= chain_at_most)
    meeting = {Meeting::Answer::skip, false,
               "it follows from " + std::to_string(firing.depth) +
                   " schedules, each started by the one before"};
  if (meeting.answer == Meeting::Answer::start)
    return start(schedule, std::move(firing),
                 meeting.cancel_others ? **runs : std::vector<RunId>{});
  firing.state = meeting.answer == Meeting::Answer::wait ? store::FiringState::waiting
                                                         : store::FiringState::skipped;
  firing.reason = meeting.reason;
  auto done = parts_.client.fire(firing, nullptr, {});
  if (!done) return std::move(done).error();
  if (firing.state == store::FiringState::waiting) ++waiting;
  return {};
}

result<InsertRun> Scheduler::plan_run(const Schedule& schedule, const store::FiringRow& firing) {
  auto inputs = schedule_inputs(schedule, firing.values);
  if (!inputs) return std::move(inputs).error();
  auto text = read_whole(schedule.pipeline);
  if (!text) return std::move(text).error();
  Submission submission;
  submission.definition = std::move(*text);
  submission.file = schedule.pipeline;
  submission.max_cost = schedule.max_cost;
  submission.priority = schedule.priority;
  submission.id = run_of_firing(schedule.name, firing.cause, firing.at).to_string();
  for (const json::key_value_pair& input : *inputs)
    submission.inputs[std::string(input.key())] = given_json(json::serialize(input.value()));
  auto planned = parts_.plan(submission);
  if (!planned) return std::move(planned).error();
  auto run = make_run(submission, *planned->plan, parts_.environment);
  if (!run) return std::move(run).error();
  return InsertRun{std::move(*run), std::move(planned->plan)};
}

result<> Scheduler::start(const Schedule& schedule, store::FiringRow firing,
                          const std::vector<RunId>& cancelled) {
  auto run = plan_run(schedule, firing);
  if (!run) {
    firing.state = store::FiringState::failed;
    firing.reason = on_one_line(run.error());
    parts_.environment.log->error(firing.reason, {{"schedule", schedule.name}});
    auto done = parts_.client.fire(firing, nullptr, {});
    if (!done) return std::move(done).error();
    return {};
  }
  firing.state = store::FiringState::started;
  firing.run = run->run.id;
  std::vector<Command> cancels;
  for (const RunId other : cancelled) {
    Command& cancel = cancels.emplace_back();
    cancel.id = new_command_id();
    cancel.run = other;
    cancel.kind = CommandKind::cancel;
  }
  auto done = parts_.client.fire(firing, &*run, cancels);
  if (!done) return std::move(done).error();
  if (running_) (*running_)[schedule.name].push_back(run->run.id);
  return {};
}

// ---------------------------------------------------------------- causes

result<> Scheduler::look_at_times(const Schedule& schedule, const store::ScheduleRow& row,
                                  Timestamp now) {
  const Due due = due_times(schedule, row.considered, now);
  for (const Timestamp time : due.times) {
    if (stop_.stop_requested()) return {};
    if (auto done = decide(schedule, firing_at(schedule, "time " + to_string(time), time)); !done)
      return done;
  }
  if (due.times.empty() && due.missed.count == 0) return {};
  json::object missed;
  if (due.missed.count > 0)
    missed = {{"count", due.missed.count},
              {"first", to_string(due.missed.first)},
              {"last", to_string(due.missed.last)}};
  return parts_.client.consider(schedule.name, due.considered, row.cursor, missed);
}

result<> Scheduler::look_at_events(const Schedule& schedule, const store::ScheduleRow& row) {
  const auto& wanted = std::get<LogEvent>(schedule.trigger);
  for (std::uint64_t cursor = row.cursor;;) {
    auto events = parts_.queries.events({cursor, std::nullopt, events_at_a_time});
    if (!events) return std::move(events).error();
    if (events->empty()) return {};
    for (const EventRecord& event : *events) {
      if (stop_.stop_requested()) return {};
      if (event.type != wanted.type || event.run == RunId{}) continue;
      if (auto done = take_event(schedule, event); !done) return done;
    }
    cursor = events->back().seq;
    auto considered = parts_.client.consider(schedule.name, row.considered, cursor, {});
    if (!considered || events->size() < events_at_a_time) return considered;
  }
}

// Those of its own runs are none of its business: each would start the next.
result<> Scheduler::take_event(const Schedule& schedule, const EventRecord& event) {
  const auto& wanted = std::get<LogEvent>(schedule.trigger);
  auto run = parts_.queries.run(event.run);
  if (!run) return {};  // removed since
  const std::string& pipeline = run->run.pipeline_name;
  if (!wanted.pipeline.empty() && pipeline != wanted.pipeline) return {};
  auto starter = parts_.queries.starter_of(event.run);
  if (!starter) return std::move(starter).error();
  if (starter->has_value() && (*starter)->schedule == schedule.name) return {};
  const std::string id = event.run.to_string();
  store::FiringRow firing =
      firing_at(schedule, "event " + id + " " + std::to_string(event.run_seq), event.at);
  firing.depth = starter->has_value() ? (*starter)->depth + 1 : 0;
  json::object values{{"type", event.type},
                      {"run", id},
                      {"pipeline", pipeline},
                      {"at", to_string(event.at)},
                      {"data", event.data}};
  if (event.task) values["task"] = *event.task;
  firing.values["event"] = std::move(values);
  return decide(schedule, std::move(firing));
}

result<> Scheduler::look_at_files(const Schedule& schedule, const FileArrival& arrival,
                                  Timestamp now) {
  Files& known = files_[schedule.name];
  Files present;
  std::error_code failed;
  for (fs::directory_iterator entry(arrival.folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    std::error_code vanished;
    if (fnmatch(arrival.glob.c_str(), name.c_str(), FNM_PERIOD) != 0 ||
        !entry->is_regular_file(vanished))
      continue;
    Seen seen{entry->file_size(vanished), changed_at_ms(entry->path(), vanished), now, {}, false};
    if (vanished) continue;
    const auto before = known.find(name);
    if (before != known.end() && before->second.size_bytes == seen.size_bytes &&
        before->second.changed_at_ms == seen.changed_at_ms)
      seen = before->second;
    present.emplace(name, seen);
  }
  known = std::move(present);
  if (failed)
    return not_found("cannot look into '" + arrival.folder + "': " + failed.message(),
                     "make the folder, or mend 'files.folder'");
  result<> looked;
  for (auto& [name, seen] : known) {
    if (stop_.stop_requested()) break;
    if (seen.done || now - seen.since < arrival.settle) continue;
    auto taken = take_file(schedule, fs::path(arrival.folder) / name, seen, now);
    if (taken) continue;
    seen.since = now;  // it may be better then; the others are not to wait for it
    const std::string problem = taken.error().to_string();
    if (std::exchange(seen.problem, problem) != problem && looked) looked = std::move(taken);
  }
  return looked;
}

// A file counts once as it is: one of the same name with other content is another one.
result<> Scheduler::take_file(const Schedule& schedule, const fs::path& file, Seen& seen,
                              Timestamp now) {
  const std::string cause = "file " + file.filename().string() + " " +
                            std::to_string(seen.size_bytes) + " " +
                            std::to_string(seen.changed_at_ms);
  auto known = parts_.queries.has_firing(schedule.name, cause);
  if (!known) return std::move(known).error();
  if (!*known) {
    auto artifact = parts_.keep(file);
    if (!artifact) return std::move(artifact).error();
    if (artifact->size_bytes != seen.size_bytes) {  // somebody writes to it all the same
      seen.since = now;
      return {};
    }
    store::FiringRow firing = firing_at(schedule, cause, now);
    firing.values["file"] = to_json(*artifact);
    if (auto decided = decide(schedule, std::move(firing)); !decided) return decided;
  }
  seen.done = true;
  return {};
}

}  // namespace weft::shell
