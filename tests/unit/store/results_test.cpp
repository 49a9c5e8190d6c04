// SPDX-License-Identifier: Apache-2.0
// Results that tasks may take from each other, as they are kept.
#include <array>

#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

std::shared_ptr<const ResultKey> key_of(const std::string& what) {
  const std::string parts = R"({"params":{"prompt":")" + what + R"("}})";
  return std::make_shared<const ResultKey>(ResultKey{digest_of(std::string_view(parts)), parts});
}

KeepResult keep(RunId run, const std::string& what, std::int64_t ms, const json::value& image) {
  return {run, key_of(what),      {run, "b[1]", "img-a", at_ms(ms)}, "image.generate",
          "b", {{"image", image}}};
}

std::size_t trim(Store& store, CacheLimits limits) {
  return wait_for<std::size_t>(
             [&](Store::Done<std::size_t> done) { store.trim_results(limits, std::move(done)); })
      .value();
}

std::optional<FoundResult> find(Queries& queries, const std::string& what,
                                std::int64_t made_after_ms = 0) {
  const std::array keys{key_of(what)->digest};
  return queries.find_result(keys, at_ms(made_after_ms)).value();
}

// Ends at 1000 ms, with a store that thinks it is then.
struct Kept {
  StoreFixture fixture;
  std::unique_ptr<Store> store;
  std::unique_ptr<Queries> queries;

  Kept() {
    fixture.options.now = [] { return at_ms(1000); };
    store = fixture.open();
    queries = fixture.queries();
    REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  }
  void write(std::vector<Write> writes) {
    REQUIRE(commit(*store, batch(run_id(1), 1, std::move(writes))));
  }
};

}  // namespace

TEST_CASE("a result that was kept is found by its key, with whose it is") {
  Kept kept;
  const json::value image = to_json(picture("a"));
  kept.write({keep(run_id(1), "fox", 10, image)});
  const auto found = find(*kept.queries, "fox");
  REQUIRE(found);
  CHECK(found->outputs.at("image") == image);
  CHECK(found->origin.run == run_id(1));
  CHECK(found->origin.task == "b[1]");
  CHECK(found->origin.service == "img-a");
  CHECK(found->origin.made_at == at_ms(10));
  CHECK(found->key->digest == key_of("fox")->digest);
  CHECK_FALSE(find(*kept.queries, "crow"));
  CHECK_FALSE(find(*kept.queries, "fox", 11));
}

TEST_CASE("a newer result of one key takes the place of the older, artifacts and all") {
  Kept kept;
  kept.write({keep(run_id(1), "fox", 10, to_json(picture("old")))});
  kept.write({keep(run_id(1), "fox", 20, to_json(picture("new")))});
  CHECK(find(*kept.queries, "fox")->origin.made_at == at_ms(20));
  const std::array digests{picture("old").digest, picture("new").digest};
  CHECK(kept.queries->unreferenced(digests).value() == std::vector<Digest>{picture("old").digest});
}

TEST_CASE("a result keeps its artifacts when its run is removed") {
  Kept kept;
  RunRecord ended = new_run(run_id(1), 1).run;
  ended.state = RunState::succeeded;
  ended.ended_at = at_ms(20);
  kept.write({keep(run_id(1), "fox", 10, to_json(picture("a"))), UpdateRun{ended}});
  const auto removed = wait_for<RemovedRuns>([&](Store::Done<RemovedRuns> done) {
    kept.store->remove_runs({at_ms(500), true, true}, std::move(done));
  });
  REQUIRE(removed->runs.size() == 1);
  const std::array digests{picture("a").digest};
  CHECK(kept.queries->unreferenced(digests).value().empty());
  CHECK(find(*kept.queries, "fox"));
}

