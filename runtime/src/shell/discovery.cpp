// SPDX-License-Identifier: Apache-2.0
#include "shell/discovery.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>

#include "base/json.hpp"
#include "net/http_client.hpp"

namespace weft::shell {
namespace {

constexpr Duration ask_limit = std::chrono::seconds{1};
constexpr std::uint64_t answer_bytes_at_most = 4 << 20;

bool holds(const json::value& value, std::string_view member) {
  const json::object* object = value.if_object();
  if (!object) return false;
  return object->contains(member) ||
         std::ranges::any_of(*object, [&](const auto& one) { return holds(one.value(), member); });
}

bool fits(const ServerSign& sign, const net::HttpResponse& answer) {
  if (answer.status != 200) return false;
  const auto said = parse_json(answer.body);
  if (!said) return false;
  return sign.member.empty() ? said->is_array() : holds(*said, sign.member);
}

}  // namespace

std::span<const ServerSign> well_known_servers() noexcept {
  static constexpr std::array<ServerSign, 4> signs{
      {{"ComfyUI", 8188, "/system_stats", "comfyui_version"},
       {"A1111 or Forge", 7860, "/sdapi/v1/sd-models", ""},
       {"Ollama", 11434, "/api/tags", "models"},
       {"llama.cpp", 8080, "/props", "default_generation_settings"}}};
  return signs;
}

std::vector<FoundServerView> find_servers(std::span<const ServerSign> signs,
                                          const observe::Logger& log) {
  boost::asio::io_context io{1};
  std::vector<bool> found(signs.size(), false);
  std::size_t open = signs.size();
  net::HttpClient client(io, {}, log);
  const auto url_of = [](const ServerSign& sign) {
    return "http://127.0.0.1:" + std::to_string(sign.port);
  };
  for (std::size_t i = 0; i < signs.size(); ++i) {
    net::HttpRequest request;
    request.url = url_of(signs[i]) + std::string(signs[i].path);
    request.answer_to = net::ToMemory{answer_bytes_at_most};
    request.total_timeout = ask_limit;
    client.start(std::move(request), [&, i](net::TransferId, const net::HttpResult& answer) {
      found[i] = answer && fits(signs[i], *answer);
      --open;
    });
  }
  while (open > 0 && io.run_one() > 0) {
  }
  std::vector<FoundServerView> views;
  for (std::size_t i = 0; i < signs.size(); ++i)
    if (found[i]) views.push_back({std::string(signs[i].kind), url_of(signs[i])});
  return views;
}

}  // namespace weft::shell
