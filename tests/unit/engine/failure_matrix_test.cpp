// SPDX-License-Identifier: Apache-2.0
// The failure matrix of Conductor's documentation, each case as a promise that holds here.
#include <algorithm>

#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

TEST_CASE("failure matrix: the worker dies before it takes the task") {
  const ServiceSpec gone{.name = "a", .unavailable = "it is gone"};
  World world({gone});
  const RunId run = world.submit(one);
  CHECK(world.state(run, "a") == TaskState::ready);
  world.change_services({{.name = "a"}});
  CHECK(world.running(run, "a"));
}

TEST_CASE("failure matrix: the worker dies with the task, and another one takes it") {
  World world({{.name = "a"}, {.name = "b"}});
  const RunId run = world.submit(one);
  world.end(run, "a", Outcome::transient, "it died");
  world.advance(std::chrono::minutes{2});
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("failure matrix: the worker is done, and its answer is lost with the server") {
  World world({{.name = "a", .price = "0.10", .recover = route::Recover::key}});
  const RunId run = world.submit(one);
  const AttemptRef attempt = world.job(run, "a").attempt;
  world.driver().deliver(
      engine::JobEnded{attempt, {Outcome::ok, {}, {}, {}, false, {{"value", 1}}}});
  world.turn();  // decided, not durable
  world.crash();
  CHECK(world.attached.size() == 1);
  CHECK(world.submitted.size() == 1);
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("failure matrix: the server dies between the end of a task and the next") {
  World world;
  const RunId run = world.submit(chain);
  world.succeed(run, "a", 1);
  world.crash();
  CHECK(world.job(run, "b").task->params.at("value") == 2);
}

TEST_CASE("failure matrix: the database is gone, and nothing is done that it does not know") {
  World world;
  const RunId run = world.submit(chain);
  const std::size_t before = world.submitted.size();
  world.fail_commits = true;
  world.driver().deliver(engine::JobEnded{world.job(run, "a").attempt,
                                          {Outcome::ok, {}, {}, {}, false, {{"value", 1}}}});
  world.settle();
  CHECK(world.failure.has_value());
  CHECK(world.submitted.size() == before);
}

TEST_CASE("failure matrix: the worker answers twice") {
  World world;
  const RunId run = world.submit(chain);
  const AttemptRef attempt = world.job(run, "a").attempt;
  world.succeed(run, "a", 1);
  world.end(attempt, {Outcome::ok, {}, {}, {}, false, {{"value", 99}}});
  CHECK(world.job(run, "b").task->params.at("value") == 2);
  const auto types = world.event_types(run);
  CHECK(std::count(types.begin(), types.end(), "task.succeeded") == 1);
}

TEST_CASE("failure matrix: the worker never answers, and its time runs out") {
  World world({{.name = "a"}});
  const RunId run = world.submit(one_with("timeout = { run = \"1m\" }\nretry = { attempts = 1 }"));
  world.advance(std::chrono::minutes{2});
  world.advance(std::chrono::seconds{30});
  CHECK(world.state(run, "a") == TaskState::failed);
}

TEST_CASE("failure matrix: the service is unreachable, and the task waits for it within its time") {
  World world({{.name = "a"}});
  const RunId run = world.submit(one_with("retry = { attempts = 3, backoff = \"1s\" }"));
  world.end(run, "a", Outcome::not_sent, "no route to host");
  world.advance(std::chrono::minutes{2});
  REQUIRE(world.running(run, "a"));
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::succeeded);
}
