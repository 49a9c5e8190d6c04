// SPDX-License-Identifier: Apache-2.0
#include "route/health.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace weft::route {
namespace {

constexpr double fading = 0.9;  // of an answer with each later one: about ten are remembered
constexpr std::uint32_t measured_at_least = 20;
constexpr double late_factor = 3;
constexpr std::uint32_t slow_start_ends_at = 32;  // attempts at a time

// "3 failures in a row, the last one transient: out of memory"
std::string with_last(std::string text, const Ending& ending) {
  text += ", the last one " + std::string(to_string(ending.outcome));
  if (!ending.said.empty()) text += ": " + std::string(ending.said);
  return text;
}

std::string percent(double share) {
  return std::to_string(std::lround(share * 100)) + " %";
}

}  // namespace

std::optional<Change> Health::restore(const ServiceHealth& record, Timestamp now) {
  record_ = record;
  // It had not shown yet that it is sound again.
  if (!is_closed_off() && record_.times_opened > 0) start_slowly();
  if (record_.state != HealthState::half_open) return std::nullopt;
  return open("its trial ended with the process that made it", now, now);
}

std::optional<Change> Health::reconfigured(const HealthPolicy& policy, Timestamp now) {
  policy_ = policy;
  if (!policy_.breaker) allowed_ = 0;  // nothing would raise it any more
  if (record_.state == HealthState::healthy) return std::nullopt;
  const bool account = record_.state == HealthState::open && !record_.open_until;
  if (!account && policy_.breaker) return std::nullopt;
  halves_in_a_row_ = 0;
  record_.times_opened = 0;
  return go(HealthState::healthy, "the configuration was read again", now);
}

std::optional<Change> Health::account_mended(std::string reason, Timestamp now) {
  if (record_.state != HealthState::open || record_.account == Outcome::ok) return std::nullopt;
  record_.times_opened = 0;
  return go(HealthState::healthy, std::move(reason), now);
}

bool Health::try_soon(Timestamp now) noexcept {
  if (record_.state != HealthState::open || !record_.open_until || *record_.open_until <= now)
    return false;
  record_.open_until = now;
  return true;
}

// ---------------------------------------------------------------- what is measured

void Health::count(double failure) noexcept {
  ++answers_;
  failures_ = failures_ * fading + failure;
  weight_ = weight_ * fading + 1;
}

std::optional<double> Health::success_rate() const noexcept {
  if (answers_ < policy_.samples) return std::nullopt;
  return 1 - failures_ / weight_;
}

// Follows the 95th percentile by steps in proportion to itself: up by 95 parts when a value lies
// above it, down by 5 when it does not ("Frugal Streaming for Estimating Quantiles", Ma,
// Muthukrishnan and Sandler, 2013). One follows the last minute's worth, one the last hour's.
void Health::measure(double took_ms) noexcept {
  constexpr double quick = 0.2, slow = 0.004, share = 0.95;
  took_ms = std::max(took_ms, 1.0);
  if (++measured_ <= measured_at_least) {
    recent_p95_ms_ = usual_p95_ms_ = std::max(usual_p95_ms_, took_ms);
    return;
  }
  const auto follow = [&](double& p95_ms, double step) {
    p95_ms *= took_ms > p95_ms ? 1 + step * share : 1 - step * (1 - share);
  };
  follow(recent_p95_ms_, quick);
  follow(usual_p95_ms_, slow);
}

std::optional<Duration> Health::suspicious_age() const noexcept {
  if (measured_ < measured_at_least) return std::nullopt;
  return Duration{static_cast<std::int64_t>(late_factor * usual_p95_ms_)};
}

// ---------------------------------------------------------------- what follows

Change Health::go(HealthState to, std::string reason, Timestamp now) {
  const Change change{record_.state, to};
  record_.state = to;
  record_.reason = std::move(reason);
  record_.changed_at = now;
  record_.open_until.reset();
  record_.account = Outcome::ok;
  return change;
}

Change Health::open(std::string reason, std::optional<Timestamp> until, Timestamp now) {
  const Change change = go(HealthState::open, std::move(reason), now);
  record_.open_until = until;
  allowed_ = 0;
  halves_in_a_row_ = 0;
  answers_ = 0;
  failures_ = weight_ = 0;
  return change;
}

Change Health::open_for_a_while(std::string reason, const Chance& chance) {
  constexpr std::uint32_t doublings_at_most = 16;
  const std::int64_t longest_ms = policy_.open_at_most.count();
  const std::int64_t grown_ms = std::min(
      longest_ms, policy_.open.count() << std::min(record_.times_opened, doublings_at_most));
  const std::int64_t spread_ms = grown_ms / 2;  // from 25 % less to 25 % more
  const auto jitter_ms =
      static_cast<std::int64_t>(chance.random % (static_cast<std::uint64_t>(spread_ms) + 1));
  ++record_.times_opened;
  return open(
      std::move(reason),
      chance.now + Duration{std::max<std::int64_t>(1, grown_ms - spread_ms / 2 + jitter_ms)},
      chance.now);
}

// Not enough to shut out the last one of its kind.
std::optional<Change> Health::suspect(std::string reason, bool last, const Chance& chance) {
  if (!last) return open_for_a_while(std::move(reason), chance);
  if (record_.state == HealthState::degraded) return std::nullopt;
  return go(HealthState::degraded,
            std::move(reason) + "; it stays in use, because too few others are left", chance.now);
}

