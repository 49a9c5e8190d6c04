// SPDX-License-Identifier: Apache-2.0
// What starts runs by itself: at times, when files arrive, when something happens. `[schedules.x]`
// of the configuration, or made by hand.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/time_zone.hpp"
#include "expr/template.hpp"
#include "model/cron.hpp"
#include "model/table_reader.hpp"

namespace weft {

// What follows when a run is due and an earlier one of the schedule goes on.
enum class Overlap : std::uint8_t {
  skip,          // it is not started
  queue,         // it waits for that one; one waits at most
  queue_all,     // it waits, however many do
  cancel_other,  // the other one is cancelled
  allow,         // both go on
};

// What follows of times that have passed while nobody was there to start anything.
enum class Missed : std::uint8_t {
  skip,  // nothing
  once,  // one run makes up for all of them: the latest
  all,   // each is made up for, in their order
};

struct AtTime {
  Timestamp at{};
};
// A file that has come to a folder, whole: by a rename, or once nothing more is added to it.
struct FileArrival {
  std::string folder;  // absolute
  std::string glob = "*";
  Duration settle = std::chrono::seconds{2};  // so long it stays as it is
};
// An event of the log (runtime/README.md) about a run that the schedule has not started itself.
struct LogEvent {
  std::string type;
  std::string pipeline;  // of the run; "" any, which events of tasks may not say
};
using Trigger = std::variant<Cron, AtTime, FileArrival, LogEvent>;

struct Schedule {
  std::string name;
  std::string pipeline;        // the definition's file, absolute; read anew each time
  expr::ValueTemplate inputs;  // over `fire`, and `file` or `event`
  std::string max_cost;        // of each run; "" none
  std::int32_t priority = 0;
  Trigger trigger;
  std::string when;  // the trigger as people read it: "30 3 * * mon-fri, Europe/Berlin"
  TimeZone zone;
  Overlap overlap = Overlap::skip;
  Missed missed = Missed::once;
  Duration missed_window = std::chrono::hours{24};  // what is older is never made up for
  Duration jitter{};    // each run starts up to so much later, by its schedule and time
  bool paused = false;  // as written; what people say since stands above it
  json::value written;  // the table, with absolute paths
  SourcePosition position;
};

std::string_view to_string(Overlap overlap) noexcept;
std::string_view to_string(Missed missed) noexcept;

// Reads one table; mistakes are noted in it. `resolve` makes a path absolute.
Schedule read_schedule(TableReader& table, const std::string& name,
                       const std::function<std::string(const std::string&)>& resolve);
// From Schedule::written.
result<Schedule> read_written_schedule(const std::string& name, const json::value& written);

// The inputs of a run that the schedule starts. `values` are the variables: {"fire": {"schedule",
// "at"}, "file": an artifact, "event": {"type", "run", "pipeline", "task", "at", "data"}}.
result<json::object> schedule_inputs(const Schedule& schedule, const json::object& values);

}  // namespace weft
