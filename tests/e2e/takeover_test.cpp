// SPDX-License-Identifier: Apache-2.0
// Several processes on one state folder, and the death of the one that executes.
#include <csignal>

#include "catch.hpp"
#include "job_server.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

class SharedPlace : private TempFolder, public JobServer, public Place {
 public:
  SharedPlace() : JobServer(TempFolder::path()), Place(service(JobServer::url())) {}

 private:
  static std::string service(const std::string& url) {
    return "[services.remote]\ncomponent = \"testing\"\noperations = [\"text.generate\"]\n"
           "price = \"0.01\"\nconfig = { url = \"" +
           url + "\", poll_ms = 20, behaviour = { delay_ms = 1500, cost_micros = 10000 } }\n";
  }
};

// Two jobs side by side, then one that needs both.
constexpr std::string_view definition = R"(
[pipeline]
name = "two_and_one"
[tasks.part]
for_each  = "[1, 2]"
operation = "text.generate"
params    = { prompt = "part ${string(item)}" }
[tasks.whole]
operation = "text.generate"
params    = { prompt = "${tasks.part[0].text} and ${tasks.part[1].text}" }
)";

constexpr std::string_view one_paid = R"(
[pipeline]
name = "one"
[tasks.a]
operation = "text.generate"
params    = { prompt = "a" }
)";

TEST_CASE("When the executing process is killed, one that follows takes over at once") {
  const SharedPlace place;
  const std::string file = place.write("parts.toml", definition);
  Program first = place.start({"--json", "run", file});
  REQUIRE(eventually([&] { return place.accepted() == 2; }));
  const std::string first_run = place.newest_run();
  Program second = place.start({"--json", "run", file});
  REQUIRE(eventually([&] { return place.accepted() == 4; }));
  REQUIRE(first.running());
  const std::size_t events_before = place.events().size();
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);

  const Finished done = second.finish();
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  // The first thing after the death is that somebody goes on with what was running.
  const auto events = place.events();
  REQUIRE(events.size() > events_before);
  CHECK(count_events(events, "task.reattached") >= 2);

  const Finished rest = place.weft({"resume", first_run});
  INFO(rest.out << rest.err);
  CHECK(rest.exit_code == 0);
  CHECK(place.accepted() == 6);
  CHECK(place.each_billed_once());
  CHECK(tasks_done_again(place.events()).empty());
}

TEST_CASE("Two active runs survive the death of their process, and both are carried on") {
  const SharedPlace place;
  const std::string file = place.write("parts.toml", definition);
  Program executing = place.start({"--json", "run", file});
  REQUIRE(eventually([&] { return place.accepted() == 2; }));
  const std::string first_run = place.newest_run();
  const Finished handed_in = place.weft({"--json", "run", file, "--detach"});
  INFO(handed_in.out << handed_in.err);
  REQUIRE(handed_in.exit_code == 0);
  REQUIRE(eventually([&] { return place.accepted() >= 4; }));
  executing.signal(SIGKILL);
  REQUIRE(executing.finish().signal == SIGKILL);

  const std::string second_run = place.newest_run();
  REQUIRE(second_run != first_run);
  for (const std::string& run : {first_run, second_run}) {
    const Finished done = place.weft({"resume", run});
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(has(place.run(run), "state", "succeeded"));
  }
  CHECK(place.accepted() == 6);
  CHECK(place.each_billed_once());
  CHECK(tasks_done_again(place.events()).empty());
}

// A run whose process was killed while the service worked, and a service that knows nothing of it.
struct Forgotten {
  SharedPlace place;
  std::string run;

  Forgotten() {
    const std::string file = place.write("one.toml", one_paid);
    Program first = place.start({"--json", "run", file});
    REQUIRE(eventually([&] { return place.accepted() == 1; }));
    run = place.newest_run();
    first.signal(SIGKILL);
    REQUIRE(first.finish().signal == SIGKILL);
    place.forget_jobs();
  }
};

TEST_CASE("Buying again right after a crash waits for what the service says about the first time") {
  const Forgotten forgotten;
  const Finished again = forgotten.place.weft({"retry", forgotten.run, "--rebuy"});
  INFO(again.out << again.err);
  CHECK(again.exit_code == 0);
  CHECK(forgotten.place.accepted() == 2);
}

TEST_CASE("Settling right after a crash waits for what the service says about the first time") {
  const Forgotten forgotten;
  const Finished settled = forgotten.place.weft({"settle", forgotten.run, "a", "--not-bought"});
  INFO(settled.out << settled.err);
  CHECK(settled.exit_code == 0);
  CHECK(forgotten.place.accepted() == 1);
  const Finished done = forgotten.place.weft({"resume", forgotten.run});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(forgotten.place.accepted() == 2);
}

TEST_CASE("A run whose process was killed is shown as unattended until it is resumed") {
  const Forgotten forgotten;
  const json::object run = forgotten.place.run(forgotten.run);
  CHECK(run.at("unattended") == true);
  CHECK(run.at("owner").is_null());
  const std::string shown = forgotten.place.weft({"show", forgotten.run}).out;
  INFO(shown);
  CHECK(shown.find("weft resume " + forgotten.run) != std::string::npos);
  CHECK(shown.find("running") == std::string::npos);
}

}  // namespace
}  // namespace weft::testing
