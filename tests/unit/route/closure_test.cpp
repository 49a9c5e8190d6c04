// SPDX-License-Identifier: Apache-2.0
#include "route/closure.hpp"

#include "catch.hpp"

using namespace weft;
using namespace weft::route;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp now = from_unix_ms(1'700'000'000'000);

ServiceHealth in_state(HealthState state, std::optional<Timestamp> open_until = {}) {
  ServiceHealth health;
  health.state = state;
  health.reason = "3 failures in a row";
  health.open_until = open_until;
  return health;
}

// Of a service that is otherwise well.
Situation with(const ServiceHealth& health) {
  return {health, {}, {}, 0, false, 0, false};
}

std::string said(const Situation& situation) {
  return text_of(closure_of(situation, now), situation, 120);
}

}  // namespace

TEST_CASE("a service that is well and free may be asked") {
  const auto health = in_state(GENERATE(HealthState::healthy, HealthState::degraded));
  CHECK(closure_of(with(health), now).why == Closed::no);
  CHECK(said(with(health)).empty());
}

TEST_CASE("an open service is left alone until its time, then one task may try it out") {
  const auto health = in_state(HealthState::open, now + 10s);
  Situation situation = with(health);
  CHECK(closure_of(situation, now).until == now + 10s);
  CHECK(said(situation) == "left alone until 2023-11-14T22:13:30.000Z: 3 failures in a row");
  CHECK(closure_of(situation, now + 10s).why == Closed::no);
  situation.is_tried = true;
  CHECK(closure_of(situation, now + 10s).why == Closed::trial);
  CHECK_FALSE(closure_of(situation, now + 10s).until);
}

TEST_CASE("a broken account closes a service for as long as nobody mends it") {
  const auto health = in_state(HealthState::open);
  CHECK(closure_of(with(health), now + 1000h).why == Closed::account);
  CHECK(obstacle_of(Closed::account) == Obstacle::account);
  CHECK(said(with(health)) ==
        "left alone until the configuration is read again: 3 failures in a row");
}

TEST_CASE("a service out of use is closed whatever its health, by the configuration first") {
  const auto health = in_state(HealthState::open);
  Situation situation = with(health);
  situation.out_of_use = out_of_use(true, "by hand: new graphics card");
  CHECK(closure_of(situation, now + 1000h).why == Closed::out);
  CHECK(obstacle_of(Closed::out) == Obstacle::closed);
  CHECK(said(situation) == "out of use: by hand: new graphics card");
  situation.out_of_use = out_of_use(false, "by hand: new graphics card");
  CHECK(said(situation) == "out of use: the configuration says 'enabled = false'");
  CHECK(out_of_use(true, "").empty());
}

TEST_CASE("a pause, a rate and a limit close a service, each with its words") {
  const auto health = in_state(HealthState::healthy);
  Situation situation = with(health);
  situation.limit = situation.in_flight = 2;
  CHECK(said(situation) == "at its limit of 2 at a time");
  CHECK(obstacle_of(closure_of(situation, now).why) == Obstacle::busy);
  situation.starting = true;
  CHECK(said(situation) == "starting slowly, 2 at a time for now");
  situation.rate_next = now + 1s;
  CHECK(said(situation) == "at its limit of 120 a minute until 2023-11-14T22:13:21.000Z");
  situation.paused_until = now + 2s;
  CHECK(said(situation) == "left alone until 2023-11-14T22:13:22.000Z, as it asked");
  CHECK(obstacle_of(closure_of(situation, now).why) == Obstacle::closed);
  CHECK(closure_of(situation, now + 2s).why == Closed::starting);
}
