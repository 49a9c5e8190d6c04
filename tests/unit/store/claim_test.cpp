// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

// What a run looks like after some work: a done, one item of b running, the other failed once.
std::vector<Write> some_work(RunId run) {
  TaskRecord retrying = update(run, 3, TaskState::ready, 1).task;
  retrying.attempts_counted = 1;
  retrying.ready_at = at_ms(5);
  retrying.retry_at = at_ms(2000);
  AttemptRecord ended = attempt_of(0, 1, usd(300));
  ended.ended_at = at_ms(20);
  ended.cost = usd(250);
  AttemptRecord failed = attempt_of(3, 1);
  failed.ended_at = at_ms(30);
  failed.outcome = Outcome::transient;
  failed.message = "503 Service Unavailable";
  return {dispatch(run, attempt_of(0, 1, usd(300))),
          EndAttempt{run, ended},
          PutOutputs{run, 0, {{"image", to_json(picture("frame"))}}},
          update(run, 0, TaskState::succeeded, 1),
          dispatch(run, attempt_of(2, 1, usd(400))),
          PutCheckpoint{{run, 2, 1}, "job-77"},
          update(run, 2, TaskState::running, 1),
          dispatch(run, attempt_of(3, 1)),
          EndAttempt{run, failed},
          UpdateTask{run, retrying},
          event(run, 1),
          event(run, 2)};
}

}  // namespace

TEST_CASE("a claimed run comes as it was written, without what is over") {
  StoreFixture fixture;
  const auto store = fixture.open();
  InsertRun insert = new_run(run_id(1), 1);
  insert.run.limit = usd(5000);
  insert.run.priority = -3;
  insert.run.deadline = Deadline{at_ms(99'000)};
  REQUIRE(commit(*store, batch(run_id(1), 1, {insert})));
  REQUIRE(commit(*store, batch(run_id(1), 1, some_work(run_id(1)))));

  const StoredRun stored = claim(*store, run_id(1)).value();

  CHECK(stored.run.epoch == 2);
  CHECK(stored.run.pipeline == insert.plan->root().pipeline->hash);
  CHECK(stored.run.limit == usd(5000));
  CHECK(stored.run.priority == -3);
  CHECK(stored.run.deadline == insert.run.deadline);
  CHECK(stored.run.task_count == 5);
  CHECK(stored.run.created_at == at_ms(0));
  CHECK(stored.pipeline == insert.plan->root().pipeline->canonical);
  CHECK(stored.inputs == insert.plan->root().inputs);
  CHECK(stored.spent == std::vector<Money>{usd(250)});
  CHECK(stored.last_run_seq == 2);

  REQUIRE(stored.unfinished.size() == 4);  // all but a
  CHECK(stored.unfinished[0].group);
  CHECK(stored.unfinished[0].item_count == 2);
  CHECK(stored.unfinished[0].item == PlanNode::no_item);
  CHECK(stored.unfinished[1].item == 0);
  CHECK(stored.unfinished[1].state == TaskState::running);
  CHECK(stored.unfinished[2].no == 3);
  CHECK(stored.unfinished[2].item == 1);
  CHECK(stored.unfinished[2].attempts_counted == 1);
  CHECK(stored.unfinished[2].ready_at == at_ms(5));
  CHECK(stored.unfinished[2].retry_at == at_ms(2000));
  CHECK(stored.unfinished[3].definition == 2);

  REQUIRE(stored.open.size() == 1);
  CHECK(stored.open[0].task == 2);
  CHECK(stored.open[0].token == "job-77");
  CHECK(stored.open[0].idempotency_key == attempt_of(2, 1).idempotency_key);
  CHECK(stored.open[0].reserved == usd(400));
  CHECK_FALSE(stored.open[0].ended_at);
  REQUIRE(stored.ended.size() == 1);
  CHECK(stored.ended[0].task == 3);
  CHECK(stored.ended[0].outcome == Outcome::transient);
  CHECK(stored.ended[0].message == "503 Service Unavailable");
}

TEST_CASE("tasks that have ended well are not loaded") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  REQUIRE(commit(*store, batch(run_id(1), 1,
                               {update(run_id(1), 0, TaskState::succeeded),
                                update(run_id(1), 2, TaskState::succeeded),
                                update(run_id(1), 3, TaskState::failed)})));
  const StoredRun stored = claim(*store, run_id(1)).value();
  std::vector<TaskNo> unfinished;
  for (const TaskRecord& task : stored.unfinished) unfinished.push_back(task.no);
  CHECK(unfinished == std::vector<TaskNo>{1, 3, 4});  // a failed task may be retried
}

TEST_CASE("attempts whose outcome is unknown are loaded as open, also those of ended tasks") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  AttemptRecord unknown = attempt_of(0, 1, usd(300));
  unknown.ended_at = at_ms(40);
  unknown.outcome = Outcome::unknown;
  REQUIRE(commit(
      *store,
      batch(run_id(1), 1,
            {dispatch(run_id(1), attempt_of(0, 1, usd(300))), EndAttempt{run_id(1), unknown, false},
             update(run_id(1), 0, TaskState::waiting, 1), dispatch(run_id(1), attempt_of(4, 1)),
             update(run_id(1), 4, TaskState::cancelled, 1)})));
  const StoredRun stored = claim(*store, run_id(1)).value();
  REQUIRE(stored.open.size() == 2);
  CHECK(stored.open[0].task == 4);
  CHECK(stored.open[1].task == 0);
  CHECK(stored.open[1].reserved == usd(300));
  CHECK(stored.ended.empty());
  CHECK(stored.spent.empty());
}

