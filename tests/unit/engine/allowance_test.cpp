// SPDX-License-Identifier: Apache-2.0
// What a task may still use: its money, its time, its services; over retries, pauses and restarts.
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using std::chrono::seconds;

namespace {

std::vector<ServiceSpec> at_a_price(const std::string& price,
                                    route::Recover recover = route::Recover::token) {
  return {{.name = "a", .price = price, .recover = recover}};
}

}  // namespace

// ---------------------------------------------------------------- money

TEST_CASE("a retry by hand does not forget what the task has spent") {
  World world(at_a_price("0.10"));
  const RunId run =
      world.submit(one_with("route = { max_cost = \"0.15\" }\nretry = { attempts = 1 }"));
  world.end(run, "a", Outcome::bad_output);
  REQUIRE(world.state(run) == RunState::failed);
  world.command(run, CommandKind::retry, "a");
  CHECK(world.submitted.size() == 1);
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("what an outcome that stayed unknown has cost counts after a restart") {
  World world(at_a_price("0.10"));
  const RunId run = world.submit(
      one_with("route = { max_cost = \"0.25\", rebuy = \"allow\" }\nretry = { backoff = \"1ms\", "
               "attempts = 9 }"));
  world.end(run, "a", Outcome::unknown);
  world.advance(seconds{1});
  REQUIRE(world.submitted.size() == 2);
  world.end(run, "a", Outcome::unknown);
  world.crash();
  world.advance(seconds{60});
  CHECK(world.submitted.size() == 2);
  CHECK(world.state(run, "a") == TaskState::failed);
}

TEST_CASE("an unknown outcome that was tried again is over after a restart") {
  World world(at_a_price("0"));
  const RunId run = world.submit(one_with("retry = { backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::unknown);
  world.advance(seconds{1});
  world.checkpoint(run, "a", "job-2");
  world.crash();
  REQUIRE(world.attached.size() == 1);
  CHECK(world.attached.front().first.attempt.attempt == 2);
  world.succeed(run, "a");
  CHECK(world.attempts(run, "a").front().outcome == Outcome::unknown);
  CHECK(world.attempts(run, "a").back().outcome == Outcome::ok);
}

TEST_CASE("a limit counts only what was spent in its currency, also before there was one") {
  World world(at_a_price("0.10"), 1);
  const RunId run = world.submit(chain);
  world.command(run, CommandKind::pause);
  world.succeed(run, "a", 1, Money{5'000'000, "EUR"});
  Command resume = world.command_of(run, CommandKind::resume);
  resume.limit = Money{1'000'000, "USD"};
  REQUIRE(world.give(resume).done);
  CHECK(world.running(run, "b"));
  world.crash();
  CHECK(world.state(run) == RunState::active);
}

TEST_CASE("a service of unknown price fails its task in a run with a limit, and pauses nothing") {
  World world(at_a_price(""));
  const RunId run = world.submit(one, "100");
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("a refused reservation that a crash hides leaves its task ready and its run paused") {
  World world(at_a_price("0.10"));
  const RunId run = world.submit(chain, "5.00");
  world.refuse_reservation.insert(world.number(run, "b"));
  world.driver().deliver(engine::JobEnded{world.job(run, "a").attempt,
                                          {Outcome::ok, {}, {}, {}, false, {{"value", 1}}}});
  world.turn();
  REQUIRE(world.commit_one());
  world.crash();
  CHECK(world.state(run, "b") == TaskState::ready);
  CHECK(world.state(run) == RunState::paused);
  world.command(run, CommandKind::resume);
  CHECK(world.running(run, "b"));
}

TEST_CASE("a refused reservation does not bring a task of a cancelled run back") {
  World world(at_a_price("0.10"));
  const RunId run = world.submit(chain, "5.00");
  world.refuse_reservation.insert(world.number(run, "b"));
  world.driver().deliver(engine::JobEnded{world.job(run, "a").attempt,
                                          {Outcome::ok, {}, {}, {}, false, {{"value", 1}}}});
  world.turn();
  world.driver().deliver(engine::GiveCommand{world.command_of(run, CommandKind::cancel)});
  world.settle();
  CHECK(world.state(run) == RunState::cancelled);
}

// ---------------------------------------------------------------- services

TEST_CASE("a service that refused a task stays excluded when the configuration changes its order") {
  World world(std::vector<ServiceSpec>{{.name = "a"}, {.name = "b"}});
  const RunId run = world.submit(one_with("retry = { backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::auth);
  REQUIRE(world.job(run, "a").service == "b");
  world.change_services({{.name = "b"}, {.name = "a"}});
  world.end(run, "a", Outcome::transient);
  world.advance(seconds{1});
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("a service that failed is asked again when those that are left are too dear") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10"}, {.name = "dear", .price = "0.90"}});
  const RunId run =
      world.submit(one_with("route = { max_cost = \"0.50\" }\nretry = { backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::transient);
  world.advance(seconds{1});
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "a");
}

TEST_CASE("a task that names the class of its service takes its slots once") {
  World world(std::vector<ServiceSpec>{{.name = "a", .slot_class = "gpu"}});
  const RunId run = world.submit(one_with("concurrency = \"gpu\""));
  CHECK(world.running(run, "a"));
}

// ---------------------------------------------------------------- time

TEST_CASE("a task whose deadline passed while a person had to decide is not sent any more") {
  World world(at_a_price("0.10", route::Recover::none));
  const RunId run = world.submit(one_with("timeout = \"10s\""));
  world.crash();
  REQUIRE(world.state(run, "a") == TaskState::waiting);
  world.advance(seconds{20});
  world.command(run, CommandKind::settle, "a", false);
  CHECK(world.submitted.size() == 1);
  CHECK(world.state(run, "a") == TaskState::failed);
}

TEST_CASE("what becomes ready after the run's deadline is not sent any more") {
  World world;
  const RunId run = world.submit(chain, {}, "timeout = \"10s\"");
  world.advance(seconds{11});
  REQUIRE(world.cancelled.size() == 1);
  world.succeed(run, "a");  // it was done already
  CHECK(world.submitted.size() == 1);
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("a deadline that passed while a service was gone ends its attempt when it is back") {
  const bool of_run = GENERATE(false, true);
  World world(at_a_price("0.10"));
  const RunId run = world.submit(of_run ? one : one_with("timeout = \"10s\""), {},
                                 of_run ? "timeout = \"10s\"" : "");
  world.checkpoint(run, "a", "job-1");
  world.change_services({{.name = "a", .price = "0.10", .unavailable = "its library is gone"}});
  world.crash();
  REQUIRE(world.state(run, "a") == TaskState::waiting);
  world.advance(seconds{20});
  world.change_services(at_a_price("0.10"));
  REQUIRE(world.attached.size() == 1);
  CHECK(world.cancelled.size() == 1);
}

TEST_CASE("a pause moves the deadline of a task only by what the task has seen of it") {
  World world;
  const RunId timed = world.submit(
      "[tasks.a]\noperation = \"test.step\"\n[tasks.b]\noperation = \"test.step\"\n"
      "needs = [\"a\"]\ntimeout = \"30s\"\n");
  world.command(timed, CommandKind::pause);
  world.advance(seconds{100});
  world.succeed(timed, "a");
  world.advance(seconds{10});
  world.command(timed, CommandKind::resume);
  REQUIRE(world.running(timed, "b"));
  world.advance(seconds{31});
  CHECK(world.cancelled.size() == 1);
}

TEST_CASE("the queue timeout ends a task that no service can take") {
  World world(std::vector<ServiceSpec>{{.name = "a", .unavailable = "its library is gone"}});
  const RunId run = world.submit(one_with("timeout = { queue = \"5s\" }"));
  world.advance(seconds{6});
  CHECK(world.state(run, "a") == TaskState::failed);
}

TEST_CASE("a change of the configuration does not start the queue timeout anew") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1}});
  const RunId run = world.submit(
      "[tasks.a]\noperation = \"test.step\"\n[tasks.b]\noperation = \"test.step\"\n"
      "timeout = { queue = \"10s\" }\n");
  world.advance(seconds{6});
  world.change_services({{.name = "a", .concurrency = 1}});
  world.advance(seconds{5});
  CHECK(world.state(run, "b") == TaskState::failed);

  // And an old alarm does not shorten the next wait.
  world.command(run, CommandKind::retry, "b");
  world.advance(seconds{6});
  CHECK(world.state(run, "b") == TaskState::ready);
}

TEST_CASE("an attempt that has announced a checkpoint has shown life, also after a restart") {
  World world(at_a_price("0.10"));
  const RunId run = world.submit(one_with("timeout = { start = \"5s\" }"));
  world.checkpoint(run, "a", "job-1");
  world.advance(seconds{10});
  world.crash();
  REQUIRE(world.attached.size() == 1);
  CHECK(world.cancelled.empty());
}

TEST_CASE("progress counts as life for the attempt it is of, and for no other") {
  World world;
  const RunId run = world.submit(
      one_with("timeout = { start = \"3s\", run = \"8s\" }\nretry = { backoff = \"1ms\" }"));
  world.report(run, "a", 100);
  world.advance(seconds{9});   // its time is up
  world.advance(seconds{11});  // it does not end
  world.advance(seconds{1});
  REQUIRE(world.job(run, "a").attempt.attempt == 2);
  world.report(run, "a", 100);
  world.advance(seconds{4});
  CHECK(world.cancelled.size() == 1);
}

// ---------------------------------------------------------------- outputs

TEST_CASE("a file that a person settles a task with is what its dependents get") {
  const ServiceSpec artist{.name = "a",
                           .price = "0.10",
                           .recover = route::Recover::none,
                           .operations = {"image.generate", "image.upscale"}};
  World world(std::vector<ServiceSpec>{artist});
  const RunId run = world.submit(
      "[tasks.a]\noperation = \"image.generate\"\nparams = { prompt = \"a hill\" }\n"
      "[tasks.b]\noperation = \"image.upscale\"\nparams = { factor = 2 }\n"
      "inputs = { image = \"${tasks.a.image}\" }\n");
  world.crash();
  Command settle = world.command_of(run, CommandKind::settle, "a", true);
  settle.artifact = ArtifactInfo{digest_of(std::string_view("hill")), 4, "image/png", "hill.png"};
  REQUIRE(world.give(settle).done);
  REQUIRE(world.running(run, "b"));
  CHECK(world.job(run, "b").task->inputs.at(0).artifacts.at(0) == *settle.artifact);
  CHECK(world.outputs_loads == 0);
}

TEST_CASE("what came with an answer that was not accepted is never read") {
  World world;
  const RunId run = world.submit(
      "[tasks.a]\noperation = \"test.step\"\nretry = { attempts = 1 }\n"
      "[tasks.b]\noperation = \"test.step\"\n"
      "params = { value = \"${tasks.a != null ? tasks.a.value : 5}\" }\n");
  world.end(world.job(run, "a").attempt, {Outcome::ok, {}, {}, {}, false, {{"other", 1}}});
  REQUIRE(world.state(run, "a") == TaskState::failed);
  world.command(run, CommandKind::skip, "a");
  REQUIRE(world.running(run, "b"));
  CHECK(world.job(run, "b").task->params.at("value") == 5);
}

// ---------------------------------------------------------------- turns of services

namespace {

const std::vector<ServiceSpec> two_services{{.name = "a"}, {.name = "b"}};

// The services that were asked, in order.
std::string asked(const World& world, RunId run) {
  std::string names;
  for (const AttemptRecord& attempt : world.attempts(run, "a")) names += attempt.service;
  return names;
}

}  // namespace

TEST_CASE("after a crash it is still the turn of the service that was next") {
  World world(two_services);
  const RunId run = world.submit(one_with("retry = { attempts = 4, backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::transient);
  REQUIRE(asked(world, run) == "ab");
  world.crash();  // the attempt at b was free: it begins again, and not at a
  CHECK(asked(world, run) == "abb");
}

TEST_CASE("after a crash in a second round its first service is not asked twice") {
  World world(two_services);
  const RunId run = world.submit(one_with("retry = { attempts = 9, backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::transient);
  world.end(run, "a", Outcome::transient);
  world.advance(seconds{1});
  world.end(run, "a", Outcome::transient);
  REQUIRE(asked(world, run) == "abab");
  world.crash();
  CHECK(asked(world, run) == "ababb");
}

TEST_CASE("who waited for the next round when the runtime went down begins it") {
  World world(two_services);
  const RunId run = world.submit(one_with("retry = { attempts = 9, backoff = \"1h\" }"));
  world.end(run, "a", Outcome::transient);
  world.end(run, "a", Outcome::transient);
  world.crash();
  REQUIRE(asked(world, run) == "ab");
  world.advance(std::chrono::hours{2});
  CHECK(asked(world, run) == "aba");
}

TEST_CASE("a retry by hand asks the first service again, also after a restart") {
  World world(two_services);
  const RunId run = world.submit(one_with("retry = { attempts = 1 }"));
  world.end(run, "a", Outcome::transient);
  world.command(run, CommandKind::retry, "a");
  world.crash();
  CHECK(asked(world, run) == "aaa");
}
