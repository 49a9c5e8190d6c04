// SPDX-License-Identifier: Apache-2.0
// The one WebSocket of an instance. It only makes progress visible and polls earlier: whatever
// becomes of it, polling finds out how a prompt ends. On the instance's strand.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <weft/plugin.hpp>

#include "progress.hpp"

namespace comfyui {

// What one job hears about its prompt.
struct Listener {
  explicit Listener(const nlohmann::json& graph) : progress(graph) {}
  Progress progress;
  std::int64_t heard_ms = 0;      // when the last frame came
  std::function<void()> on_news;  // after each frame
};

class Live {
 public:
  using Open = std::function<std::unique_ptr<weft::websocket>(const weft::websocket_request&,
                                                              weft::websocket_sink)>;
  Live(const weft::host& host, const nlohmann::json& config, Open open);

  // Names this process to the server: the frames about a prompt go to the client that ordered it.
  const std::string& client_id() const noexcept { return client_id_; }

  void listen(const std::string& prompt_id, Listener& listener) {
    listeners_[prompt_id] = &listener;
  }
  void forget(const std::string& prompt_id) { listeners_.erase(prompt_id); }

  // Opens it if it is not open, unless a try failed a short while ago. Never throws.
  void keep_open();
  // A running prompt has told nothing for a while: the server may have dropped this client when it
  // saw the end of an older connection of it. Closes, so that keep_open() opens anew.
  void doubt();

 private:
  void take(std::string_view text);
  std::int64_t wait_ms() const noexcept;

  const weft::host& host_;
  std::string url_;
  nlohmann::json headers_;
  Open open_;
  std::string client_id_;
  std::map<std::string, Listener*> listeners_;
  std::unique_ptr<weft::websocket> socket_;
  int failures_ = 0;  // in a row
  std::int64_t next_try_ms_ = 0;
};

}  // namespace comfyui
