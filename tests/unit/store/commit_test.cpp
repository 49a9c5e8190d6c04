// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <thread>

#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

std::vector<std::uint64_t> run_seqs(const std::vector<EventRecord>& events) {
  std::vector<std::uint64_t> seqs;
  for (const EventRecord& event : events) seqs.push_back(event.run_seq);
  return seqs;
}

// Holds the writer thread in its first commit until everything else is queued.
struct Gate {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::function<void(CommitPoint, std::uint64_t)> hook() const {
    return [waits = opened](CommitPoint point, std::uint64_t nth) {
      if (point == CommitPoint::before && nth == 1) waits.wait();
    };
  }
};

}  // namespace

TEST_CASE("a batch is there when its answer comes, also after the store was opened again") {
  StoreFixture fixture;
  {
    const auto store = fixture.open();
    REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1), event(run_id(1), 1)})));
    CHECK(fixture.queries()->last_event().value() == 1);
  }
  const auto store = fixture.open();
  CHECK(fixture.queries()->run(run_id(1)).value().run.pipeline_name == "film");
}

TEST_CASE("batches that arrive during a commit share the next one") {
  StoreFixture fixture;
  Gate gate;
  fixture.options.commit_hook = gate.hook();
  const auto store = fixture.open();
  constexpr std::uint64_t submitters = 8;
  constexpr std::uint64_t batches_each = 16;

  store->commit(batch(run_id(1), 1, {new_run(run_id(1), 1)}), [](auto) {});
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> next_seq = 1;
  std::atomic<std::uint64_t> answered = 0;
  for (std::uint64_t i = 0; i < submitters; ++i)
    threads.emplace_back([&] {
      for (std::uint64_t n = 0; n < batches_each; ++n)
        store->commit(batch(run_id(1), 1, {event(run_id(1), next_seq++)}),
                      [&](auto report) { answered += report.has_value() ? 1u : 0u; });
    });
  for (std::thread& thread : threads) thread.join();
  gate.open.set_value();
  REQUIRE(commit(*store, {}));

  CHECK(answered == submitters * batches_each);
  // Everything was queued while the first commit was held; the empty batch may come in a third.
  CHECK(store->commit_count() <= 3);
  CHECK(fixture.queries()->last_event().value() == submitters * batches_each);
}

TEST_CASE("answers come in the order in which the batches were handed over") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  std::vector<int> answers;
  for (int i = 1; i <= 100; ++i)
    store->commit(batch(run_id(1), 1, {event(run_id(1), static_cast<std::uint64_t>(i))}),
                  [&answers, i](auto) { answers.push_back(i); });
  REQUIRE(commit(*store, {}));
  REQUIRE(answers.size() == 100);
  CHECK(std::is_sorted(answers.begin(), answers.end()));

  const auto events = fixture.queries()->events({}).value();
  REQUIRE(events.size() == 100);
  CHECK(events.front().seq == 1);
  CHECK(events.back().seq == 100);
  CHECK(std::is_sorted(events.begin(), events.end(),
                       [](const auto& a, const auto& b) { return a.run_seq < b.run_seq; }));
}

TEST_CASE("closing the store makes durable and answers what was handed over") {
  StoreFixture fixture;
  int answered = 0;
  {
    const auto store = fixture.open();
    store->commit(batch(run_id(1), 1, {new_run(run_id(1), 1)}), [&](auto) { ++answered; });
    for (std::uint64_t i = 1; i <= 50; ++i)
      store->commit(batch(run_id(1), 1, {event(run_id(1), i)}), [&](auto) { ++answered; });
  }
  CHECK(answered == 51);
  CHECK(fixture.queries()->last_event().value() == 50);
}

TEST_CASE("an answer may hand over the next batch") {
  StoreFixture fixture;
  const auto store = fixture.open();
  std::promise<bool> done;
  store->commit(batch(run_id(1), 1, {new_run(run_id(1), 1)}), [&](auto) {
    store->commit(batch(run_id(1), 1, {event(run_id(1), 1)}),
                  [&](auto report) { done.set_value(report.has_value()); });
  });
  CHECK(done.get_future().get());
}

TEST_CASE("a run that another runtime has claimed is fenced, and other runs of the batch are not") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  REQUIRE(commit(*store, batch(run_id(2), 1, {new_run(run_id(2), 1)})));
  REQUIRE(claim(*store, run_id(1)).value().run.epoch == 2);

  Batch both;
  both.epochs = {{run_id(1), 1}, {run_id(2), 1}};
  both.writes = {event(run_id(1), 1), event(run_id(2), 1), update(run_id(1), 0, TaskState::ready),
                 PutLateResult{{run_id(1), 0, 1}, Outcome::ok, "too late", {{"seed", 7}}}};
  const CommitReport report = commit(*store, both).value();

  CHECK(report.fenced == std::vector<RunId>{run_id(1)});
  const auto queries = fixture.queries();
  const auto events = queries->events({}).value();
  REQUIRE(events.size() == 1);
  CHECK(events[0].run == run_id(2));
  const TaskDetail detail = queries->task({run_id(1), 0}).value();
  CHECK(detail.task.task.state == TaskState::pending);
  // The next owner reads what came late before it attaches.
  REQUIRE(detail.late_results.size() == 1);
  CHECK(detail.late_results[0].message == "too late");
  CHECK(detail.late_results[0].outputs == json::object{{"seed", 7}});
}

