// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a task fails when its deadline passes before an attempt succeeds") {
  World world;
  const RunId run = world.submit(one_with("timeout = \"1m\""));
  world.advance(seconds{59});
  CHECK(world.cancelled.empty());
  world.advance(seconds{2});
  REQUIRE(world.cancelled.size() == 1);
  world.end(run, "a", Outcome::cancelled);
  CHECK(world.state(run, "a") == TaskState::failed);
  CHECK(world.attempts(run, "a").back().outcome == Outcome::deadline);
}

TEST_CASE("the deadline spans all attempts of a task") {
  World world;
  const RunId run =
      world.submit(one_with("timeout = \"1m\"\nretry = { attempts = 9, backoff = \"1ms\" }"));
  world.advance(seconds{40});
  world.end(run, "a", Outcome::transient);
  world.advance(seconds{1});
  REQUIRE(world.running(run, "a"));
  world.advance(seconds{20});
  CHECK(world.cancelled.size() == 1);
}

TEST_CASE("a retry that would come after the deadline is not waited for") {
  World world;
  const RunId run = world.submit(one_with("timeout = \"1m\""));
  world.end(run, "a", Outcome::rate_limited, "busy", minutes{5});
  CHECK(world.state(run, "a") == TaskState::failed);
}

TEST_CASE("an attempt that takes longer than its timeout is cancelled and tried again") {
  World world;
  const RunId run = world.submit(
      one_with("timeout = { run = \"10s\" }\nretry = { attempts = 2, backoff = \"1ms\" }"));
  world.advance(seconds{11});
  REQUIRE(world.cancelled.size() == 1);
  world.end(run, "a", Outcome::cancelled);
  world.advance(seconds{1});
  CHECK(world.running(run, "a"));
  CHECK(world.attempts(run, "a").front().outcome == Outcome::deadline);
}

TEST_CASE("a paid attempt that was cancelled for its timeout may have been bought: it waits") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}});
  const RunId run = world.submit(one_with("timeout = { run = \"10s\" }"));
  world.advance(seconds{11});
  world.end(run, "a", Outcome::cancelled);
  CHECK(world.state(run, "a") == TaskState::waiting);
}

TEST_CASE("with rebuy after_cancel a confirmed cancel is enough to buy again") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}});
  const RunId run =
      world.submit(one_with("timeout = { run = \"10s\" }\nroute = { rebuy = \"after_cancel\" "
                            "}\nretry = { backoff = \"1ms\" }"));
  world.advance(seconds{11});
  world.end(run, "a", Outcome::cancelled);
  world.advance(seconds{1});
  CHECK(world.running(run, "a"));
}

TEST_CASE("with rebuy allow an unknown outcome is bought again at once") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}});
  const RunId run =
      world.submit(one_with("route = { rebuy = \"allow\" }\nretry = { backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::unknown);
  world.advance(seconds{1});
  CHECK(world.running(run, "a"));
}

TEST_CASE("an attempt without a sign of life is cancelled when its start timeout passes") {
  World world;
  const RunId run = world.submit(one_with("timeout = { start = \"10s\" }"));
  const bool alive = GENERATE(false, true);
  if (alive) world.driver().deliver(engine::JobStarted{world.job(run, "a").attempt});
  world.advance(seconds{11});
  CHECK(world.cancelled.size() == (alive ? 0u : 1u));
}

TEST_CASE("a task that waits for a slot longer than its queue timeout fails") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 1);
  const RunId first = world.submit(one);
  const RunId second = world.submit(one_with("timeout = { queue = \"10s\" }"));
  world.advance(seconds{11});
  CHECK(world.state(second, "a") == TaskState::failed);
  CHECK(world.state(first, "a") == TaskState::running);
}

TEST_CASE("deadlines stand still while the run is paused") {
  World world;
  const RunId run = world.submit(one_with("timeout = \"1m\""));
  world.advance(seconds{30});
  world.command(run, CommandKind::pause);
  world.advance(minutes{60});
  CHECK(world.cancelled.empty());
  world.command(run, CommandKind::resume);
  world.advance(seconds{29});
  CHECK(world.cancelled.empty());
  world.advance(seconds{2});
  CHECK(world.cancelled.size() == 1);
}

TEST_CASE("the timeout of the pipeline ends what is running and fails what is ready") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 1);
  const RunId run =
      world.submit("[tasks.a]\noperation = \"test.step\"\n[tasks.b]\noperation = \"test.step\"\n",
                   {}, "timeout = \"1m\"");
  world.advance(seconds{61});
  CHECK(world.state(run, "b") == TaskState::failed);
  REQUIRE(world.cancelled.size() == 1);
  world.end(run, "a", Outcome::cancelled);
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("a deadline still holds after a restart") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::key}});
  const RunId run = world.submit(one_with("timeout = \"1m\""));
  world.advance(seconds{30});
  world.crash();
  world.advance(seconds{31});
  CHECK(world.cancelled.size() == 1);
  CHECK(world.state(run, "a") == TaskState::running);
}
