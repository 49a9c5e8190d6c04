// SPDX-License-Identifier: Apache-2.0
// Schedules on a real store, with a clock that stands still until it is told.
#include "shell/scheduler.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>

#include "artifact/artifact_store.hpp"
#include "catch.hpp"
#include "plan/expand.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::shell;
using namespace std::chrono_literals;

namespace {

// Nothing has to do it: its runs rest.
constexpr std::string_view definition = R"(
[pipeline]
name = "look"
[inputs]
what = { default = "nothing" }
[tasks.ask]
approve = { message = "well?" }
)";

const Timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + 12h};

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

const std::string hourly =
    "[schedules.s]\npipeline = \"look.toml\"\ncron = \"0 * * * *\"\ninputs = { what = "
    "\"${fire.at}\" }\n";

using State = store::FiringState;
using States = std::vector<State>;

}  // namespace

TEST_CASE("a run is started when its time has come, once, whoever looks and how often") {
  Desk desk(hourly);
  desk.pass(noon - 10min);
  CHECK(desk.firings().empty());
  desk.pass(noon + 1s);
  desk.pass(noon + 2s);
  desk.begin();
  desk.pass(noon + 3s);
  REQUIRE(desk.states() == States{State::started});
  CHECK(desk.runs() == 1);
  CHECK(desk.inputs_of(desk.firings()[0]) == json::object{{"what", "2026-11-30T12:00:00.000Z"}});
  CHECK(desk.events() == std::vector<std::string>{"schedule.started"});
}

TEST_CASE("a process that dies between the run and its own note of it starts no second run") {
  Desk desk(hourly);
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  desk.sql(
      "UPDATE schedule SET considered = considered - 600000");  // what was not written any more
  desk.begin();
  desk.pass(noon + 2s);
  CHECK(desk.states() == States{State::started});
  CHECK(desk.runs() == 1);
}

TEST_CASE("while an earlier run goes on, the next is skipped, with the reason in its history") {
  Desk desk(hourly);
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  desk.pass(noon + 1h + 1s);
  CHECK(desk.states() == States{State::started, State::skipped});
  CHECK(desk.firings()[1].reason == "an earlier run goes on");
  desk.finish(*desk.firings()[0].run);
  desk.pass(noon + 2h + 1s);
  CHECK(desk.states() == States{State::started, State::skipped, State::started});
}

TEST_CASE("one waits for an earlier run, and starts when that has ended") {
  Desk desk(hourly + "overlap = \"queue\"\n");
  desk.pass(noon - 10min);
  for (const auto hour : {0h, 1h, 2h}) desk.pass(noon + hour + 1s);
  CHECK(desk.states() == States{State::started, State::waiting, State::skipped});
  desk.finish(*desk.firings()[0].run);
  desk.begin();
  desk.pass(noon + 2h + 5s);
  CHECK(desk.states() == States{State::started, State::started, State::skipped});
  CHECK(desk.inputs_of(desk.firings()[1]).at("what") == "2026-11-30T13:00:00.000Z");
}

TEST_CASE("what waits goes on waiting when the process dies before it notes how far it looked") {
  Desk desk(hourly + "overlap = \"queue\"\n");
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  desk.pass(noon + 1h + 1s);
  REQUIRE(desk.states() == States{State::started, State::waiting});
  desk.sql("UPDATE schedule SET considered = considered - 600000");
  desk.begin();
  desk.pass(noon + 1h + 2s);
  CHECK(desk.states() == States{State::started, State::waiting});
}

TEST_CASE("an earlier run is cancelled by a command, or goes on beside the next") {
  Desk desk(hourly +
            "overlap = \"cancel_other\"\n[schedules.t]\npipeline = \"look.toml\"\ncron = "
            "\"0 * * * *\"\noverlap = \"allow\"\n");
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  desk.pass(noon + 1h + 1s);
  CHECK(desk.states("s") == States{State::started, State::started});
  CHECK(desk.states("t") == States{State::started, State::started});
  const auto commands = desk.queries->open_commands().value();
  REQUIRE(commands.size() == 1);
  CHECK(commands[0].kind == CommandKind::cancel);
  CHECK(commands[0].run == *desk.firings("s")[0].run);
}

TEST_CASE("what passed while nobody stood by is made up for once, and told") {
  Desk desk(hourly);
  desk.pass(noon - 10min);
  desk.begin();
  desk.pass(noon + 5h + 30min);
  REQUIRE(desk.states() == States{State::started});
  CHECK(desk.firings()[0].at == noon + 5h);
  const auto events = desk.events();
  CHECK(std::ranges::count(events, "schedule.missed") == 1);
}

