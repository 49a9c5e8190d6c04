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
