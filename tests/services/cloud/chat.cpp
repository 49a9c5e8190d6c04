// SPDX-License-Identifier: Apache-2.0
// Language models: what the script says, else a sample of the form that was asked for.
#include <boost/json/serialize.hpp>

#include "families.hpp"
#include "model/sample.hpp"

namespace weft::cloud_fake {
namespace {

using net::ServerResponse;

const json::value* member_at(const json::value& value, std::initializer_list<const char*> names) {
  const json::value* at = &value;
  for (const char* name : names)
    if (at) at = find_member(*at, name);
  return at;
}

// An answer in the form of a schema; null: in words.
std::string words(Asked& asked, const json::value* schema) {
  if (!asked.script.texts.empty()) {
    const json::value text = std::move(asked.script.texts.front());
    asked.script.texts.pop_front();
    return text.is_string() ? std::string(text.get_string()) : json::serialize(text);
  }
  if (schema && schema->is_object()) return json::serialize(sample_of(*schema));
  return "A heron stands in the reeds at dawn.";
}

ServerResponse complete(Asked& asked) {
  const std::string text =
      words(asked, member_at(asked.body, {"response_format", "json_schema", "schema"}));
  const json::object message{{"role", "assistant"}, {"content", text}, {"refusal", nullptr}};
  return tell(200,
              {{"id", "chat"},
               {"choices", json::array{json::object{
                               {"index", 0}, {"finish_reason", "stop"}, {"message", message}}}},
               {"usage", json::object{{"prompt_tokens", 1000}, {"completion_tokens", 500}}}});
}

ServerResponse chat(Asked& asked) {
  const json::object message{{"role", "assistant"},
                             {"content", words(asked, member_at(asked.body, {"format"}))}};
  return tell(200, {{"model", asked.text("model")}, {"message", message}, {"done", true}});
}

constexpr Route routes[] = {
    {"POST", "/v1/chat/completions", true, complete},
    {"POST", "/api/chat", true, chat},
};

}  // namespace

std::span<const Route> chat_routes() noexcept {
  return routes;
}

}  // namespace weft::cloud_fake
