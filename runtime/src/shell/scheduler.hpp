// SPDX-License-Identifier: Apache-2.0
// Starts what schedules say, when it is due. It is a client of the store like any other: a run and
// the row that says why it was started go in together, and the executing runtime finds it there. So
// a cause starts its run once, whenever the process dies.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "model/schedule.hpp"
#include "plan/firing.hpp"
#include "shell/environment.hpp"
#include "shell/submission.hpp"
#include "store/client.hpp"
#include "store/queries.hpp"

namespace weft::shell {

// Those of the configuration, and those that were made by hand. One that was written by hand and
// cannot be read any more is left out; `broken` gets its name and what is wrong.
result<std::vector<Schedule>> known_schedules(
    std::vector<Schedule> configured, const std::vector<store::ScheduleRow>& rows,
    const std::function<void(const std::string&, const Error&)>& broken);

// One thread at a time.
class Scheduler {
 public:
  // Everything referred to outlives it.
  struct Parts {
    const Environment& environment;
    store::Queries& queries;
    store::Client& client;
    std::function<result<Planned>(const Submission&)> plan;
    // Keeps a file as an artifact.
    std::function<result<ArtifactInfo>(const std::filesystem::path&)> keep;
  };
  explicit Scheduler(Parts parts)
      : parts_(std::move(parts)), configured_(parts_.environment.config.schedules) {}

  // In place of those that the configuration had. One of the same name goes on where it was.
  void configure(std::vector<Schedule> schedules) { configured_ = std::move(schedules); }

  // Looks at every schedule, and does what is due. What is wrong with one of them goes to the log,
  // and to its history. What is left when it is stopped is found by the next one.
  result<> pass(Timestamp now, std::stop_token stop = {});

 private:
  // A file that has been seen, and since when it has been as it is.
  struct Seen {
    std::uintmax_t size_bytes = 0;
    std::int64_t changed_at_ms = 0;
    Timestamp since{};
    std::string problem;  // with it, that has been told
    bool done = false;
  };
  using Files = std::map<std::string, Seen>;

  result<store::ScheduleRow> row_of(const Schedule& schedule,
                                    const std::vector<store::ScheduleRow>& rows, Timestamp now);
  result<> look_at(const Schedule& schedule, store::ScheduleRow row, Timestamp now);
  result<> pass_over(store::ScheduleRow& row, Timestamp now);
  result<> start_asked(const Schedule& schedule);
  result<> start_waiting(const Schedule& schedule);
  // Runs of it that have not ended, as this pass knows them.
  result<std::vector<RunId>*> running(const std::string& schedule);
  result<> look_at_times(const Schedule& schedule, const store::ScheduleRow& row, Timestamp now);
  result<> look_at_events(const Schedule& schedule, const store::ScheduleRow& row);
  result<> take_event(const Schedule& schedule, const EventRecord& event);
  result<> look_at_files(const Schedule& schedule, const FileArrival& arrival, Timestamp now);
  result<> take_file(const Schedule& schedule, const std::filesystem::path& file, Seen& seen,
                     Timestamp now);
  result<> decide(const Schedule& schedule, store::FiringRow firing);
  result<> start(const Schedule& schedule, store::FiringRow firing,
                 const std::vector<RunId>& cancelled);
  result<InsertRun> plan_run(const Schedule& schedule, const store::FiringRow& firing);

  Parts parts_;
  std::vector<Schedule> configured_;
  std::map<std::string, Files> files_;       // by schedule
  std::set<std::string> paused_;             // as they were looked at last
  std::map<std::string, std::string> told_;  // what is wrong with each
  // Of this pass, by schedule; the runs are asked for when the first one matters.
  std::stop_token stop_;
  std::map<std::string, store::OpenFirings> open_;
  std::optional<std::map<std::string, std::vector<RunId>>> running_;
};

}  // namespace weft::shell
