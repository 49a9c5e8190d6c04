// SPDX-License-Identifier: Apache-2.0
#include "model/schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "base/money.hpp"
#include "base/text.hpp"

namespace weft {
namespace {

constexpr std::array<const char*, 5> overlap_words{"skip", "queue", "queue_all", "cancel_other",
                                                   "allow"};
constexpr std::array<const char*, 3> missed_words{"skip", "once", "all"};
constexpr std::array<const char*, 4> trigger_keys{"cron", "at", "files", "event"};

const expr::Environment& schedule_environment() {
  using expr::Kind;
  using expr::Type;
  static const expr::Environment environment(
      {{"fire", Type::object({{"schedule", Kind::string, true}, {"at", Kind::string, true}}, true,
                             {"field", "'fire'"})},
       {"file", Kind::artifact},
       {"event", Type::dyn()}});
  return environment;
}

// "2026-12-24T18:00", by the clocks of the zone; with "Z" at its end by those of UTC.
std::optional<Timestamp> read_moment(std::string text, const TimeZone& zone) {
  const bool utc = text.ends_with('Z');
  if (utc) text.pop_back();
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, used = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d%n", &year, &month, &day, &hour,
                               &minute, &used);
  if (read != 5 || static_cast<std::size_t>(used) != text.size() || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const LocalTime shown =
      std::chrono::local_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute};
  return (utc ? TimeZone() : zone).moment(shown);
}

class ScheduleReader {
 public:
  ScheduleReader(TableReader& table, const std::string& name,
                 const std::function<std::string(const std::string&)>& resolve)
      : table_(table), resolve_(resolve) {
    schedule_.name = name;
    schedule_.position = table.position();
  }

  Schedule read() {
    read_run();
    read_zone();
    read_trigger();
    read_policies();
    if (const auto paused = table_.boolean("paused")) schedule_.paused = *paused;
    table_.finish();
    schedule_.written = written_form();
    return std::move(schedule_);
  }

 private:
  void read_run() {
    table_.require("pipeline", "say what it runs: pipeline = \"film.toml\"");
    if (const json::string* file = table_.text("pipeline"))
      schedule_.pipeline = resolve_(std::string(*file));
    if (const json::string* limit = table_.text("max_cost")) {
      schedule_.max_cost = std::string(*limit);
      if (auto amount = Money::parse(*limit, "USD"); !amount)
        table_.wrong("max_cost", amount.error().message, amount.error().remedy);
    }
    constexpr std::int64_t priority_at_most = 100;
    if (const auto priority = table_.integer("priority", -priority_at_most, priority_at_most))
      schedule_.priority = static_cast<std::int32_t>(*priority);
    const json::object* inputs = table_.object("inputs");
    const std::string pointer = table_.pointer_of("inputs");
    auto compiled = expr::compile_json(
        inputs ? *inputs : json::object{}, schedule_environment(), [&](std::string_view within) {
          return table_.document().text_position(pointer + std::string(within));
        });
    if (compiled)
      schedule_.inputs = std::move(*compiled);
    else
      table_.mistakes().add(compiled.error(), table_.value_position("inputs"));
  }

  void read_zone() {
    const json::string* name = table_.text("zone");
    if (!name) return;
    auto zone = TimeZone::find(std::string(*name));
    if (zone)
      schedule_.zone = std::move(*zone);
    else
      table_.wrong("zone", zone.error().message, zone.error().remedy);
  }

  void read_trigger() {
    std::vector<std::string> given;
    for (const char* key : trigger_keys)
      if (table_.any(key)) given.emplace_back(key);
    if (given.size() != 1)
      return table_.mistakes().add(
          given.empty() ? table_.position() : table_.key_position(given[1]),
          table_.what() + (given.empty() ? " says not when it runs" : " says twice when it runs"),
          "write one of cron, at, files and event");
    const std::string& key = given.front();
    if (key == "cron") read_cron();
    if (key == "at") read_at();
    if (key == "files") read_files();
    if (key == "event") read_event();
  }

  void read_cron() {
    const json::string* text = table_.text("cron");
    if (!text) return;
    auto cron = Cron::parse(*text);
    if (!cron) return table_.wrong("cron", cron.error().message, cron.error().remedy);
    schedule_.trigger = *cron;
    schedule_.when = std::string(*text) + ", " + schedule_.zone.name();
  }

  void read_at() {
    const json::string* text = table_.text("at");
    if (!text) return;
    const auto at = read_moment(std::string(*text), schedule_.zone);
    if (!at)
      return table_.wrong("at", "'" + excerpt(*text, 40) + "' is no moment",
                          "write one such as \"2026-12-24T18:00\"");
    schedule_.trigger = AtTime{*at};
    schedule_.when = "once, at " + to_string(*at);
  }