TEST_CASE("every claim raises the epoch") {
  StoreFixture fixture;
  {
    const auto store = fixture.open();
    REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
    CHECK(claim(*store, run_id(1)).value().run.epoch == 2);
  }
  fixture.options.owner = "second";
  const auto store = fixture.open();
  CHECK(claim(*store, run_id(1)).value().run.epoch == 3);
  CHECK(fixture.queries()->run(run_id(1)).value().owner == "second");
}

TEST_CASE("claiming a run that is not there is not_found and harms nothing") {
  StoreFixture fixture;
  const auto store = fixture.open();
  const auto missing = claim(*store, run_id(9));
  REQUIRE(!missing);
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})).has_value());
}

TEST_CASE("a start finds the runs that are active or paused, oldest first") {
  StoreFixture fixture;
  const auto store = fixture.open();
  for (const auto& [number, state] : {std::pair{1, RunState::active},
                                      {2, RunState::succeeded},
                                      {3, RunState::paused},
                                      {4, RunState::failed}}) {
    InsertRun insert = new_run(run_id(static_cast<std::uint8_t>(number)), 1);
    insert.run.state = state;
    REQUIRE(commit(*store, batch(insert.run.id, 1, {insert})));
  }
  CHECK(fixture.queries()->unfinished_runs().value() == std::vector<RunId>{run_id(1), run_id(3)});
}

TEST_CASE("the run's row keeps what its owner writes") {
  StoreFixture fixture;
  const auto store = fixture.open();
  const InsertRun insert = new_run(run_id(1), 1);
  REQUIRE(commit(*store, batch(run_id(1), 1, {insert})));
  RunRecord changed = insert.run;
  changed.state = RunState::paused;
  changed.pause_reason = PauseReason::budget;
  changed.degraded = true;
  changed.cancelling = true;
  changed.limit = usd(70);
  changed.paused_for = Duration{500};
  changed.paused_at = at_ms(60);
  changed.deadline = Deadline{at_ms(700)};
  REQUIRE(commit(*store, batch(run_id(1), 1, {UpdateRun{changed}})));

  const RunRecord read = claim(*store, run_id(1)).value().run;
  CHECK(read.state == RunState::paused);
  CHECK(read.pause_reason == PauseReason::budget);
  CHECK(read.degraded);
  CHECK(read.cancelling);
  CHECK(read.limit == usd(70));
  CHECK(read.paused_for == Duration{500});
  CHECK(read.paused_at == at_ms(60));
  CHECK(read.deadline == Deadline{at_ms(700)});
  CHECK_FALSE(read.ended_at);
}
