// SPDX-License-Identifier: Apache-2.0
// POST /prompt, and the control of the fake.
#include <boost/json.hpp>

#include "answers.hpp"
#include "comfyui_server.hpp"
#include "prompt_check.hpp"

namespace weft::comfy_fake {
namespace {

constexpr std::size_t most_bytes = 104'857'600;

// What the server trips over before it looks at the prompt.
bool is_troublesome(const json::object& order) {
  const json::value* extra = order.if_contains("extra_data");
  const json::value* number = order.if_contains("number");
  return (extra && !extra->is_object()) || (number && !number->is_number());
}

std::string text_member(const json::object& order, std::string_view name) {
  const json::value* found = order.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

std::optional<net::ServerResponse> ComfyServer::post_prompt(const net::ServerRequest& request,
                                                            Timestamp now) {
  PromptBehaviour how;
  if (!script.next.empty()) {
    how = script.next.front();
    script.next.pop_front();
  }
  if (how.answer == Answer::none_before) return std::nullopt;
  if (how.answer == Answer::error_before || request.body.size() > most_bytes)
    return how.answer == Answer::error_before
               ? trouble()
               : Response{413,
                          {{"Content-Type", "text/plain; charset=utf-8"}},
                          "413: Request Entity Too Large"};
  const auto body = parse_json(request.body);
  if (!body || !body->is_object() || is_troublesome(body->get_object())) return trouble();
  const auto answer = accept(body->get_object(), how, now);
  if (answer.status != 200) {
    ++rejected_;
    return answer;
  }
  if (how.answer == Answer::none_after) return std::nullopt;
  if (how.answer == Answer::error_after) return trouble();
  return answer;
}

// The number counts up for rejected prompts as well, and the same id twice runs twice.
net::ServerResponse ComfyServer::accept(const json::object& order, const PromptBehaviour& how,
                                        Timestamp now) {
  const auto number = static_cast<double>(next_number_++);
  const json::value* prompt = order.if_contains("prompt");
  if (!prompt)
    return json_answer({{"error", error_object("no_prompt", "No prompt provided", "")},
                        {"node_errors", json::object()}},
                       400);
  std::string id = is_since(0, 3, 44) ? text_member(order, "prompt_id") : "";
  if (id.empty()) id = uuid_of(next_number_);
  if (is_since(0, 24, 0) && !is_uuid(id))
    return json_answer(
        {{"error", error_object("invalid_prompt_id", "prompt_id must be a UUID", id)},
         {"node_errors", json::object()}},
        400);
  auto checked = check_prompt(*prompt, catalogue_, disk_,
                              is_since(0, 4, 0) ? "missing_node_type" : "invalid_prompt");
  if (const auto* refused = std::get_if<RefusedPrompt>(&checked))
    return refused->status == 500 ? trouble() : json_answer(refused->body, 400);
  const auto& good = std::get<CheckedPrompt>(checked);
  Item item{number, id, prompt->as_object(), {}, good.outputs, now};
  if (const json::value* extra = order.if_contains("extra_data"))
    item.extra_data = extra->as_object();
  item.extra_data.erase("api_key_comfy_org");
  item.extra_data.erase("auth_token_comfy_org");
  if (const std::string client = text_member(order, "client_id"); !client.empty())
    item.extra_data["client_id"] = client;
  ++accepted_;
  ++by_id_[id];
  billed_micros_ += script.cost_micros;
  if (!how.forget) worker_.add(std::move(item), now);
  if (how.dies_after) dies_ = {now + *how.dies_after, how.down};
  return json_answer({{"prompt_id", id}, {"number", number}, {"node_errors", good.node_errors}});
}

std::optional<net::ServerResponse> ComfyServer::control(const net::ServerRequest& request,
                                                        std::string_view path, Timestamp now) {
  if (path == "/stats") return json_answer(stats());
  if (request.method != "POST") return not_found();
  if (path == "/restart") {
    restart(now);
  } else if (path == "/delete_outputs") {
    disk_.clear("output");
  } else if (path == "/script") {
    const auto order = parse_json(request.body);
    if (!order) return json_answer({{"error", order.error().to_string()}}, 400);
    if (const auto applied = apply(script, *order); !applied)
      return json_answer({{"error", applied.error().to_string()}}, 400);
  } else if (path == "/remove_class") {
    catalogue_.remove_class(request.body);
  } else {
    return not_found();
  }
  return json_answer({});
}

}  // namespace weft::comfy_fake
