// SPDX-License-Identifier: Apache-2.0
#include "route/health.hpp"

#include <array>

#include "catch.hpp"

using namespace weft;
using namespace std::chrono_literals;
using route::Chance;
using route::Change;
using route::Ending;
using route::Health;

namespace {

constexpr Timestamp start = from_unix_ms(1'700'000'000'000);
constexpr std::uint64_t middle = 3'750;  // of the spread of a first opening: neither more nor less

// A service, and the clock and the luck of whoever judges it.
struct Patient {
  Health health;
  Timestamp now = start;
  std::uint64_t random = middle;
  bool last = false;

  explicit Patient(HealthPolicy policy = {}) : health("a", policy) {}
  Chance chance() const { return {now, random}; }
  std::optional<Change> ends(HealthSign sign, Duration took = 1s) {
    return health.ended({sign, Outcome::transient, "it broke", took, {}, false, last}, chance());
  }
  std::optional<Change> trial_ends(HealthSign sign, Duration retry_after = {}) {
    return health.ended({sign, Outcome::transient, "it broke", 1s, retry_after, true, last},
                        chance());
  }
  HealthState state() const { return health.record().state; }
  void fails(int times) {
    for (int i = 0; i < times; ++i) ends(HealthSign::failure);
  }
  void works(int times, Duration took = 1s) {
    for (int i = 0; i < times; ++i) ends(HealthSign::well, took);
  }
  // Fails until it is shut out, and waits until it may be tried.
  void opens_and_may_be_tried() {
    fails(3);
    now = *health.record().open_until;
  }
};

}  // namespace

TEST_CASE("three failures in a row open a service, and the reason says so") {
  Patient patient;
  patient.fails(2);
  CHECK(patient.state() == HealthState::healthy);
  const auto change = patient.ends(HealthSign::failure);
  REQUIRE(change);
  CHECK(change->from == HealthState::healthy);
  CHECK(change->to == HealthState::open);
  CHECK(patient.health.record().reason == "3 failures in a row, the last one transient: it broke");
  CHECK(patient.health.record().open_until == start + 15s);
}

TEST_CASE("a success between failures begins their count anew") {
  Patient patient({.failure_rate = 1});
  patient.fails(2);
  patient.works(1);
  patient.fails(2);
  CHECK(patient.state() == HealthState::healthy);
}

TEST_CASE("a bad output is half a failure") {
  Patient patient({.failure_rate = 1});
  for (int i = 0; i < 5; ++i) CHECK_FALSE(patient.ends(HealthSign::half_failure));
  CHECK(patient.ends(HealthSign::half_failure));
  CHECK(patient.state() == HealthState::open);
}

TEST_CASE("what is the request's fault, or ours, never counts against a service") {
  Patient patient;
  for (int i = 0; i < 100; ++i) CHECK_FALSE(patient.ends(HealthSign::none));
  CHECK(patient.state() == HealthState::healthy);
}

TEST_CASE("failures in more than half of its newest answers open it") {
  Patient patient;
  for (int i = 0; i < 20 && patient.state() == HealthState::healthy; ++i) {
    patient.works(1);
    patient.fails(2);
  }
  CHECK(patient.state() == HealthState::open);
  CHECK(patient.health.record().reason.find("of its newest answers") != std::string::npos);
}

