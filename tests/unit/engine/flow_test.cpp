// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

TEST_CASE("a chain runs step by step, each with the value of the one before") {
  World world;
  const RunId run = world.submit(chain);
  CHECK(world.state(run, "a") == TaskState::running);
  CHECK(world.state(run, "b") == TaskState::pending);
  world.succeed(run, "a", 41);
  REQUIRE(world.running(run, "b"));
  CHECK(world.job(run, "b").task->params.at("value") == 42);
  world.succeed(run, "b", 42);
  world.succeed(run, "c", 43);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.stored(run).run_outputs.at("last") == 43);
}

TEST_CASE("the result of a step and the intent of the next share one commit") {
  World world;
  const RunId run = world.submit(chain);
  const std::size_t before = world.commits;
  world.succeed(run, "a");
  CHECK(world.commits == before + 1);
  CHECK(world.state(run, "a") == TaskState::succeeded);
  CHECK(world.attempts(run, "b").size() == 1);
  CHECK(world.outputs_loads == 0);
}

TEST_CASE("a service is asked only after the intent is durable") {
  World world;
  world.driver().deliver(engine::Tick{});
  const RunId run = world.submit(one);
  world.succeed(run, "a");
  const RunId second = [&] {
    World& w = world;
    return w.submit(chain);
  }();
  const std::size_t asked = world.submitted.size();
  world.driver().deliver(engine::JobEnded{world.job(second, "a").attempt,
                                          {Outcome::ok, {}, {}, {}, false, {{"value", 1}}}});
  world.turn();
  CHECK(world.submitted.size() == asked);
  REQUIRE(world.commit_one());
  CHECK(world.submitted.size() == asked + 1);
}

TEST_CASE("a group's items run side by side, and a task that reads them all waits for the last") {
  World world;
  const RunId run = world.submit(fan);
  for (const auto* item : {"item[0]", "item[1]", "item[2]", "item[3]"})
    CHECK(world.running(run, item));
  CHECK(world.job(run, "item[2]").task->params.at("value") == 32);
  world.succeed(run, "item[3]");
  world.succeed(run, "item[1]");
  world.succeed(run, "item[2]");
  CHECK(world.state(run, "sum") == TaskState::pending);
  CHECK(world.state(run, "item") == TaskState::pending);
  world.succeed(run, "item[0]", 7);
  CHECK(world.state(run, "item") == TaskState::succeeded);
  REQUIRE(world.running(run, "sum"));
  CHECK(world.job(run, "sum").task->params.at("value") == 11);
}

TEST_CASE("an empty group succeeds at once, and its readers see an empty list") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.item]
for_each = "[1].filter(x, x > 1)"
operation = "test.step"
[tasks.count]
operation = "test.step"
params = { value = "${size(tasks.item)}" }
)toml");
  CHECK(world.state(run, "item") == TaskState::succeeded);
  CHECK(world.job(run, "count").task->params.at("value") == 0);
}

TEST_CASE("a false condition skips the task, and who reads its output is skipped with it") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.a]
operation = "test.step"
[tasks.b]
operation = "test.step"
if = "tasks.a.value > 1"
[tasks.reader]
operation = "test.step"
params = { value = "${tasks.b.value}" }
[tasks.after]
operation = "test.step"
needs = ["b"]
[tasks.asker]
operation = "test.step"
params = { value = "${tasks.b != null ? tasks.b.value : -1}" }
)toml");
  world.succeed(run, "a", 1);
  CHECK(world.state(run, "b") == TaskState::skipped);
  CHECK(world.state(run, "reader") == TaskState::skipped);
  CHECK(world.running(run, "after"));
  REQUIRE(world.running(run, "asker"));
  CHECK(world.job(run, "asker").task->params.at("value") == -1);
  world.succeed(run, "after");
  world.succeed(run, "asker");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("a chain of ten thousand skips does not exhaust the stack") {
  World world;
  std::string tasks = "[tasks.t0]\noperation = \"test.step\"\nif = \"run.name == ''\"\n";
  for (int i = 1; i < 10'000; ++i)
    tasks += "[tasks.t" + std::to_string(i) +
             "]\noperation = \"test.step\"\nparams = { value = \"${tasks.t" +
             std::to_string(i - 1) + ".value}\" }\n";
  const RunId run = world.submit(tasks);
  CHECK(world.state(run, "t9999") == TaskState::skipped);
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("outputs that were thrown from memory by a restart are read from the store again") {
  World world;
  const RunId run = world.submit(chain);
  world.succeed(run, "a", 5);
  world.end(run, "b", Outcome::bad_input);
  CHECK(world.state(run) == RunState::failed);
  world.crash();
  REQUIRE(world.command(run, CommandKind::retry).done);
  CHECK(world.outputs_loads == 1);
  CHECK(world.job(run, "b").task->params.at("value") == 6);
}

TEST_CASE("submitting twice with one id is submitting once") {
  World world;
  const RunId run = world.submit(one);
  world.driver().deliver(engine::SubmitRun{world.stored(run).run, world.stored(run).plan});
  world.settle();
  CHECK(world.accepted_runs == std::vector<RunId>{run, run});
  CHECK(world.submitted.size() == 1);
}

TEST_CASE("the numbers of a run's events have no gap") {
  World world;
  const RunId run = world.submit(chain);
  for (const auto* task : {"a", "b", "c"}) world.succeed(run, task);
  std::uint64_t expected = 0;
  for (const EventRecord& event : world.stored(run).events) CHECK(event.run_seq == ++expected);
  CHECK(world.event_types(run) == std::vector<std::string>{"run.submitted", "task.started",
                                                           "task.succeeded", "task.started",
                                                           "task.succeeded", "task.started",
                                                           "task.succeeded", "run.succeeded"});
}

TEST_CASE("an attempt that ends well without its declared output has given a bad one") {
  World world;
  const RunId run = world.submit(one_with("retry = { attempts = 1 }"));
  world.end(world.job(run, "a").attempt, {Outcome::ok, {}, {}, {}, false, {}});
  REQUIRE(world.state(run, "a") == TaskState::failed);
  CHECK(world.attempts(run, "a").back().outcome == Outcome::bad_output);
  CHECK(world.attempts(run, "a").back().message ==
        "the service ended the task without its output 'value'");
}
