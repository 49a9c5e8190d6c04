// SPDX-License-Identifier: Apache-2.0
// Tasks whose params a service takes only with a loss.
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using namespace std::chrono_literals;

namespace {

ServiceSpec narrow(std::string name = "narrow") {
  ServiceSpec spec;
  spec.name = std::move(name);
  spec.params = R"({"type": "object", "properties": {"value": {"enum": [5, 10]}}})";
  return spec;
}

const std::string eight = "params = { value = 8 }\n";
const std::string adaptable =
    eight + "route = { adapt = [\"value\"] }\nretry = { attempts = 9, backoff = \"1ms\" }";

}  // namespace

TEST_CASE("a service that does not take the params is no candidate unless the definition says so") {
  World world({narrow()});
  const RunId run = world.submit(one_with(eight));
  CHECK(world.state(run, "a") == TaskState::failed);
  CHECK(world.submitted.empty());
}

TEST_CASE("params that may change become what the service takes, and the decision tells the loss") {
  World world({narrow()});
  const RunId run = world.submit(one_with(adaptable));
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").task->params.at("value") == 10);
  CHECK(world.decisions.back().find(R"("adapted":"value 8 becomes 10")") != std::string::npos);
}

TEST_CASE(
    "whoever takes the params as they are is asked first, and the one with a loss after him") {
  World world({narrow(), {.name = "wide"}});
  const RunId run = world.submit(one_with(adaptable));
  CHECK(world.job(run, "a").service == "wide");
  CHECK(world.job(run, "a").task->params.at("value") == 8);
  world.end(run, "a", Outcome::unsupported);
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "narrow");
  CHECK(world.job(run, "a").task->params.at("value") == 10);
}

TEST_CASE("an attempt is attached with the params that it was submitted with") {
  ServiceSpec paid = narrow();
  paid.price = "0.10";
  World world({paid});
  const RunId run = world.submit(one_with(adaptable));
  world.checkpoint(run, "a", "job-1");
  world.crash();
  REQUIRE(world.attached.size() == 1);
  CHECK(world.attached[0].first.task->params.at("value") == 10);
}

TEST_CASE("a task waits for a slot of whoever takes its params as they are, and takes no loss") {
  ServiceSpec wide{.name = "wide", .slot_class = "gpu"};
  World world({narrow(), wide});
  const RunId run = world.submit("[tasks.t0]\noperation = \"test.step\"\n" + adaptable +
                                 "\n[tasks.t1]\noperation = \"test.step\"\n" + adaptable);
  CHECK(world.job(run, "t0").service == "wide");
  CHECK_FALSE(world.running(run, "t1"));
  world.succeed(run, "t0");
  REQUIRE(world.running(run, "t1"));
  CHECK(world.job(run, "t1").service == "wide");
}

TEST_CASE("a loss is taken where whoever needs none is at its limit") {
  World world({narrow(), {.name = "wide", .concurrency = 1}});
  const RunId run = world.submit("[tasks.t0]\noperation = \"test.step\"\n" + adaptable +
                                 "\n[tasks.t1]\noperation = \"test.step\"\n" + adaptable);
  CHECK(world.job(run, "t0").service == "wide");
  CHECK(world.job(run, "t1").service == "narrow");
}
