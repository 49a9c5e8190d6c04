// SPDX-License-Identifier: Apache-2.0
// What the engine makes of how well services are, and of what they can bear.
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using namespace std::chrono_literals;

namespace {

// `count` tasks that depend on nothing: t0, t1, ...
std::string many(int count, const std::string& keys = {}) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += "[tasks.t" + std::to_string(i) + "]\noperation = \"test.step\"\n" + keys + "\n";
  return text;
}

std::size_t asked(const World& world, const std::string& service) {
  return static_cast<std::size_t>(
      std::count_if(world.submitted.begin(), world.submitted.end(),
                    [&](const engine::Job& job) { return job.service == service; }));
}

std::vector<std::string> tasks_at(const World& world, RunId run, int count) {
  std::vector<std::string> running;
  for (int i = 0; i < count; ++i)
    if (world.running(run, "t" + std::to_string(i))) running.push_back("t" + std::to_string(i));
  return running;
}

bool has_event(const World& world, const std::string& type, const std::string& part) {
  return std::any_of(
      world.service_events.begin(), world.service_events.end(), [&](const std::string& event) {
        return event.starts_with(type + " ") && event.find(part) != std::string::npos;
      });
}

const std::string patient = "retry = { attempts = 9, backoff = \"1ms\", max_backoff = \"1ms\" }";

// A world with one service that has just been left alone; the run's only task waits for it.
struct LeftAlone {
  World world{std::vector<ServiceSpec>{{.name = "a"}}};
  RunId run = world.submit(one_with(patient));
  Timestamp until{};

  LeftAlone() {
    for (int i = 0; i < 3; ++i) {
      world.end(run, "a", Outcome::transient, "connection refused");
      world.advance(1ms);
    }
    until = world.health("a").open_until.value();
  }
  void wait_until_it_may_be_tried() { world.advance(until - world.now()); }
};

}  // namespace

TEST_CASE("a service that fails three times in a row is left alone, and that is durable at once") {
  LeftAlone place;
  CHECK(place.world.health("a").state == HealthState::open);
  CHECK(place.world.health("a").reason ==
        "3 failures in a row, the last one transient: connection refused");
  CHECK(has_event(place.world, "service.open", "3 failures in a row"));
  CHECK_FALSE(place.world.running(place.run, "a"));
  CHECK(place.world.state(place.run, "a") == TaskState::ready);
}

TEST_CASE(
    "a dead service is asked three times and once for each trial, however many tasks there are") {
  World world(std::vector<ServiceSpec>{{.name = "a"}, {.name = "b"}}, 1);
  const RunId run = world.submit(many(40, patient));
  for (int i = 0; i < 200 && world.state(run) == RunState::active; ++i) {
    for (const std::string& task : tasks_at(world, run, 40)) {
      if (world.job(run, task).service == "a")
        world.end(run, task, Outcome::transient);
      else
        world.succeed(run, task);
    }
    world.advance(1s);
  }
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(asked(world, "a") <= 3 + 3);
  CHECK(asked(world, "b") == 40);
}

TEST_CASE(
    "a task whose only service is left alone waits, and tries it out when the time has come") {
  LeftAlone place;
  place.world.advance(place.until - place.world.now() - 1ms);
  CHECK_FALSE(place.world.running(place.run, "a"));
  place.world.advance(1ms);
  REQUIRE(place.world.running(place.run, "a"));
  CHECK(place.world.health("a").state == HealthState::half_open);
  CHECK(has_event(place.world, "service.half_open", "3 failures in a row"));
  place.world.succeed(place.run, "a");
  CHECK(place.world.state(place.run) == RunState::succeeded);
  CHECK(place.world.health("a").state == HealthState::healthy);
}

TEST_CASE("a task that waits for a service keeps its deadline") {
  World world;
  const RunId run = world.submit(one_with(patient + "\ntimeout = \"5s\""));
  for (int i = 0; i < 3; ++i) world.end(run, "a", Outcome::transient), world.advance(1ms);
  world.advance(5s);
  CHECK(world.state(run, "a") == TaskState::failed);
}

