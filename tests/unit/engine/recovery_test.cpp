// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

namespace {

std::vector<ServiceSpec> paid(route::Recover recover) {
  return {{.name = "a", .price = "0.10", .recover = recover}};
}

}  // namespace

TEST_CASE(
    "a free attempt without a token is interrupted by a crash, starts again, and does not count") {
  World world;
  const RunId run = world.submit(one);
  world.crash();
  REQUIRE(world.attempts(run, "a").size() == 2);
  CHECK(world.attempts(run, "a").front().outcome == Outcome::interrupted);
  CHECK(world.row(run, "a").attempts_counted == 0);
  CHECK(world.running(run, "a"));
}

TEST_CASE("a paid attempt of a service that knows keys is attached with an empty token") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(one);
  const Uuid key = world.job(run, "a").idempotency_key;
  world.crash();
  REQUIRE(world.attached.size() == 1);
  CHECK(world.attached.front().second.empty());
  CHECK(world.attached.front().first.idempotency_key == key);
  CHECK(world.submitted.size() == 1);
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("a paid attempt that cannot be looked up is of unknown outcome, and its task waits") {
  World world(paid(GENERATE(route::Recover::token, route::Recover::none)));
  const RunId run = world.submit(one);
  world.crash();
  CHECK(world.attached.empty());
  CHECK(world.submitted.size() == 1);
  CHECK(world.state(run, "a") == TaskState::waiting);
  CHECK(world.row(run, "a").wait_reason == WaitReason::unknown_outcome);
  CHECK(world.state(run) == RunState::active);
}

TEST_CASE("an attempt with a token is attached with the last durable one, whatever its price") {
  World world(std::vector<ServiceSpec>{{.name = "a", .price = GENERATE("0", "0.10", "")}});
  const RunId run = world.submit(one);
  world.checkpoint(run, "a", "job-1");
  world.checkpoint(run, "a", "job-2");
  world.crash();
  REQUIRE(world.attached.size() == 1);
  CHECK(world.attached.front().second == "job-2");
  CHECK(world.event_types(run).back() == "task.reattached");
}

TEST_CASE("local work is never attached: it is interrupted and starts again") {
  World world(std::vector<ServiceSpec>{{.name = "a", .local = true}});
  const RunId run = world.submit(one);
  world.crash();
  CHECK(world.attached.empty());
  CHECK(world.attempts(run, "a").size() == 2);
}

TEST_CASE("what was submitted but not durable when the process died never happened") {
  World world;
  const RunId run = world.submit(chain);
  world.driver().deliver(engine::JobEnded{world.job(run, "a").attempt,
                                          {Outcome::ok, {}, {}, {}, false, {{"value", 1}}}});
  world.turn();  // decided, handed to the store, not durable
  world.crash();
  CHECK(world.state(run, "a") == TaskState::running);
  CHECK(world.attempts(run, "b").empty());
}

TEST_CASE(
    "a lost job of a paid service counts as unknown unless the service proves that it cost "
    "nothing") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(one);
  world.crash();
  SECTION("without a cost") {
    world.end(run, "a", Outcome::lost);
    CHECK(world.state(run, "a") == TaskState::waiting);
  }
  SECTION("with a cost of 0") {
    world.end(world.job(run, "a").attempt,
              {Outcome::lost, "not there", {}, Money{0, "USD"}, false, {}});
    CHECK(world.submitted.size() == 2);
  }
}

TEST_CASE("an unknown outcome stays unknown over a second crash") {
  World world(paid(route::Recover::none));
  const RunId run = world.submit(one);
  world.crash();
  world.crash();
  CHECK(world.state(run, "a") == TaskState::waiting);
  CHECK(world.attempts(run, "a").size() == 1);
  CHECK(world.command(run, CommandKind::settle, "a", false).done);
  CHECK(world.running(run, "a"));
}

TEST_CASE("succeeded tasks do not run again after a crash in the middle of a group") {
  World world;
  const RunId run = world.submit(fan);
  world.succeed(run, "item[0]");
  world.succeed(run, "item[2]");
  world.crash();
  for (const auto* item : {"item[1]", "item[3]"}) world.succeed(run, item);
  REQUIRE(world.running(run, "sum"));
  world.succeed(run, "sum");
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.attempts(run, "item[0]").size() == 1);
  CHECK(world.attempts(run, "item[2]").size() == 1);
}

