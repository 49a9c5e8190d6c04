// SPDX-License-Identifier: Apache-2.0
#include "route/limits.hpp"

#include <algorithm>
#include <cmath>

namespace weft::route {
namespace {

std::int64_t to_us(Timestamp at) {
  return std::chrono::microseconds(at.time_since_epoch()).count();
}

}  // namespace

// In any minute there are the bucket's requests, and what has flowed in meanwhile: less than
// burst + 60 s / spacing, which is rpm + 1.
RateLimit::RateLimit(std::uint32_t rpm) noexcept {
  constexpr std::int64_t minute_us = 60'000'000;
  constexpr std::uint32_t burst_at_most = 10;
  if (rpm == 0) return;
  const std::uint32_t burst = std::clamp(rpm / burst_at_most, 1U, burst_at_most);
  const std::int64_t refills = rpm - burst + 1;
  spacing_us_ = (minute_us + refills - 1) / refills;
  burst_us_ = spacing_us_ * (burst - 1);
}

Timestamp RateLimit::next(Timestamp now, std::uint32_t ahead) const noexcept {
  // Those ahead take from a bucket that is never more than full. Rounded up: a millisecond too
  // early would be one request too many.
  const std::int64_t full_at_us = ahead == 0 ? full_at_us_ : std::max(full_at_us_, to_us(now));
  const std::chrono::microseconds at{full_at_us + spacing_us_ * ahead - burst_us_};
  return Timestamp{std::chrono::ceil<Duration>(at)};
}

void RateLimit::take(Timestamp now) noexcept {
  if (is_set()) full_at_us_ = std::max(full_at_us_, to_us(now)) + spacing_us_;
}

AdaptiveLimit::AdaptiveLimit(bool on, std::uint32_t most) noexcept
    : on_(on), most_(most), limit_(most == 0 ? unlimited_start : most) {}

void AdaptiveLimit::well(std::uint32_t in_flight) noexcept {
  // Only a limit that is used can be known to be too low.
  if (!on_ || in_flight < static_cast<std::uint32_t>(limit_)) return;
  limit_ += 1 / std::floor(limit_);
  if (most_ != 0) limit_ = std::min(limit_, static_cast<double>(most_));
}

void AdaptiveLimit::overloaded(Timestamp began, Timestamp now) noexcept {
  constexpr double decrease = 0.8;
  if (!on_ || began < decreased_at_) return;
  limit_ = std::max(1.0, std::floor(limit_ * decrease));
  decreased_at_ = now;
}

bool Pause::asked(Duration retry_after, Timestamp now, std::uint64_t random) noexcept {
  constexpr std::uint32_t doublings_at_most = 6;
  constexpr std::int64_t first_ms = 1'000, longest_ms = 60'000;
  Duration wait = retry_after;
  if (wait <= Duration{0}) {
    if (holds(now)) return false;  // was under way when it began, and says the same
    const std::int64_t grown_ms =
        std::min(longest_ms, first_ms << std::min(times_, doublings_at_most));
    const std::int64_t spread_ms = grown_ms / 2;
    wait =
        Duration{grown_ms - spread_ms / 2 +
                 static_cast<std::int64_t>(random % (static_cast<std::uint64_t>(spread_ms) + 1))};
  }
  const Timestamp until = now + wait;
  if (until_ && *until_ >= until) return false;
  if (!holds(now)) ++times_;
  until_ = until;
  return true;
}

void RetryBudget::attempted() noexcept {
  constexpr double share = 0.2;
  tokens_ = std::min(most, tokens_ + share);
}

void RetryBudget::refill(Timestamp now) noexcept {
  constexpr double per_ms = 0.001;
  if (filled_at_ == Timestamp{}) filled_at_ = now;
  const auto passed_ms = static_cast<double>((now - filled_at_).count());
  tokens_ = std::min(most, tokens_ + passed_ms * per_ms);
  filled_at_ = now;
}

Timestamp RetryBudget::take(Timestamp now) noexcept {
  constexpr double per_ms = 0.001;
  refill(now);
  tokens_ -= 1;
  if (tokens_ >= 0) return now;
  return now + Duration{std::llround(-tokens_ / per_ms)};
}

}  // namespace weft::route