TEST_CASE("exactly one of many waiting tasks tries a service out, then it starts slowly") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 64);
  const RunId run = world.submit(many(40, "retry = { backoff = \"10s\", max_backoff = \"10s\" }"));
  for (int i = 0; i < 40; ++i) world.end(run, "t" + std::to_string(i), Outcome::transient);
  REQUIRE(tasks_at(world, run, 40).empty());
  world.advance(1min);
  auto running = tasks_at(world, run, 40);
  REQUIRE(running.size() == 1);
  world.succeed(run, running.front());
  for (const std::size_t allowed : {1U, 2U}) {
    running = tasks_at(world, run, 40);
    REQUIRE(running.size() == allowed);
    world.succeed(run, running.front());
  }
  CHECK(tasks_at(world, run, 40).size() == 4);
}

TEST_CASE("a trial that fails leaves the service alone for longer") {
  LeftAlone place;
  place.wait_until_it_may_be_tried();
  const Timestamp tried_at = place.world.now();
  place.world.end(place.run, "a", Outcome::not_sent, "still refused");
  CHECK(place.world.health("a").state == HealthState::open);
  CHECK(*place.world.health("a").open_until - tried_at >= 22s);
}

TEST_CASE("a restart does not forget that a service is left alone") {
  LeftAlone place;
  place.world.crash();
  CHECK_FALSE(place.world.running(place.run, "a"));
  place.world.advance(place.until - place.world.now() - 1ms);
  CHECK_FALSE(place.world.running(place.run, "a"));
  place.world.advance(1ms);
  CHECK(place.world.running(place.run, "a"));
}

TEST_CASE("a trial that a crash cut short is nobody's, and the next one is made at once") {
  LeftAlone place;
  place.wait_until_it_may_be_tried();
  place.world.crash();
  CHECK(place.world.attempts(place.run, "a").size() == 5);
  CHECK(place.world.health("a").state == HealthState::half_open);
  place.world.succeed(place.run, "a");
  CHECK(place.world.health("a").state == HealthState::healthy);
}

TEST_CASE("a service with a broken account is asked by nobody until the configuration is read") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1}});
  const RunId run = world.submit(many(3, "retry = { attempts = 1 }"));
  world.end(run, "t0", Outcome::auth, "wrong key");
  CHECK(world.state(run, "t1") == TaskState::failed);
  CHECK(asked(world, "a") == 1);
  const auto& events = world.stored(run).events;
  CHECK(std::any_of(events.begin(), events.end(), [](const EventRecord& event) {
    return event.type == "task.failed" && event.data.at("outcome") == "auth" &&
           std::string(event.data.at("message").as_string())
                   .find("left alone until the configuration is read again: auth: wrong key") !=
               std::string::npos;
  }));
  world.change_services({{.name = "a"}});
  CHECK(world.health("a").state == HealthState::healthy);
  REQUIRE(world.command(run, CommandKind::retry).done);
  CHECK(tasks_at(world, run, 3).size() == 3);
}

TEST_CASE("that a service says anew what it does mends no other one's account") {
  World world(std::vector<ServiceSpec>{{.name = "a"}, {.name = "b", .operations = {}}});
  const RunId run = world.submit(many(2, "retry = { attempts = 1 }"));
  world.end(run, "t0", Outcome::auth, "wrong key");
  REQUIRE(world.health("a").state == HealthState::open);
  world.change_services({{.name = "a"}, {.name = "b"}}, false);
  CHECK(world.health("a").state == HealthState::open);
  const RunId other = world.submit(one_with(patient));
  CHECK(world.job(other, "a").service == "b");
}

TEST_CASE("what failed at one service waits for the other one that is busy") {
  World world(std::vector<ServiceSpec>{{.name = "a"}, {.name = "b", .concurrency = 1}}, 8);
  const RunId run = world.submit(many(2, "retry = { attempts = 2, backoff = \"1ms\" }"));
  world.end(run, "t0", Outcome::transient);
  REQUIRE(world.job(run, "t0").service == "b");
  world.end(run, "t1", Outcome::transient);
  world.advance(1s);
  CHECK_FALSE(world.running(run, "t1"));
  world.succeed(run, "t0");
  REQUIRE(world.running(run, "t1"));
  CHECK(world.job(run, "t1").service == "b");
}