TEST_CASE("results that are too old go, and those used longest ago while there are too many") {
  Kept kept;
  const auto mine = [&](const std::string& what, std::int64_t ms) {
    kept.write({keep(run_id(1), what, ms, to_json(picture(what)))});
  };
  mine("ancient", 100), mine("fox", 600), mine("crow", 700), mine("owl", 800);
  kept.write({TakeResult{run_id(1), 2, key_of("fox"), {run_id(1), "b[1]", "img-a", at_ms(600)}}});
  const Duration ttl{500};
  const auto excess = [&](std::uint64_t size_bytes) {
    return kept.queries->excess_results({ttl, size_bytes}, at_ms(1000)).value();
  };
  CHECK(excess(1 << 20) == 1);
  CHECK(excess(0) == 4);
  CHECK(find(*kept.queries, "ancient"));  // it was only counted
  CHECK(trim(*kept.store, {ttl, 1 << 20}) == 1);
  CHECK_FALSE(find(*kept.queries, "ancient"));
  CHECK(excess(1 << 20) == 0);
  mine("owl", 800);  // something has come: what there is is measured again
  std::uint64_t largest_two = 0;
  const auto all = kept.queries->kept_results("", 10).value();
  REQUIRE(all.size() == 3);
  CHECK(all.front().definition == "b");
  CHECK(all.front().pipeline == "film");
  for (const KeptResult& one : all)
    if (one.key != key_of("crow")->digest) largest_two += one.size_bytes;
  CHECK(excess(largest_two) == 1);
  CHECK(trim(*kept.store, {ttl, largest_two}) == 1);
  CHECK(find(*kept.queries, "fox"));  // made before the crow, and used after
  CHECK_FALSE(find(*kept.queries, "crow"));
  mine("owl", 800);
  CHECK(trim(*kept.store, {ttl, 0}) == 2);
}

TEST_CASE("results are forgotten by operation, or all") {
  Kept kept;
  kept.write({keep(run_id(1), "fox", 10, to_json(picture("a")))});
  const auto clear = [&](const std::string& operation) {
    return wait_for<std::size_t>([&](Store::Done<std::size_t> done) {
             kept.store->clear_results(operation, std::move(done));
           })
        .value();
  };
  CHECK(clear("video.upscale") == 0);
  CHECK(clear("image.generate") == 1);
  CHECK(clear("") == 0);
  const std::array digests{picture("a").digest};
  CHECK(kept.queries->unreferenced(digests).value().size() == 1);
}

TEST_CASE("it is known by what the result of a task is known, and whose it has taken") {
  Kept kept;
  CHECK_FALSE(kept.queries->task_result({run_id(1), 0}).value());
  kept.write({PutResultKey{run_id(1), 0, 1, key_of("fox")}});
  const auto own = kept.queries->task_result({run_id(1), 0}).value();
  REQUIRE(own);
  CHECK_FALSE(own->origin);
  CHECK(own->parts.at("params").at("prompt") == "fox");
  kept.write({TakeResult{run_id(1), 0, key_of("crow"), {run_id(9), "x", "s", at_ms(5)}, true}});
  const auto taken = kept.queries->task_result({run_id(1), 0}).value();
  REQUIRE(taken->origin);
  CHECK(taken->waits);
  CHECK(taken->origin->run == run_id(9));
  CHECK(taken->origin->made_at == at_ms(5));
}

TEST_CASE("a run is loaded with the keys of its open attempts, and no others") {
  Kept kept;
  AttemptRecord over = attempt_of(0, 1);
  over.ended_at = at_ms(5);
  kept.write({dispatch(run_id(1), attempt_of(0, 1)), PutResultKey{run_id(1), 0, 1, key_of("fox")},
              EndAttempt{run_id(1), over}, dispatch(run_id(1), attempt_of(2, 1)),
              PutResultKey{run_id(1), 2, 1, key_of("crow")}});
  const StoredRun stored = claim(*kept.store, run_id(1)).value();
  REQUIRE(stored.keys.size() == 1);
  CHECK(stored.keys[0].first == 2);
  CHECK(stored.keys[0].second->digest == key_of("crow")->digest);
  CHECK(stored.keys[0].second->parts == key_of("crow")->parts);
}

TEST_CASE("that a run makes all anew outlives a restart") {
  StoreFixture fixture;
  const auto store = fixture.open();
  InsertRun insert = new_run(run_id(1), 1);
  insert.run.fresh = true;
  REQUIRE(commit(*store, batch(run_id(1), 1, {insert})));
  CHECK(claim(*store, run_id(1)).value().run.fresh);
}
