// SPDX-License-Identifier: Apache-2.0
#include "model/records.hpp"

#include <array>

#include "base/json_text.hpp"

namespace weft {

std::string_view to_string(CommandKind kind) noexcept {
  constexpr std::array<std::string_view, 12> words{"pause",  "resume",  "cancel", "retry",
                                                   "skip",   "settle",  "drain",  "enable",
                                                   "reopen", "approve", "reject", "give"};
  return words[static_cast<std::size_t>(kind)];
}

std::string json_text(const EventData& data) {
  if (const auto* text = std::get_if<std::string>(&data)) return *text;
  const auto& facts = std::get<AttemptFacts>(data);
  const std::string cost = facts.cost ? facts.cost->to_string() : std::string();
  JsonMember::Value took_ms;
  if (facts.took) took_ms = facts.took->count();
  JsonMember::Value attempt;  // none: no service did it
  if (facts.attempt != 0) attempt = facts.attempt;
  return json_text({{"attempt", attempt},
                    {"service", unless_empty(facts.service)},
                    {"duration_ms", took_ms},
                    {"cost", unless_empty(cost)}});
}

}  // namespace weft
