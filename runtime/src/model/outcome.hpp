// SPDX-License-Identifier: Apache-2.0
// How an attempt ended: one vocabulary for plugins (as a number, sdk/include/weft/abi.h), events,
// TOML, API and console (as the word), and the one table of what follows from each word.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace weft {

enum class Outcome : std::uint8_t {
  ok = 0,
  // The request: never repeated at the same service.
  bad_input = 1,
  unsupported = 2,
  refused = 3,
  // The account: wrong until somebody mends it.
  auth = 8,
  quota = 9,
  // Nothing was bought.
  not_sent = 16,
  rate_limited = 17,
  transient = 18,
  lost = 19,
  // May have been bought.
  unknown = 24,
  // An answer, but not the thing asked for.
  bad_output = 32,
  cancelled = 40,
  // The plugin's own defects.
  internal = 48,
  exhausted = 49,
  // The runtime's own; a plugin never sends them.
  deadline = 64,
  budget = 65,
  interrupted = 66,
  rejected = 68,  // by people, of what waits for them
};

std::string_view to_string(Outcome outcome) noexcept;
std::optional<Outcome> outcome_from_string(std::string_view word) noexcept;
// The outcome a plugin's number means; any number that is none, or is the runtime's own, is
// `internal`.
Outcome outcome_from_plugin(std::int32_t status) noexcept;

// What an end says about the service.
enum class HealthSign : std::uint8_t {
  none,          // nothing: it was the request's fault, or ours
  well,          // it does its work
  half_failure,  // it does, and badly
  failure,
  busy,     // it asks to be left alone for a while, and is well otherwise
  account,  // nobody will be served until somebody mends the account
};

// What may follow an attempt. The attempt counter and the deadline stand above all of it.
struct OutcomeRule {
  bool next_service;  // another service may be asked at once
  bool same_service;  // this service may be asked again, after a backoff
  bool counts;        // uses up one of `retry.attempts`
  HealthSign sign;
};
OutcomeRule rule_of(Outcome outcome) noexcept;  // of `refused`: unless the definition says more

}  // namespace weft
