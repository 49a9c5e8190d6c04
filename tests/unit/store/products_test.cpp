// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

// A run whose first task makes "shot/1/video" of a project, and its last one "film" of that.
InsertRun making_run(RunId id) {
  auto plan = std::make_shared<Plan>(*small_plan());
  plan->project = "train";
  plan->products.push_back({0, "shot/1/video", "video", {{"operation", "a"}}, json::object()});
  plan->products.push_back({4, "film", "video", {{"operation", "c"}}, {{"clips", json::array{0}}}});
  return new_run(id, 1, plan);
}

void finish(Store& store, RunId id, TaskNo task, std::string_view bytes) {
  REQUIRE(commit(store, batch(id, 1,
                              {update(id, task, TaskState::succeeded),
                               PutOutputs{id, task, {{"video", to_json(picture(bytes))}}}})));
}

std::vector<RunId> remove_old_runs(Store& store) {
  const RemoveRuns old{.ended_before = at_ms(10), .paid = false, .yes = true};
  return wait_for<RemovedRuns>(
             [&](Store::Done<RemovedRuns> done) { store.remove_runs(old, std::move(done)); })
      .value()
      .runs;
}

}  // namespace

TEST_CASE("which product a task makes is kept with its run, and what became of it with its task") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {making_run(run_id(1)), event(run_id(1), 1)})));
  finish(*store, run_id(1), 0, "one");
  const auto products = fixture.queries()->products("train").value();
  REQUIRE(products.size() == 2);
  CHECK(products[0].name == "shot/1/video");
  CHECK(products[0].task == TaskRef{run_id(1), 0});
  CHECK(products[0].state == TaskState::succeeded);
  CHECK(artifact_from_json(products[0].outputs.at("video")) == picture("one"));
  CHECK(products[1].state == TaskState::pending);
  CHECK(products[1].outputs.is_null());
  CHECK(products[1].inputs == json::value{{"clips", json::array{0}}});
  CHECK(fixture.queries()->products("plane").value().empty());
}

TEST_CASE("a product has one pin, and what was said can be taken back") {
  StoreFixture fixture;
  const auto store = fixture.open();
  for (const std::uint8_t n : std::array<std::uint8_t, 2>{1, 2})
    REQUIRE(commit(*store, batch(run_id(n), 1, {making_run(run_id(n)), event(run_id(n), 1)})));
  const auto client = fixture.client();
  const auto pin = [](std::uint8_t run) {
    return ProductMark{
        "film", ProductMarkKind::pinned, {run_id(run), 4}, json::object(), json::object()};
  };
  REQUIRE(client->mark("train", pin(1)));
  REQUIRE(client->mark("train", pin(2)));
  REQUIRE(client->mark("train", pin(2)));
  auto marks = fixture.queries()->product_marks("train").value();
  REQUIRE(marks.size() == 1);
  CHECK(marks[0].task == TaskRef{run_id(2), 4});
  REQUIRE(client->unmark("train", pin(2)));
  CHECK(fixture.queries()->product_marks("train").value().empty());
}

TEST_CASE("a run that made a pinned product is not removed with old ones") {
  StoreFixture fixture;
  const auto store = fixture.open();
  for (const std::uint8_t n : std::array<std::uint8_t, 2>{1, 2}) {
    InsertRun insert = making_run(run_id(n));
    insert.run.state = RunState::succeeded;
    insert.run.ended_at = at_ms(0);
    REQUIRE(commit(*store, batch(run_id(n), 1, {insert, event(run_id(n), 1)})));
  }
  REQUIRE(fixture.client()->mark(
      "train", {"film", ProductMarkKind::pinned, {run_id(1), 4}, json::object(), json::object()}));
  CHECK(remove_old_runs(*store) == std::vector<RunId>{run_id(2)});
  CHECK(fixture.queries()->products("train").value().size() == 2);
}

TEST_CASE("how often a product was rejected is known after the runs that made it are gone") {
  StoreFixture fixture;
  const auto store = fixture.open();
  const auto client = fixture.client();
  for (const std::uint8_t n : std::array<std::uint8_t, 2>{1, 2}) {
    InsertRun run = making_run(run_id(n));
    run.run.state = RunState::succeeded;
    run.run.ended_at = at_ms(0);
    REQUIRE(commit(*store, batch(run_id(n), 1, {run, event(run_id(n), 1)})));
    for (const auto kind : {ProductMarkKind::rejected, ProductMarkKind::touched})
      REQUIRE(
          client->mark("train", {"film", kind, {run_id(n), 4}, json::object(), json::object()}));
    CHECK(remove_old_runs(*store) == std::vector<RunId>{run_id(n)});
  }
  const auto marks = fixture.queries()->product_marks("train").value();
  REQUIRE(marks.size() == 2);
  CHECK(marks[0].kind == ProductMarkKind::rejected);
  CHECK(marks[1].kind == ProductMarkKind::rejected);
  CHECK_FALSE(marks[0].task == marks[1].task);
}
