// SPDX-License-Identifier: Apache-2.0
// Schedules as a program that embeds the runtime sees them.
#include "work_place.hpp"

using namespace weft;
using namespace weft::shell::test;

namespace {

// A table of a schedule that runs a definition with these keys beside.
std::string table(const Place& place, const std::string& keys) {
  std::ofstream(place.folder() / "p.json") << work("[]").definition;
  return R"({"pipeline": ")" + (place.folder() / "p.json").string() + R"(", )" + keys + "}";
}

}  // namespace

TEST_CASE("a run that is asked of a schedule is started by whoever stands by, and not before") {
  Place place;
  const auto executing = place.open();
  REQUIRE(executing->wait(executing->submit(work("[]")).value()));
  REQUIRE(executing->executing());
  REQUIRE(executing->add_schedule("nightly", table(place, R"("cron": "0 3 * * *")")));
  const std::string said = executing->run_schedule("nightly").value();
  CHECK(said.find("is asked for") != said.npos);
  CHECK(said.find("weft serve") != said.npos);
  CHECK(executing->schedule("nightly", 10).value().waiting == 1);
  executing->close(false);
  const auto serving = place.open(Role::execute);
  REQUIRE(eventually([&] {
    const auto view = serving->schedule("nightly", 10).value();
    return view.history.front().state == "started" && view.waiting == 0;
  }));
}

TEST_CASE("a schedule that is not paused loses nothing when somebody resumes it") {
  Place place;
  const auto runtime = place.open(Role::client);
  REQUIRE(runtime->add_schedule("nightly", table(place, R"("cron": "0 3 * * *")")));
  CHECK(runtime->pause_schedule("nightly", false).value() == "nightly is not paused");
  CHECK(runtime->pause_schedule("nightly", true).value() == "nightly is paused: it starts nothing");
  CHECK(runtime->pause_schedule("nightly", true).value() == "nightly is paused already");
  CHECK(runtime->pause_schedule("nightly", false).value() == "nightly goes on");
}

TEST_CASE("a schedule that is written into the configuration is there without a restart") {
  Place place;
  std::ofstream(place.folder() / "p.json") << work("[]").definition;
  std::filesystem::create_directory(place.folder() / "inbox");
  std::ofstream(place.folder() / "inbox" / "a.png") << "a picture";
  const auto runtime = place.open(Role::execute);
  CHECK(runtime->schedules().value().empty());
  const std::string inbox =
      "[schedules.inbox]\npipeline = \"p.json\"\nfiles = { folder = \"inbox\", settle = \"1ms\" "
      "}\n";
  place.configure(std::string(config) + inbox);
  REQUIRE(eventually([&] { return runtime->runs({}).value().size() == 1; }));
  CHECK(runtime->schedule("inbox", 10).value().history.front().state == "started");
  place.configure(std::string(config) + inbox + "overlap = \"lapover\"\n");
  REQUIRE(eventually([&] { return place.logged("the last good one stays") == 1; }));
  CHECK(runtime->schedules().value().size() == 1);
  place.configure(std::string(config));
  REQUIRE(eventually([&] { return runtime->schedules().value().empty(); }));
}

TEST_CASE("while the services of a file are tried, no schedule starts anything") {
  Place place("[schedules.often]\npipeline = \"p.json\"\ncron = \"* * * * *\"\n");
  std::ofstream(place.folder() / "tried.toml")
      << "[services.worker]\ncomponent = \"script_worker\"\n";
  RuntimeOptions options;
  options.role = Role::execute;
  options.config = place.folder() / "weft.toml";
  options.services = place.folder() / "tried.toml";
  CHECK(Runtime::open(std::move(options)).value()->schedules().value().empty());
}

TEST_CASE("an input of a new schedule is what the definition declares, or hangs on the cause") {
  Place place;
  const auto file = place.folder() / "p.json";
  std::ofstream(file) << R"({"pipeline": {"name": "p"},
    "inputs": {"title": {"type": "string"}, "seed": {"type": "integer"}, "picture": {"type": "artifact"}},
    "tasks": {"a": {"operation": "test.work",
                    "params": {"steps": [{"do": "say", "title": "${inputs.title}"}]}}}})";
  const auto runtime = place.open(Role::client);
  const std::string table = R"({"pipeline": ")" + file.string() + R"(", "cron": "@daily"})";
  const auto add = [&](const char* name, std::map<std::string, GivenInput> inputs) {
    return runtime->add_schedule(name, table, inputs);
  };
  const GivenInput picture = given_text("${file}");
  CHECK(
      add("good", {{"title", given_text("123")}, {"seed", given_text("7")}, {"picture", picture}}));
  const auto problem = [&](std::map<std::string, GivenInput> inputs) {
    const auto refused = add("bad", std::move(inputs));
    return refused ? std::string() : refused.error().to_string();
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(problem({{"title", given_text("a")}, {"picture", picture}}), Contains("input 'seed'"));
  CHECK_THAT(problem({{"title", given_text("a")}, {"seed", given_text("x")}, {"picture", picture}}),
             Contains("input 'seed'"));
  CHECK_THAT(problem({{"titel", given_text("a")}, {"seed", given_text("7")}, {"picture", picture}}),
             Contains("did you mean 'title'?"));
  CHECK_THAT(
      problem(
          {{"title", given_text("a")}, {"seed", given_text("7")}, {"picture", given_file(file)}}),
      Contains("another one when a run starts"));
}
