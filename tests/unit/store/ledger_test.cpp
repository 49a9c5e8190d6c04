// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

struct LimitedRun : StoreFixture {
  LimitedRun() : store(open()) {
    InsertRun insert = new_run(run_id(1), 1);
    insert.run.limit = usd(1000);
    REQUIRE(write({insert}));
  }
  result<CommitReport> write(std::vector<Write> writes) {
    return commit(*store, batch(run_id(1), 1, std::move(writes)));
  }
  EndAttempt end(TaskNo task, AttemptNo attempt, MaybeMoney cost, bool settle = true) const {
    AttemptRecord record = attempt_of(task, attempt);
    record.ended_at = at_ms(50);
    record.cost = std::move(cost);
    record.outcome = settle ? Outcome::ok : Outcome::unknown;
    return {run_id(1), record, settle};
  }
  LedgerTotal total() const {
    const auto totals = queries()->ledger(run_id(1)).value();
    return totals.empty() ? LedgerTotal{} : totals.front();
  }
  std::unique_ptr<Store> store;
};

}  // namespace

TEST_CASE_METHOD(LimitedRun, "a reservation that does not fit the limit is refused") {
  REQUIRE(write({dispatch(run_id(1), attempt_of(0, 1, usd(600)))}).value().refused.empty());
  const auto report = write({dispatch(run_id(1), attempt_of(2, 1, usd(401))),
                             update(run_id(1), 2, TaskState::ready, 1)})
                          .value();
  CHECK(report.refused == std::vector<AttemptRef>{{run_id(1), 2, 1}});
  CHECK(report.fenced.empty());
  CHECK(total().reserved_micros == 600);
  // It never was sent, and must not look to a restart as if it might have been.
  const TaskDetail detail = queries()->task({run_id(1), 2}).value();
  REQUIRE(detail.attempts.size() == 1);
  CHECK(detail.attempts[0].outcome == Outcome::budget);
  CHECK(detail.attempts[0].ended_at);
  CHECK(claim(*store, run_id(1)).value().open.size() == 1);
}

TEST_CASE_METHOD(LimitedRun, "reservations of one batch add up, to the last micro of the limit") {
  const auto report = write({dispatch(run_id(1), attempt_of(0, 1, usd(999))),
                             dispatch(run_id(1), attempt_of(2, 1, usd(1))),
                             dispatch(run_id(1), attempt_of(3, 1, usd(1)))})
                          .value();
  CHECK(report.refused == std::vector<AttemptRef>{{run_id(1), 3, 1}});
  CHECK(total().reserved_micros == 1000);
}

TEST_CASE_METHOD(LimitedRun, "settling turns the reservation into the cost") {
  REQUIRE(write({dispatch(run_id(1), attempt_of(0, 1, usd(900)))}));
  REQUIRE(write({end(0, 1, usd(200))}));
  CHECK(total().spent_micros == 200);
  CHECK(total().reserved_micros == 0);
  CHECK(write({dispatch(run_id(1), attempt_of(2, 1, usd(800)))}).value().refused.empty());
  CHECK(write({dispatch(run_id(1), attempt_of(3, 1, usd(1)))}).value().refused.size() == 1);
}

TEST_CASE_METHOD(LimitedRun, "an unknown outcome keeps its reservation until it is settled") {
  REQUIRE(write({dispatch(run_id(1), attempt_of(0, 1, usd(900)))}));
  REQUIRE(write({end(0, 1, std::nullopt, false)}));
  CHECK(total().reserved_micros == 900);
  CHECK(write({dispatch(run_id(1), attempt_of(2, 1, usd(101)))}).value().refused.size() == 1);
  REQUIRE(write({end(0, 1, std::nullopt)}));
  CHECK(total().reserved_micros == 0);
  CHECK(total().spent_micros == 0);
}

TEST_CASE_METHOD(LimitedRun, "settling again replaces what was settled before") {
  REQUIRE(write({dispatch(run_id(1), attempt_of(0, 1, usd(900)))}));
  REQUIRE(write({end(0, 1, usd(200))}));
  REQUIRE(write({end(0, 1, usd(300))}));
  CHECK(total().spent_micros == 300);
}

TEST_CASE_METHOD(LimitedRun, "a cost without a reservation counts as well") {
  REQUIRE(write({dispatch(run_id(1), attempt_of(0, 1))}));
  REQUIRE(write({end(0, 1, usd(1200))}));  // more than the limit: it has been spent all the same
  CHECK(total().spent_micros == 1200);
  CHECK(write({dispatch(run_id(1), attempt_of(2, 1, usd(1)))}).value().refused.size() == 1);
  // What costs nothing needs no room.
  CHECK(write({dispatch(run_id(1), attempt_of(2, 2, usd(0)))}).value().refused.empty());
}

TEST_CASE_METHOD(LimitedRun, "a cost of nothing is known, and is not in the ledger") {
  REQUIRE(write({dispatch(run_id(1), attempt_of(0, 1)), end(0, 1, usd(0)),
                 dispatch(run_id(1), attempt_of(2, 1)), end(2, 1, std::nullopt)}));
  const auto asked = queries();
  CHECK(asked->task({run_id(1), 0}).value().attempts.at(0).cost == usd(0));
  CHECK_FALSE(asked->task({run_id(1), 2}).value().attempts.at(0).cost);
  CHECK(asked->ledger(run_id(1)).value().empty());
}

TEST_CASE_METHOD(LimitedRun, "currencies never add up") {
  const Money euros{100, "EUR"};
  CHECK(write({dispatch(run_id(1), attempt_of(0, 1, euros))}).value().refused.size() == 1);
  REQUIRE(write({dispatch(run_id(1), attempt_of(2, 1, usd(100))), end(2, 1, euros)}));
  const auto totals = queries()->ledger(run_id(1)).value();
  REQUIRE(totals.size() == 1);
  CHECK(totals[0].currency == "EUR");
  CHECK(totals[0].spent_micros == 100);
  // The limit is in dollars, and of these nothing has been spent.
  CHECK(claim(*store, run_id(1)).value().spent == std::vector<Money>{euros});
}

TEST_CASE("without a limit every reservation fits") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  const auto report =
      commit(*store, batch(run_id(1), 1, {dispatch(run_id(1), attempt_of(0, 1, usd(1'000'000)))}));
  CHECK(report.value().refused.empty());
  CHECK(fixture.queries()->ledger(run_id(1)).value().at(0).reserved_micros == 1'000'000);
}