TEST_CASE("inserting a run that is there already leaves it as it is") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1), event(run_id(1), 1)})));
  const CommitReport again =
      commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1), event(run_id(1), 1)})).value();
  CHECK(again.fenced == std::vector<RunId>{run_id(1)});
  CHECK(fixture.queries()->last_event().value() == 1);
}

TEST_CASE("events carry a dense number within their run and one over all runs") {
  StoreFixture fixture;
  const auto store = fixture.open();
  for (std::uint8_t run = 1; run <= 2; ++run)
    REQUIRE(commit(*store, batch(run_id(run), 1, {new_run(run_id(run), 1)})));
  for (std::uint64_t i = 1; i <= 3; ++i)
    for (std::uint8_t run = 1; run <= 2; ++run)
      REQUIRE(commit(*store, batch(run_id(run), 1, {event(run_id(run), i)})));
  const auto queries = fixture.queries();
  EventFilter of_second;
  of_second.run = run_id(2);
  CHECK(run_seqs(queries->events(of_second).value()) == std::vector<std::uint64_t>{1, 2, 3});
  of_second.after = 4;  // the second event of the second run
  CHECK(run_seqs(queries->events(of_second).value()) == std::vector<std::uint64_t>{3});
  EventFilter first_two;
  first_two.limit = 2;
  CHECK(run_seqs(queries->events(first_two).value()) == std::vector<std::uint64_t>{1, 1});
}

TEST_CASE("an event number that its run has already ends the store instead of being lost") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1), event(run_id(1), 1)})));
  const auto twice = commit(*store, batch(run_id(1), 1, {event(run_id(1), 1)}));
  REQUIRE(!twice);
  CHECK(twice.error().kind == ErrorKind::internal);
  const auto later = commit(*store, batch(run_id(1), 1, {event(run_id(1), 2)}));
  REQUIRE(!later);
  CHECK(later.error().message == twice.error().message);
  CHECK(fixture.queries()->last_event().value() == 1);
}

TEST_CASE("the hook stands on both sides of every commit") {
  StoreFixture fixture;
  std::vector<std::pair<CommitPoint, std::uint64_t>> seen;
  fixture.options.commit_hook = [&](CommitPoint point, std::uint64_t nth) {
    seen.emplace_back(point, nth);
  };
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  REQUIRE(commit(*store, batch(run_id(1), 1, {event(run_id(1), 1)})));
  using enum CommitPoint;
  CHECK(seen == std::vector<std::pair<CommitPoint, std::uint64_t>>{
                    {before, 1}, {after, 1}, {before, 2}, {after, 2}});
}

TEST_CASE("a batch may be committed by the thread that has it, when nothing else is under way") {
  StoreFixture fixture;
  {
    const auto store = fixture.open();
    const auto inserted = store->commit_here(batch(run_id(1), 1, {new_run(run_id(1), 1)}));
    REQUIRE(inserted);
    CHECK(*inserted);
    CHECK(fixture.queries()->run(run_id(1)).value().run.pipeline_name == "film");
    const auto fenced = store->commit_here(batch(run_id(1), 2, {event(run_id(1), 1)}));
    REQUIRE(fenced);
    CHECK(fenced->value().fenced == std::vector{run_id(1)});
    REQUIRE(commit(*store, batch(run_id(1), 1, {event(run_id(1), 1)})));
  }
  CHECK(fixture.queries()->last_event().value() == 1);
}

TEST_CASE("a thread does not commit by itself while another commit is under way") {
  StoreFixture fixture;
  std::promise<void> begun;
  Gate gate;
  fixture.options.commit_hook = [&, holds = gate.hook()](CommitPoint point, std::uint64_t nth) {
    if (point == CommitPoint::before && nth == 1) begun.set_value();
    holds(point, nth);
  };
  const auto store = fixture.open();
  store->commit(batch(run_id(1), 1, {new_run(run_id(1), 1)}), [](auto) {});
  begun.get_future().wait();
  const Batch next = batch(run_id(1), 1, {event(run_id(1), 1)});
  CHECK_FALSE(store->commit_here(next));
  gate.open.set_value();
  REQUIRE(commit(*store, {}));
  CHECK(fixture.queries()->last_event().value() == 0);
}

TEST_CASE("what arrives while a thread commits by itself is committed after it") {
  StoreFixture fixture;
  std::unique_ptr<Store> store;
  std::promise<bool> answered;
  fixture.options.commit_hook = [&](CommitPoint point, std::uint64_t nth) {
    if (point == CommitPoint::before && nth == 1)
      store->commit(batch(run_id(1), 1, {event(run_id(1), 1)}),
                    [&](auto report) { answered.set_value(report.has_value()); });
  };
  store = fixture.open();
  REQUIRE(store->commit_here(batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  CHECK(answered.get_future().get());
  CHECK(store->commit_count() == 2);
  CHECK(fixture.queries()->last_event().value() == 1);
}

TEST_CASE("a batch of many writes, or of a large run, is left to the store's own thread") {
  StoreFixture fixture;
  const auto store = fixture.open();
  CHECK_FALSE(store->commit_here(batch(run_id(2), 1, {new_run(run_id(2), 1, small_plan(1000))})));
  std::vector<Write> writes{new_run(run_id(1), 1)};
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) writes.emplace_back(event(run_id(1), seq));
  CHECK_FALSE(store->commit_here(batch(run_id(1), 1, std::move(writes))));
}
