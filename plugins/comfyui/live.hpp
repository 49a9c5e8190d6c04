// SPDX-License-Identifier: Apache-2.0
// The WebSockets of an instance. They only make progress visible and polls earlier: whatever
// becomes of them, polling finds out how a prompt ends. On the instance's strand.
//
// The frames about a prompt go to the client that ordered it, and each process is a client of its
// own. What an earlier process has ordered is listened to under that process's name, on a socket
// that is open as long as somebody listens.
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
  // `client`: who ordered the prompt; "": nobody knows any more, and nothing is heard.
  Listener(const nlohmann::json& graph, std::string client)
      : client_id(std::move(client)), progress(graph) {}
  const std::string client_id;
  Progress progress;
  std::int64_t heard_ms = 0;      // when the last frame came
  std::function<void()> on_news;  // after each frame
  std::function<void(const PreviewFrame&)> on_preview;
};

class Live {
 public:
  using Open = std::function<std::unique_ptr<weft::websocket>(const weft::websocket_request&,
                                                              weft::websocket_sink)>;
  Live(const weft::host& host, const nlohmann::json& config, Open open);

  // Names this process to the server.
  const std::string& client_id() const noexcept { return client_id_; }

  void listen(const std::string& prompt_id, Listener& listener) {
    listeners_[prompt_id] = &listener;
  }
  void forget(const std::string& prompt_id);

  // Opens the socket of a client if it is not open, unless a try failed a short while ago. Never
  // throws.
  void keep_open(const std::string& client_id);
  // A running prompt has told nothing for a while: the server may have dropped the client when it
  // saw the end of an older connection of it. Closes, so that keep_open() opens anew.
  void doubt(const std::string& client_id);

 private:
  // A connection under one name, or the tries to have one.
  struct Line {
    std::unique_ptr<weft::websocket> socket;
    int failures = 0;  // in a row
    std::int64_t next_try_ms = 0;
    std::int64_t wait_ms() const noexcept;
  };
  weft::websocket_sink sink_of(Line& line);
  Listener* listener_of(const std::string& prompt_id) const;
  void take(std::string_view text);
  void take_preview(std::string_view binary) const;

  const weft::host& host_;
  std::string url_;
  nlohmann::json headers_;
  Open open_;
  std::string client_id_;
  std::map<std::string, Listener*> listeners_;  // by prompt
  std::map<std::string, Line> lines_;           // by client
};

}  // namespace comfyui