TEST_CASE("old answers fade: long good work does not hide that it fails now") {
  Patient patient({.failures = 100});
  patient.works(10'000);
  int failures = 0;
  while (patient.state() == HealthState::healthy && failures < 100) patient.fails(1), ++failures;
  CHECK(failures < 10);
}

TEST_CASE("each opening lasts twice as long as the one before, up to five minutes") {
  Patient patient;
  patient.opens_and_may_be_tried();
  for (const Duration expected : {30s, 60s, 120s, 240s, 300s, 300s}) {
    patient.random = static_cast<std::uint64_t>(expected.count()) / 4;
    REQUIRE(patient.health.trial_started(patient.now));
    REQUIRE(patient.trial_ends(HealthSign::failure));
    CHECK(*patient.health.record().open_until - patient.now == expected);
    patient.now = *patient.health.record().open_until;
  }
}

TEST_CASE("the time that it stays open is spread by a quarter to both sides") {
  for (std::uint64_t random = 0; random < 20'000; random += 7) {
    Patient patient;
    patient.random = random;
    patient.fails(3);
    const Duration open = *patient.health.record().open_until - start;
    CHECK(open >= 11'250ms);
    CHECK(open <= 18'750ms);
  }
}

TEST_CASE("an open service may be tried out when its time is over, not before") {
  Patient patient;
  patient.fails(3);
  patient.now = *patient.health.record().open_until - 1ms;
  CHECK_FALSE(patient.health.may_be_tried(patient.now));
  CHECK_FALSE(patient.health.trial_started(patient.now));
  patient.now += 1ms;
  CHECK(patient.health.may_be_tried(patient.now));
  REQUIRE(patient.health.trial_started(patient.now));
  CHECK(patient.state() == HealthState::half_open);
  CHECK_FALSE(patient.health.may_be_tried(patient.now));  // exactly one
  CHECK(patient.health.is_closed_off());
}

TEST_CASE("a trial that went well makes it healthy, with a slow start") {
  Patient patient;
  patient.opens_and_may_be_tried();
  patient.health.trial_started(patient.now);
  const auto change = patient.trial_ends(HealthSign::well);
  REQUIRE(change);
  CHECK(change->to == HealthState::healthy);
  std::vector<std::uint32_t> allowed;
  for (int i = 0; i < 7; ++i) allowed.push_back(patient.health.allowed()), patient.works(1);
  CHECK(allowed == std::vector<std::uint32_t>{1, 2, 4, 8, 16, 0, 0});
}

TEST_CASE("a failure in a slow start halves what is allowed") {
  Patient patient;
  patient.opens_and_may_be_tried();
  patient.health.trial_started(patient.now);
  patient.trial_ends(HealthSign::well);
  patient.works(3);
  REQUIRE(patient.health.allowed() == 8);
  patient.fails(1);
  CHECK(patient.health.allowed() == 4);
}

TEST_CASE("only once it is sound again does the next opening begin short") {
  Patient patient;
  const auto come_back = [&](int answers) {
    patient.now = *patient.health.record().open_until;
    patient.health.trial_started(patient.now);
    patient.trial_ends(HealthSign::well);
    patient.works(answers);
  };
  patient.fails(3);
  come_back(1);
  patient.fails(3);
  CHECK(patient.health.record().times_opened == 2);
  come_back(5);
  patient.fails(3);
  CHECK(patient.health.record().times_opened == 1);
}

TEST_CASE("a trial that told nothing leaves it open, and the next may be made at once") {
  Patient patient;
  patient.opens_and_may_be_tried();
  patient.health.trial_started(patient.now);
  REQUIRE(patient.trial_ends(HealthSign::none));
  CHECK(patient.state() == HealthState::open);
  CHECK(patient.health.record().times_opened == 1);
  CHECK(patient.health.may_be_tried(patient.now));
}

TEST_CASE("a trial that is answered with a time to come back is made again exactly then") {
  Patient patient;
  patient.opens_and_may_be_tried();
  patient.health.trial_started(patient.now);
  REQUIRE(patient.trial_ends(HealthSign::busy, 7s));
  CHECK(patient.health.record().open_until == patient.now + 7s);
}

TEST_CASE("what began before a service was opened says nothing about its trial") {
  Patient patient;
  patient.opens_and_may_be_tried();
  patient.health.trial_started(patient.now);
  CHECK_FALSE(patient.ends(HealthSign::well));
  CHECK_FALSE(patient.ends(HealthSign::failure));
  CHECK(patient.state() == HealthState::half_open);
}

TEST_CASE("a broken account opens it until the configuration is read again") {
  Patient patient;
  REQUIRE(patient.health.ended(
      {HealthSign::account, Outcome::auth, "wrong key", {}, {}, false, true}, patient.chance()));
  CHECK(patient.health.record().reason == "auth: wrong key");
  patient.now += 24h;
  CHECK_FALSE(patient.health.may_be_tried(patient.now));
  const auto change = patient.health.reconfigured({}, patient.now);
  REQUIRE(change);
  CHECK(change->to == HealthState::healthy);
}

TEST_CASE("a quota that says when it is filled again opens it until then") {
  Patient patient;
  patient.health.ended({HealthSign::account, Outcome::quota, "used up", {}, 1h, false, false},
                       patient.chance());
  CHECK(patient.health.record().open_until == start + 1h);
}

TEST_CASE("reading the configuration again does not forgive failures") {
  Patient patient;
  patient.fails(3);
  CHECK_FALSE(patient.health.reconfigured({}, patient.now));
  CHECK(patient.state() == HealthState::open);
}

TEST_CASE("a service that takes three times its usual time is degraded until it is quick again") {
  Patient patient;
  patient.works(200, 1s);
  for (int i = 0; i < 30; ++i) patient.works(1, 9s);
  CHECK(patient.state() == HealthState::degraded);
  CHECK(patient.health.record().reason.find("are usual") != std::string::npos);
  patient.works(300, 1s);
  CHECK(patient.state() == HealthState::healthy);
}

TEST_CASE("one slow answer among many degrades nobody") {
  Patient patient;
  for (int i = 0; i < 500; ++i) patient.works(1, i % 50 == 49 ? 9s : 1s);
  CHECK(patient.state() == HealthState::healthy);
}

TEST_CASE("an attempt that is three times older than usual is half a failure already") {
  Patient patient({.failure_rate = 1});
  CHECK_FALSE(patient.health.suspicious_age());
  patient.works(100);
  REQUIRE(patient.health.suspicious_age());
  CHECK(*patient.health.suspicious_age() >= 2s);
  CHECK(*patient.health.suspicious_age() <= 4s);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(patient.health.grew_old(4s, false, patient.chance()));
  CHECK(patient.health.grew_old(4s, false, patient.chance()));
  CHECK(patient.state() == HealthState::open);
}

TEST_CASE("an outlier among its peers is opened") {
  Patient patient({.failures = 100, .failure_rate = 1});
  for (int i = 0; i < 20; ++i) patient.works(1), patient.fails(1);
  const std::array<double, 3> peers{0.97, 0.99, 0.95};
  CHECK(patient.health.compared(peers, false, patient.chance()));
  CHECK(patient.state() == HealthState::open);
  CHECK(patient.health.record().reason.find("services like it in 97 %") != std::string::npos);
}

TEST_CASE("with less than three peers, or little between them, nobody is an outlier") {
  Patient patient({.failures = 100, .failure_rate = 1});
  patient.works(30);
  patient.fails(1);
  const std::array<double, 3> close{1, 1, 1};
  const std::array<double, 2> few{1, 1};
  CHECK_FALSE(patient.health.compared(close, false, patient.chance()));
  patient.fails(10);
  CHECK_FALSE(patient.health.compared(few, false, patient.chance()));
}

TEST_CASE("suspicion alone never shuts out the last one that is left") {
  Patient patient({.failures = 100});
  patient.last = true;
  patient.fails(6);
  CHECK(patient.state() == HealthState::degraded);
  CHECK(patient.health.record().reason.find("too few others are left") != std::string::npos);
}

TEST_CASE("failures in a row shut out the last one, too") {
  Patient patient;
  patient.last = true;
  patient.fails(3);
  CHECK(patient.state() == HealthState::open);
}

TEST_CASE("a service without a breaker is asked whatever happens") {
  Patient patient({.breaker = false});
  patient.fails(100);
  CHECK(patient.state() == HealthState::healthy);
}

TEST_CASE(
    "a restart does not forget that a service is open, and repeats a trial that it cut short") {
  Patient before;
  before.opens_and_may_be_tried();
  Patient after;
  CHECK_FALSE(after.health.restore(before.health.record(), before.now));
  CHECK(after.state() == HealthState::open);
  CHECK(after.health.record().open_until == before.now);
  before.health.trial_started(before.now);
  CHECK(after.health.restore(before.health.record(), before.now));
  CHECK(after.state() == HealthState::open);
  CHECK(after.health.may_be_tried(before.now));
}

TEST_CASE("without a breaker nothing holds a service down that was starting slowly") {
  Patient patient;
  patient.health.start_slowly();
  REQUIRE(patient.health.allowed() == 1);
  HealthPolicy policy;
  policy.breaker = false;
  patient.health.reconfigured(policy, patient.now);
  CHECK(patient.health.allowed() == 0);
}

TEST_CASE("a service that was restarted with before it was sound again still shows that it is") {
  Patient before;
  before.opens_and_may_be_tried();
  before.health.trial_started(before.now);
  before.trial_ends(HealthSign::well);
  REQUIRE(before.health.record().times_opened == 1);
  Patient after;
  after.health.restore(before.health.record(), before.now);
  CHECK(after.health.allowed() == 1);
  after.works(100);
  CHECK(after.health.allowed() == 0);
  CHECK(after.health.record().times_opened == 0);
}

TEST_CASE("a mended account opens a service again, also before its reset") {
  Patient patient;
  const Ending used_up{HealthSign::account, Outcome::quota, "used up", {}, 1h, false, false};
  patient.health.ended(used_up, patient.chance());
  REQUIRE(patient.health.record().open_until == start + 1h);
  const auto change = patient.health.account_mended("the secret 'key' has a new value", start);
  REQUIRE(change);
  CHECK(change->to == HealthState::healthy);
  CHECK(patient.health.record().account == Outcome::ok);
  CHECK_FALSE(patient.health.account_mended("again", start));
}

TEST_CASE("a mended account says nothing of a service that failed otherwise") {
  Patient patient;
  patient.fails(3);
  CHECK_FALSE(patient.health.account_mended("the secret 'key' has a new value", start));
  CHECK(patient.state() == HealthState::open);
}

TEST_CASE("only a service that is open for a while can be made to be tried soon") {
  Patient patient;
  CHECK_FALSE(patient.health.try_soon(start));
  patient.fails(3);
  CHECK(patient.health.try_soon(start));
  CHECK(patient.health.may_be_tried(start));
  CHECK_FALSE(patient.health.try_soon(start));
}
