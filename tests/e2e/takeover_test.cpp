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

}  // namespace
}  // namespace weft::testing
