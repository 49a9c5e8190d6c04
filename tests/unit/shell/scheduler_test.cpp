// SPDX-License-Identifier: Apache-2.0
// What schedules start at their times, and what people say to them.
#include "schedule_desk.hpp"

using namespace weft;
using namespace weft::shell;
using namespace weft::shell::test;
using namespace std::chrono_literals;

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