TEST_CASE("a task that waits for its retry time goes on waiting after a restart") {
  World world;
  const RunId run = world.submit(one_with("retry = { backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::rate_limited, "later", std::chrono::seconds{60});
  world.crash();
  CHECK_FALSE(world.running(run, "a"));
  world.advance(std::chrono::seconds{61});
  CHECK(world.running(run, "a"));
}

TEST_CASE("a service that failed a task for good is not asked again after a restart") {
  World world(std::vector<ServiceSpec>{{.name = "a"}, {.name = "b", .concurrency = 1}});
  const RunId run = world.submit(one_with("retry = { backoff = \"1ms\" }"));
  world.end(run, "a", Outcome::unsupported);
  world.crash();
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("a run that a client put into the store begins when it is loaded") {
  World world;
  const RunId donor = world.submit(chain);
  World other;
  StoredRun stored;
  stored.run = world.stored(donor).run;
  stored.run.epoch = 1;
  for (const auto& [no, task] : world.stored(donor).tasks) {
    stored.unfinished.push_back(task);
    stored.unfinished.back().state = TaskState::pending;
    stored.unfinished.back().attempt = 0;
    stored.unfinished.back().ready_at.reset();
  }
  other.driver().deliver(engine::LoadRun{stored, world.stored(donor).plan});
  other.settle();
  REQUIRE(other.submitted.size() == 1);
  CHECK(other.submitted.front().label() == "a");
}

TEST_CASE("a run that another runtime has taken is left alone: nothing remote is cancelled") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(chain);
  world.fence.insert(run);
  world.succeed(run, "a");
  CHECK(world.fenced_runs == std::vector<RunId>{run});
  CHECK(world.cancelled.empty());
  CHECK(world.submitted.size() == 1);
  CHECK(world.driver().core().find(run) == nullptr);
  CHECK(world.state(run, "a") == TaskState::running);
}

TEST_CASE("when the store fails nothing more is dispatched and the caller hears of it") {
  World world;
  const RunId run = world.submit(chain);
  world.fail_commits = true;
  world.succeed(run, "a");
  REQUIRE(world.failure);
  CHECK(world.failure->message == "the disk is full");
  CHECK(world.submitted.size() == 1);
}

TEST_CASE("a job whose service is gone after a crash waits, and is attached when it is back") {
  World world(paid(route::Recover::token));
  const RunId run = world.submit(one);
  world.checkpoint(run, "a", "job-1");
  world.change_services({{.name = "b", .price = "0.10"}});
  world.crash();
  CHECK(world.attached.empty());
  CHECK(world.state(run, "a") == TaskState::waiting);
  CHECK(world.row(run, "a").wait_reason == WaitReason::unknown_outcome);
  CHECK_FALSE(world.attempts(run, "a").front().ended_at);
  SECTION("in the same process") {
    world.change_services(paid(route::Recover::token));
  }
  SECTION("after another restart, too") {
    world.crash();
    CHECK(world.state(run, "a") == TaskState::waiting);
    CHECK(world.event_types(run).back() == "task.waiting");
    world.change_services(paid(route::Recover::token));
  }
  REQUIRE(world.attached.size() == 1);
  CHECK(world.attached.front().second == "job-1");
  CHECK(world.submitted.size() == 1);
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.attempts(run, "a").size() == 1);
}

TEST_CASE("a person may settle a job whose service is gone") {
  World world(paid(route::Recover::token));
  const RunId run = world.submit(one);
  world.checkpoint(run, "a", "job-1");
  world.change_services({{.name = "b", .price = "0.10"}});
  world.crash();
  CHECK(world.command(run, CommandKind::settle, "a", false).done);
  REQUIRE(world.running(run, "a"));
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("a free job whose service is gone after a crash starts again elsewhere") {
  World world;
  const RunId run = world.submit(one);
  world.checkpoint(run, "a", "job-1");
  world.change_services({{.name = "b"}});
  world.crash();
  REQUIRE(world.attempts(run, "a").size() == 2);
  CHECK(world.attempts(run, "a").front().outcome == Outcome::interrupted);
  CHECK(world.job(run, "a").service == "b");
}

TEST_CASE("cancelling a run gives up a job whose service is gone") {
  World world(paid(route::Recover::token));
  const RunId run = world.submit(one);
  world.checkpoint(run, "a", "job-1");
  world.change_services({});
  world.crash();
  CHECK(world.command(run, CommandKind::cancel).done);
  CHECK(world.state(run) == RunState::cancelled);
  CHECK(world.attempts(run, "a").front().outcome == Outcome::unknown);
}

TEST_CASE("a request that a crash came before is made at once, and does not count") {
  World world(paid(route::Recover::key));
  const RunId run = world.submit(one_with("retry = { attempts = 1, backoff = \"1h\" }"));
  world.crash();
  REQUIRE(world.attached.size() == 1);
  world.end(world.attached.front().first.attempt,
            {Outcome::lost, "no such job", {}, Money{0, "USD"}, false, {}});
  REQUIRE(world.attempts(run, "a").size() == 2);
  CHECK(world.attempts(run, "a").front().outcome == Outcome::interrupted);
  CHECK(world.row(run, "a").attempts_counted == 0);
  CHECK(world.running(run, "a"));
}