TEST_CASE("a paused schedule starts nothing, makes nothing up, and may be asked all the same") {
  Desk desk(hourly);
  desk.pass(noon - 10min);
  REQUIRE(desk.client->pause_schedule("s", true));
  desk.pass(noon + 1s);
  desk.pass(noon + 3h + 1s);
  CHECK(desk.firings().empty());
  store::FiringRow asked;
  asked.schedule = "s";
  asked.cause = "by hand 1";
  asked.at = noon;
  asked.values["fire"] = json::object{{"schedule", "s"}, {"at", "now"}};
  REQUIRE(desk.client->fire(asked, nullptr, {}).value());
  desk.pass(noon + 3h + 2s);
  CHECK(desk.states() == States{State::started});
  REQUIRE(desk.client->pause_schedule("s", false));
  desk.finish(*desk.firings()[0].run);
  desk.pass(noon + 3h + 3s);
  CHECK(desk.firings().size() == 1);
  desk.pass(noon + 4h + 1s);
  CHECK(desk.states() == States{State::started, State::started});
}

TEST_CASE("what came just before a paused schedule goes on is not made up for") {
  Desk desk(hourly +
            "[schedules.then]\npipeline = \"look.toml\"\nevent = { type = \"run.succeeded\" }\n");
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  for (const char* name : {"s", "then"}) REQUIRE(desk.client->pause_schedule(name, true));
  desk.pass(noon + 59min + 30s);
  desk.finish(*desk.firings()[0].run);
  desk.clock = noon + 1h + 5s;
  for (const char* name : {"s", "then"}) REQUIRE(desk.client->pause_schedule(name, false));
  desk.pass(noon + 1h + 10s);
  CHECK(desk.states() == States{State::started});
  CHECK(desk.firings("then").empty());
  desk.pass(noon + 2h + 1s);
  CHECK(desk.states() == States{State::started, State::started});
}

TEST_CASE("what waits in a paused schedule waits on until it is resumed") {
  Desk desk(hourly + "overlap = \"queue\"\n");
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  desk.pass(noon + 1h + 1s);
  REQUIRE(desk.client->pause_schedule("s", true));
  desk.finish(*desk.firings()[0].run);
  desk.pass(noon + 1h + 2s);
  CHECK(desk.states() == States{State::started, State::waiting});
  REQUIRE(desk.client->pause_schedule("s", false));
  desk.pass(noon + 1h + 3s);
  CHECK(desk.states() == States{State::started, State::started});
}

TEST_CASE(
    "files that come to a paused schedule are taken when it goes on, if they still lie there") {
  Desk desk(
      "[schedules.s]\npipeline = \"look.toml\"\noverlap = \"allow\"\nfiles = { folder = "
      "\"inbox\" }\ninputs = { what = \"${file}\" }\n");
  const auto inbox = desk.folder() / "inbox";
  std::filesystem::create_directory(inbox);
  desk.pass(noon);
  REQUIRE(desk.client->pause_schedule("s", true));
  for (const char* name : {"a.png", "b.png"}) std::ofstream(inbox / name) << name;
  desk.pass(noon + 3s);
  desk.pass(noon + 6s);
  CHECK(desk.firings().empty());
  std::filesystem::remove(inbox / "a.png");
  REQUIRE(desk.client->pause_schedule("s", false));
  desk.pass(noon + 9s);
  desk.pass(noon + 12s);
  REQUIRE(desk.states() == States{State::started});
  CHECK(desk.inputs_of(desk.firings()[0]).at("what").at("name") == "b.png");
}

TEST_CASE("a definition that is wrong is in the history, and the next time is tried again") {
  Desk desk(hourly);
  desk.pass(noon - 10min);
  std::ofstream(desk.folder() / "look.toml") << "[pipeline]\n";
  desk.pass(noon + 1s);
  CHECK(desk.states() == States{State::failed});
  CHECK(desk.firings()[0].reason.find("look.toml") != std::string::npos);
  std::ofstream(desk.folder() / "look.toml") << definition;
  desk.pass(noon + 1h + 1s);
  CHECK(desk.states() == States{State::failed, State::started});
}

