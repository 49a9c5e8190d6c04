// SPDX-License-Identifier: Apache-2.0
// What runs once nothing else in a run moves.
#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

namespace {

const std::string with_ends = R"toml(
[tasks.a]
operation = "test.step"
[tasks.b]
operation = "test.step"
params = { value = "${tasks.a.value}" }
[tasks.tell]
operation = "test.step"
on_failure = true
params = { value = "${size(run.failed)}" }
[tasks.clean]
operation = "test.step"
finally = true
params = { value = "${tasks.b == null ? 1 : 2}" }
[outputs]
last = "${tasks.b.value}"
)toml";

}  // namespace

TEST_CASE("what comes finally comes after all else has succeeded, and before the run has") {
  World world;
  const RunId run = world.submit(with_ends);
  world.succeed(run, "a");
  CHECK(world.state(run, "clean") == TaskState::pending);
  world.succeed(run, "b", 5);
  CHECK(world.state(run, "tell") == TaskState::skipped);
  CHECK(world.job(run, "clean").task->params.at("value") == 2);
  CHECK(world.state(run) == RunState::active);
  world.crash();
  world.succeed(run, "clean");
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.stored(run).run_outputs.at("last") == 5);
}

TEST_CASE("after a failure both come, and know what has failed; the run has failed all the same") {
  World world;
  const RunId run = world.submit(with_ends);
  world.end(run, "a", Outcome::refused);
  CHECK(world.job(run, "tell").task->params.at("value") == 1);
  CHECK(world.job(run, "clean").task->params.at("value") == 1);
  world.succeed(run, "tell");
  world.succeed(run, "clean");
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("a retry gives what comes last its turn anew") {
  World world;
  const RunId run = world.submit(with_ends);
  world.end(run, "a", Outcome::refused);
  world.succeed(run, "tell");
  world.end(run, "clean", Outcome::refused);
  CHECK(world.state(run) == RunState::failed);
  CHECK(world.command(run, CommandKind::retry).done);
  CHECK(world.state(run, "clean") == TaskState::pending);
  world.succeed(run, "a");
  world.succeed(run, "b");
  CHECK(world.state(run, "tell") == TaskState::skipped);
  CHECK(world.job(run, "clean").task->params.at("value") == 2);
  world.succeed(run, "clean");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("a failure of what comes last alone is tried again alone") {
  World world;
  const RunId run = world.submit(with_ends);
  world.succeed(run, "a");
  world.succeed(run, "b");
  world.end(run, "clean", Outcome::refused);
  CHECK(world.state(run) == RunState::failed);
  CHECK(world.command(run, CommandKind::retry).done);
  world.succeed(run, "clean");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE(
    "to skip one of those that come last does not bring on the others, not even over a crash") {
  World world;
  const RunId run = world.submit(with_ends);
  CHECK(world.command(run, CommandKind::skip, "tell").done);
  world.crash();
  CHECK(world.state(run, "clean") == TaskState::pending);
  world.succeed(run, "a");
  world.succeed(run, "b");
  CHECK(world.running(run, "clean"));
}

TEST_CASE("nothing comes last in a run that is cancelled") {
  World world;
  const RunId run = world.submit(with_ends);
  CHECK(world.command(run, CommandKind::cancel).done);
  world.end(run, "a", Outcome::cancelled);
  CHECK(world.state(run) == RunState::cancelled);
  CHECK(world.state(run, "clean") == TaskState::cancelled);
}

TEST_CASE("what comes last runs although the time of the run is over") {
  World world;
  const RunId run = world.submit(with_ends, {}, "timeout = \"1m\"");
  world.advance(std::chrono::minutes{2});
  world.end(run, "a", Outcome::cancelled);
  CHECK(world.running(run, "clean"));
  SECTION("over a restart as well") {
    world.crash();
  }
  SECTION("and over a pause") {
    CHECK(world.command(run, CommandKind::pause).done);
    CHECK(world.command(run, CommandKind::resume).done);
  }
  world.succeed(run, "tell");
  world.succeed(run, "clean");
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("to skip what has failed gives what comes last its turn anew") {
  World world;
  const RunId run = world.submit(with_ends);
  world.end(run, "a", Outcome::refused);
  world.succeed(run, "tell");
  world.succeed(run, "clean");
  REQUIRE(world.state(run) == RunState::failed);
  CHECK(world.command(run, CommandKind::skip, "a").done);
  CHECK(world.state(run, "b") == TaskState::skipped);
  CHECK(world.state(run, "tell") == TaskState::skipped);
  world.succeed(run, "clean");
  CHECK(world.state(run) == RunState::succeeded);
}
