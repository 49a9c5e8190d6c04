// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

ServiceHealth open_service(std::string name) {
  ServiceHealth health;
  health.service = std::move(name);
  health.state = HealthState::open;
  health.reason = "quota: used up";
  health.changed_at = at_ms(10);
  health.open_until = at_ms(5'000);
  health.account = Outcome::quota;
  health.times_opened = 3;
  health.paused_until = at_ms(7'000);
  health.rate_mark_us = 1'700'000'000'123'456;
  health.taken_out = "by hand: new graphics card";
  return health;
}

Batch of_services(std::vector<Write> writes) {
  Batch batch;
  batch.writes = std::move(writes);
  return batch;
}

}  // namespace

TEST_CASE("what is known of services is read again as it was written, the newest of each") {
  const StoreFixture fixture;
  {
    const auto store = fixture.open();
    ServiceHealth former = open_service("a");
    former.state = HealthState::healthy;
    former.open_until.reset();
    REQUIRE(commit(*store, of_services({PutServiceHealth{former}})));
    REQUIRE(commit(*store, of_services({PutServiceHealth{open_service("b")},
                                        PutServiceHealth{open_service("a")}})));
  }
  const auto known = fixture.queries()->service_health().value();
  REQUIRE(known.size() == 2);
  const ServiceHealth& health = known[0];
  CHECK(health.service == "a");
  CHECK(health.state == HealthState::open);
  CHECK(health.reason == "quota: used up");
  CHECK(health.changed_at == at_ms(10));
  CHECK(health.open_until == at_ms(5'000));
  CHECK(health.account == Outcome::quota);
  CHECK(health.times_opened == 3);
  CHECK(health.paused_until == at_ms(7'000));
  CHECK(health.rate_mark_us == 1'700'000'000'123'456);
  CHECK(health.taken_out == "by hand: new graphics card");
  CHECK(known[1].service == "b");
}

TEST_CASE("events about services stand in the one log, of no run, and are numbered on their own") {
  const StoreFixture fixture;
  const auto store = fixture.open();
  const RunId run = run_id(1);
  REQUIRE(commit(*store, batch(run, 1, {new_run(run, 1), event(run, 1, "run.submitted")})));
  REQUIRE(commit(*store,
                 of_services({AppendServiceEvent{at_ms(1), "service.open", R"({"service":"a"})"},
                              AppendServiceEvent{at_ms(2), "service.healthy", "{}"}})));
  REQUIRE(commit(*store, batch(run, 1, {event(run, 2)})));
  const auto all = fixture.queries()->events({}).value();
  REQUIRE(all.size() == 4);
  CHECK(all[1].type == "service.open");
  CHECK(all[1].run == RunId{});
  CHECK(all[1].run_seq == 1);
  CHECK(all[1].at == at_ms(1));
  CHECK_FALSE(all[1].task);
  CHECK(all[1].data.at("service") == "a");
  CHECK(all[2].run_seq == 2);
  EventFilter of_run;
  of_run.run = run;
  CHECK(fixture.queries()->events(of_run).value().size() == 2);
}

TEST_CASE("what is learnt of a service is kept though the run it was learnt from has been lost") {
  const StoreFixture fixture;
  const auto store = fixture.open();
  const RunId run = run_id(1);
  REQUIRE(commit(*store, batch(run, 1, {new_run(run, 1)})));
  REQUIRE(claim(*store, run));
  const auto report =
      commit(*store, batch(run, 1, {event(run, 1), PutServiceHealth{open_service("a")}}));
  REQUIRE(report);
  CHECK(report->fenced.size() == 1);
  CHECK(fixture.queries()->service_health().value().size() == 1);
}
