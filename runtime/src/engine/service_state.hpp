// SPDX-License-Identifier: Apache-2.0
// What the core knows of each service besides its slots: how well it is, how often it may be asked,
// and what of that has yet to be made durable. By place in the table; what is on the way of every
// attempt is a comparison or two as long as a service is well and has no limit in time.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/batch.hpp"
#include "route/closure.hpp"
#include "route/health.hpp"
#include "route/limits.hpp"
#include "route/services.hpp"

namespace weft::engine {

// How an attempt ended, as far as it concerns its service.
struct AttemptEnd {
  Outcome outcome = Outcome::ok;
  std::string_view message;
  std::string_view operation;
  Timestamp began{};
  Duration took{};         // 0: nobody knows
  Duration retry_after{};  // what the service asks for; 0 nothing
  bool heard = false;      // from the service; else it says nothing about it
  bool timed_out = false;
  bool trial = false;
  std::uint32_t in_flight = 0;  // at the service, this one too
};

// How a service answers when it is asked whether it is well.
struct ProbeAnswer {
  Outcome outcome = Outcome::ok;
  std::string_view message;
  bool vouched = false;  // ServiceProbed::vouched
};

class ServiceStates {
 public:
  explicit ServiceStates(std::shared_ptr<const route::ServiceTable> table);

  // What an earlier process knew; the configuration has just been read.
  void restore(const std::vector<ServiceHealth>& records, const route::Chance& chance);
  // Another table, and perhaps the configuration has been read for it. What is no longer there is
  // kept for when it comes back.
  void reset(std::shared_ptr<const route::ServiceTable> table, bool configuration_read,
             const route::Chance& chance);

  // ---- may it be asked; `in_flight` counts attempts that run and tasks that hold a claim, `own`
  // is 1 when whoever asks holds one himself
  bool is_open(route::ServiceIndex service, std::uint32_t in_flight, Timestamp now) const noexcept {
    const State& state = states_[service];
    return state.plain ? in_flight < state.limit
                       : closure(service, in_flight, now).why == route::Closed::no;
  }
  route::Closure closure(route::ServiceIndex service, std::uint32_t in_flight, Timestamp now,
                         std::uint32_t own = 0) const noexcept;
  std::string text(const route::Closure& closure, route::ServiceIndex service,
                   std::uint32_t in_flight, Timestamp now) const;
  // It works badly: asked only after those that are well.
  bool is_degraded(route::ServiceIndex service) const noexcept { return states_[service].degraded; }
  // Closed until somebody mends it.
  bool is_broken(route::ServiceIndex service) const noexcept { return states_[service].broken; }
  // Since the last call some became broken, or were mended.
  bool take_broken_changed() noexcept { return std::exchange(broken_changed_, false); }
  // Some service may be closed for a while, so that an alarm has to be set for its end.
  bool any_closes() const noexcept { return special_ > 0; }
  // Goes up whenever one can bear something else than before.
  std::uint64_t times_changed() const noexcept { return times_changed_; }