TEST_CASE("where another service can do it, a broken account costs nobody a task") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1}, {.name = "b"}}, 2);
  const RunId run = world.submit(many(8, patient));
  world.end(run, "t0", Outcome::quota, "used up");
  for (int i = 0; i < 10; ++i)
    for (const std::string& task : tasks_at(world, run, 8)) world.succeed(run, task);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(asked(world, "a") == 1);
}

TEST_CASE("a service that is busy is left alone exactly as long as it asks, by all tasks") {
  World world(std::vector<ServiceSpec>{{.name = "a"}}, 1);
  const RunId run = world.submit(many(2, patient));
  world.end(run, "t0", Outcome::rate_limited, "slow down", 30s);
  CHECK(tasks_at(world, run, 2).empty());
  CHECK(world.health("a").paused_until == world.now() + 30s);
  CHECK(has_event(world, "service.paused", "until"));
  world.advance(30s - 1ms);
  CHECK(tasks_at(world, run, 2).empty());
  world.advance(1ms);
  CHECK(tasks_at(world, run, 2).size() == 1);
  CHECK(world.health("a").state == HealthState::healthy);
}

TEST_CASE("a pause outlives a crash") {
  World world;
  const RunId run = world.submit(one_with(patient));
  world.end(run, "a", Outcome::rate_limited, "slow down", 30s);
  world.crash();
  const RunId other = world.submit(one_with(patient));
  CHECK_FALSE(world.running(other, "a"));
  world.advance(30s);
  CHECK((world.running(other, "a") || world.running(run, "a")));
}

TEST_CASE("no minute sees more attempts than `rpm`, and a crash does not fill the bucket") {
  World world(std::vector<ServiceSpec>{{.name = "a", .limits = {.rpm = 10}}}, 64);
  const RunId run = world.submit(many(30, patient));
  CHECK(world.submitted.size() == 1);
  world.crash();
  for (int second = 0; second < 59; ++second) world.advance(1s);
  CHECK(world.submitted.size() <= 10);
  CHECK(world.submitted.size() >= 8);
  CHECK(world.state(run, "t29") == TaskState::ready);
}

TEST_CASE("at its limit of attempts at a time, the next service is asked") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 2}, {.name = "b"}}, 8);
  const RunId run = world.submit(many(4));
  CHECK(asked(world, "a") == 2);
  CHECK(asked(world, "b") == 2);
  CHECK(tasks_at(world, run, 4).size() == 4);
}

TEST_CASE("as many tasks as its queue holds wait for a service before the next one is asked") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1, .limits = {.queue = 3}},
                                       {.name = "b"}},
              8);
  const RunId run = world.submit(many(6));
  CHECK(asked(world, "a") == 1);
  CHECK(asked(world, "b") == 2);
  world.succeed(run, "t0");
  CHECK(asked(world, "a") == 2);
  CHECK(asked(world, "b") == 2);
}

TEST_CASE("a degradation does not stand in for a service that is merely busy") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1}, {.name = "sketch"}}, 8);
  const RunId run = world.submit(many(2, "route = { degrade = [\"sketch\"] }"));
  CHECK(asked(world, "sketch") == 0);
  world.succeed(run, "t0");
  CHECK(asked(world, "a") == 2);
}

TEST_CASE("a degradation stands in for a service that is left alone") {
  World world(std::vector<ServiceSpec>{{.name = "a"}, {.name = "sketch"}});
  const std::string keys = "retry = { attempts = 1 }\nroute = { degrade = [\"sketch\"] }";
  for (int i = 0; i < 3; ++i) world.end(world.submit(one_with(keys)), "a", Outcome::transient);
  REQUIRE(world.health("a").state == HealthState::open);
  const RunId run = world.submit(one_with(keys));
  CHECK(world.job(run, "a").service == "sketch");
}

