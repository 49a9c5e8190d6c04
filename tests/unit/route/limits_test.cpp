// SPDX-License-Identifier: Apache-2.0
#include "route/limits.hpp"

#include <algorithm>
#include <vector>

#include "catch.hpp"

using namespace weft;
using namespace std::chrono_literals;
using route::AdaptiveLimit;
using route::Pause;
using route::RateLimit;
using route::RetryBudget;

namespace {

constexpr Timestamp start = from_unix_ms(1'700'000'000'000);

// Asks as soon as it may, for so long.
std::vector<Timestamp> as_soon_as_allowed(RateLimit limit, Duration span) {
  std::vector<Timestamp> sent;
  for (Timestamp now = start; now < start + span; now = std::max(now, limit.next(now))) {
    limit.take(now);
    sent.push_back(now);
  }
  return sent;
}

std::size_t most_in_a_minute(const std::vector<Timestamp>& sent) {
  std::size_t most = 0;
  for (std::size_t first = 0, end = 0; first < sent.size(); ++first) {
    while (end < sent.size() && sent[end] < sent[first] + 1min) ++end;
    most = std::max(most, end - first);
  }
  return most;
}

}  // namespace

TEST_CASE("no minute sees more requests than the rate limit, and few less") {
  for (const std::uint32_t rpm : {1U, 2U, 7U, 10U, 60U, 120U, 1'000U, 50'000U}) {
    CAPTURE(rpm);
    const auto sent = as_soon_as_allowed(RateLimit(rpm), 5min);
    CHECK(most_in_a_minute(sent) <= rpm);
    CHECK(sent.size() + 4 >= 5 * rpm * 9 / 10);
  }
}

TEST_CASE("after a rest a tenth of a minute's requests may go at once") {
  RateLimit limit(60);
  for (int i = 0; i < 6; ++i) {
    REQUIRE(limit.has_room(start));
    limit.take(start);
  }
  CHECK_FALSE(limit.has_room(start));
  CHECK(limit.has_room(limit.next(start)));
  CHECK_FALSE(limit.has_room(limit.next(start) - 1ms));
}

TEST_CASE("requests on their way are counted, and one that is not made leaves its room") {
  RateLimit limit(30);  // three at once
  CHECK(limit.has_room(start, 2));
  CHECK_FALSE(limit.has_room(start, 3));
  limit.take(start);
  CHECK(limit.has_room(start, 1));
  CHECK_FALSE(limit.has_room(start, 2));
  CHECK(limit.has_room(start, 1));  // the other one was not made
}

TEST_CASE("however long requests are on their way, no minute sees too many") {
  RateLimit limit(60);
  std::vector<Timestamp> sent;
  std::uint32_t ahead = 0;
  for (Timestamp now = start; now < start + 5min; now += 100ms) {
    while (limit.has_room(now, ahead)) ++ahead;
    if ((now - start) % 7s != 0ms) continue;  // all of them arrive together
    for (; ahead > 0; --ahead) limit.take(now), sent.push_back(now);
  }
  CHECK(most_in_a_minute(sent) <= 60);
  CHECK(sent.size() > 200);
}

TEST_CASE("a restart does not fill the bucket") {
  RateLimit before(1);
  before.take(start);
  RateLimit after(1);
  after.restore(before.mark());
  CHECK_FALSE(after.has_room(start + 59s));
  CHECK(after.has_room(start + 60s));
}

TEST_CASE("a service without a rate limit always has room") {
  RateLimit limit;
  for (int i = 0; i < 1'000; ++i) limit.take(start);
  CHECK(limit.has_room(start));
}

TEST_CASE("overload takes a fifth of what is allowed at a time, and never the last one") {
  AdaptiveLimit limit(true, 10);
  REQUIRE(limit.limit() == 10);
  limit.overloaded(start, start + 1s);
  CHECK(limit.limit() == 8);
  for (int i = 2; i < 50; ++i) limit.overloaded(start + i * 1s, start + i * 1s);
  CHECK(limit.limit() == 1);
}

TEST_CASE("what began before the last decrease does not decrease it again") {
  AdaptiveLimit limit(true, 10);
  for (int i = 0; i < 10; ++i) limit.overloaded(start, start + 1s);
  CHECK(limit.limit() == 8);
}

TEST_CASE("a round of successes at the limit raises it by one, up to the static one") {
  AdaptiveLimit limit(true, 10);
  limit.overloaded(start, start + 1s);
  for (int i = 0; i < 9; ++i) limit.well(limit.limit());
  CHECK(limit.limit() == 9);
  for (int i = 0; i < 1'000; ++i) limit.well(limit.limit());
  CHECK(limit.limit() == 10);
}

TEST_CASE("a limit that is not used does not rise") {
  AdaptiveLimit limit(true);
  for (int i = 0; i < 1'000; ++i) limit.well(1);
  CHECK(limit.limit() == AdaptiveLimit::unlimited_start);
}

TEST_CASE("a limit that is not adaptive stays what it is") {
  AdaptiveLimit limit(false, 3);
  limit.overloaded(start, start);
  CHECK(limit.limit() == 3);
}

TEST_CASE("a pause is exactly as long as the service asks for, and the longest one counts") {
  Pause pause;
  CHECK(pause.asked(30s, start, 7));
  CHECK(pause.until() == start + 30s);
  CHECK_FALSE(pause.asked(10s, start, 7));
  CHECK(pause.until() == start + 30s);
  CHECK(pause.holds(start + 29s));
  CHECK_FALSE(pause.holds(start + 30s));
}

TEST_CASE("a pause of unknown length doubles until the service does its work again") {
  Pause pause;
  Timestamp now = start;
  const auto next = [&] {
    pause.asked({}, now, 0);  // a quarter less than its middle
    const Duration length = *pause.until() - now;
    now = *pause.until();
    return length;
  };
  CHECK(next() == 750ms);
  CHECK(next() == 1'500ms);
  CHECK(next() == 3s);
  pause.well();
  CHECK(next() == 750ms);
  for (int i = 0; i < 10; ++i) next();
  CHECK(next() == 45s);
}

TEST_CASE("answers that were under way together lengthen a pause once") {
  Pause pause;
  for (int i = 0; i < 20; ++i) pause.asked({}, start, 0);
  CHECK(*pause.until() - start == 750ms);
}

TEST_CASE("retries above a fifth of the requests come later, one a second") {
  RetryBudget budget;
  for (int i = 0; i < 10; ++i) CHECK(budget.take(start) == start);
  CHECK(budget.take(start) == start + 1s);
  CHECK(budget.take(start) == start + 2s);
  CHECK(budget.take(start + 3s) == start + 3s);
}

TEST_CASE("five requests pay for one retry") {
  RetryBudget budget;
  for (int i = 0; i < 10; ++i) budget.take(start);
  for (int i = 0; i < 5; ++i) budget.attempted();
  CHECK(budget.take(start) == start);
  CHECK(budget.take(start) > start);
}
