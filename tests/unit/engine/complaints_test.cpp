// SPDX-License-Identifier: Apache-2.0
// What users of other orchestrators have complained of, each as a promise that holds here. The
// names are those of the threads; a growth, a late or a body test says more about the same thing.
#include <algorithm>

#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

namespace {

ServiceSpec paid(route::Recover recover) {
  return {.name = "a", .price = "0.10", .recover = recover};
}

int count(const std::vector<std::string>& types, const std::string& type) {
  return static_cast<int>(std::count(types.begin(), types.end(), type));
}

const std::string two = R"toml(
[tasks.a]
operation = "test.step"
retry = { attempts = 3, backoff = "1s" }
[tasks.b]
operation = "test.step"
)toml";

const std::string mapped = R"toml(
[tasks.item]
for_each = "[1, 2, 3, 4]"
operation = "test.step"
retry = { attempts = 1 }
)toml";

}  // namespace

// ---------------------------------------------------------------- stuck and lost work

TEST_CASE("airflow 32289: zombies cleaned up twice do not use up the retries that are configured") {
  World world({{.name = "a", .local = true}});
  const RunId run = world.submit(two);
  for (int crash = 0; crash < 5; ++crash) world.crash();
  CHECK(world.row(run, "a").attempts_counted == 0);
  world.end(run, "a", Outcome::transient);
  world.advance(std::chrono::minutes{2});
  world.end(run, "a", Outcome::transient);
  world.advance(std::chrono::minutes{2});
  REQUIRE(world.running(run, "a"));  // the third of three
  world.succeed(run, "a");
  CHECK(world.state(run, "a") == TaskState::succeeded);
}

TEST_CASE("airflow 43448: what dies gives back its slots") {
  World world({{.name = "a"}}, 1);
  const RunId run = world.submit(two);
  for (int death = 0; death < 2; ++death) {
    const std::string task = world.running(run, "a") ? "a" : "b";
    world.end(run, task, Outcome::lost, "the worker was killed");
    world.advance(std::chrono::minutes{2});
  }
  const bool one_runs = world.running(run, "a") || world.running(run, "b");
  CHECK(one_runs);
}

TEST_CASE("airflow 48719: a healthy task that takes its time is left to run") {
  World world;
  const RunId run = world.submit(one);
  world.advance(std::chrono::hours{5});
  CHECK(world.running(run, "a"));
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.attempts(run, "a").size() == 1);
}

