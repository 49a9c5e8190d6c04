// SPDX-License-Identifier: Apache-2.0
#include "model/outcome.hpp"

#include <array>

namespace weft {
namespace {

struct Row {
  Outcome outcome;
  std::string_view word;
  OutcomeRule rule;
};

// `unknown` stands here as it is for a free service, where asking again costs nothing; a paid one
// never reaches the table, because its task waits for a decision.
constexpr std::array<Row, 19> table{{
    //                                       next   same   counts  sign
    {Outcome::ok, "ok", {false, false, true, HealthSign::well}},
    {Outcome::bad_input, "bad_input", {false, false, true, HealthSign::none}},
    {Outcome::unsupported, "unsupported", {true, false, true, HealthSign::none}},
    {Outcome::refused, "refused", {false, false, true, HealthSign::none}},
    {Outcome::auth, "auth", {true, false, true, HealthSign::account}},
    {Outcome::quota, "quota", {true, false, true, HealthSign::account}},
    {Outcome::not_sent, "not_sent", {true, true, true, HealthSign::failure}},
    {Outcome::rate_limited, "rate_limited", {true, true, true, HealthSign::busy}},
    {Outcome::transient, "transient", {true, true, true, HealthSign::failure}},
    {Outcome::lost, "lost", {true, true, true, HealthSign::failure}},
    {Outcome::unknown, "unknown", {true, true, true, HealthSign::failure}},
    {Outcome::bad_output, "bad_output", {true, true, true, HealthSign::half_failure}},
    {Outcome::cancelled, "cancelled", {true, true, true, HealthSign::none}},
    {Outcome::internal, "internal", {true, false, true, HealthSign::none}},
    {Outcome::exhausted, "exhausted", {true, true, true, HealthSign::none}},
    {Outcome::deadline, "deadline", {true, true, true, HealthSign::none}},
    {Outcome::budget, "budget", {false, false, false, HealthSign::none}},
    {Outcome::interrupted, "interrupted", {false, true, false, HealthSign::none}},
    {Outcome::rejected, "rejected", {false, false, false, HealthSign::none}},
}};

const Row& row_of(Outcome outcome) noexcept {
  for (const Row& row : table)
    if (row.outcome == outcome) return row;
  return row_of(Outcome::internal);
}

}  // namespace

std::string_view to_string(Outcome outcome) noexcept {
  return row_of(outcome).word;
}

std::optional<Outcome> outcome_from_string(std::string_view word) noexcept {
  for (const Row& row : table)
    if (row.word == word) return row.outcome;
  return std::nullopt;
}

Outcome outcome_from_plugin(std::int32_t status) noexcept {
  constexpr std::int32_t first_of_runtime = 64;
  if (status < first_of_runtime)
    for (const Row& row : table)
      if (static_cast<std::int32_t>(row.outcome) == status) return row.outcome;
  return Outcome::internal;
}

OutcomeRule rule_of(Outcome outcome) noexcept {
  return row_of(outcome).rule;
}

}  // namespace weft
