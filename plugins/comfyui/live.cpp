// SPDX-License-Identifier: Apache-2.0
#include "live.hpp"

#include <algorithm>
#include <random>

namespace comfyui {
namespace {

using nlohmann::json;

constexpr std::uint64_t message_limit_bytes = 64 << 20;  // previews can be large

// So that previews say of which prompt they are.
constexpr std::string_view features =
    R"({"type": "feature_flags", "data": {"supports_preview_metadata": true}})";

// A UUID of version 4. Two processes with the same configuration must not take each other's frames.
std::string random_uuid() {
  std::random_device source;
  std::string text;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    const std::uint32_t digit = source() & 15U;
    text += "0123456789abcdef"[i == 12 ? 4U : i == 16 ? 8U | (digit & 3U) : digit];
  }
  return text;
}

// "ws" for "http", and "wss" for "https".
std::string socket_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return "ws" + url.substr(url.starts_with("http") ? 4 : 0);
}

}  // namespace

Live::Live(const weft::host& host, const json& config, Open open)
    : host_(host),
      url_(socket_url(config.at("url").get<std::string>())),
      headers_(config.value("headers", json::object())),
      open_(std::move(open)),
      client_id_(random_uuid()) {}

std::int64_t Live::Line::wait_ms() const noexcept {
  return std::int64_t{1000} << std::min(failures, 6);
}

void Live::forget(const std::string& prompt_id) {
  const auto found = listeners_.find(prompt_id);
  if (found == listeners_.end()) return;
  const std::string client = found->second->client_id;
  listeners_.erase(found);
  const bool is_heard =
      client == client_id_ || std::ranges::any_of(listeners_, [&](const auto& one) {
        return one.second->client_id == client;
      });
  if (!is_heard) lines_.erase(client);
}

void Live::keep_open(const std::string& client_id) {
  if (client_id.empty()) return;
  Line& line = lines_[client_id];
  const std::int64_t now = host_.now_ms();
  if ((line.socket && !line.socket->has_ended()) || now < line.next_try_ms) return;
  line.socket.reset();
  line.next_try_ms = now + line.wait_ms();
  ++line.failures;
  weft::websocket_request wanted(url_ + "/ws?clientId=" + client_id);
  wanted.message_limit(message_limit_bytes);
  for (const auto& [name, value] : headers_.items()) wanted.header(name, value.get<std::string>());
  try {
    line.socket = open_(wanted, sink_of(line));
    line.socket->send(features);  // the first frame of a client may negotiate
  } catch (const weft::error& failure) {
    host_.log(WEFT_LOG_DEBUG, std::string("no WebSocket: ") + failure.what());
  }
}

weft::websocket_sink Live::sink_of(Line& line) {
  weft::websocket_sink sink;
  sink.on_open = [&line] { line.failures = 0; };
  sink.on_text = [this](std::string_view text) { take(text); };
  sink.on_binary = [this](std::string_view binary) { take_preview(binary); };
  sink.on_end = [this, &line](const weft::websocket_end& end) {
    line.next_try_ms = host_.now_ms() + line.wait_ms();
    host_.log(line.failures == 1 ? WEFT_LOG_INFO : WEFT_LOG_DEBUG,
              "no WebSocket, so that progress is told in polls only: " + end.text());
  };
  return sink;
}

void Live::doubt(const std::string& client_id) {
  const auto found = lines_.find(client_id);
  if (found == lines_.end()) return;
  if (const auto& socket = found->second.socket; socket && socket->is_open()) socket->close();
}

Listener* Live::listener_of(const std::string& prompt_id) const {
  const auto found = listeners_.find(prompt_id);
  return found == listeners_.end() ? nullptr : found->second;
}

void Live::take(std::string_view text) {
  if (listeners_.empty()) return;
  const auto frame = read_frame(text);
  Listener* listener = frame ? listener_of(frame->prompt_id) : nullptr;
  if (!listener) return;
  listener->heard_ms = host_.now_ms();
  listener->progress.hear(*frame);
  if (listener->on_news) listener->on_news();
}

void Live::take_preview(std::string_view binary) const {
  if (listeners_.empty()) return;
  const auto frame = read_preview(binary);
  const Listener* listener = frame ? listener_of(frame->prompt_id) : nullptr;
  if (listener && listener->on_preview) listener->on_preview(*frame);
}

}  // namespace comfyui
