// SPDX-License-Identifier: Apache-2.0
// Components written against the SDK's C++ face, in the real host.
#include <boost/json.hpp>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

TEST_CASE("a coroutine awaits its checkpoint and puts out what it made") {
  World world("face");
  const auto instance = world.make("face");
  world.sink.on_checkpoint = [&](AttemptRef attempt, std::uint64_t op) {
    instance->checkpointed(attempt, op);
  };
  const auto outcome = world.run(*instance, world.job_with(1, "{}"));
  REQUIRE(outcome.outcome == Outcome::ok);
  CHECK(world.content(outcome.outputs.at("text")) == "made from remote-1");
  CHECK(world.sink.heard().front() == "checkpoint 1 remote-1");
}

TEST_CASE("a coroutine goes on with the token of an attempt that is attached") {
  World world("face");
  const auto instance = world.make("face");
  instance->attach(world.job_with(1, "{}"), "remote-7");
  REQUIRE(world.until([&] { return world.sink.outcome(1).has_value(); }));
  CHECK(world.content(world.sink.outcome(1)->outputs.at("text")) == "made from remote-7");
}

TEST_CASE("a cancel unwinds a coroutine that sleeps") {
  World world("face");
  const auto instance = world.make("face");
  const Job job = world.job_with(1, R"({"sleep_ms": 600000})");
  instance->attach(job, "remote-7");
  instance->cancel(job.attempt);
  REQUIRE(world.until([&] { return world.sink.outcome(1).has_value(); }));
  CHECK(world.sink.outcome(1)->outcome == Outcome::cancelled);
}

TEST_CASE("what a plugin throws ends its job as internal, with the words of the exception") {
  World world("face");
  const auto adapter = world.make("face");
  const auto worker = world.make("face_worker");
  const auto slipped = world.run(*adapter, world.job_with(1, R"({"throws": true})"));
  CHECK(slipped.outcome == Outcome::internal);
  CHECK(slipped.message == "the plugin threw: it slipped");
  const auto fell = world.run(*worker, world.job_with(2, R"({"throws": true})", "test.work"));
  CHECK(fell.outcome == Outcome::internal);
  CHECK(fell.message == "the plugin threw: it fell");
}

TEST_CASE("an executor's program writes a file that becomes its output") {
  World world("face");
  const auto worker = world.make("face_worker");
  const auto outcome = world.run(*worker, world.job_with(1, "{}", "test.work"));
  REQUIRE(outcome.outcome == Outcome::ok);
  CHECK(world.content(outcome.outputs.at("text")) == "made here\n");
}

TEST_CASE("what a plugin says its job took comes with the end, also with a failure") {
  World world("face");
  const auto instance = world.make("face");
  world.sink.on_checkpoint = [&](AttemptRef attempt, std::uint64_t op) {
    instance->checkpointed(attempt, op);
  };
  TaskNo task = 0;
  for (const char* params :
       {R"({"takes": 5000000000})", R"({"takes": 5000000000, "throws": true})"}) {
    const auto outcome = world.run(*instance, world.job_with(++task, params));
    REQUIRE(outcome.usage);
    CHECK(outcome.usage->gpu_memory_bytes == 5'000'000'000);
    CHECK(outcome.usage->queue_place == 3);
    CHECK(outcome.usage->cpu == Duration(0));
  }
  CHECK_FALSE(world.run(*instance, world.job_with(++task, "{}")).usage);
}

TEST_CASE("what a worker's programs took comes with the end of its job") {
  World world("face");
  const auto instance = world.make("face_worker");
  const auto outcome = world.run(*instance, world.job_with(1, "{}", "test.work"));
  REQUIRE(outcome.usage);
  CHECK(outcome.usage->cpu > Duration(0));
}

TEST_CASE("a preview goes to whoever looks, and nowhere when nobody does or it is too large") {
  World world("face");
  const auto instance = world.make("face");
  const auto show = [&](TaskNo task, const char* params) {
    return world.run(*instance, world.job_with(task, params)).outputs.at("wanted").as_bool();
  };
  CHECK_FALSE(show(1, R"({"shows": 10})"));
  CHECK(world.previews.shown.empty());
  world.previews.wanted = true;
  CHECK(show(2, R"({"shows": 10})"));
  REQUIRE(world.previews.shown.size() == 1);
  CHECK(world.previews.shown.front() == "2 image/jpeg 10");
  show(3, R"({"shows": 4194305})");
  CHECK(world.previews.shown.size() == 1);
}
