// SPDX-License-Identifier: Apache-2.0
#include "route/retry.hpp"

#include <algorithm>

namespace weft::route {

Duration backoff_delay(const RetryPolicy& policy, std::uint32_t failures,
                       std::uint64_t random) noexcept {
  constexpr std::uint32_t doublings_at_most =
      30;  // a wait of 2^30 times any backoff is past every cap
  const std::uint32_t doublings = std::min(failures > 0 ? failures - 1 : 0, doublings_at_most);
  const std::int64_t cap_ms = policy.max_backoff.count();
  const std::int64_t grown_ms =
      policy.backoff.count() > (cap_ms >> doublings) ? cap_ms : policy.backoff.count() << doublings;
  const auto choices = static_cast<std::uint64_t>(std::min(grown_ms, cap_ms)) + 1;
  return Duration{static_cast<std::int64_t>(random % choices)};
}

}  // namespace weft::route
