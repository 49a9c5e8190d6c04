// SPDX-License-Identifier: Apache-2.0
// Services that somebody takes out of use, and back into it, while work is under way.
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using namespace std::chrono_literals;

namespace {

const std::string two_steps =
    "[tasks.t0]\noperation = \"test.step\"\n[tasks.t1]\noperation = \"test.step\"\n";

std::size_t count_of(const World& world, const std::string& type, const std::string& part = {}) {
  return static_cast<std::size_t>(std::count_if(
      world.service_events.begin(), world.service_events.end(), [&](const std::string& event) {
        return event.starts_with(type + " ") && event.find(part) != std::string::npos;
      }));
}

}  // namespace

TEST_CASE("a service that is drained begins nothing more, and what runs there ends well") {
  World world({{.name = "a", .concurrency = 1}});
  const RunId run = world.submit(two_steps);
  REQUIRE(world.running(run, "t0"));
  REQUIRE(world.tell(CommandKind::drain, "a", "new graphics card").done);
  CHECK(count_of(world, "service.draining", "by hand: new graphics card") == 1);
  CHECK(count_of(world, "service.disabled") == 0);
  world.succeed(run, "t0");
  CHECK(world.state(run, "t0") == TaskState::succeeded);
  CHECK_FALSE(world.running(run, "t1"));
  CHECK(world.state(run, "t1") == TaskState::ready);
  CHECK(count_of(world, "service.disabled", "by hand: new graphics card") == 1);
  REQUIRE(world.tell(CommandKind::enable, "a").done);
  CHECK(count_of(world, "service.enabled", "by hand") == 1);
  world.succeed(run, "t1");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("tasks go to another service than the one that is drained, and back when it is enabled") {
  World world({{.name = "a"}, {.name = "b"}});
  world.tell(CommandKind::drain, "a");
  CHECK(count_of(world, "service.disabled", "by hand") == 1);
  const RunId first = world.submit(one);
  CHECK(world.job(first, "a").service == "b");
  CHECK(world.decisions.back().find("out of use: by hand") != std::string::npos);
  world.tell(CommandKind::enable, "a");
  const RunId second = world.submit(one);
  CHECK(world.job(second, "a").service == "a");
}

TEST_CASE("a failure is retried elsewhere than at a service that was drained meanwhile") {
  World world({{.name = "a"}, {.name = "b"}});
  const RunId run = world.submit(one);
  REQUIRE(world.job(run, "a").service == "a");
  world.tell(CommandKind::drain, "a");
  world.end(run, "a", Outcome::transient);
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("a task that has failed everywhere waits for the service that is out of use") {
  World world({{.name = "a"}, {.name = "b"}});
  world.tell(CommandKind::drain, "b");
  const RunId run = world.submit(one_with("retry = { attempts = 9, backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::internal, "the plugin broke");
  world.advance(1h);
  CHECK(world.state(run, "a") == TaskState::ready);
  CHECK_FALSE(world.running(run, "a"));
  world.tell(CommandKind::enable, "b");
  world.advance(1min);
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("a service that was drained is out of use after a crash as well") {
  World world;
  const RunId running = world.submit(one);
  world.checkpoint(running, "a", "job-1");
  world.tell(CommandKind::drain, "a");
  world.crash();
  REQUIRE(world.attached.size() == 1);
  const RunId run = world.submit(one);
  CHECK(world.running(running, "a"));
  CHECK_FALSE(world.running(run, "a"));
  CHECK(count_of(world, "service.disabled") == 0);
  world.succeed(running, "a");
  CHECK(count_of(world, "service.disabled") == 1);
  world.crash();
  CHECK_FALSE(world.running(run, "a"));
  world.tell(CommandKind::enable, "a");
  CHECK(world.running(run, "a"));
}

TEST_CASE("the configuration takes a service out of use and back, and its attempt goes on") {
  World world({{.name = "a", .concurrency = 1}});
  const RunId run = world.submit(two_steps);
  world.change_services({{.name = "a", .concurrency = 1, .enabled = false}});
  CHECK(count_of(world, "service.draining", "'enabled = false'") == 1);
  CHECK(count_of(world, "service.disabled") == 0);
  world.succeed(run, "t0");
  CHECK_FALSE(world.running(run, "t1"));
  CHECK(count_of(world, "service.disabled") == 1);
  const CommandAnswer answer = world.tell(CommandKind::enable, "a");
  CHECK_FALSE(answer.done);
  CHECK(answer.text.find("the configuration says") != std::string::npos);
  world.change_services({{.name = "a", .concurrency = 1}});
  CHECK(count_of(world, "service.enabled", "the configuration was read again") == 1);
  CHECK(world.running(run, "t1"));
}

TEST_CASE("a reading of the configuration does not enable what was drained by hand") {
  World world;
  world.tell(CommandKind::drain, "a");
  world.change_services({{.name = "a"}});
  const RunId run = world.submit(one);
  CHECK_FALSE(world.running(run, "a"));
  CHECK(count_of(world, "service.enabled") == 0);
}

TEST_CASE("enabling a service that is left alone lets a task try it out at once") {
  World world;
  const RunId run = world.submit(one_with("retry = { attempts = 9, backoff = \"1ms\" }"));
  for (int i = 0; i < 3; ++i) world.end(run, "a", Outcome::transient), world.advance(1ms);
  REQUIRE(world.health("a").state == HealthState::open);
  REQUIRE_FALSE(world.running(run, "a"));
  world.tell(CommandKind::enable, "a");
  CHECK(world.running(run, "a"));
  CHECK(world.health("a").state == HealthState::half_open);
}

TEST_CASE("a new key reopens a service that was refused for its old one, and enables nothing") {
  World world({{.name = "a"}, {.name = "b"}});
  const RunId run = world.submit(two_steps);
  world.end(run, "t0", Outcome::auth, "wrong key");
  REQUIRE(world.health("a").state == HealthState::open);
  world.tell(CommandKind::drain, "b");
  world.tell(CommandKind::reopen, "a", "the secret 'key' has a new value");
  world.tell(CommandKind::reopen, "b", "the secret 'key' has a new value");
  CHECK(world.health("a").state == HealthState::healthy);
  CHECK(count_of(world, "service.healthy", "the secret 'key' has a new value") == 1);
  CHECK(world.health("b").taken_out == "by hand");
}

TEST_CASE("a service that is left alone for its failures is not reopened by a new key") {
  World world;
  const RunId run = world.submit(one_with("retry = { attempts = 9, backoff = \"1ms\" }"));
  for (int i = 0; i < 3; ++i) world.end(run, "a", Outcome::transient), world.advance(1ms);
  world.tell(CommandKind::reopen, "a", "the secret 'key' has a new value");
  CHECK(world.health("a").state == HealthState::open);
  CHECK_FALSE(world.running(run, "a"));
}

TEST_CASE("a service out of use with a broken account costs no task its life") {
  World world;
  const RunId run = world.submit(two_steps);
  world.tell(CommandKind::drain, "a");
  world.end(run, "t0", Outcome::auth, "wrong key");
  world.succeed(run, "t1");
  const RunId other = world.submit(one);
  CHECK(world.state(other, "a") == TaskState::ready);
  world.tell(CommandKind::enable, "a");
  CHECK(world.running(other, "a"));
}

TEST_CASE("what runs at a service out of use does not keep its peers from being the last ones") {
  World world({{.name = "a", .health = {.failures = 100}}, {.name = "b"}});
  world.tell(CommandKind::drain, "b");
  for (int i = 0; i < 8; ++i)
    world.end(world.submit(one_with("retry = { attempts = 1 }")), "a", Outcome::transient);
  CHECK(world.health("a").state == HealthState::degraded);
}

TEST_CASE("a command about a service that is not configured is answered so") {
  World world;
  const CommandAnswer answer = world.tell(CommandKind::drain, "nobody");
  CHECK_FALSE(answer.done);
  CHECK(answer.text.find("no service 'nobody' is configured") != std::string::npos);
}
