// SPDX-License-Identifier: Apache-2.0
// Tasks whose work is a pipeline.
#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

namespace {

// A pipeline inside: doubles what it is given in two steps.
const std::string doubling = R"toml(
pipeline.pipeline = { name = "doubling" }
pipeline.inputs.value = { type = "integer" }
pipeline.tasks.first = { operation = "test.step", params = { value = "${inputs.value}" } }
pipeline.tasks.second = { operation = "test.step", params = { value = "${tasks.first.value * 2}" } }
pipeline.outputs.value = "${tasks.second.value}"
)toml";

}  // namespace

TEST_CASE("a pipeline that needs nothing of the run is part of the plan") {
  World world;
  const RunId run = world.submit("[tasks.twice]\ninputs = { value = 4 }\n" + doubling +
                                 "[outputs]\nlast = \"${tasks.twice.value}\"\n");
  CHECK(world.stored(run).tasks.size() == 3);
  REQUIRE(world.running(run, "twice/first"));
  CHECK(world.job(run, "twice/first").task->params.at("value") == 4);
  world.succeed(run, "twice/first", 4);
  CHECK(world.job(run, "twice/second").task->params.at("value") == 8);
  world.succeed(run, "twice/second", 8);
  CHECK(world.state(run, "twice") == TaskState::succeeded);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.stored(run).run_outputs.at("last") == 8);
}

TEST_CASE("a pipeline is used with what other tasks have given") {
  World world;
  const RunId run = world.submit(
      "[tasks.a]\noperation = \"test.step\"\n[tasks.twice]\n"
      "inputs = { value = \"${tasks.a.value}\" }\n" +
      doubling +
      "[tasks.b]\noperation = \"test.step\"\n"
      "params = { value = \"${tasks.twice.value + 1}\" }\n");
  CHECK(world.stored(run).tasks.size() == 3);
  world.succeed(run, "a", 21);
  CHECK(world.job(run, "twice/first").task->params.at("value") == 21);
  world.succeed(run, "twice/first", 21);
  world.crash();
  CHECK(world.job(run, "twice/second").task->params.at("value") == 42);
  world.succeed(run, "twice/second", 42);
  CHECK(world.job(run, "b").task->params.at("value") == 43);
}

TEST_CASE("a pipeline for each item, nested in another one, has its own numbers") {
  World world({{.name = "a"}}, 16);
  const RunId run = world.submit(R"toml(
[tasks.split]
operation = "test.list"
[tasks.scene]
for_each = "tasks.split.values"
inputs = { shots = "${item}" }
pipeline.pipeline = { name = "scene" }
pipeline.inputs.shots = { type = "array" }
pipeline.tasks.shot = { for_each = "inputs.shots", operation = "test.step", params = { value = "${item * 10 + index}" } }
pipeline.tasks.sum = { operation = "test.step", params = { value = "${size(tasks.shot)}" } }
pipeline.outputs.count = "${tasks.sum.value}"
[outputs]
counts = "${tasks.scene.map(s, s.count)}"
)toml");
  world.give_list(run, "split", {json::array{1, 2}, json::array{3}});
  REQUIRE(world.running(run, "scene[0]/shot[1]"));
  CHECK(world.job(run, "scene[0]/shot[1]").task->params.at("value") == 21);
  CHECK(world.job(run, "scene[1]/shot[0]").task->params.at("value") == 30);
  CHECK(world.job(run, "scene[1]/shot[0]").label() == "scene[1]/shot[0]");
  world.succeed(run, "scene[1]/shot[0]");
  world.succeed(run, "scene[1]/sum", 1);
  CHECK(world.state(run, "scene[1]") == TaskState::succeeded);
  world.crash();
  world.succeed(run, "scene[0]/shot[0]");
  world.succeed(run, "scene[0]/shot[1]");
  world.succeed(run, "scene[0]/sum", 2);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.stored(run).run_outputs.at("counts") == json::array{2, 1});
}

