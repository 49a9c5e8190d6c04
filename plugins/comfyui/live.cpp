// SPDX-License-Identifier: Apache-2.0
#include "live.hpp"

#include <algorithm>
#include <random>

namespace comfyui {
namespace {

using nlohmann::json;

constexpr std::uint64_t message_limit_bytes = 64 << 20;  // previews can be large

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

std::int64_t Live::wait_ms() const noexcept {
  return std::int64_t{1000} << std::min(failures_, 6);
}

void Live::keep_open() {
  const std::int64_t now = host_.now_ms();
  if ((socket_ && !socket_->has_ended()) || now < next_try_ms_) return;
  socket_.reset();
  next_try_ms_ = now + wait_ms();
  ++failures_;
  weft::websocket_request wanted(url_ + "/ws?clientId=" + client_id_);
  wanted.message_limit(message_limit_bytes);
  for (const auto& [name, value] : headers_.items()) wanted.header(name, value.get<std::string>());
  weft::websocket_sink sink;
  sink.on_open = [this] { failures_ = 0; };
  sink.on_text = [this](std::string_view text) { take(text); };
  sink.on_end = [this](const weft::websocket_end& end) {
    next_try_ms_ = host_.now_ms() + wait_ms();
    host_.log(failures_ == 1 ? WEFT_LOG_INFO : WEFT_LOG_DEBUG,
              "no WebSocket, so that progress is told in polls only: " + end.text());
  };
  try {
    socket_ = open_(wanted, std::move(sink));
  } catch (const weft::error& failure) {
    host_.log(WEFT_LOG_DEBUG, std::string("no WebSocket: ") + failure.what());
  }
}

void Live::doubt() {
  if (socket_ && socket_->is_open()) socket_->close();
}

void Live::take(std::string_view text) {
  if (listeners_.empty()) return;
  const auto frame = read_frame(text);
  const auto found = frame ? listeners_.find(frame->prompt_id) : listeners_.end();
  if (found == listeners_.end()) return;
  Listener& listener = *found->second;
  listener.heard_ms = host_.now_ms();
  listener.progress.hear(*frame);
  if (listener.on_news) listener.on_news();
}

}  // namespace comfyui
