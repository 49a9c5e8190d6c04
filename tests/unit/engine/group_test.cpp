// SPDX-License-Identifier: Apache-2.0
// Groups with a limit of their own, and those that can do without some of their items.
#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

namespace {

const std::string limited = R"toml(
[tasks.item]
for_each = "[1, 2, 3, 4, 5]"
limit = 2
operation = "test.step"
)toml";

const std::string lenient = R"toml(
[tasks.item]
for_each = "[1, 2, 3, 4, 5]"
min_success = 0.6
operation = "test.step"
[tasks.next]
for_each = "[1, 2, 3, 4, 5]"
operation = "test.step"
params = { value = "${tasks.item[index].value}" }
[tasks.sum]
operation = "test.step"
params = { value = "${size(tasks.item.filter(i, i != null))}" }
)toml";

// Of which one may be done without; something in a scene goes on after another part has failed.
const std::string scenes = R"toml(
[tasks.scene]
for_each = "[1, 2, 3]"
min_success = 0.6
inputs = { value = "${item}" }
pipeline.pipeline = { name = "scene" }
pipeline.inputs.value = { type = "integer" }
pipeline.tasks.a = { operation = "test.step" }
pipeline.tasks.b = { operation = "test.step" }
pipeline.tasks.c = { operation = "test.step", needs = ["a"] }
)toml";

}  // namespace