std::optional<Change> Health::trial_started(Timestamp now) {
  if (!may_be_tried(now)) return std::nullopt;
  return go(HealthState::half_open,
            "a task tries it out; it was not asked because of " + std::exchange(record_.reason, {}),
            now);
}

std::optional<Change> Health::ended(const Ending& ending, const Chance& chance) {
  if (!policy_.breaker) return std::nullopt;
  if (ending.sign == HealthSign::account) {
    if (record_.state == HealthState::open && !record_.open_until) return std::nullopt;
    std::optional<Timestamp> reset;
    if (ending.retry_after > Duration{0}) reset = chance.now + ending.retry_after;
    const Change change =
        open(std::string(to_string(ending.outcome)) + ": " + std::string(ending.said), reset,
             chance.now);
    record_.account = ending.outcome;
    return change;
  }
  if (ending.trial && record_.state == HealthState::half_open) return trial_ended(ending, chance);
  if (is_closed_off()) return std::nullopt;  // it began before; the trial will tell
  switch (ending.sign) {
    case HealthSign::well:
      return well(ending, chance);
    case HealthSign::half_failure:
      return failed(ending, 1, chance);
    case HealthSign::failure:
      return failed(ending, 2, chance);
    case HealthSign::none:
    case HealthSign::busy:
    case HealthSign::account:
      break;
  }
  return std::nullopt;
}

std::optional<Change> Health::trial_ended(const Ending& ending, const Chance& chance) {
  switch (ending.sign) {
    case HealthSign::well:
      start_slowly();
      return go(HealthState::healthy, "its trial went well", chance.now);
    case HealthSign::half_failure:
    case HealthSign::failure:
      return open_for_a_while(with_last("its trial failed", ending), chance);
    case HealthSign::busy: {  // it is there, and says when
      const Duration wait = std::max(ending.retry_after, Duration{1});
      return open("it answered its trial that it is busy", chance.now + wait, chance.now);
    }
    case HealthSign::none:
    case HealthSign::account:
      break;
  }
  return open("its trial told nothing (" + std::string(to_string(ending.outcome)) + ")", chance.now,
              chance.now);
}

std::optional<Change> Health::well(const Ending& ending, const Chance& chance) {
  halves_in_a_row_ = 0;
  count(0);
  if (ending.took > Duration{0}) measure(static_cast<double>(ending.took.count()));
  if (allowed_ != 0) {
    allowed_ *= 2;
    if (allowed_ >= slow_start_ends_at) allowed_ = 0, record_.times_opened = 0;
  }
  const bool late = recent_p95_ms_ > late_factor * usual_p95_ms_;
  if (record_.state == HealthState::healthy && late)
    return go(HealthState::degraded,
              "it takes " + to_string(Duration{std::llround(recent_p95_ms_)}) + " where " +
                  to_string(Duration{std::llround(usual_p95_ms_)}) + " are usual",
              chance.now);
  const bool sound = answers_ >= policy_.samples && failures_ / weight_ <= policy_.failure_rate / 2;
  if (record_.state == HealthState::degraded && sound &&
      recent_p95_ms_ <= (late_factor + 1) / 2 * usual_p95_ms_)
    return go(HealthState::healthy, "its newest answers were good, and in time", chance.now);
  return std::nullopt;
}

std::optional<Change> Health::failed(const Ending& ending, std::uint32_t halves,
                                     const Chance& chance) {
  constexpr double whole = 2;
  halves_in_a_row_ += halves;
  count(halves / whole);
  if (allowed_ > 1) allowed_ /= 2;
  if (halves_in_a_row_ >= 2 * policy_.failures)
    return open_for_a_while(
        with_last(std::to_string(halves_in_a_row_ / 2) + " failures in a row", ending), chance);
  const auto rate = success_rate();
  if (rate && 1 - *rate > policy_.failure_rate)
    return suspect(
        with_last("failures in " + percent(1 - *rate) + " of its newest answers", ending),
        ending.last, chance);
  return std::nullopt;
}

std::optional<Change> Health::grew_old(Duration age, bool last, const Chance& chance) {
  if (!policy_.breaker || is_closed_off()) return std::nullopt;
  const std::string said = "still unanswered after " + to_string(age);
  return failed({HealthSign::half_failure, Outcome::unknown, said, {}, {}, false, last}, 1, chance);
}

std::optional<Change> Health::probed(const Ending& ending, const Chance& chance) {
  if (is_closed_off() || ending.sign == HealthSign::well) return std::nullopt;
  return ended(ending, chance);
}

std::optional<Change> Health::compared(std::span<const double> peers, bool last,
                                       const Chance& chance) {
  constexpr std::size_t peers_at_least = 3;
  constexpr double deviations = 1.9;    // Envoy's outlier detection
  constexpr double gap_at_least = 0.2;  // peers that are all alike make any difference an outlier
  const auto own = success_rate();
  if (!policy_.breaker || is_closed_off() || !own || peers.size() < peers_at_least)
    return std::nullopt;
  const auto n = static_cast<double>(peers.size());
  const double mean = std::accumulate(peers.begin(), peers.end(), 0.0) / n;
  const double variance = std::accumulate(peers.begin(), peers.end(), 0.0,
                                          [&](double sum, double peer) {
                                            return sum + (peer - mean) * (peer - mean);
                                          }) /
                          n;
  if (mean - *own <= std::max(deviations * std::sqrt(variance), gap_at_least)) return std::nullopt;
  return suspect("it succeeds in " + percent(*own) + ", and services like it in " + percent(mean),
                 last, chance);
}

}  // namespace weft::route
