// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

TEST_CASE("the price is reserved with the intent and settled with the result") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}});
  const RunId run = world.submit(one);
  CHECK(world.attempts(run, "a").back().reserved == Money{100'000, "USD"});
  world.succeed(run, "a", 1, Money{70'000, "USD"});
  const AttemptRecord attempt = world.attempts(run, "a").back();
  CHECK(attempt.cost == Money{70'000, "USD"});
  CHECK_FALSE(attempt.cost_estimated);
  CHECK_FALSE(attempt.reserved);
}

TEST_CASE("when the service does not bill, the price counts as an estimate") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}});
  const RunId run = world.submit(one);
  world.succeed(run, "a");
  CHECK(world.attempts(run, "a").back().cost == Money{100'000, "USD"});
  CHECK(world.attempts(run, "a").back().cost_estimated);
}

TEST_CASE("a run pauses when its limit leaves no room, and goes on when the limit is raised") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}}, 1);
  const RunId run = world.submit(fan, "0.25");
  world.succeed(run, "item[0]");
  world.succeed(run, "item[1]");
  CHECK(world.state(run) == RunState::paused);
  CHECK(world.stored(run).run.pause_reason == PauseReason::budget);
  CHECK(world.submitted.size() == 2);
  Command resume = world.command_of(run, CommandKind::resume);
  resume.limit = Money{1'000'000, "USD"};
  REQUIRE(world.give(resume).done);
  CHECK(world.running(run, "item[2]"));
}

TEST_CASE("reservations of running attempts count against the limit") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}}, 4);
  const RunId run = world.submit(fan, "0.25");
  CHECK(world.submitted.size() == 2);
  CHECK(world.state(run) == RunState::paused);
}

TEST_CASE("a task's limit excludes what is too dear, and a cheaper service takes it") {
  World world(std::vector<ServiceSpec>{{.name = "dear", .price = "0.90"},
                                       {.name = "cheap", .price = "0.10"}});
  const RunId run = world.submit(one_with("route = { max_cost = \"0.50\" }"));
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "cheap");
}

TEST_CASE("a task fails as over budget when nobody is cheap enough") {
  World world(std::vector<ServiceSpec>{{.name = "dear", .price = "0.90"}});
  const RunId run = world.submit(one_with("route = { max_cost = \"0.50\" }"));
  CHECK(world.state(run, "a") == TaskState::failed);
  CHECK(world.submitted.empty());
  const auto& failed = world.stored(run).events.at(1);
  CHECK(failed.data.at("outcome") == "budget");
}

TEST_CASE("an unknown price is not zero: it does not fit into any limit") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = ""}});
  const RunId run = world.submit(one_with("route = { max_cost = \"100\" }"));
  CHECK(world.state(run, "a") == TaskState::failed);
}

TEST_CASE("an unknown outcome keeps its reservation over a restart") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::none}}, 4);
  const RunId run = world.submit(fan, "0.25");
  CHECK(world.submitted.size() == 2);
  world.crash();
  CHECK(world.attempts(run, "item[0]").front().reserved == Money{100'000, "USD"});
  world.command(run, CommandKind::resume);
  CHECK(world.submitted.size() == 2);
  CHECK(world.state(run) == RunState::paused);
}

TEST_CASE("a reservation that the durable ledger refuses is not dispatched") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}});
  world.refuse_reservation.insert(0);
  const RunId run = world.submit(one, "5.00");
  CHECK(world.submitted.empty());
  CHECK(world.state(run) == RunState::paused);
  CHECK(world.state(run, "a") == TaskState::ready);
}

TEST_CASE("what an attempt took is written with its end, whether it is settled or not") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}});
  for (const Outcome outcome : {Outcome::ok, Outcome::unknown}) {
    const RunId run = world.submit(one);
    const Usage usage{Duration{1200}, 5'000'000, 0, 1};
    engine::JobResult result;
    result.outcome = outcome;
    result.outputs = {{"value", 1}};
    result.usage = std::make_shared<const Usage>(usage);
    world.end(world.job(run, "a").attempt, result);
    REQUIRE(world.usage.size() == 1);
    CHECK(world.usage.back() == usage);
    world.usage.clear();
  }
}
