// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("pausing stops dispatch, keeps running attempts, and resuming goes on") {
  World world;
  const RunId run = world.submit(chain);
  REQUIRE(world.command(run, CommandKind::pause).done);
  CHECK(world.state(run) == RunState::paused);
  world.succeed(run, "a");
  CHECK(world.state(run, "b") == TaskState::ready);
  CHECK_FALSE(world.running(run, "b"));
  REQUIRE(world.command(run, CommandKind::resume).done);
  CHECK(world.running(run, "b"));
}

TEST_CASE("a paused run stays paused over a restart") {
  World world;
  const RunId run = world.submit(chain);
  world.command(run, CommandKind::pause);
  world.crash();
  CHECK(world.state(run) == RunState::paused);
  CHECK(world.attempts(run, "a").size() == 1);
  world.command(run, CommandKind::resume);
  CHECK(world.attempts(run, "a").size() == 2);
}

TEST_CASE("cancelling ends waiting tasks at once and tells running ones to end") {
  World world;
  const RunId run = world.submit(chain);
  REQUIRE(world.command(run, CommandKind::cancel).done);
  CHECK(world.state(run, "b") == TaskState::cancelled);
  REQUIRE(world.cancelled.size() == 1);
  CHECK(world.state(run) == RunState::active);
  world.end(run, "a", Outcome::cancelled);
  CHECK(world.state(run, "a") == TaskState::cancelled);
  CHECK(world.state(run) == RunState::cancelled);
}

TEST_CASE("who cancels a run in which something may have been bought is told what and where") {
  World world(std::vector<ServiceSpec>{
      {.name = "painter", .price = "0.10", .recover = route::Recover::none}});
  const RunId run = world.submit(one);
  world.end(run, "a", Outcome::unknown);
  REQUIRE(world.state(run, "a") == TaskState::waiting);
  const CommandAnswer answer = world.command(run, CommandKind::cancel);
  CHECK(answer.done);
  CHECK(answer.text.find("may have been bought, and counts as spent: 'a' at painter") !=
        std::string::npos);
  CHECK(world.state(run) == RunState::cancelled);
}

TEST_CASE("a service that does not end a cancelled attempt is given up after ten seconds") {
  World world;
  const RunId run = world.submit(one);
  world.command(run, CommandKind::cancel);
  world.advance(seconds{9});
  CHECK(world.state(run) == RunState::active);
  world.advance(seconds{2});
  CHECK(world.state(run) == RunState::cancelled);
}

TEST_CASE("a cancel goes on after a crash: the attempt is attached and cancelled") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::key}});
  const RunId run = world.submit(one);
  world.command(run, CommandKind::cancel);
  world.crash();
  REQUIRE(world.attached.size() == 1);
  REQUIRE(world.cancelled.size() == 2);
  world.end(run, "a", Outcome::cancelled);
  CHECK(world.state(run) == RunState::cancelled);
}

TEST_CASE("a cancelled run is final: it cannot be retried") {
  World world;
  const RunId run = world.submit(one);
  world.command(run, CommandKind::cancel);
  world.end(run, "a", Outcome::cancelled);
  const CommandAnswer answer = world.command(run, CommandKind::pause);
  CHECK_FALSE(answer.done);
  CHECK(answer.text.find("cancelled") != std::string::npos);
}

TEST_CASE("a failed task can be skipped by hand, and who only needs it goes on") {
  World world;
  const RunId run = world.submit(R"(
[tasks.a]
operation = "test.step"
[tasks.after]
operation = "test.step"
needs = ["a"]
)");
  world.end(run, "a", Outcome::bad_input);
  CHECK(world.state(run) == RunState::failed);
  REQUIRE(world.command(run, CommandKind::skip, "a").done);
  CHECK(world.state(run, "a") == TaskState::skipped);
  CHECK(world.running(run, "after"));
}

TEST_CASE("a running task cannot be skipped, and the answer says so") {
  World world;
  const RunId run = world.submit(one);
  const CommandAnswer answer = world.command(run, CommandKind::skip, "a");
  CHECK_FALSE(answer.done);
  CHECK(answer.text.find("running") != std::string::npos);
}

TEST_CASE("skipping a group skips its items") {
  World world(std::vector<ServiceSpec>{{.name = "a", .concurrency = 1}});
  const RunId run = world.submit(fan);
  world.end(run, "item[0]", Outcome::bad_input);
  world.end(run, "item[1]", Outcome::bad_input);
  REQUIRE(world.command(run, CommandKind::skip, "item").done);
  CHECK(world.state(run, "item[0]") == TaskState::skipped);
  CHECK(world.state(run, "item[3]") == TaskState::skipped);
}

