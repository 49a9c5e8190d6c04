// SPDX-License-Identifier: Apache-2.0
// Making what is missing of a project, by a service that makes pictures of texts.
#include <sqlite3.h>
#include <unistd.h>

#include <fstream>
#include <future>

#include "store/lock.hpp"
#include "work_place.hpp"

using namespace weft;
using namespace weft::shell::test;

namespace {

constexpr std::string_view picture = R"(
[operations."test.work".outputs.picture]
media_type = "image/png"
)";

// A project of posters.
Making posters(const Place& place, std::vector<std::string> goals) {
  const auto file = place.folder() / "posters.toml";
  std::ofstream(file) << R"([project]
name = "posters"
[recipes.one]
operation = "test.work"
params.steps = [{ do = "output", name = "picture", bytes = "iVBORw0KGgo=", base64 = true }]
[recipes.other]
operation = "test.work"
params.steps = [{ do = "output", name = "picture", bytes = "iVBORw0KGgo=", base64 = true }]
[recipes.slow]
operation = "test.work"
params.steps = [{ do = "until_cancelled" }]
)";
  Making making;
  making.project = file;
  making.goals = std::move(goals);
  return making;
}

void change_store(const Place& place, const char* statement) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open((place.folder() / "state" / "weft.db").c_str(), &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 30'000);
  REQUIRE(sqlite3_exec(db, statement, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace

TEST_CASE(
    "who waits for another that finds out what is missing is told so, and can be called off") {
  Place place(picture);
  const auto runtime = place.open();
  std::filesystem::create_directories(runtime->state_folder());
  const auto held = store::lock_making(runtime->state_folder());
  REQUIRE(held);
  const Making making = posters(place, {"one"});
  auto waiting = std::async(std::launch::async, [&] { return runtime->make(making); });
  CHECK(eventually([&] {
    return place.logged("another 'weft make' finds out what is missing (process " +
                        std::to_string(::getpid())) == 1;
  }));
  runtime->interrupt();
  const auto ended = waiting.get();
  REQUIRE_FALSE(ended);
  CHECK(ended.error().message.find("interrupted") != std::string::npos);
}

TEST_CASE("a product whose record is damaged is named and made again, and the others are taken") {
  for (const char* damage :
       {"UPDATE product SET inputs = '[' WHERE name = 'one'",
        "UPDATE product SET settings = '7' WHERE name = 'one'",
        "UPDATE product SET inputs = '{\"image\": [{\"product\": 7}]}' WHERE name = 'one'"}) {
    Place place(picture);
    const auto runtime = place.open();
    const Making making = posters(place, {"one", "other"});
    const auto made = runtime->make(making);
    REQUIRE(made);
    REQUIRE(runtime->wait(made->run)->state == "succeeded");
    change_store(place, damage);
    const auto again = runtime->plan_making(making);
    REQUIRE(again);
    CHECK(again->to_make == 1);
    CHECK(place.logged("'one' by task ") == 1);
    CHECK(runtime->products(making.project).has_value());
  }
}

TEST_CASE("a run that was to give way and is made to go on is one like any other again") {
  Place place(picture);
  const auto runtime = place.open();
  const Making making = posters(place, {"slow"});
  const auto made = runtime->make(making);
  REQUIRE(made);
  REQUIRE(runtime->pause(made->run));
  change_store(place, "UPDATE run_payload SET replaced_by = zeroblob(16)");
  CHECK_FALSE(runtime->run(made->run)->replaced_by.empty());
  REQUIRE(runtime->resume(made->run));
  CHECK(runtime->run(made->run)->replaced_by.empty());
  CHECK(runtime->make(making)->run == made->run);
}
