// SPDX-License-Identifier: Apache-2.0
// What the runtime remembers of a service: how well it is, and how soon it may be asked.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "model/outcome.hpp"

namespace weft {

enum class HealthState : std::uint8_t {
  healthy = 0,
  degraded = 1,   // it works, but asked only after those that are well
  open = 2,       // not asked
  half_open = 3,  // one task tries it out
};
std::string_view to_string(HealthState state) noexcept;

// Table `service_health`.
struct ServiceHealth {
  std::string service;
  HealthState state = HealthState::healthy;
  std::string reason;  // why it is so, one sentence; "" it has never been otherwise
  Timestamp changed_at{};
  // Of an open one: when it may be tried out. None: only after the configuration was read again.
  std::optional<Timestamp> open_until;
  Outcome account = Outcome::ok;          // what is wrong with its account: auth or quota
  std::uint32_t times_opened = 0;         // since it was last sound: each opening lasts longer
  std::optional<Timestamp> paused_until;  // it asked to be left alone until then
  std::int64_t rate_mark_us = 0;          // route::RateLimit::mark
  std::string taken_out;                  // by hand: why it is out of use; "" it is in use
};

// `limits` in a service's table: how often, and how many at a time, it is asked.
struct ServiceLimits {
  std::uint32_t concurrency = 0;      // attempts at a time; 0: as many as its class has room for
  bool adaptive = false;              // how many it can bear is found out, up to `concurrency`
  std::uint32_t rpm = 0;              // attempts begun in a minute; 0: any number
  std::uint32_t queue = 0;            // so many tasks wait for it before the next service is asked
  std::optional<Duration> timeout{};  // of one attempt
  bool operator==(const ServiceLimits&) const noexcept = default;
};

// `health` in a service's table; the defaults are those of configs/README.md.
struct HealthPolicy {
  bool breaker = true;                       // false: it is asked however often it fails
  std::uint32_t failures = 3;                // so many in a row open it
  double failure_rate = 0.5;                 // so does a greater share of the newest answers
  std::uint32_t samples = 5;                 // of which there must be so many
  Duration open = std::chrono::seconds{15};  // doubled each time, until it is sound again
  Duration open_at_most = std::chrono::minutes{5};
  // So many services of an operation stay in use, whatever is suspected of them.
  std::uint32_t min_available = 1;
  // It is asked whether it is well when nothing was heard of it for so long. None: never.
  std::optional<Duration> probe_every{};
};

}  // namespace weft
