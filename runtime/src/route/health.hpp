// SPDX-License-Identifier: Apache-2.0
// How well one service is, judged by how its attempts end. It reads no clock and rolls no dice;
// what it decides is a Change, and what must outlive the process is its ServiceHealth.
//
//   healthy <-> degraded   it does its work late, or what speaks against it is not enough
//   either  -> open        so many failures in a row, or too many among the newest answers; or an
//                          outlier among its peers. Not asked for `open` x 2^n, +-25 %
//   open    -> half_open   that time is over, and one waiting task tries it out
//   half_open -> healthy   the trial went well: slow start, one attempt at a time, then 2, 4, ...
//   half_open -> open      it did not, for twice as long; or told nothing: the next may try at once
//
// What is only suspected (a rate, an outlier) never opens the last `min_available` services of an
// operation: they become degraded instead, because something must do the work. Failures in a row
// and a broken account do open the last one: tasks wait for it then, and one of them tries it out.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "model/health.hpp"
#include "model/outcome.hpp"

namespace weft::route {

// The time and the luck of one judgement.
struct Chance {
  Timestamp now{};
  std::uint64_t random = 0;  // any 64 even bits
};

// How an attempt ended.
struct Ending {
  HealthSign sign = HealthSign::none;
  Outcome outcome = Outcome::ok;
  std::string_view said;   // by the service, for reasons
  Duration took{};         // of one that went well; 0: nobody knows
  Duration retry_after{};  // what the service asks for; 0 nothing
  bool trial = false;      // it was this attempt that tried an open service out
  bool last = false;       // opening it would leave fewer than `min_available`
};

struct Change {
  HealthState from = HealthState::healthy;
  HealthState to = HealthState::healthy;
};

class Health {
 public:
  Health(std::string service, const HealthPolicy& policy) : policy_(policy) {
    record_.service = std::move(service);
  }
  // What an earlier process knew. A trial that was under way then is nobody's now: the next may be
  // made at once.
  std::optional<Change> restore(const ServiceHealth& record, Timestamp now);
  // The configuration has been read again: what only that can mend may be mended.
  std::optional<Change> reconfigured(const HealthPolicy& policy, Timestamp now);
  // What was wrong with its account may have been mended.
  std::optional<Change> account_mended(std::string reason, Timestamp now);
  // Of an open one: it may be tried out now. False: it may already, or nothing tries it out.
  bool try_soon(Timestamp now) noexcept;

  const ServiceHealth& record() const noexcept { return record_; }
  // Closed for everybody but a trial.
  bool is_closed_off() const noexcept {
    return record_.state == HealthState::open || record_.state == HealthState::half_open;
  }
  // Open, and the time to try it out has come.
  bool may_be_tried(Timestamp now) const noexcept {
    return record_.state == HealthState::open && record_.open_until && *record_.open_until <= now;
  }
  // Attempts at a time, while it starts slowly; 0: as many as there may be.
  std::uint32_t allowed() const noexcept { return allowed_; }
  // It was left alone for a while, and is not to be overrun now.
  void start_slowly() noexcept { allowed_ = policy_.breaker ? 1 : 0; }
  // After so long an attempt that has not ended speaks against it; none: too little is known.
  std::optional<Duration> suspicious_age() const noexcept;
  // The share of the newest answers that were good; none: there are too few.
  std::optional<double> success_rate() const noexcept;

  // Each tells of the change it made, if any.
  std::optional<Change> trial_started(Timestamp now);
  std::optional<Change> ended(const Ending& ending, const Chance& chance);
  // One that it has is older than suspicious_age(): half a failure, already now.
  std::optional<Change> grew_old(Duration age, bool last, const Chance& chance);
  // It was asked whether it is well, and is not. That it is says nothing here: only what it does
  // for tasks does.
  std::optional<Change> probed(const Ending& ending, const Chance& chance);
  // Compares it with those who do the same work: the success rates of the others.
  std::optional<Change> compared(std::span<const double> peers, bool last, const Chance& chance);

 private:
  Change go(HealthState to, std::string reason, Timestamp now);
  Change open(std::string reason, std::optional<Timestamp> until, Timestamp now);
  Change open_for_a_while(std::string reason, const Chance& chance);
  std::optional<Change> suspect(std::string reason, bool last, const Chance& chance);
  std::optional<Change> trial_ended(const Ending& ending, const Chance& chance);
  std::optional<Change> well(const Ending& ending, const Chance& chance);
  std::optional<Change> failed(const Ending& ending, std::uint32_t halves, const Chance& chance);
  void count(double failure) noexcept;
  void measure(double took_ms) noexcept;

  HealthPolicy policy_;
  ServiceHealth record_;
  std::uint32_t allowed_ = 0;
  std::uint32_t halves_in_a_row_ = 0;  // failures since the last success, in halves
  std::uint32_t answers_ = 0;
  double failures_ = 0, weight_ = 0;  // of the newest answers, older ones fading
  std::uint32_t measured_ = 0;
  double recent_p95_ms_ = 0, usual_p95_ms_ = 0;
};

}  // namespace weft::route
