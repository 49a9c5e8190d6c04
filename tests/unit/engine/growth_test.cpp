// SPDX-License-Identifier: Apache-2.0
// Groups whose items are known only once a task has given them.
#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;

namespace {

const std::string shots = R"toml(
[tasks.split]
operation = "test.list"
[tasks.frame]
for_each = "tasks.split.values"
operation = "test.step"
params = { value = "${item + index}" }
[tasks.video]
for_each = "tasks.split.values"
operation = "test.step"
params = { value = "${tasks.frame[index].value * 10}" }
[tasks.film]
operation = "test.step"
params = { value = "${size(tasks.video.map(v, v.value))}" }
[outputs]
film = "${tasks.film.value}"
)toml";

json::array numbers(std::int64_t count) {
  json::array list;
  for (std::int64_t i = 0; i < count; ++i) list.emplace_back(i);
  return list;
}

}  // namespace

TEST_CASE("a for_each goes over what a task has given, once it has given it") {
  World world({{.name = "a"}}, 8);
  const RunId run = world.submit(shots);
  CHECK(world.stored(run).tasks.size() == 4);  // split, film, and two groups
  CHECK(world.state(run, "frame") == TaskState::pending);
  world.give_list(run, "split", {5, 7});
  REQUIRE(world.running(run, "frame[1]"));
  CHECK(world.job(run, "frame[1]").task->params.at("value") == 8);
  CHECK(world.job(run, "frame[1]").label() == "frame[1]");
  CHECK(world.stored(run).run.task_count == 8);
  CHECK(world.state(run, "video[0]") == TaskState::pending);
  world.succeed(run, "frame[0]", 3);
  REQUIRE(world.running(run, "video[0]"));  // without waiting for the other frame
  CHECK(world.job(run, "video[0]").task->params.at("value") == 30);
  world.succeed(run, "frame[1]", 4);
  world.succeed(run, "video[1]");
  world.succeed(run, "video[0]");
  CHECK(world.state(run, "video") == TaskState::succeeded);
  CHECK(world.job(run, "film").task->params.at("value") == 2);
  world.succeed(run, "film", 9);
  CHECK(world.state(run) == RunState::succeeded);
  CHECK(world.stored(run).run_outputs.at("film") == 9);
}

TEST_CASE("a for_each over an empty list of a task ends at once") {
  World world;
  const RunId run = world.submit(shots);
  world.give_list(run, "split", {});
  CHECK(world.state(run, "frame") == TaskState::succeeded);
  CHECK(world.state(run, "video") == TaskState::succeeded);
  CHECK(world.job(run, "film").task->params.at("value") == 0);
  world.crash();
  CHECK(world.attached.size() + world.submitted.size() >= 2);
}

TEST_CASE("what became known in a run is known after a crash, item by item") {
  World world({{.name = "a"}}, 8);
  const RunId run = world.submit(shots);
  world.give_list(run, "split", {5, 7, 9});
  world.succeed(run, "frame[0]", 3);
  world.succeed(run, "frame[2]", 3);
  world.succeed(run, "video[2]", 3);
  world.crash();
  CHECK(world.state(run, "frame[0]") == TaskState::succeeded);
  CHECK(world.state(run, "video[2]") == TaskState::succeeded);
  CHECK(world.job(run, "video[0]").task->params.at("value") == 30);
  CHECK(world.job(run, "frame[1]").task->params.at("value") == 8);
  world.succeed(run, "frame[1]", 1);
  world.succeed(run, "video[1]", 1);
  world.succeed(run, "video[0]", 1);
  CHECK(world.job(run, "film").task->params.at("value") == 3);
}

TEST_CASE("a crash between the result that is expanded and its expansion loses nothing") {
  World world;
  const RunId run = world.submit(shots);
  world.driver().deliver(
      engine::JobEnded{world.job(run, "split").attempt,
                       {Outcome::ok, {}, {}, {}, false, {{"values", json::array{1, 2}}}}});
  world.turn();  // not durable
  world.crash();
  REQUIRE(world.running(run, "split"));
  world.give_list(run, "split", {1, 2});
  CHECK(world.state(run, "frame[1]") != TaskState::pending);
}

TEST_CASE("ten thousand items are taken up some at a time, also over a crash") {
  World world({{.name = "a"}}, 4);
  const RunId run = world.submit(shots);
  world.give_list(run, "split", numbers(10'000));
  CHECK(world.most_inserted <= 500);
  const std::size_t rows_before = world.stored(run).tasks.size();
  CHECK(rows_before < 2'000);
  world.advance(Duration{5});
  world.crash();
  for (int i = 0; i < 100; ++i) world.advance(Duration{2});
  CHECK(world.most_inserted <= 500);
  CHECK(world.stored(run).tasks.size() == 20'004);
  CHECK(world.state(run, "video[9999]") == TaskState::pending);
}

TEST_CASE("what cannot be gone over fails the task that would, and says why") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.split]
operation = "test.list"
[tasks.frame]
for_each = "tasks.split.values[0]"
operation = "test.step"
[tasks.other]
operation = "test.step"
needs = ["split"]
)toml");
  world.give_list(run, "split", {"no list"});
  CHECK(world.state(run, "frame") == TaskState::failed);
  CHECK(world.why_failed(run).find("goes over a list") != std::string::npos);
  world.succeed(run, "other");
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("a group whose list was skipped is skipped with it") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.split]
operation = "test.list"
if = "false"
[tasks.frame]
for_each = "tasks.split.values"
operation = "test.step"
[tasks.film]
operation = "test.step"
params = { value = "${tasks.frame == null ? 1 : 2}" }
)toml");
  CHECK(world.state(run, "frame") == TaskState::skipped);
  CHECK(world.job(run, "film").task->params.at("value") == 1);
}

TEST_CASE("an item that reads what was skipped before it came is skipped") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.split]
operation = "test.list"
[tasks.none]
operation = "test.step"
if = "false"
[tasks.frame]
for_each = "tasks.split.values"
operation = "test.step"
params = { value = "${tasks.none.value}" }
)toml");
  world.give_list(run, "split", {1, 2});
  CHECK(world.state(run, "frame[1]") == TaskState::skipped);
  CHECK(world.state(run, "frame") == TaskState::succeeded);
  CHECK(world.state(run) == RunState::succeeded);
}

TEST_CASE("an item that a list does not have fails who reads it, before a crash and after") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.split]
operation = "test.list"
[tasks.frame]
for_each = "tasks.split.values"
operation = "test.step"
[tasks.second]
operation = "test.step"
params = { value = "${tasks.frame[1].value}" }
[tasks.other]
operation = "test.step"
needs = ["frame"]
)toml");
  world.give_list(run, "split", {1});
  world.crash();
  world.succeed(run, "frame[0]");
  CHECK(world.state(run, "second") == TaskState::failed);
  CHECK(world.why_failed(run).find("tasks.frame[1]") != std::string::npos);
  world.succeed(run, "other");
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("cancelling ends the items that have not been taken up") {
  World world({{.name = "a"}}, 4);
  const RunId run = world.submit(shots);
  world.give_list(run, "split", numbers(2'000));
  CHECK(world.command(run, CommandKind::cancel).done);
  for (int i = 0; i < 4; ++i)
    world.end(run, "frame[" + std::to_string(i) + "]", Outcome::cancelled);
  for (int i = 0; i < 50; ++i) world.advance(Duration{2});
  CHECK(world.state(run) == RunState::cancelled);
  CHECK(world.state(run, "frame[1999]") == TaskState::cancelled);
}