TEST_CASE("no more items of a group are under way than its limit says") {
  World world({{.name = "a"}}, 8);
  const RunId run = world.submit(limited);
  CHECK(world.submitted.size() == 2);
  CHECK(world.state(run, "item[2]") == TaskState::pending);
  world.succeed(run, "item[1]");
  CHECK(world.running(run, "item[2]"));
  CHECK(world.state(run, "item[3]") == TaskState::pending);
  world.crash();
  CHECK(world.state(run, "item[3]") == TaskState::pending);
  world.end(run, "item[0]", Outcome::refused);  // what has failed makes room
  CHECK(world.running(run, "item[3]"));
  CHECK(world.state(run, "item[4]") == TaskState::pending);
  world.succeed(run, "item[2]");
  world.succeed(run, "item[3]");
  world.succeed(run, "item[4]");
  CHECK(world.state(run) == RunState::failed);
  CHECK(world.command(run, CommandKind::retry).done);
  world.succeed(run, "item[0]");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("items that are tried again keep to the limit of their group") {
  World world({{.name = "a"}}, 8);
  const RunId run = world.submit(limited);
  for (int i = 0; i < 5; ++i) world.end(run, "item[" + std::to_string(i) + "]", Outcome::refused);
  CHECK(world.state(run) == RunState::failed);
  CHECK(world.command(run, CommandKind::retry).done);
  CHECK(world.running(run, "item[1]"));
  CHECK(world.state(run, "item[2]") == TaskState::pending);
  for (int i = 0; i < 5; ++i) world.succeed(run, "item[" + std::to_string(i) + "]");
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("an item that waits for others keeps no place of its group") {
  World world({{.name = "a"}}, 8);
  const RunId run = world.submit(R"toml(
[tasks.first]
for_each = "[1, 2, 3]"
operation = "test.step"
[tasks.item]
for_each = "[1, 2, 3]"
limit = 1
operation = "test.step"
params = { value = "${tasks.first[index].value}" }
)toml");
  world.succeed(run, "first[2]");
  CHECK(world.running(run, "item[2]"));
  world.succeed(run, "first[0]");
  CHECK(world.state(run, "item[0]") == TaskState::pending);
  world.succeed(run, "item[2]");
  CHECK(world.running(run, "item[0]"));
}

TEST_CASE("a group is content with the share of its items that it asks for") {
  World world({{.name = "a"}}, 16);
  const RunId run = world.submit(lenient);
  world.end(run, "item[1]", Outcome::refused);
  world.end(run, "item[3]", Outcome::refused);
  world.succeed(run, "item[0]");
  world.succeed(run, "item[2]");
  CHECK(world.state(run, "item") == TaskState::pending);
  world.crash();
  world.succeed(run, "item[4]");
  CHECK(world.state(run, "item") == TaskState::succeeded);
  CHECK(world.state(run, "item[3]") == TaskState::skipped);
  CHECK(world.state(run, "next[3]") == TaskState::skipped);
  CHECK(world.job(run, "sum").task->params.at("value") == 3);
  world.succeed(run, "sum");
  for (const char* next : {"next[0]", "next[2]", "next[4]"}) world.succeed(run, next);
  CHECK(world.state(run) == RunState::degraded);
}

TEST_CASE("with less than its share a group fails the run, and a retry may still mend it") {
  World world({{.name = "a"}}, 16);
  const RunId run = world.submit(lenient);
  for (const char* item : {"item[0]", "item[1]", "item[2]"}) world.end(run, item, Outcome::refused);
  for (const char* item : {"item[3]", "item[4]"}) world.succeed(run, item);
  for (const char* next : {"next[3]", "next[4]"}) world.succeed(run, next);
  CHECK(world.state(run) == RunState::failed);
  CHECK(world.command(run, CommandKind::retry, "item[0]").done);
  world.succeed(run, "item[0]");
  CHECK(world.state(run, "item") == TaskState::succeeded);
  CHECK(world.state(run, "item[2]") == TaskState::skipped);
}

TEST_CASE("a group of pipelines can do without those in which something has failed") {
  World world({{.name = "a"}}, 16);
  const RunId run = world.submit(scenes + R"toml(pipeline.outputs.value = "${tasks.b.value}"
[outputs]
all = "${tasks.scene.filter(s, s != null).map(s, s.value)}"
)toml");
  for (const char* done :
       {"scene[0]/a", "scene[0]/b", "scene[0]/c", "scene[2]/a", "scene[2]/b", "scene[2]/c"})
    world.succeed(run, done, 7);
  world.end(run, "scene[1]/a", Outcome::refused);
  CHECK(world.state(run, "scene") == TaskState::pending);  // its other task still runs
  world.succeed(run, "scene[1]/b");
  CHECK(world.state(run, "scene[1]/c") == TaskState::skipped);
  CHECK(world.state(run, "scene[1]") == TaskState::skipped);
  CHECK(world.state(run) == RunState::degraded);
  CHECK(world.stored(run).run_outputs.at("all") == json::array{7, 7});
}

namespace {

// One scene at a time.
const std::string one_at_a_time = scenes + "limit = 1\n";

void finish_scene(World& world, RunId run, const std::string& scene) {
  for (const char* task : {"/a", "/b", "/c"}) world.succeed(run, scene + task);
}

}  // namespace

TEST_CASE("an item in which something has failed leaves its place once nothing in it moves") {
  World world({{.name = "a"}}, 16);
  const RunId run = world.submit(one_at_a_time);
  world.end(run, "scene[0]/a", Outcome::refused);
  CHECK(world.submitted.size() == 2);  // its other task still runs
  world.succeed(run, "scene[0]/b");
  REQUIRE(world.running(run, "scene[1]/a"));
  CHECK(world.submitted.size() == 4);
  SECTION("over a restart as well") {
    world.crash();
  }
  finish_scene(world, run, "scene[1]");
  finish_scene(world, run, "scene[2]");
  CHECK(world.state(run) == RunState::degraded);
}

TEST_CASE("an item that is tried again waits for a place of its group once more") {
  World world({{.name = "a"}}, 16);
  const RunId run = world.submit(one_at_a_time);
  world.end(run, "scene[0]/a", Outcome::refused);
  world.end(run, "scene[0]/b", Outcome::refused);
  REQUIRE(world.running(run, "scene[1]/a"));
  CHECK(world.command(run, CommandKind::retry, "scene[0]").done);
  CHECK(world.state(run, "scene[0]/a") == TaskState::pending);
  CHECK(world.state(run, "scene[0]/b") == TaskState::pending);
  SECTION("over a restart as well") {
    world.crash();
  }
  finish_scene(world, run, "scene[1]");
  CHECK(world.running(run, "scene[0]/a"));
  CHECK(world.running(run, "scene[0]/b"));
  CHECK(world.state(run, "scene[2]") == TaskState::pending);
  finish_scene(world, run, "scene[0]");
  finish_scene(world, run, "scene[2]");
  CHECK(world.state(run) == RunState::succeeded);
}
