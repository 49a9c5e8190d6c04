// SPDX-License-Identifier: Apache-2.0
// How a job shall go, as its submitter orders it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/time.hpp"

namespace weft::jobs {

// How the request that submits the job is answered. Whatever the answer, the job is accepted and
// billed.
enum class Answer { ok, none, silent, twice, error_after };

struct Behaviour {
  Duration delay_ms{0};
  std::optional<std::int64_t> polls;      // instead of the delay
  std::string fail;                       // an outcome class; "": the job succeeds
  std::optional<std::int64_t> fail_jobs;  // `fail` is for the first so many of an operation only
  Answer answer = Answer::ok;
  bool forget = false;
  std::optional<int> reject;                // an HTTP status
  std::optional<std::int64_t> retry_after;  // seconds
  std::int64_t cost_micros = 0;
  json::object result;
  bool hang = false;
  bool idempotent = true;
};

// Takes a JSON object; what it does not know is an error.
result<Behaviour> parse_behaviour(const json::value& value);

}  // namespace weft::jobs
