// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

TEST_CASE("everything that arrives before a turn shares its commit") {
  World world;
  const RunId run = world.submit(fan);
  const std::size_t before = world.commits;
  for (const auto* item : {"item[0]", "item[1]", "item[2]"})
    world.driver().deliver(engine::JobEnded{world.job(run, item).attempt,
                                            {Outcome::ok, {}, {}, {}, false, {{"value", 1}}}});
  world.settle();
  CHECK(world.commits == before + 1);
}

TEST_CASE("a checkpoint is confirmed only when it is durable") {
  World world;
  const RunId run = world.submit(one);
  world.driver().deliver(engine::JobCheckpointed{world.job(run, "a").attempt, 7, "token"});
  world.turn();
  CHECK(world.checkpoints_confirmed.empty());
  REQUIRE(world.commit_one());
  REQUIRE(world.checkpoints_confirmed.size() == 1);
  CHECK(world.checkpoints_confirmed.front().second == 7);
  CHECK(world.attempts(run, "a").front().token == "token");
}

TEST_CASE("progress is written at most twice a second, however often it is reported") {
  World world;
  const RunId run = world.submit(one);
  world.advance(std::chrono::milliseconds{600});
  world.report(run, "a", 1);
  const std::size_t before = world.commits;
  for (int permille = 2; permille < 100; ++permille) {
    world.advance(std::chrono::milliseconds{10});
    world.report(run, "a", permille);
  }
  CHECK(world.commits - before <= 2);
}

TEST_CASE("acts of a turn without writes wait for the batch before them") {
  World world;
  const RunId run = world.submit(one);
  world.driver().deliver(engine::JobCheckpointed{world.job(run, "a").attempt, 1, "token"});
  world.turn();
  world.driver().deliver(engine::SubmitRun{world.stored(run).run, world.stored(run).plan});
  const std::size_t accepted = world.accepted_runs.size();
  world.turn();
  CHECK(world.accepted_runs.size() == accepted);
  world.settle();
  CHECK(world.accepted_runs.size() == accepted + 1);
}

TEST_CASE("the driver knows when it has to be woken") {
  World world;
  const RunId run = world.submit(one_with("retry = { backoff = \"1ms\" }"));
  CHECK_FALSE(world.driver().next_wake().is_set());
  const Timestamp before = world.now();
  world.end(run, "a", Outcome::rate_limited, "later", std::chrono::seconds{30});
  REQUIRE(world.driver().next_wake().is_set());
  CHECK(world.driver().next_wake().at() >= before + std::chrono::seconds{30});
}

// ---------------------------------------------------------------- runs that come to rest

TEST_CASE("callers are told that a run may rest when what was its last step is durable") {
  World world;
  const RunId run = world.submit(one);
  CHECK(world.rested_runs.empty());
  world.driver().deliver(engine::JobEnded{world.job(run, "a").attempt,
                                          {Outcome::ok, {}, {}, {}, false, {{"value", 1}}}});
  world.turn();
  CHECK(world.rested_runs.empty());
  REQUIRE(world.commit_one());
  CHECK(world.rested_runs == std::vector<RunId>{run});
}

TEST_CASE("callers are not told of a run in which the next task has begun") {
  World world;
  const RunId run = world.submit(chain);
  world.succeed(run, "a");
  REQUIRE(world.running(run, "b"));
  CHECK(world.rested_runs.empty());
}

TEST_CASE("a run that waits for somebody, or is paused with nothing under way, rests") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}});
  const RunId run = world.submit(chain);
  SECTION("for a person who settles") {
    world.end(run, "a", Outcome::unknown);
    REQUIRE(world.state(run, "a") == TaskState::waiting);
  }
  SECTION("for somebody who resumes it") {
    world.command(run, CommandKind::pause);
    CHECK(world.rested_runs.empty());  // a goes on
    world.succeed(run, "a");
    REQUIRE(world.state(run, "b") == TaskState::ready);
  }
  CHECK(world.rested_runs == std::vector<RunId>{run});
}