TEST_CASE("retry without a task takes every failed one") {
  World world;
  const RunId run = world.submit(fan);
  for (const auto* item : {"item[0]", "item[1]"}) world.end(run, item, Outcome::bad_input);
  for (const auto* item : {"item[2]", "item[3]"}) world.succeed(run, item);
  CHECK(world.state(run) == RunState::failed);
  const CommandAnswer answer = world.command(run, CommandKind::retry);
  CHECK(answer.text == "retrying 2 tasks");
  CHECK(world.running(run, "item[0]"));
  CHECK(world.running(run, "item[1]"));
}

TEST_CASE("retry refuses what may have been bought unless it is told to buy again") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::none}});
  const RunId run = world.submit(one);
  world.crash();
  const CommandAnswer refused = world.command(run, CommandKind::retry, "a");
  CHECK_FALSE(refused.done);
  CHECK(refused.text.find("--rebuy") != std::string::npos);
  REQUIRE(world.command(run, CommandKind::retry, "a", true).done);
  CHECK(world.running(run, "a"));
  CHECK(world.attempts(run, "a").front().cost == Money{100'000, "USD"});
}

TEST_CASE("settling as not bought gives the reservation back and the task goes on") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::none}});
  const RunId run = world.submit(one);
  world.crash();
  REQUIRE(world.command(run, CommandKind::settle, "a", false).done);
  CHECK(world.attempts(run, "a").front().cost == Money{0, "USD"});
  CHECK_FALSE(world.attempts(run, "a").front().reserved);
  CHECK(world.running(run, "a"));
}

TEST_CASE("settling as bought without a file fails the task, and the money is spent") {
  World world(
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::none}});
  const RunId run = world.submit(one);
  world.crash();
  REQUIRE(world.command(run, CommandKind::settle, "a", true).done);
  CHECK(world.state(run, "a") == TaskState::failed);
  CHECK(world.attempts(run, "a").front().cost == Money{100'000, "USD"});
}

TEST_CASE("a command about a task that is not unknown is refused") {
  World world;
  const RunId run = world.submit(one);
  const CommandAnswer settled = world.command(run, CommandKind::settle, "a", true);
  CHECK_FALSE(settled.done);
  CHECK(settled.text.find("the task is running") != std::string::npos);
  CHECK_FALSE(world.command(run, CommandKind::retry, "a").done);
  CHECK(world.state(run, "a") == TaskState::running);
}

namespace {

// A world whose one paid attempt has been attached after a crash, and a command about it. Nobody
// knows yet what became of the attempt.
struct Asked {
  World world{
      std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .recover = route::Recover::key}}};
  RunId run = world.submit(one);
  Command command;

  explicit Asked(CommandKind kind) {
    world.crash();
    command = world.command_of(run, kind, "a");
  }
  bool answered() const { return world.answer(command.id).has_value(); }
};

}  // namespace

TEST_CASE("buying again is decided when the lookup of an attached attempt has found nothing") {
  Asked asked(CommandKind::retry);
  asked.command.rebuy = true;
  asked.world.hand_in(asked.command);
  CHECK_FALSE(asked.answered());
  asked.world.end(asked.run, "a", Outcome::unknown);
  REQUIRE(asked.answered());
  CHECK(asked.world.answer(asked.command.id)->done);
  CHECK(asked.world.submitted.size() == 2);
}

TEST_CASE("settling is decided when the lookup of an attached attempt has found nothing") {
  Asked asked(CommandKind::settle);
  asked.world.hand_in(asked.command);
  CHECK_FALSE(asked.answered());
  asked.world.end(asked.run, "a", Outcome::unknown);
  REQUIRE(asked.answered());
  CHECK(asked.world.answer(asked.command.id)->done);
  CHECK(asked.world.submitted.size() == 2);
}

TEST_CASE("a command about an attached attempt is answered when the service says that it runs") {
  Asked asked(CommandKind::settle);
  asked.world.hand_in(asked.command);
  asked.world.driver().deliver(
      engine::JobStarted{asked.world.job(asked.run, "a").attempt});  // only the plugin has it
  asked.world.settle();
  CHECK_FALSE(asked.answered());
  asked.world.report(asked.run, "a", 100);
  REQUIRE(asked.answered());
  CHECK_FALSE(asked.world.answer(asked.command.id)->done);
  CHECK(asked.world.running(asked.run, "a"));
}

TEST_CASE("a command about an attached attempt waits ten seconds for a silent service") {
  Asked asked(CommandKind::retry);
  asked.world.hand_in(asked.command);
  asked.world.advance(seconds{9});
  CHECK_FALSE(asked.answered());
  asked.world.advance(seconds{2});
  REQUIRE(asked.answered());
  CHECK_FALSE(asked.world.answer(asked.command.id)->done);
}

TEST_CASE("a run can be paused while an attempt is looked up") {
  Asked asked(CommandKind::retry);
  CHECK(asked.world.command(asked.run, CommandKind::pause).done);
}
