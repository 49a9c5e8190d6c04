// SPDX-License-Identifier: Apache-2.0
// What schedules start because of files and events.
#include "schedule_desk.hpp"

using namespace weft;
using namespace weft::shell;
using namespace weft::shell::test;
using namespace std::chrono_literals;

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