TEST_CASE("a decision says of each service that is not asked why, and until when") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1}, {.name = "b"}}, 8);
  world.submit(many(2));
  CHECK(world.decisions.back().find(R"("excluded":"at its limit of 1 at a time")") !=
        std::string::npos);
}

TEST_CASE("an attempt may not take longer than its service is given") {
  World world(std::vector<ServiceSpec>{{.name = "a", .limits = {.timeout = 10s}}});
  const RunId run = world.submit(one_with("timeout = { run = \"1m\" }"));
  CHECK(world.job(run, "a").deadline == Deadline{world.now() + 10s});
  world.advance(10s);
  CHECK(world.cancelled.size() == 1);
}

TEST_CASE("retries beyond the budget of a service come later, and none is lost") {
  World world(std::vector<ServiceSpec>{{.name = "a", .health = {.breaker = false}}}, 64);
  const RunId run = world.submit(many(60, patient));
  for (int i = 0; i < 60; ++i) world.end(run, "t" + std::to_string(i), Outcome::transient);
  world.advance(10ms);
  CHECK(tasks_at(world, run, 60).size() == 10);
  world.advance(5s);
  CHECK(tasks_at(world, run, 60).size() == 15);
  world.advance(1min);
  CHECK(tasks_at(world, run, 60).size() == 60);
}

TEST_CASE("an attempt that runs far longer than is usual speaks against its service already") {
  World world(std::vector<ServiceSpec>{{.name = "a", .health = {.failures = 1}}}, 64);
  for (int i = 0; i < 30; ++i) {
    const RunId run = world.submit(one);
    world.advance(1s);
    world.succeed(run, "a");
  }
  const RunId run = world.submit(many(2));
  world.advance(3s - 1ms);
  CHECK(world.health("a").state == HealthState::healthy);
  world.advance(2s);
  CHECK(world.health("a").state == HealthState::open);
  CHECK(world.health("a").reason.find("still unanswered after") != std::string::npos);
  CHECK(tasks_at(world, run, 2).size() == 2);
}

TEST_CASE("a service that is slow for itself is asked after one that is not") {
  World world(std::vector<ServiceSpec>{{.name = "a"}, {.name = "b"}}, 64);
  const auto work = [&](Duration span) {
    const RunId run = world.submit(one);
    world.advance(span);
    const std::string service = world.job(run, "a").service;
    world.succeed(run, "a");
    return service;
  };
  for (int i = 0; i < 60; ++i) work(100ms);
  std::string asked_last = "a";
  for (int i = 0; i < 60 && asked_last == "a"; ++i) asked_last = work(1s);
  CHECK(asked_last == "b");
  CHECK(world.health("a").state == HealthState::degraded);
  CHECK(world.decisions.back().find(R"("degraded":"it takes )") != std::string::npos);
}

TEST_CASE("what is only suspected does not shut out the last service of an operation") {
  World world(std::vector<ServiceSpec>{{.name = "a", .health = {.failures = 100}}});
  for (int i = 0; i < 8; ++i) {
    const RunId run = world.submit(one_with("retry = { attempts = 1 }"));
    world.end(run, "a", Outcome::transient);
  }
  CHECK(world.health("a").state == HealthState::degraded);
  const RunId run = world.submit(one);
  CHECK(world.running(run, "a"));
}

TEST_CASE("a service that is taken out and comes back is remembered") {
  LeftAlone place;
  place.world.change_services({{.name = "other", .operations = {}}});
  place.world.change_services({{.name = "a"}});
  CHECK_FALSE(place.world.running(place.run, "a"));
  place.wait_until_it_may_be_tried();
  CHECK(place.world.running(place.run, "a"));
}

TEST_CASE("what an attempt costs the runtime itself says nothing about its service") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::none}});
  for (int i = 0; i < 4; ++i) {
    world.submit(one);
    world.crash();
  }
  CHECK(world.health("a").state == HealthState::healthy);
}