TEST_CASE("prefect 7239, 8566: a runtime that died holds no slot of the one that follows") {
  World world({{.name = "a", .local = true}}, 1);
  const RunId run = world.submit(two);
  world.crash();
  world.crash();
  const std::string first = world.running(run, "a") ? "a" : "b";
  world.succeed(run, first);
  world.succeed(run, first == "a" ? "b" : "a");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("prefect 18839: to lose a run to another runtime kills nothing of what was bought") {
  World world({paid(route::Recover::token)});
  const RunId run = world.submit(one);
  world.checkpoint(run, "a", "job-1");
  world.fence.insert(run);
  world.report(run, "a", 500);
  world.advance(std::chrono::seconds{1});
  CHECK(world.cancelled.empty());
}

TEST_CASE(
    "dagster 30712: a pool of one slot and retries of mapped tasks do not wait for each other") {
  World world({{.name = "a"}}, 1);
  const RunId run = world.submit(R"toml(
[tasks.item]
for_each = "[1, 2, 3]"
operation = "test.step"
retry = { attempts = 3, backoff = "1s" }
)toml");
  int ended = 0;
  for (int turn = 0; turn < 20 && world.state(run) == RunState::active; ++turn) {
    for (const char* item : {"item[0]", "item[1]", "item[2]"}) {
      if (!world.running(run, item)) continue;
      if (world.row(run, item).attempts_counted == 0)
        world.end(run, item, Outcome::transient);
      else
        world.succeed(run, item), ++ended;
    }
    world.advance(std::chrono::minutes{2});
  }
  CHECK(ended == 3);
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("dagster 30077: a retry also brings what had not begun when the run failed") {
  World world({{.name = "a"}}, 4);
  const RunId run = world.submit(R"toml(
[tasks.item]
for_each = "[1, 2]"
operation = "test.step"
[tasks.next]
for_each = "[1, 2]"
operation = "test.step"
params = { value = "${tasks.item[index].value}" }
)toml");
  world.end(run, "item[0]", Outcome::refused);
  world.succeed(run, "item[1]");
  world.succeed(run, "next[1]");
  CHECK(world.state(run) == RunState::failed);
  CHECK(world.command(run, CommandKind::retry).done);
  world.succeed(run, "item[0]");
  REQUIRE(world.running(run, "next[0]"));
  world.succeed(run, "next[0]");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("dbos 716, 742: what is recovered is recovered again, and done once") {
  World world({paid(route::Recover::key)});
  const RunId run = world.submit(one);
  world.restart();
  world.take_up(run);  // a second time, at once
  world.settle();
  world.crash();
  CHECK(world.submitted.size() == 1);
  CHECK(world.attempts(run, "a").size() == 1);
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("dbos 805: a queue of one at a time goes on behind a run that waits for a person") {
  World world({paid(route::Recover::none)}, 1);
  const RunId first = world.submit(one);
  const RunId second = world.submit(one);
  world.end(first, "a", Outcome::unknown);
  CHECK(world.state(first, "a") == TaskState::waiting);
  CHECK(world.running(second, "a"));
}

TEST_CASE("conductor 173, 436: after any crash whatever may run is in a queue") {
  World world({{.name = "a"}}, 2);
  const RunId run = world.submit(fan);
  for (const char* item : {"item[0]", "item[1]", "item[2]", "item[3]"}) {
    world.crash();
    REQUIRE(world.running(run, item));
    world.succeed(run, item);
  }
  world.crash();
  CHECK(world.running(run, "sum"));
}

TEST_CASE("conductor 3491: a run that is over stays over") {
  World world;
  const RunId run = world.submit(one);
  const AttemptRef attempt = world.job(run, "a").attempt;
  world.succeed(run, "a");
  world.end(attempt, {Outcome::transient, "late", {}, {}, false, {}});
  CHECK_FALSE(world.command(run, CommandKind::retry).done);
  CHECK_FALSE(world.command(run, CommandKind::cancel).done);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(count(world.event_types(run), "run.succeeded") == 1);
}

TEST_CASE("conductor 1664: a run is not over while a branch of it runs") {
  World world({{.name = "a"}}, 4);
  const RunId run = world.submit(two);
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::active);
  world.succeed(run, "b");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("bullmq 3362: a parent whose child has failed does not wait for ever, it says so") {
  World world({{.name = "a"}}, 4);
  const RunId run = world.submit(mapped);
  for (const char* item : {"item[1]", "item[2]", "item[3]"}) world.succeed(run, item);
  world.end(run, "item[0]", Outcome::transient, "it broke");
  CHECK(world.state(run) == RunState::failed);
  CHECK(world.why_failed(run) == "it broke");
}

// ---------------------------------------------------------------- scale

TEST_CASE("argo 7121: the row of a run does not grow with its tasks") {
  World world({{.name = "a"}}, 1);
  std::string items = "0";
  for (int i = 1; i < 5'000; ++i) items += ", " + std::to_string(i);
  const RunId run =
      world.submit("[tasks.item]\nfor_each = \"[" + items + "]\"\noperation = \"test.step\"\n");
  CHECK(world.stored(run).tasks.size() == 5'001);
  CHECK(world.stored(run).events.size() < 10);
}

TEST_CASE("airflow 29959: a map has thousands of items, and others are served meanwhile") {
  World world({{.name = "a"}}, 4);
  std::string items = "1";
  for (int i = 2; i <= 3'000; ++i) items += ", " + std::to_string(i);
  const RunId run = world.submit(
      "[tasks.split]\noperation = \"test.step\"\n[tasks.item]\n"
      "for_each = \"tasks.split.value > 0 ? [" +
      items +
      "] : []\"\n"
      "operation = \"test.step\"\n");
  world.succeed(run, "split", 1);
  CHECK(world.running(run, "item[0]"));
  for (int i = 0; i < 10; ++i) world.advance(std::chrono::milliseconds{1});
  CHECK(world.state(run, "item[2999]") == TaskState::ready);
  const RunId other = world.submit("[tasks.a]\noperation = \"test.step\"\npriority = 10\n");
  world.succeed(run, "item[0]");
  CHECK(world.running(other, "a"));
}

TEST_CASE("hatchet 2538: with nothing to do nothing is asked, and nothing is written") {
  World world;
  const RunId run = world.submit(
      "[tasks.ask]\nwait_for = { message = \"a number\", outputs = { n = { type = "
      "\"integer\" } } }\n");
  REQUIRE(world.state(run, "ask") == TaskState::waiting);
  const std::size_t before = world.commits;
  CHECK_FALSE(world.driver().next_wake().is_set());
  world.advance(std::chrono::hours{24});
  CHECK(world.commits == before);
}

TEST_CASE("temporal 420: a loop has an end, and its history is as long as its rounds") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.again]
operation = "test.step"
repeat_until = "outputs.value > 1000"
repeat_at_most = 50
)toml");
  for (int round = 0; round < 50; ++round)
    world.succeed(run, "again[" + std::to_string(round) + "]", round);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.stored(run).events.size() < 3 * 50);
}

// ---------------------------------------------------------------- resume

TEST_CASE("dify 14115: a run goes on at what failed, and nothing before it is bought again") {
  World world({paid(route::Recover::token)});
  const RunId run = world.submit(chain);
  world.succeed(run, "a", 1);
  world.succeed(run, "b", 2);
  world.end(run, "c", Outcome::refused);
  world.crash();
  CHECK(world.command(run, CommandKind::retry).done);
  CHECK(world.job(run, "c").task->params.at("value") == 3);
  world.succeed(run, "c", 3);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.attempts(run, "a").size() == 1);
  CHECK(world.attempts(run, "b").size() == 1);
}

// ---------------------------------------------------------------- media

TEST_CASE("ComfyUI 2844: the queue is there after a crash, in its order") {
  World world({{.name = "a"}}, 1);
  std::vector<RunId> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(world.submit(one));
  world.crash();
  for (const RunId run : runs) {
    REQUIRE(world.running(run, "a"));
    world.succeed(run, "a");
  }
}

TEST_CASE("ComfyUI 1032: a queue that is paused begins nothing, and loses nothing") {
  World world({{.name = "a"}}, 1);
  const RunId run = world.submit(chain);
  CHECK(world.command(run, CommandKind::pause).done);
  world.succeed(run, "a", 1);
  world.advance(std::chrono::hours{3});
  world.crash();
  CHECK_FALSE(world.running(run, "b"));
  CHECK(world.command(run, CommandKind::resume).done);
  CHECK(world.job(run, "b").task->params.at("value") == 2);
}

TEST_CASE("KJNodes 169: to cancel in the middle keeps what has been made") {
  World world({{.name = "a"}}, 1);
  const RunId run = world.submit(mapped);
  world.succeed(run, "item[0]", 5);
  world.succeed(run, "item[1]", 6);
  CHECK(world.command(run, CommandKind::cancel).done);
  world.end(run, "item[2]", Outcome::cancelled);
  CHECK(world.state(run) == RunState::cancelled);
  CHECK(world.state(run, "item[1]") == TaskState::succeeded);
  CHECK(world.stored(run).outputs.at(world.number(run, "item[0]")).at("value") == 5);
}

// ---------------------------------------------------------------- money and remote jobs

TEST_CASE("claude-code-action 136: a budget is money, and a run that met it goes on with more") {
  World world({paid(route::Recover::token)});
  const RunId run = world.submit(chain, "0.15");
  world.succeed(run, "a", 1, Money{100'000, "USD"});
  CHECK(world.state(run) == RunState::paused);
  CHECK(world.stored(run).run.pause_reason == PauseReason::budget);
  Command more = world.command_of(run, CommandKind::resume);
  more.limit = Money{1'000'000, "USD"};
  CHECK(world.give(more).done);
  CHECK(world.running(run, "b"));
}

TEST_CASE("airflow 36090: a restart neither cancels nor sends again what runs elsewhere") {
  World world({paid(route::Recover::token)});
  const RunId run = world.submit(one);
  world.checkpoint(run, "a", "job-1");
  world.driver().deliver(engine::ShutDown{});
  world.settle();
  world.crash();
  CHECK(world.cancelled.empty());
  CHECK(world.submitted.size() == 1);
  REQUIRE(world.attached.size() == 1);
  CHECK(world.attached[0].second == "job-1");
  world.succeed(run, "a");
  CHECK(world.state(run) == RunState::succeeded);
}
