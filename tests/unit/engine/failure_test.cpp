// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const std::vector<ServiceSpec> two{{.name = "a"}, {.name = "b"}};

}  // namespace

TEST_CASE("in A to B to C with B failing, C never starts and the run has failed") {
  World world;
  const RunId run = world.submit(chain);
  world.succeed(run, "a");
  world.end(run, "b", Outcome::bad_input);
  CHECK(world.state(run, "b") == TaskState::failed);
  CHECK(world.state(run, "c") == TaskState::pending);
  CHECK(world.attempts(run, "c").empty());
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("after B is retried, B and C run and A does not run again") {
  World world;
  const RunId run = world.submit(chain);
  world.succeed(run, "a");
  world.end(run, "b", Outcome::bad_input);
  REQUIRE(world.command(run, CommandKind::retry, "b").done);
  CHECK(world.state(run) == RunState::active);
  world.succeed(run, "b");
  world.succeed(run, "c");
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.attempts(run, "a").size() == 1);
  CHECK(world.attempts(run, "b").size() == 2);
}

TEST_CASE("independent branches finish before a run has failed") {
  World world;
  const RunId run =
      world.submit("[tasks.a]\noperation = \"test.step\"\n[tasks.b]\noperation = \"test.step\"\n");
  world.end(run, "a", Outcome::bad_input);
  CHECK(world.state(run) == RunState::active);
  world.succeed(run, "b");
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("a failure that allows it goes to the next service at once") {
  const auto outcome =
      GENERATE(Outcome::unsupported, Outcome::auth, Outcome::quota, Outcome::not_sent,
               Outcome::rate_limited, Outcome::transient, Outcome::bad_output, Outcome::internal);
  World world(two);
  const RunId run = world.submit(one);
  CHECK(world.job(run, "a").service == "a");
  world.end(run, "a", outcome);
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("bad input and refusals are not taken to another service") {
  const auto outcome = GENERATE(Outcome::bad_input, Outcome::refused);
  World world(two);
  const RunId run = world.submit(one);
  world.end(run, "a", outcome, "not like this");
  CHECK(world.state(run, "a") == TaskState::failed);
  CHECK(world.submitted.size() == 1);
}

TEST_CASE("a refusal is taken to the other services where the definition says so, and never back") {
  World world(two);
  const RunId run = world.submit(one_with("route = { refusal = \"next\" }"));
  world.end(run, "a", Outcome::refused, "not this picture");
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
  CHECK(world.decisions.back().find(R"("excluded":"tried: refused")") != std::string::npos);
  CHECK(world.attempts(run, "a").at(0).outcome == Outcome::refused);
  world.end(run, "a", Outcome::refused, "nor that one");
  world.advance(minutes{10});
  CHECK(world.state(run, "a") == TaskState::failed);
  CHECK(world.submitted.size() == 2);
}

TEST_CASE("a service that refused is not asked again after a crash either") {
  World world(two);
  const RunId run = world.submit(
      one_with("route = { refusal = \"next\" }\nretry = { attempts = 9, backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::refused, "not this picture");
  world.end(run, "a", Outcome::transient);
  world.crash();
  world.advance(minutes{1});
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("a refusal where no other service is left ends the task as refused") {
  World world;
  const RunId run = world.submit(one_with("route = { refusal = \"next\" }"));
  world.end(run, "a", Outcome::refused, "not this picture");
  CHECK(world.state(run, "a") == TaskState::failed);
  const auto& events = world.stored(run).events;
  CHECK(std::any_of(events.begin(), events.end(), [](const EventRecord& event) {
    return event.type == "task.failed" && event.data.at("outcome") == "refused";
  }));
}

TEST_CASE("when every service had its turn the first is asked again after a wait") {
  World world(two);
  const RunId run = world.submit(one_with("retry = { attempts = 3, backoff = \"10s\" }"));
  world.end(run, "a", Outcome::transient);
  world.end(run, "a", Outcome::transient);
  CHECK(world.state(run, "a") == TaskState::ready);
  REQUIRE(world.row(run, "a").retry_at);
  world.advance(seconds{20});
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "a");
}

TEST_CASE("a service that can never take the task is not asked a second time") {
  World world(two);
  const RunId run = world.submit(one_with("retry = { attempts = 9, backoff = \"1s\" }"));
  world.end(run, "a", Outcome::unsupported);
  world.end(run, "a", Outcome::transient);
  world.advance(minutes{1});
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("the attempts of all services together are counted") {
  World world(two);
  const RunId run = world.submit(one_with("retry = { attempts = 3, backoff = \"1s\" }"));
  for (int attempt = 0; attempt < 3; ++attempt) {
    world.advance(minutes{1});
    world.end(run, "a", Outcome::transient, "no luck");
  }
  CHECK(world.state(run, "a") == TaskState::failed);
  CHECK(world.attempts(run, "a").size() == 3);
  CHECK(world.stored(run).events.back().type == "run.failed");
}

TEST_CASE("a failed run tells how many tasks it left, and no group is one") {
  World world;
  const RunId run = world.submit(fan + "[tasks.more]\nfor_each = \"[1, 2]\"\nneeds = [\"sum\"]\n" +
                                 "operation = \"test.step\"\n");
  for (const auto* item : {"item[0]", "item[1]", "item[2]", "item[3]"})
    world.end(run, item, Outcome::bad_input);
  const EventRecord& last = world.stored(run).events.back();
  REQUIRE(last.type == "run.failed");
  CHECK(last.data.at("failed") == 4);
  CHECK(last.data.at("pending") == 3);  // sum, more[0], more[1]
}

TEST_CASE("the wait is never shorter than what the service asks for") {
  World world;
  const RunId run = world.submit(one_with("retry = { backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::rate_limited, "slow down", seconds{30});
  world.advance(seconds{29});
  CHECK_FALSE(world.running(run, "a"));
  world.advance(seconds{2});
  CHECK(world.running(run, "a"));
}

TEST_CASE("a retry by hand gives a fresh allowance, and attempt numbers go on") {
  World world;
  const RunId run = world.submit(one_with("retry = { attempts = 1 }"));
  world.end(run, "a", Outcome::transient);
  REQUIRE(world.command(run, CommandKind::retry, "a").done);
  CHECK(world.row(run, "a").attempt == 2);
  CHECK(world.row(run, "a").attempts_counted == 0);
  world.end(run, "a", Outcome::transient);
  CHECK(world.state(run, "a") == TaskState::failed);
}

TEST_CASE("params that cannot be bound fail the task without an attempt and say why") {
  World world;
  const RunId run = world.submit(R"(
[tasks.a]
operation = "test.step"
[tasks.b]
operation = "test.step"
params = { value = "${1 / tasks.a.value}" }
)");
  world.succeed(run, "a", 0);
  CHECK(world.state(run, "b") == TaskState::failed);
  CHECK(world.attempts(run, "b").empty());
  const auto& events = world.stored(run).events;
  const auto failed = std::find_if(events.begin(), events.end(),
                                   [](const auto& e) { return e.type == "task.failed"; });
  REQUIRE(failed != events.end());
  CHECK(std::string(failed->data.at("message").as_string()).find("b") != std::string::npos);
  CHECK(failed->data.at("outcome") == "bad_input");
}

TEST_CASE(
    "a placeholder is asked only where the definition allows it, and then the run is degraded") {
  const std::vector<ServiceSpec> services{{.name = "p", .placeholder = true}, {.name = "a"}};
  World world(services);
  const RunId plain = world.submit(one_with("retry = { attempts = 2, backoff = \"1ms\" }"));
  CHECK(world.job(plain, "a").service == "a");
  world.end(plain, "a", Outcome::unsupported);
  CHECK(world.state(plain, "a") == TaskState::failed);
  const RunId degrading = world.submit(one_with("route = { degrade = [\"p\"] }"));
  CHECK(world.job(degrading, "a").service == "a");
  world.end(degrading, "a", Outcome::unsupported);
  REQUIRE(world.running(degrading, "a"));
  CHECK(world.job(degrading, "a").service == "p");
  world.succeed(degrading, "a");
  CHECK(world.state(degrading) == RunState::degraded);
}

TEST_CASE("a placeholder that is the only service of an operation does not degrade the run") {
  World world(std::vector<ServiceSpec>{{.name = "p", .placeholder = true}});
  const RunId run = world.submit(one);
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("a result that comes after its attempt was given up changes nothing") {
  World world;
  const RunId run = world.submit(one_with("retry = { attempts = 2, backoff = \"1ms\" }"));
  const AttemptRef first = world.job(run, "a").attempt;
  world.end(run, "a", Outcome::transient);
  world.advance(seconds{1});
  world.end(first, {Outcome::ok, {}, {}, {}, false, {{"value", 9}}});
  CHECK(world.state(run, "a") == TaskState::running);
  CHECK(world.row(run, "a").attempt == 2);
}
