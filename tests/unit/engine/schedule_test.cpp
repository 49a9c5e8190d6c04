// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

TEST_CASE("no more attempts run than the class has slots") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 2);
  const RunId run = world.submit(fan);
  CHECK(world.submitted.size() == 2);
  world.succeed(run, "item[0]");
  CHECK(world.submitted.size() == 3);
}

TEST_CASE("a service that weighs two takes two slots of its class") {
  World world(std::vector<ServiceSpec>{{.name = "a", .slots = 2}}, 5);
  world.submit(fan);
  CHECK(world.submitted.size() == 2);
}

TEST_CASE("a service's own concurrency limits it below its class") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1}}, 4);
  world.submit(fan);
  CHECK(world.submitted.size() == 1);
}

TEST_CASE("a task's own class limits it beside the service's") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 4);
  std::string tasks;
  for (const auto* name : {"x", "y", "z"})
    tasks +=
        std::string("[tasks.") + name + "]\noperation = \"test.step\"\nconcurrency = \"gpu\"\n";
  const RunId run = world.submit(tasks);
  CHECK(world.submitted.size() == 1);
  world.succeed(run, "x");
  CHECK(world.submitted.size() == 2);
}

TEST_CASE("the higher priority goes first, equals in the order of their readiness") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 1);
  const RunId run = world.submit(R"(
[tasks.first]
operation = "test.step"
[tasks.low]
operation = "test.step"
priority = -5
needs = ["first"]
[tasks.high]
operation = "test.step"
priority = 5
needs = ["first"]
[tasks.middle]
operation = "test.step"
needs = ["first"]
)");
  for (const auto* task : {"first", "high", "middle", "low"}) {
    REQUIRE(world.running(run, task));
    world.succeed(run, task);
  }
}

TEST_CASE("a slot is given back whatever the end of the attempt") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 1);
  const RunId run = world.submit(one);
  const RunId next = world.submit(one);
  CHECK_FALSE(world.running(next, "a"));
  world.end(run, "a", GENERATE(Outcome::bad_input, Outcome::refused));
  CHECK(world.running(next, "a"));
}

TEST_CASE("an attempt of unknown outcome holds no slot") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::none}}, 1);
  const RunId run = world.submit(one);
  const RunId next = world.submit(one);
  world.end(run, "a", Outcome::unknown);
  CHECK(world.state(run, "a") == TaskState::waiting);
  CHECK(world.running(next, "a"));
}

TEST_CASE("a skipped condition gives its slot to the next task") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 1);
  const RunId run = world.submit(R"(
[tasks.never]
operation = "test.step"
if = "run.name == ''"
[tasks.other]
operation = "test.step"
)");
  CHECK(world.state(run, "never") == TaskState::skipped);
  CHECK(world.running(run, "other"));
}

TEST_CASE("tasks whose service has gone wait, and go on when a service comes") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1}});
  const RunId run = world.submit(fan);
  world.change_services({});
  world.succeed(run, "item[0]");
  CHECK(world.submitted.size() == 1);
  CHECK(world.state(run, "item[1]") == TaskState::ready);
  world.change_services({{.name = "new"}});
  REQUIRE(world.running(run, "item[1]"));
  CHECK(world.job(run, "item[1]").service == "new");
}

TEST_CASE("going down ends local work as interrupted, leaves remote work, dispatches nothing") {
  World world(
      std::vector<ServiceSpec>{{.name = "local", .local = true, .operations = {"test.step"}}}, 1);
  const RunId run = world.submit(fan);
  world.driver().deliver(engine::ShutDown{});
  world.settle();
  REQUIRE(world.interrupted.size() == 1);
  CHECK_FALSE(world.driver().core().may_stop());
  world.end(run, "item[0]", Outcome::cancelled, "stopped");
  CHECK(world.driver().core().may_stop());
  CHECK(world.attempts(run, "item[0]").front().outcome == Outcome::interrupted);
  CHECK(world.state(run, "item[0]") == TaskState::ready);
  CHECK(world.submitted.size() == 1);
  CHECK(world.cancelled.empty());
}