  void read_files() {
    auto files = table_.table("files", "'files' of " + table_.what());
    FileArrival arrival;
    if (!files) return;
    files->require("folder", "say where: folder = \"inbox\"");
    if (const json::string* folder = files->text("folder"))
      arrival.folder = resolve_(std::string(*folder));
    if (const json::string* glob = files->text("glob")) {
      arrival.glob = std::string(*glob);
      if (arrival.glob.empty() || arrival.glob.find('/') != std::string::npos)
        files->wrong("glob", "'glob' is of names in the folder", "write one such as \"*.png\"");
    }
    if (const auto settle = files->duration("settle")) arrival.settle = *settle;
    files->finish();
    schedule_.when = "files " + arrival.glob + " in " + arrival.folder;
    schedule_.trigger = std::move(arrival);
    schedule_.overlap = Overlap::queue_all;  // none is to be lost
  }

  void read_event() {
    auto event = table_.table("event", "'event' of " + table_.what());
    LogEvent wanted;
    if (!event) return;
    event->require("type", "say which: type = \"run.succeeded\"");
    if (const json::string* type = event->text("type")) {
      wanted.type = std::string(*type);
      if (!wanted.type.starts_with("run.") && !wanted.type.starts_with("task."))
        event->wrong("type", "'" + excerpt(*type, 40) + "' is no event of a run",
                     "write one such as \"run.succeeded\" or \"task.failed\"");
    }
    if (const json::string* pipeline = event->text("pipeline"))
      wanted.pipeline = std::string(*pipeline);
    if (wanted.type.starts_with("task.") && wanted.pipeline.empty())
      event->wrong("type", "'" + excerpt(wanted.type, 40) + "' happens in runs of every pipeline",
                   "say of which: pipeline = \"film\"");
    event->finish();
    schedule_.when = wanted.type + (wanted.pipeline.empty() ? "" : " of " + wanted.pipeline);
    schedule_.trigger = std::move(wanted);
    schedule_.overlap = Overlap::queue_all;
  }

  void read_policies() {
    if (const auto word = table_.word("overlap", {overlap_words.begin(), overlap_words.end()}))
      schedule_.overlap = static_cast<Overlap>(*word);
    const bool timed = std::holds_alternative<Cron>(schedule_.trigger) ||
                       std::holds_alternative<AtTime>(schedule_.trigger);
    for (const char* key : {"zone", "missed", "missed_window", "jitter"})
      if (!timed && table_.any(key))
        table_.mistakes().add(table_.key_position(key),
                              "'" + std::string(key) + "' is for schedules with times",
                              "leave it out");
    if (const auto word = table_.word("missed", {missed_words.begin(), missed_words.end()}))
      schedule_.missed = static_cast<Missed>(*word);
    if (const auto window = table_.duration("missed_window")) schedule_.missed_window = *window;
    if (const auto jitter = table_.duration("jitter")) schedule_.jitter = *jitter;
  }

  json::value written_form() const {
    const json::value* written = value_at(table_.document().root(), table_.pointer());
    if (!written || !written->is_object()) return nullptr;
    json::object form = written->get_object();
    if (!schedule_.pipeline.empty()) form["pipeline"] = schedule_.pipeline;
    if (const auto* files = std::get_if<FileArrival>(&schedule_.trigger))
      form["files"].as_object()["folder"] = files->folder;
    return form;
  }

  TableReader& table_;
  const std::function<std::string(const std::string&)>& resolve_;
  Schedule schedule_;
};

}  // namespace

std::string_view to_string(Overlap overlap) noexcept {
  return overlap_words[static_cast<std::size_t>(overlap)];
}
std::string_view to_string(Missed missed) noexcept {
  return missed_words[static_cast<std::size_t>(missed)];
}

Schedule read_schedule(TableReader& table, const std::string& name,
                       const std::function<std::string(const std::string&)>& resolve) {
  return ScheduleReader(table, name, resolve).read();
}

result<Schedule> read_written_schedule(const std::string& name, const json::value& written) {
  const Document document =
      Document::without_positions(json::object{{"schedule", written}}, "schedule " + name);
  Mistakes mistakes;
  TableReader table(document, "/schedule", "schedule '" + name + "'", mistakes);
  const std::function<std::string(const std::string&)> as_it_is = [](const std::string& path) {
    return path;
  };
  Schedule schedule = read_schedule(table, name, as_it_is);
  if (mistakes.any()) return invalid("schedule '" + name + "'", mistakes.take());
  return schedule;
}

result<json::object> schedule_inputs(const Schedule& schedule, const json::object& values) {
  expr::Bindings bindings(schedule_environment());
  for (const char* name : {"fire", "file", "event"})
    if (const json::value* value = values.if_contains(name))
      bindings.set(name, expr::from_json(*value));
  auto inputs = schedule.inputs.evaluate(bindings);
  if (!inputs) return std::move(inputs).error().in("inputs of schedule '" + schedule.name + "'");
  return std::move(inputs->get_object());
}

}  // namespace weft
