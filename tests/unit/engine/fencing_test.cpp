// SPDX-License-Identifier: Apache-2.0
// Runs that another runtime takes, and what services say of them meanwhile.
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

namespace {

std::vector<ServiceSpec> paid(route::Recover recover) {
  return {{.name = "a", .price = "0.10", .recover = recover}};
}

engine::JobResult answer_of(std::int64_t value) {
  return {Outcome::ok, {}, {}, {}, false, {{"value", value}}};
}

}  // namespace

TEST_CASE("the answer to a command is not told when the run was lost before it was durable") {
  World world;
  const RunId run = world.submit(chain);
  world.fence.insert(run);
  const Command pause = world.command_of(run, CommandKind::pause);
  world.hand_in(pause);
  CHECK_FALSE(world.answer(pause.id));
  CHECK(world.fenced_runs == std::vector<RunId>{run});
}

TEST_CASE("nothing remote is cancelled of a run that was lost before its deadline came") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(one_with("timeout = \"5s\""));
  world.fence.insert(run);
  world.advance(std::chrono::seconds{6});
  CHECK(world.cancelled.empty());
  CHECK(world.fenced_runs == std::vector<RunId>{run});
}

TEST_CASE("a deadline that comes in the turn that hears of the loss cancels nothing") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(one_with("timeout = \"5s\""));
  world.fence.insert(run);
  world.driver().deliver(engine::GiveCommand{world.command_of(run, CommandKind::pause)});
  world.driver().deliver(engine::GiveCommand{world.command_of(run, CommandKind::resume)});
  world.turn();
  world.pass(std::chrono::seconds{6});
  world.driver().deliver(engine::Tick{});  // before the loss is heard of
  REQUIRE(world.commit_one());
  world.settle();
  CHECK(world.cancelled.empty());
}

TEST_CASE("a command that comes after its run was lost is asked for again, not answered") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(one);
  const Command command = world.command_of(run, CommandKind::pause);
  world.driver().deliver(engine::RunFenced{run});
  world.driver().deliver(engine::GiveCommand{command});
  world.settle();
  CHECK_FALSE(world.answer(command.id));
  CHECK(world.fenced_runs == std::vector<RunId>{run});
}

TEST_CASE("what a service answers after its run was lost is kept, and the next owner takes it") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(one);
  const AttemptRef attempt = world.job(run, "a").attempt;
  world.fence.insert(run);
  world.hand_in(world.command_of(run, CommandKind::pause));
  REQUIRE(world.driver().core().find(run) == nullptr);
  world.end(attempt, answer_of(7));
  REQUIRE(world.stored(run).late.size() == 1);

  world.fence.clear();
  world.crash();
  CHECK(world.attached.empty());
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.stored(run).outputs.at(0).at("value") == 7);
}

TEST_CASE("a late answer of a paid service that proves nothing leaves its task waiting") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(one);
  const AttemptRef attempt = world.job(run, "a").attempt;
  world.fence.insert(run);
  world.advance(std::chrono::seconds{1});
  world.hand_in(world.command_of(run, CommandKind::pause));
  world.end(attempt, {Outcome::lost, "no such job", {}, {}, false, {}});
  world.fence.clear();
  world.crash();
  CHECK(world.attached.empty());
  CHECK(world.state(run, "a") == TaskState::waiting);
  CHECK(world.submitted.size() == 1);
}

TEST_CASE("a run that is over is not cancelled by a command of the same turn") {
  World world;
  const RunId run = world.submit(one);
  const AttemptRef attempt = world.job(run, "a").attempt;
  const Command cancel = world.command_of(run, CommandKind::cancel);
  world.driver().deliver(engine::JobEnded{attempt, answer_of(1)});
  world.driver().deliver(engine::GiveCommand{cancel});
  world.settle();
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.event_types(run).back() == "run.succeeded");
  REQUIRE(world.answer(cancel.id));
  CHECK_FALSE(world.answer(cancel.id)->done);
}

TEST_CASE("an attempt that is told to end before it is attached is told again when it is") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(chain);
  world.succeed(run, "a");
  world.restart();  // the outputs of a have to be loaded before b can be attached
  world.driver().deliver(engine::GiveCommand{world.command_of(run, CommandKind::cancel)});
  world.settle();
  REQUIRE(world.attached.size() == 1);
  REQUIRE(world.cancelled.size() == 2);
  CHECK(world.cancelled.back() == world.attached.front().first.attempt);
}

TEST_CASE("an unknown outcome does not hold up a run that is being cancelled") {
  World world(paid(route::Recover::none));
  const RunId run = world.submit(one);
  world.command(run, CommandKind::cancel);
  world.crash();
  CHECK(world.state(run, "a") == TaskState::cancelled);
  CHECK(world.state(run) == RunState::cancelled);
}

TEST_CASE("a deadline that passes while a run is being cancelled does not make its tasks wait") {
  World world(paid(route::Recover::none));
  const RunId run = world.submit(one_with("timeout = \"5s\""));
  world.command(run, CommandKind::cancel);
  world.advance(std::chrono::seconds{6});
  world.advance(std::chrono::seconds{6});  // nothing answers: it is given up
  CHECK(world.state(run) == RunState::cancelled);
}

TEST_CASE("an answer ends an attempt that waits for its service to come back") {
  World world(paid(route::Recover::token));
  const RunId run = world.submit(one);
  const AttemptRef attempt = world.job(run, "a").attempt;
  world.checkpoint(run, "a", "job-1");
  world.change_services({{.name = "a", .price = "0.10", .unavailable = "its library is gone"}});
  world.crash();
  REQUIRE(world.state(run, "a") == TaskState::waiting);
  world.end(attempt, answer_of(3));
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("what a paid executor cannot tell when it is interrupted is not bought again") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = "0.10", .local = true}});
  const RunId run = world.submit(one);
  world.driver().deliver(engine::ShutDown{});
  world.settle();
  REQUIRE(world.interrupted.size() == 1);
  world.end(run, "a", Outcome::unknown);
  CHECK(world.state(run, "a") == TaskState::waiting);
}

TEST_CASE("local work of a service that is no longer configured is interrupted all the same") {
  World world(std::vector<ServiceSpec>{{.name = "a", .local = true}});
  world.submit(one);
  world.change_services({{.name = "b", .local = true}});
  world.driver().deliver(engine::ShutDown{});
  world.settle();
  CHECK(world.interrupted.size() == 1);
  CHECK_FALSE(world.driver().core().may_stop());
}
