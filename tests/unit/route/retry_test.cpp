// SPDX-License-Identifier: Apache-2.0
#include "route/retry.hpp"

#include <algorithm>
#include <limits>

#include "catch.hpp"

using namespace weft;
using namespace std::chrono_literals;
using route::backoff_delay;

namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

// The longest wait after so many failures: the largest over many random values.
Duration longest(const RetryPolicy& policy, std::uint32_t failures) {
  Duration found{0};
  for (std::uint64_t random = 0; random <= 100'000; ++random)
    found = std::max(found, backoff_delay(policy, failures, random));
  return found;
}

}  // namespace

TEST_CASE("the bound of the wait doubles with each failure, up to the longest one") {
  const RetryPolicy policy{10, 2s, 10s};
  CHECK(longest(policy, 1) == 2s);
  CHECK(longest(policy, 2) == 4s);
  CHECK(longest(policy, 3) == 8s);
  CHECK(longest(policy, 4) == 10s);
  CHECK(longest(policy, 1'000'000) == 10s);
}

TEST_CASE("a wait may be as short as nothing and is never above its bound") {
  const RetryPolicy policy{4, 2s, 1min};
  CHECK(backoff_delay(policy, 3, 0) == 0s);
  for (std::uint32_t failures = 0; failures < 100; ++failures) {
    CHECK(backoff_delay(policy, failures, most) >= 0s);
    CHECK(backoff_delay(policy, failures, most) <= 1min);
  }
}

TEST_CASE("a backoff of nothing waits for nothing") {
  CHECK(backoff_delay({4, 0s, 1min}, 5, most) == 0s);
}

TEST_CASE("a backoff above the longest wait is cut to it") {
  CHECK(longest({4, 1min, 5s}, 1) == 5s);
}

TEST_CASE("years of backoff do not overflow") {
  constexpr Duration year = 8766h;
  const Duration wait = backoff_delay({4, 100 * year, 1000 * year}, 40, most);
  CHECK(wait >= 0s);
  CHECK(wait <= 1000 * year);
}