  // ---- what happens
  // A task holds a claim: it is about to begin an attempt, and does or gives it up.
  void claimed(route::ServiceIndex service) noexcept { ++states_[service].claims; }
  void unclaimed(route::ServiceIndex service) noexcept { --states_[service].claims; }
  // An attempt begins, by a claim. True: it tries the service out.
  bool began(route::ServiceIndex service, bool first_of_task, Timestamp now);
  void ended(route::ServiceIndex service, const AttemptEnd& end, const route::Chance& chance);
  // After so long an attempt that has not ended speaks against it; none: too little is known.
  std::optional<Duration> suspicious_age(route::ServiceIndex service) const noexcept {
    return states_[service].health.suspicious_age();
  }
  void grew_old(route::ServiceIndex service, std::string_view operation, Duration age,
                const route::Chance& chance);
  // By hand out of use, back into it, and: what was wrong with its account may have been mended.
  // Each answers what was done.
  std::string take_out(route::ServiceIndex service, std::string_view reason, Timestamp now);
  std::string take_in(route::ServiceIndex service, Timestamp now);
  std::string reopen(route::ServiceIndex service, std::string_view reason, Timestamp now);
  // So many attempts and claims are left at it: tells of one out of use that nothing runs there.
  void left(route::ServiceIndex service, std::uint32_t in_flight, Timestamp now);
  // ---- probes: a service that has something to do is asked whether it is well when nothing was
  // heard of it for HealthPolicy::probe_every; one at a time
  // It is to be probed, and no alarm is set for that.
  bool wants_probe(route::ServiceIndex service) const noexcept {
    const State& state = states_[service];
    return state.probes && !state.probe_armed && !state.is_probed && !state.out;
  }
  // An alarm is set for it from now on: for when.
  Timestamp arm_probe(route::ServiceIndex service, const route::Chance& chance) noexcept;
  // The alarm rings. Whether to probe it now; `needed`: something runs there or waits for it.
  bool take_probe(route::ServiceIndex service, bool needed, Timestamp now) noexcept;
  // Whether to set the alarm again: it has not been idle for long.
  bool is_looked_after(route::ServiceIndex service, bool needed, Timestamp now) const noexcept;
  void probed(std::string_view service, const ProbeAnswer& answer, const route::Chance& chance);
  // When a retry may go to it: at once, or later when there are too many.
  Timestamp retry_at(route::ServiceIndex service, Timestamp now) noexcept;

  // What changed since the last call.
  void hand_over(Batch& batch);

  // ---- for queries and invariants
  ServiceHealth record(route::ServiceIndex service) const { return states_[service].record(); }
  std::size_t size() const noexcept { return states_.size(); }

 private:
  struct State {
    explicit State(const route::Service& service);
    void configure(const route::Service& service);
    ServiceHealth record() const;
    std::string_view out_of_use() const noexcept { return route::out_of_use(enabled, taken_out); }

    ServiceLimits limits;  // as it was configured
    route::Health health;
    route::RateLimit rate;
    route::AdaptiveLimit adaptive;
    route::Pause pause;
    route::RetryBudget retries;
    std::uint32_t claims = 0;
    Timestamp used_at{};   // an attempt began or ended there
    Timestamp heard_at{};  // an attempt ended there, or a probe
    Duration probe_every{};
    bool probes = false;
    bool probe_armed = false;
    bool is_probed = false;  // and has not answered yet
    bool enabled = true;     // as it was configured
    std::string taken_out;   // ServiceHealth::taken_out
    bool drains = false;     // out of use, and nobody was told yet that nothing runs there
    bool dirty = false;
    // Of the above, for the quick way.
    bool plain = true;    // neither out of use, nor closed off, nor paused, nor limited in time
    bool out = false;     // of use
    bool broken = false;  // until somebody mends it
    bool degraded = false;
    std::uint32_t limit = UINT32_MAX;  // attempts at a time
  };
  route::Situation situation(route::ServiceIndex service, std::uint32_t in_flight, Timestamp now,
                             std::uint32_t own) const noexcept;
  State take_state(std::vector<State>& known, const route::Service& service,
                   bool configuration_read, const route::Chance& chance);
  void judge(route::ServiceIndex service, const AttemptEnd& end, const OutcomeRule& rule,
             const route::Chance& chance);
  bool is_last(route::ServiceIndex service, std::string_view operation) const;
  void compare(route::ServiceIndex service, std::string_view operation,
               const route::Chance& chance);
  void note(State& state, const std::optional<route::Change>& change, Timestamp now);
  void note_pause(State& state, Timestamp now);
  void note_use(State& state, const std::string& before, std::string_view why, Timestamp now);
  void mark(State& state);
  void refresh(State& state) noexcept;  // of a configured service: after each change

  std::shared_ptr<const route::ServiceTable> table_;
  std::vector<State> states_;   // by ServiceIndex
  std::vector<State> absent_;   // of services that are not configured now
  route::RetryBudget retries_;  // of all together
  std::size_t special_ = 0;     // how many are not plain
  std::uint64_t times_changed_ = 0;
  std::vector<AppendServiceEvent> events_;
  bool any_dirty_ = false;
  bool broken_changed_ = false;
};

}  // namespace weft::engine