TEST_CASE("a pipeline whose condition is false is not begun") {
  World world;
  const RunId run =
      world.submit("[tasks.twice]\nif = \"false\"\ninputs = { value = 4 }\n" + doubling);
  CHECK(world.stored(run).tasks.size() == 1);
  CHECK(world.state(run, "twice") == TaskState::skipped);
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("what fails inside a pipeline is tried again by its name, or by that of the whole") {
  World world;
  const RunId run = world.submit("[tasks.twice]\ninputs = { value = 4 }\n" + doubling);
  world.end(run, "twice/first", Outcome::refused);
  CHECK(world.state(run) == RunState::failed);
  CHECK(world.state(run, "twice") == TaskState::pending);
  CHECK(world.command(run, CommandKind::retry, "twice").done);
  world.succeed(run, "twice/first", 4);
  world.succeed(run, "twice/second", 8);
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("a pipeline as a whole is skipped by hand") {
  World world;
  const RunId run = world.submit("[tasks.twice]\ninputs = { value = 4 }\n" + doubling +
                                 "[tasks.b]\noperation = \"test.step\"\n"
                                 "params = { value = \"${tasks.twice.value + 1}\" }\n");
  world.end(run, "twice/first", Outcome::refused);
  CHECK(world.command(run, CommandKind::skip, "twice").done);
  CHECK(world.state(run, "twice/second") == TaskState::skipped);
  CHECK(world.state(run, "twice") == TaskState::skipped);
  CHECK(world.state(run, "b") == TaskState::skipped);
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("a wrong input of a pipeline is told by the task that gives it") {
  World world;
  const RunId run = world.submit(
      "[tasks.a]\noperation = \"test.list\"\n[tasks.twice]\n"
      "inputs = { value = \"${tasks.a.values[0]}\" }\n" +
      doubling);
  world.give_list(run, "a", {"four"});
  CHECK(world.state(run, "twice") == TaskState::failed);
  CHECK(world.why_failed(run).find("input 'value'") != std::string::npos);
}

TEST_CASE("rounds go on until what they give is enough") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.improve]
operation = "test.step"
repeat_until = "outputs.value >= 8"
repeat_at_most = 5
params = { value = "${previous == null ? 1 : previous.value * 2}" }
[outputs]
best = "${tasks.improve.value}"
)toml");
  CHECK(world.job(run, "improve[0]").task->params.at("value") == 1);
  world.succeed(run, "improve[0]", 5);
  CHECK(world.job(run, "improve[1]").task->params.at("value") == 10);
  world.crash();
  world.succeed(run, "improve[1]", 9);
  CHECK(world.state(run, "improve[2]") == TaskState::skipped);
  CHECK(world.state(run, "improve[4]") == TaskState::skipped);
  CHECK(world.state(run, "improve") == TaskState::succeeded);
  CHECK(world.stored(run).run_outputs.at("best") == 9);
}

TEST_CASE("rounds end at their most, and the last one counts") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.improve]
operation = "test.step"
repeat_until = "outputs.value >= 8"
repeat_at_most = 2
[outputs]
best = "${tasks.improve.value}"
)toml");
  world.succeed(run, "improve[0]", 5);
  world.succeed(run, "improve[1]", 6);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.stored(run).run_outputs.at("best") == 6);
}

TEST_CASE("a value decides which pipeline is used, and the decision outlives a crash") {
  World world({{.name = "a"}}, 4);
  const RunId run = world.submit(R"toml(
[tasks.a]
operation = "test.step"
[tasks.b]
for_each = "[1, 2, 3]"
switch = "item == 1 ? 'first' : item == 2 ? 'other' : 'unheard of'"
inputs = { value = "${tasks.a.value}" }
cases.first.pipeline.name = "first"
cases.first.inputs.value = {}
cases.first.tasks.x.operation = "test.step"
cases.other.pipeline.name = "other"
cases.other.inputs.value = {}
cases.other.tasks.y = { operation = "test.step", params = { value = "${inputs.value}" } }
)toml");
  world.succeed(run, "a", 7);
  REQUIRE(world.running(run, "b[0]/x"));
  CHECK(world.job(run, "b[1]/y").task->params.at("value") == 7);
  CHECK(world.state(run, "b[2]") == TaskState::failed);
  CHECK(world.why_failed(run).find("its cases: first, other") != std::string::npos);
  world.crash();
  world.succeed(run, "b[1]/y");
  CHECK(world.state(run, "b[1]") == TaskState::succeeded);
}
