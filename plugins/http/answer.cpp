// SPDX-License-Identifier: Apache-2.0
#include "answer.hpp"

#include <algorithm>
#include <cmath>

namespace http_plugin {
namespace {

std::uint32_t wait_ms(const weft::expression_scope& scope, const weft::expression& seconds,
                      std::uint32_t otherwise) {
  const auto value = scope.find(seconds);
  if (!value || !value->is_number()) return otherwise;
  return static_cast<std::uint32_t>(std::clamp(value->get<double>(), 0.0, 86'400.0) * 1000);
}

std::string text_or(const std::optional<json>& value, std::string otherwise) {
  if (!value || value->is_null() || *value == "") return otherwise;
  return value->is_string() ? value->get<std::string>() : value->dump();
}

}  // namespace

void see(weft::expression_scope& scope, const weft::http_response& answer) {
  json headers = json::object();
  for (const auto& [name, value] : answer.headers()) headers.emplace(name, value);
  scope.bind("status", answer.status());
  scope.bind("headers", headers);
  if (!scope.bind_text("body", answer.body())) scope.bind("body", nullptr);
}

std::string words_of(const Description& all, const weft::expression_scope& scope,
                     const weft::http_response& answer) {
  return text_or(scope.find(all.error_message),
                 "HTTP " + std::to_string(answer.status()) + ": " + answer.body().substr(0, 200));
}

std::optional<Verdict> judge(const Description& all, const Operation* operation,
                             const weft::expression_scope& scope, const weft::http_response& answer,
                             bool buys) {
  const auto error = [&](weft_status status, const ErrorRule* rule) {
    std::string words = words_of(all, scope, answer);
    std::uint32_t retry_ms = wait_ms(scope, all.retry_after_s, answer.retry_after_ms());
    if (rule) {
      words = text_or(scope.find(rule->message), words);
      retry_ms = wait_ms(scope, rule->retry_after_s, retry_ms);
    }
    json details = json::parse(answer.body(), nullptr, false);
    if (!details.is_object()) details = json::object();
    return weft::error(status, words, retry_ms).with(std::move(details));
  };
  const auto decide = [&](const std::vector<ErrorRule>& rules) -> std::optional<Verdict> {
    for (const ErrorRule& rule : rules)
      if (const auto holds = scope.find(rule.when); holds && *holds == true)
        return Verdict{error(rule.outcome, &rule), rule.free};
    return std::nullopt;
  };
  if (operation)
    if (auto found = decide(operation->errors)) return found;
  if (auto found = decide(all.errors)) return found;
  const weft_status status = weft_http_outcome(answer.status(), buys);
  if (status == WEFT_OK) return std::nullopt;
  return Verdict{error(status, nullptr), false};
}

bool is_missing(const Verdict& verdict, const weft::http_response& answer) {
  return verdict.error.status() == WEFT_LOST || answer.status() == 404 || answer.status() == 410;
}

void charge(weft::job& job, const Cost& cost, const weft::expression_scope& scope,
            const Verdict& verdict) {
  if (verdict.free) return job.cost(weft::cost::billed(0, cost.currency));
  const auto spent = reckon(scope, cost.actual, cost.currency, true);
  if (spent.basis() != WEFT_COST_UNKNOWN) job.cost(spent);
}

bool fits_media_type(std::string_view said, const std::vector<std::string>& patterns) {
  said = said.substr(0, said.find(';'));
  while (said.ends_with(' ')) said.remove_suffix(1);
  return std::ranges::any_of(patterns, [&](std::string_view pattern) {
    if (!pattern.ends_with("*")) return said == pattern;
    pattern.remove_suffix(pattern == "*/*" ? 3 : 1);
    return said.starts_with(pattern);
  });
}

weft::cost reckon(const weft::expression_scope& scope, const weft::expression& formula,
                  const std::string& currency, bool billed) {
  const auto value = scope.find(formula);
  if (!value || !value->is_number() || !(value->get<double>() >= 0) || value->get<double>() > 1e9)
    return {};
  const auto micros = static_cast<std::int64_t>(std::llround(value->get<double>() * 1e6));
  return billed ? weft::cost::billed(micros, currency) : weft::cost::estimated(micros, currency);
}

}  // namespace http_plugin
