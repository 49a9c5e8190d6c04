// SPDX-License-Identifier: Apache-2.0
// How a job of the testing service shall go: read from JSON. Pure.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include <weft/abi.h>

namespace testing_plugin {

// What a plugin must never do, so that a host can be tested against it.
enum class Defect { none, throws, never_ends, ends_twice, fails_after_end };

struct Behaviour {
  std::uint32_t delay_ms = 0;  // the job's whole time
  int polls = 1;               // steps in which it passes; each is a progress report
  bool hang = false;           // does not end by itself; obeys a cancel
  bool checkpoint = false;     // each step is checkpointed, and attach goes on with the next
  Defect defect = Defect::none;

  std::optional<weft_status> fail;  // ends so, after its time
  std::uint32_t fail_attempts = 0;  // only attempts up to this one fail; 0: all
  std::string message = "the behaviour asked for it";
  std::uint32_t retry_after_ms = 0;

  std::optional<std::int64_t> cost_micros;  // none: unknown
  std::optional<nlohmann::json> result;     // none: what fits the operation

  nlohmann::json remote;  // the members that the job server understands, as they were given

  bool fails_at(std::uint32_t attempt) const {
    return fail && (fail_attempts == 0 || attempt <= fail_attempts);
  }
};

// Throws weft::error (bad_input) that names the member. Later members win: what the service's
// configuration says stands above what a task says.
Behaviour read_behaviour(const nlohmann::json& of_task, const nlohmann::json& of_service);

// JSON Schema draft-07 of a behaviour.
const nlohmann::json& behaviour_schema();

// The status of an outcome word, "rate_limited", say; none if there is no such word.
std::optional<weft_status> status_of_word(std::string_view word);

}  // namespace testing_plugin
