// SPDX-License-Identifier: Apache-2.0
// Schedules on a real store, with a clock that stands still until it is told.
#pragma once
#include <sqlite3.h>

#include <algorithm>
#include <fstream>

#include "artifact/artifact_store.hpp"
#include "catch.hpp"
#include "plan/expand.hpp"
#include "print_result.hpp"
#include "shell/scheduler.hpp"
#include "temp_folder.hpp"

namespace weft::shell::test {

// Nothing has to do it: its runs rest.
inline constexpr std::string_view definition = R"(
[pipeline]
name = "look"
[inputs]
what = { default = "nothing" }
[tasks.ask]
approve = { message = "well?" }
)";

inline const Timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} +
                            std::chrono::hours{12}};

// A configuration with these schedules, and a process that looks at them.
class Desk {
 public:
  explicit Desk(const std::string& schedules) {
    std::ofstream(folder() / "look.toml") << definition;
    std::ofstream(folder() / "weft.toml") << schedules;
    RuntimeOptions options;
    options.config = folder() / "weft.toml";
    options.state = folder() / "state";
    options.log = [this](std::string_view, std::string_view line) { log.emplace_back(line); };
    environment = read_environment(std::move(options)).value();
    store::Options opened;
    opened.folder = folder() / "state";
    opened.now = [this] { return clock; };
    client = store::Client::open(opened).value();
    queries = store::Queries::open(opened).value();
    begin();
  }

  // The process dies, and another one begins.
  void begin() {
    scheduler.emplace(Scheduler::Parts{
        *environment, *queries, *client,
        [this](const Submission& submission) -> result<Planned> {
          if (while_planning) while_planning();
          const OperationCatalog operations = OperationCatalog::canonical();
          auto read = read_pipeline(submission.definition, submission.file,
                                    DefinitionContext{operations, {}, {}, "USD"});
          if (!read) return read.error();
          auto inputs = read_inputs(read->pipeline->inputs, submission.inputs, describe_file);
          if (!inputs) return inputs.error();
          auto plan = expand(read->pipeline, *inputs);
          if (!plan) return plan.error();
          return Planned{std::make_shared<const Plan>(std::move(*plan)), {}};
        },
        [this](const std::filesystem::path& file) { return keep(file); }});
  }

  void pass(Timestamp now, std::stop_token stop = {}) {
    clock = now;
    REQUIRE(scheduler->pass(now, stop));
  }

  std::vector<store::FiringRow> firings(const std::string& schedule = "s") {
    auto newest_first = queries->firings(schedule, 100).value();
    std::ranges::reverse(newest_first);
    return newest_first;
  }
  std::vector<store::FiringState> states(const std::string& schedule = "s") {
    std::vector<store::FiringState> all;
    for (const auto& firing : firings(schedule)) all.push_back(firing.state);
    return all;
  }
  std::size_t runs() { return queries->runs({}, 100).value().size(); }
  json::object inputs_of(const store::FiringRow& firing) {
    return queries->run_inputs(*firing.run).value();
  }
  // As if the run had come to its end.
  void finish(RunId run) {
    sql("UPDATE run SET state = 2 WHERE id = x'" + hex(run) + "'");
    sql("INSERT INTO event (run, run_seq, at, type, no, data) SELECT key, 1 + coalesce((SELECT "
        "max(run_seq) FROM event e WHERE e.run = r.key), 0), 0, 'run.succeeded', NULL, "
        "'{\"outputs\":{\"film\":7}}' FROM run r WHERE id = x'" +
        hex(run) + "'");
  }
  std::vector<std::string> events() {
    std::vector<std::string> types;
    for (const EventRecord& event : queries->events({}).value()) types.push_back(event.type);
    return types;
  }
  void sql(const std::string& statement) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open((folder() / "state/weft.db").c_str(), &handle) == SQLITE_OK);
    CHECK(sqlite3_exec(handle, statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(handle);
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

  testing::TempFolder folder_;
  Timestamp clock = noon;
  TakeFile keep = describe_file;
  std::function<void()> while_planning;
  std::vector<std::string> log;
  std::shared_ptr<const Environment> environment;
  std::unique_ptr<store::Client> client;
  std::unique_ptr<store::Queries> queries;
  std::optional<Scheduler> scheduler;

 private:
  static std::string hex(RunId run) {
    std::string digits = run.to_string();
    std::erase(digits, '-');
    return digits;
  }
};

inline const std::string hourly =
    "[schedules.s]\npipeline = \"look.toml\"\ncron = \"0 * * * *\"\ninputs = { what = "
    "\"${fire.at}\" }\n";

using State = store::FiringState;
using States = std::vector<State>;

}  // namespace weft::shell::test