TEST_CASE("a file starts a run once it is whole, and once over restarts") {
  Desk desk(
      "[schedules.s]\npipeline = \"look.toml\"\noverlap = \"allow\"\nfiles = { folder = "
      "\"inbox\", glob = \"*.png\" }\ninputs = { what = \"${file}\" }\n");
  const auto inbox = desk.folder() / "inbox";
  std::filesystem::create_directory(inbox);
  std::ofstream(inbox / "a.png") << "half";
  std::ofstream(inbox / "notes.txt") << "no picture";
  desk.pass(noon);
  std::ofstream(inbox / "a.png", std::ios::app) << " and half";
  desk.pass(noon + 3s);  // it has grown meanwhile
  CHECK(desk.firings().empty());
  desk.pass(noon + 6s);
  REQUIRE(desk.states() == States{State::started});
  CHECK(desk.inputs_of(desk.firings()[0]).at("what").at("name") == "a.png");
  desk.begin();
  desk.pass(noon + 9s);
  desk.pass(noon + 12s);
  CHECK(desk.firings().size() == 1);
  std::ofstream(inbox / "b.new") << "whole";
  std::filesystem::rename(inbox / "b.new", inbox / "b.png");
  std::ofstream(inbox / "a.png") << "another picture of that name";
  desk.pass(noon + 15s);
  desk.pass(noon + 18s);
  CHECK(desk.states() == States{State::started, State::started, State::started});
  CHECK(desk.runs() == 3);
}

TEST_CASE("a file that cannot be kept for a while is tried again, and holds up no other") {
  Desk desk(
      "[schedules.s]\npipeline = \"look.toml\"\noverlap = \"allow\"\nfiles = { folder = "
      "\"inbox\" }\ninputs = { what = \"${file}\" }\n");
  const auto inbox = desk.folder() / "inbox";
  std::filesystem::create_directory(inbox);
  for (const char* name : {"a.png", "b.png"}) std::ofstream(inbox / name) << name;
  desk.keep = [](const std::filesystem::path& file) -> result<ArtifactInfo> {
    if (file.filename() == "a.png") return machine("no space is left for a.png");
    return describe_file(file);
  };
  desk.pass(noon);
  for (const auto later : {3s, 6s, 9s}) desk.pass(noon + later);
  REQUIRE(desk.states() == States{State::started});
  CHECK(desk.inputs_of(desk.firings()[0]).at("what").at("name") == "b.png");
  CHECK(std::ranges::count_if(desk.log, [](const std::string& line) {
          return line.find("no space is left") != line.npos;
        }) == 1);
  desk.keep = describe_file;
  desk.pass(noon + 12s);
  desk.pass(noon + 15s);
  REQUIRE(desk.states() == States{State::started, State::started});
  CHECK(desk.inputs_of(desk.firings()[1]).at("what").at("name") == "a.png");
}

TEST_CASE("what stays wrong with a schedule is told once, and again when it comes again") {
  Desk desk("[schedules.s]\npipeline = \"look.toml\"\nfiles = { folder = \"inbox\" }\n");
  desk.pass(noon);
  desk.pass(noon + 1s);
  CHECK(desk.log.size() == 1);
  std::filesystem::create_directory(desk.folder() / "inbox");
  desk.pass(noon + 2s);
  std::filesystem::remove(desk.folder() / "inbox");
  desk.pass(noon + 3s);
  CHECK(desk.log.size() == 2);
}

TEST_CASE("a pass that is stopped starts nothing more, and the next one does what is left") {
  Desk desk(
      "[schedules.s]\npipeline = \"look.toml\"\noverlap = \"allow\"\nfiles = { folder = "
      "\"inbox\" }\ninputs = { what = \"${file}\" }\n[schedules.t]\npipeline = "
      "\"look.toml\"\ncron = \"* * * * *\"\nmissed = \"all\"\n");
  const auto inbox = desk.folder() / "inbox";
  std::filesystem::create_directory(inbox);
  for (const char* name : {"a.png", "b.png", "c.png"}) std::ofstream(inbox / name) << name;
  desk.pass(noon + 1s);
  std::stop_source stopped;
  desk.while_planning = [&] { stopped.request_stop(); };
  desk.pass(noon + 1min + 1s, stopped.get_token());
  CHECK(desk.states("s") == States{State::started});
  CHECK(desk.firings("t").empty());
  desk.while_planning = {};
  desk.pass(noon + 1min + 2s);
  CHECK(desk.states("s") == States{State::started, State::started, State::started});
  CHECK(desk.states("t") == States{State::started});
}

TEST_CASE("what waits is counted within a pass, and starts one by one") {
  Desk desk(
      "[schedules.s]\npipeline = \"look.toml\"\noverlap = \"queue\"\nfiles = { folder = "
      "\"inbox\" }\ninputs = { what = \"${file}\" }\n");
  const auto inbox = desk.folder() / "inbox";
  std::filesystem::create_directory(inbox);
  for (const char* name : {"a.png", "b.png", "c.png"}) std::ofstream(inbox / name) << name;
  desk.pass(noon);
  desk.pass(noon + 3s);
  CHECK(desk.states() == States{State::started, State::waiting, State::skipped});
  desk.pass(noon + 4s);
  CHECK(desk.states() == States{State::started, State::waiting, State::skipped});
  desk.finish(*desk.firings()[0].run);
  desk.pass(noon + 5s);
  CHECK(desk.states() == States{State::started, State::started, State::skipped});
}

