// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

RemovedRuns remove(Store& store, RemoveRuns what) {
  return wait_for<RemovedRuns>(
             [&](Store::Done<RemovedRuns> done) { store.remove_runs(what, std::move(done)); })
      .value();
}

std::vector<Digest> forget(Store& store, std::vector<Digest> digests) {
  return wait_for<std::vector<Digest>>([&](Store::Done<std::vector<Digest>> done) {
           store.forget_artifacts(std::move(digests), std::move(done));
         })
      .value();
}

// A run that ended at `ms`, with one output.
void finished_run(Store& store, RunId id, std::int64_t ms, MaybeMoney cost,
                  RunState state = RunState::succeeded) {
  InsertRun insert = new_run(id, 1);
  insert.run.state = state;
  insert.run.ended_at = at_ms(ms);
  AttemptRecord ended = attempt_of(0, 1);
  ended.ended_at = at_ms(ms);
  ended.cost = std::move(cost);
  REQUIRE(commit(store, batch(id, 1,
                              {insert, dispatch(id, attempt_of(0, 1)), EndAttempt{id, ended},
                               PutOutputs{id, 0, {{"image", to_json(picture(id.to_string()))}}},
                               event(id, 1)})));
}

}  // namespace

TEST_CASE("runs are removed when they are final, old enough and free") {
  StoreFixture fixture;
  const auto store = fixture.open();
  finished_run(*store, run_id(1), 100, std::nullopt);
  finished_run(*store, run_id(2), 100, usd(5));
  finished_run(*store, run_id(3), 900, std::nullopt);
  finished_run(*store, run_id(4), 100, std::nullopt, RunState::failed);
  const auto queries = fixture.queries();

  const RemovedRuns told = remove(*store, {at_ms(500), false, false});
  CHECK(told.runs == std::vector<RunId>{run_id(1)});
  CHECK(told.kept_for_paid == std::vector<RunId>{run_id(2)});
  CHECK(queries->runs({}, 10).value().size() == 4);  // it was only told

  CHECK(remove(*store, {at_ms(500), false, true}).runs == std::vector<RunId>{run_id(1)});
  CHECK_FALSE(queries->run(run_id(1)).has_value());
  CHECK(queries->runs({}, 10).value().size() == 3);

  CHECK(remove(*store, {at_ms(500), true, true}).runs == std::vector<RunId>{run_id(2)});
  CHECK(queries->runs({}, 10).value().size() == 2);
}

TEST_CASE("event numbers do not come again after their run was removed") {
  StoreFixture fixture;
  {
    const auto store = fixture.open();
    finished_run(*store, run_id(1), 100, std::nullopt);
    remove(*store, {at_ms(500), false, true});
  }
  const auto store = fixture.open();
  finished_run(*store, run_id(2), 900, std::nullopt);
  const auto events = fixture.queries()->events({}).value();
  REQUIRE(events.size() == 1);
  CHECK(events[0].seq == 2);
  CHECK(events[0].run == run_id(2));
}

TEST_CASE("blobs that nothing refers to are found and forgotten") {
  StoreFixture fixture;
  const auto store = fixture.open();
  finished_run(*store, run_id(1), 100, std::nullopt);
  const Digest output = picture(run_id(1).to_string()).digest;
  const Digest input = picture("first").digest;
  const Digest stray = picture("stray").digest;
  const auto queries = fixture.queries();
  const std::vector<Digest> all{output, input, stray};

  CHECK(queries->unreferenced(all).value() == std::vector<Digest>{stray});
  CHECK(forget(*store, all) == std::vector<Digest>{stray});
  CHECK(queries->artifact(output).has_value());

  remove(*store, {at_ms(500), false, true});
  CHECK(queries->unreferenced(all).value() == all);
  CHECK(forget(*store, all) == all);
  CHECK_FALSE(queries->artifact(output).has_value());
}

TEST_CASE(
    "what was decided of a schedule goes with its run, but that a file was seen stays known") {
  StoreFixture fixture;
  const auto store = fixture.open();
  finished_run(*store, run_id(1), 100, std::nullopt);
  Batch of_services;
  of_services.writes = {AppendServiceEvent{at_ms(1), "service.open", "{}"},
                        AppendServiceEvent{at_ms(2), "service.healthy", "{}"}};
  REQUIRE(commit(*store, std::move(of_services)));
  const auto fire = [&](const std::string& cause, FiringState state, std::optional<RunId> run) {
    FiringRow firing;
    firing.schedule = "nightly";
    firing.cause = cause;
    firing.state = state;
    firing.run = run;
    REQUIRE(fixture.client()->fire(firing, nullptr, {}).value());
  };
  fire("time 1", FiringState::started, run_id(1));
  fire("file a", FiringState::started, run_id(1));
  fire("time 2", FiringState::skipped, std::nullopt);
  fire("time 3", FiringState::waiting, std::nullopt);
  remove(*store, {at_ms(std::int64_t{1} << 50), false, true});
  std::vector<std::string> causes;
  const auto queries = fixture.queries();
  for (const FiringRow& firing : queries->firings("nightly", 10).value())
    causes.push_back(firing.cause);
  CHECK(causes == std::vector<std::string>{"time 3", "file a"});
  CHECK(queries->events({}).value().size() == 1);  // the newest
}

namespace {

FiringRow waiting_for(const ArtifactInfo& file) {
  FiringRow firing;
  firing.schedule = "inbox";
  firing.cause = "file a.png 19 1";
  firing.state = FiringState::waiting;
  firing.values["file"] = to_json(file);
  return firing;
}

}  // namespace

TEST_CASE("what waits for an earlier run of its schedule keeps its file until it is decided") {
  StoreFixture fixture;
  const auto store = fixture.open();
  const auto client = fixture.client();
  const ArtifactInfo file = picture("a file that arrived");
  FiringRow firing = waiting_for(file);
  REQUIRE(client->fire(firing, nullptr, {}).value());
  const auto queries = fixture.queries();
  const std::vector<Digest> all{file.digest};
  CHECK(queries->unreferenced(all).value().empty());
  CHECK(forget(*store, all).empty());

  firing.state = FiringState::failed;
  REQUIRE(client->fire(firing, nullptr, {}).value());
  CHECK(queries->unreferenced(all).value() == all);
  CHECK(forget(*store, all) == all);
}

TEST_CASE("what waited in a schedule that is removed keeps nothing any more") {
  StoreFixture fixture;
  const auto store = fixture.open();
  const auto client = fixture.client();
  const ArtifactInfo file = picture("a file that arrived");
  REQUIRE(client->fire(waiting_for(file), nullptr, {}).value());
  REQUIRE(client->remove_schedule("inbox"));
  CHECK(fixture.queries()->unreferenced(std::vector{file.digest}).value() ==
        std::vector{file.digest});
}
