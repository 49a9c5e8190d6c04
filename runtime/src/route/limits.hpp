// SPDX-License-Identifier: Apache-2.0
// How often, and how many at a time, a service may be asked. Each limit is a small value that is
// told what happened; none reads a clock.
#pragma once
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace weft::route {

// Requests per minute: a token bucket, kept as the one moment at which it would be full again (the
// "virtual scheduling" form of the generic cell rate algorithm, ITU-T I.371). It holds a tenth of
// a minute's requests, at most ten, and fills so that no minute sees more than `rpm`.
class RateLimit {
 public:
  explicit RateLimit(std::uint32_t rpm = 0) noexcept;  // 0: no limit
  bool is_set() const noexcept { return spacing_us_ != 0; }
  // When one more request may go, `ahead` others being on their way that have not taken yet; `now`
  // or before: at once.
  Timestamp next(Timestamp now, std::uint32_t ahead = 0) const noexcept;
  bool has_room(Timestamp now, std::uint32_t ahead = 0) const noexcept {
    return !is_set() || next(now, ahead) <= now;
  }
  void take(Timestamp now) noexcept;
  // What must be kept over a restart, and over a change of the limit.
  std::int64_t mark() const noexcept { return full_at_us_; }
  void restore(std::int64_t mark) noexcept { full_at_us_ = mark; }

 private:
  std::int64_t spacing_us_ = 0;  // between requests that follow each other for long
  std::int64_t burst_us_ = 0;    // how far ahead of that they may run
  std::int64_t full_at_us_ = 0;  // Unix microseconds
};

// How many attempts at a time a service can bear, found out: one more for each round of successes
// at the limit, a fifth less when it is overloaded (additive increase, multiplicative decrease).
class AdaptiveLimit {
 public:
  // `most`: the static limit, where it begins; 0: there is none, and it begins at
  // `unlimited_start`.
  explicit AdaptiveLimit(bool on = false, std::uint32_t most = 0) noexcept;
  static constexpr std::uint32_t unlimited_start = 8;
  // Attempts at a time, at least 1; 0: no limit.
  std::uint32_t limit() const noexcept { return on_ ? static_cast<std::uint32_t>(limit_) : most_; }
  // `in_flight` counts the one that has ended.
  void well(std::uint32_t in_flight) noexcept;
  // At most once per `began` generation: what began before the last decrease says nothing new.
  void overloaded(Timestamp began, Timestamp now) noexcept;

 private:
  bool on_ = false;
  std::uint32_t most_ = 0;
  double limit_ = 0;
  Timestamp decreased_at_{};
};

// A service that asked to be left alone: until when. What it asks for is taken exactly; when it
// does not say, 1 s, doubled each time until it does its work again, at most a minute, +-25 %.
class Pause {
 public:
  // Tells whether that is later than before.
  bool asked(Duration retry_after, Timestamp now, std::uint64_t random) noexcept;
  void well() noexcept { times_ = 0; }
  std::optional<Timestamp> until() const noexcept { return until_; }
  bool holds(Timestamp now) const noexcept { return until_ && *until_ > now; }
  void over() noexcept { until_.reset(); }
  void restore(std::optional<Timestamp> until) noexcept { until_ = until; }

 private:
  std::optional<Timestamp> until_;
  std::uint32_t times_ = 0;
};

// What share of a service's requests may be retries: a fifth, ten at once, and one a second in any
// case. A retry above that comes later: one that is never made would lose a task.
class RetryBudget {
 public:
  void attempted() noexcept;
  // Takes one; when it may go.
  Timestamp take(Timestamp now) noexcept;

 private:
  void refill(Timestamp now) noexcept;
  static constexpr double most = 10;
  double tokens_ = most;
  Timestamp filled_at_{};
};

}  // namespace weft::route
