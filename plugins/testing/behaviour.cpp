// SPDX-License-Identifier: Apache-2.0
#include "behaviour.hpp"

#include <array>
#include <weft/plugin/values.hpp>

namespace testing_plugin {
namespace {

using nlohmann::json;

template <class Value>
struct Word {
  std::string_view word;
  Value value;
};

constexpr std::array outcome_words = std::to_array<Word<weft_status>>({
    {"ok", WEFT_OK},
    {"bad_input", WEFT_BAD_INPUT},
    {"unsupported", WEFT_UNSUPPORTED},
    {"refused", WEFT_REFUSED},
    {"auth", WEFT_AUTH},
    {"quota", WEFT_QUOTA},
    {"not_sent", WEFT_NOT_SENT},
    {"rate_limited", WEFT_RATE_LIMITED},
    {"transient", WEFT_TRANSIENT},
    {"lost", WEFT_LOST},
    {"unknown", WEFT_UNKNOWN},
    {"bad_output", WEFT_BAD_OUTPUT},
    {"cancelled", WEFT_CANCELLED},
    {"internal", WEFT_INTERNAL},
    {"exhausted", WEFT_EXHAUSTED},
});

constexpr std::array defect_words = std::to_array<Word<Defect>>({
    {"throws", Defect::throws},
    {"never_ends", Defect::never_ends},
    {"ends_twice", Defect::ends_twice},
    {"fails_after_end", Defect::fails_after_end},
});

constexpr std::array remote_members = {"delay_ms",    "polls",  "fail",   "fail_jobs",
                                       "answer",      "forget", "reject", "retry_after",
                                       "cost_micros", "result", "hang",   "idempotent"};

template <class Value, std::size_t count>
std::optional<Value> find_word(const std::array<Word<Value>, count>& words, std::string_view word) {
  for (const auto& known : words) {
    if (known.word == word) return known.value;
  }
  return std::nullopt;
}

template <class Value, std::size_t count>
Value require_word(const std::array<Word<Value>, count>& words, const json& from,
                   const char* member) {
  const auto said = from.at(member).get<std::string>();
  if (const auto found = find_word(words, said)) return *found;
  std::string known;
  for (const auto& word : words) known += (known.empty() ? "" : ", ") + std::string(word.word);
  throw weft::error(WEFT_BAD_INPUT, std::string("behaviour.") + member + ": there is no '" + said +
                                        "'; known are " + known);
}

json list_of(const auto& words) {
  json list = json::array();
  for (const auto& word : words) list.push_back(word.word);
  return list;
}

}  // namespace

std::optional<weft_status> status_of_word(std::string_view word) {
  return find_word(outcome_words, word);
}

Behaviour read_behaviour(const json& of_task, const json& of_service) {
  json from = of_task;
  from.update(of_service);
  Behaviour to;
  to.delay_ms = from.value("delay_ms", to.delay_ms);
  to.polls = std::max(1, from.value("polls", to.polls));
  to.hang = from.value("hang", to.hang);
  to.checkpoint = from.value("checkpoint", to.checkpoint);
  if (from.contains("defect")) to.defect = require_word(defect_words, from, "defect");
  if (from.contains("fail")) to.fail = require_word(outcome_words, from, "fail");
  to.fail_attempts = from.value("fail_attempts", to.fail_attempts);
  to.message = from.value("message", to.message);
  to.retry_after_ms = from.value("retry_after_ms", to.retry_after_ms);
  if (from.contains("cost_micros")) to.cost_micros = from["cost_micros"].get<std::int64_t>();
  if (from.contains("result")) to.result = from["result"];
  to.remote = json::object();
  for (const char* member : remote_members) {
    if (from.contains(member)) to.remote[member] = from[member];
  }
  return to;
}

const json& behaviour_schema() {
  static const json schema = [] {
    json made = json::parse(R"({"type": "object", "additionalProperties": false, "properties": {
      "delay_ms": {"type": "integer", "minimum": 0},
      "polls": {"type": "integer", "minimum": 1},
      "hang": {"type": "boolean"},
      "checkpoint": {"type": "boolean"},
      "fail_attempts": {"type": "integer", "minimum": 0},
      "message": {"type": "string"},
      "retry_after_ms": {"type": "integer", "minimum": 0},
      "cost_micros": {"type": "integer"},
      "result": {"type": "object"},
      "answer": {"enum": ["ok", "none", "silent", "twice", "error_after"]},
      "fail_jobs": {"type": "integer", "minimum": 0},
      "forget": {"type": "boolean"},
      "reject": {"type": "integer"},
      "retry_after": {"type": "number", "minimum": 0},
      "idempotent": {"type": "boolean"}}})");
    made["properties"]["fail"]["enum"] = list_of(outcome_words);
    made["properties"]["defect"]["enum"] = list_of(defect_words);
    return made;
  }();
  return schema;
}

}  // namespace testing_plugin
