// SPDX-License-Identifier: Apache-2.0
#include "behaviour.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"

namespace weft::jobs {
namespace {

constexpr std::array<std::string_view, 5> answers{"ok", "none", "silent", "twice", "error_after"};

// A setter says whether it liked the value.
using Setter = bool (*)(Behaviour&, const json::value&);

bool set_bool(bool& member, const json::value& value) {
  if (!value.is_bool()) return false;
  member = value.get_bool();
  return true;
}

std::optional<std::int64_t> count_of(const json::value& value) {
  const auto* number = value.if_int64();
  return number && *number >= 0 ? std::optional(*number) : std::nullopt;
}

bool set_count(std::optional<std::int64_t>& member, const json::value& value) {
  member = count_of(value);
  return member.has_value();
}

bool set_answer(Behaviour& behaviour, const json::value& value) {
  const auto* word = value.if_string();
  const auto found = word ? std::ranges::find(answers, std::string_view(*word)) : answers.end();
  if (found == answers.end()) return false;
  behaviour.answer = static_cast<Answer>(found - answers.begin());
  return true;
}

bool set_fail(Behaviour& behaviour, const json::value& value) {
  if (value.is_null()) return true;
  const auto* word = value.if_string();
  if (!word || word->empty()) return false;
  behaviour.fail = *word;
  return true;
}

bool set_reject(Behaviour& behaviour, const json::value& value) {
  const auto status = count_of(value);
  if (!status || *status < 400 || *status > 599) return false;
  behaviour.reject = static_cast<int>(*status);
  return true;
}

bool set_result(Behaviour& behaviour, const json::value& value) {
  if (!value.is_object()) return false;
  behaviour.result = value.get_object();
  return true;
}

const std::map<std::string, Setter, std::less<>>& setters() {
  static const std::map<std::string, Setter, std::less<>> all{
      {"answer", &set_answer},
      {"fail", &set_fail},
      {"reject", &set_reject},
      {"result", &set_result},
      {"forget", [](Behaviour& to, const json::value& v) { return set_bool(to.forget, v); }},
      {"hang", [](Behaviour& to, const json::value& v) { return set_bool(to.hang, v); }},
      {"idempotent",
       [](Behaviour& to, const json::value& v) { return set_bool(to.idempotent, v); }},
      {"fail_jobs", [](Behaviour& to, const json::value& v) { return set_count(to.fail_jobs, v); }},
      {"polls", [](Behaviour& to, const json::value& v) { return set_count(to.polls, v); }},
      {"retry_after",
       [](Behaviour& to, const json::value& v) { return set_count(to.retry_after, v); }},
      {"delay_ms",
       [](Behaviour& to, const json::value& v) {
         to.delay_ms = Duration(count_of(v).value_or(0));
         return count_of(v).has_value();
       }},
      {"cost_micros",
       [](Behaviour& to, const json::value& v) {
         to.cost_micros = count_of(v).value_or(0);
         return count_of(v).has_value();
       }},
  };
  return all;
}

Error unknown_member(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& [member, setter] : setters()) known.push_back(member);
  return invalid("behaviour has no member '" + excerpt(name) + "'", suggest(name, known));
}

}  // namespace

result<Behaviour> parse_behaviour(const json::value& value) {
  if (!value.is_object()) return invalid("behaviour is not an object");
  Behaviour behaviour;
  for (const auto& member : value.get_object()) {
    const auto setter = setters().find(std::string_view(member.key()));
    if (setter == setters().end()) return unknown_member(member.key());
    if (!setter->second(behaviour, member.value())) {
      return invalid("behaviour." + std::string(member.key()) + " cannot be " +
                     excerpt(canonical(member.value())));
    }
  }
  return behaviour;
}

}  // namespace weft::jobs
