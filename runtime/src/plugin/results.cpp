// SPDX-License-Identifier: Apache-2.0
#include "plugin/results.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "base/text.hpp"
#include "plugin/text.hpp"

namespace weft::plugin {
namespace {

JobOutcome broken(std::string message) {
  JobOutcome outcome;
  outcome.outcome = Outcome::internal;
  outcome.message = std::move(message);
  return outcome;
}

void read_cost(const weft_result& result, JobOutcome& outcome) {
  if (!WEFT_HAS(&result, weft_result, currency) || result.cost_basis == WEFT_COST_UNKNOWN) return;
  if (result.cost_micros < 0 || !Currency::is_code(view(result.currency))) return;
  outcome.cost = Money{result.cost_micros, view(result.currency)};
  outcome.cost_is_estimated = result.cost_basis != WEFT_COST_BILLED;
}

void read_usage(const weft_result& result, JobOutcome& outcome) {
  if (!WEFT_HAS(&result, weft_result, queue_place)) return;
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();  // the store's integers
  const Usage usage{Duration(static_cast<std::int64_t>(std::min(result.cpu_ms, most))),
                    std::min(result.memory_bytes, most), std::min(result.gpu_memory_bytes, most),
                    result.queue_place};
  if (usage != Usage{}) outcome.usage = std::make_shared<const Usage>(usage);
}

}  // namespace

std::string clean(std::string_view text) {
  return excerpt(text, 2000);
}

JobOutcome outcome_of(const weft_result* result) {
  if (!result || !WEFT_HAS(result, weft_result, status))
    return broken("the plugin ended it without a result");
  JobOutcome outcome;
  outcome.outcome = outcome_from_plugin(result->status);
  if (WEFT_HAS(result, weft_result, message)) outcome.message = clean(view(result->message));
  if (WEFT_HAS(result, weft_result, retry_after_ms) && result->retry_after_ms > 0)
    outcome.retry_after = Duration(result->retry_after_ms);
  read_cost(*result, outcome);
  read_usage(*result, outcome);
  const std::string_view text =
      WEFT_HAS(result, weft_result, json) ? view(result->json) : std::string_view();
  if (outcome.outcome != Outcome::ok) {
    if (outcome.message.empty()) outcome.message = clean(text);
    return outcome;
  }
  if (text.empty()) return outcome;
  auto value = parse_json(text);
  if (!value || !value->is_object()) {
    JobOutcome wrong =
        broken("the plugin's result is no JSON object: " + clean(text.substr(0, 200)));
    wrong.cost = outcome.cost;
    wrong.cost_is_estimated = outcome.cost_is_estimated;
    wrong.usage = std::move(outcome.usage);
    return wrong;
  }
  outcome.outputs = std::move(value->get_object());
  return outcome;
}

}  // namespace weft::plugin