TEST_CASE("an event of one run starts another, with what the event says") {
  Desk desk(
      "[schedules.first]\npipeline = \"look.toml\"\ncron = \"0 12 * * *\"\n"
      "[schedules.then]\npipeline = \"look.toml\"\nevent = { type = \"run.succeeded\", "
      "pipeline = \"look\" }\ninputs = { what = \"${event.data.outputs.film}\" }\n");
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  CHECK(desk.firings("then").empty());
  desk.finish(*desk.firings("first")[0].run);
  desk.begin();
  desk.pass(noon + 2s);
  desk.pass(noon + 3s);
  REQUIRE(desk.states("then") == States{State::started});
  CHECK(desk.inputs_of(desk.firings("then")[0]).at("what") == 7);
}

TEST_CASE("a schedule hears nothing of its own runs, and of all others what it waits for") {
  Desk desk(
      "[schedules.s]\npipeline = \"look.toml\"\nevent = { type = \"run.succeeded\" }\n"
      "[schedules.first]\npipeline = \"look.toml\"\ncron = \"0 12 * * *\"\n");
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  desk.finish(*desk.firings("first")[0].run);
  desk.pass(noon + 2s);
  REQUIRE(desk.states() == States{State::started});
  desk.finish(*desk.firings()[0].run);
  desk.pass(noon + 3s);
  desk.pass(noon + 4s);
  CHECK(desk.states() == States{State::started});
}

TEST_CASE("schedules that start each other again come to an end") {
  Desk desk(
      "[schedules.a]\npipeline = \"look.toml\"\nevent = { type = \"run.succeeded\" }\n"
      "[schedules.b]\npipeline = \"look.toml\"\nevent = { type = \"run.succeeded\" }\n"
      "[schedules.first]\npipeline = \"look.toml\"\nat = \"2026-11-30T12:00Z\"\n");
  desk.pass(noon - 10min);
  desk.pass(noon + 1s);
  desk.finish(*desk.firings("first")[0].run);
  std::vector<RunId> finished;
  for (int round = 1; round < 20; ++round) {
    desk.pass(noon + round * 1min);
    for (const char* name : {"a", "b"})
      for (const store::FiringRow& firing : desk.firings(name))
        if (firing.run && std::ranges::find(finished, *firing.run) == finished.end()) {
          desk.finish(*firing.run);
          finished.push_back(*firing.run);
        }
  }
  for (const char* name : {"a", "b"}) {
    const States states = desk.states(name);
    CHECK(states.size() == chain_at_most);
    CHECK(states.back() == State::skipped);
    CHECK(std::ranges::count(states, State::started) == chain_at_most - 1);
  }
}

TEST_CASE("a schedule that was made by hand is looked at like any other, and removed") {
  Desk desk("");
  store::ScheduleRow row;
  row.name = "s";
  row.written =
      json::object{{"pipeline", (desk.folder() / "look.toml").string()}, {"cron", "0 * * * *"}};
  row.considered = noon - 10min;
  REQUIRE(desk.client->put_schedule(row));
  desk.pass(noon + 1s);
  CHECK(desk.states() == States{State::started});
  REQUIRE(desk.client->remove_schedule("s"));
  desk.pass(noon + 1h + 1s);
  CHECK(desk.firings().empty());
  CHECK(desk.runs() == 1);
}

TEST_CASE("a schedule that is removed and made again takes the files that lie there") {
  Desk desk("");
  const auto inbox = desk.folder() / "inbox";
  std::filesystem::create_directory(inbox);
  std::ofstream(inbox / "a.png") << "a picture";
  store::ScheduleRow row;
  row.name = "s";
  row.written = json::object{{"pipeline", (desk.folder() / "look.toml").string()},
                             {"files", json::object{{"folder", inbox.string()}}},
                             {"overlap", "allow"},
                             {"inputs", json::object{{"what", "${file}"}}}};
  for (const auto begun : {0s, 10s}) {
    REQUIRE(desk.client->put_schedule(row));
    desk.pass(noon + begun);
    desk.pass(noon + begun + 3s);
    CHECK(desk.states() == States{State::started});
    REQUIRE(desk.client->remove_schedule("s"));
    desk.pass(noon + begun + 4s);
  }
  CHECK(desk.runs() == 2);
}
