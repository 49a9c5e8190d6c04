// SPDX-License-Identifier: Apache-2.0
// weft/testing/websocket_peer.hpp - the far side of a WebSocket on the fake network.
#pragma once

#include <weft/draft/websocket.h>
#include <weft/plugin/values.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::testing {

namespace detail {

// What both sides share of one connection.
struct websocket_line {
  std::string url = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // secrets filled in
  std::uint32_t refused = 0;                                      // HTTP status instead of opening
  weft_status failure = WEFT_OK;                                  // instead of opening
  std::function<void(std::string_view, bool)> on_message = {};
  std::function<void()> on_end = {};
  // Puts an event down for the plugin; nothing once the connection has ended.
  std::function<void(std::uint32_t type, weft_status status, std::uint32_t number,
                     std::string data)>
      tell = {};
};

}  // namespace detail

// Copies are the same side. What it does comes to the plugin as time goes on (fake_host::advance).
class websocket_peer {
 public:
  explicit websocket_peer(std::shared_ptr<detail::websocket_line> line) : line_(std::move(line)) {}

  const std::string& url() const { return line_->url; }
  std::string header(std::string_view name) const {
    for (const auto& [has, value] : line_->headers)
      if (has == name) return value;
    return {};
  }

  // In the handler of fake_host::on_websocket only: it does not open.
  void refuse(std::uint32_t http_status) { line_->refused = http_status; }
  void fail(weft_status status = WEFT_NOT_SENT) { line_->failure = status; }

  void send(std::string text) {
    line_->tell(WEFT_EV_WEBSOCKET_MESSAGE, WEFT_OK, WEFT_WEBSOCKET_TEXT, std::move(text));
  }
  void send_binary(std::string bytes) {
    line_->tell(WEFT_EV_WEBSOCKET_MESSAGE, WEFT_OK, WEFT_WEBSOCKET_BINARY, std::move(bytes));
  }
  void close(std::uint32_t code, std::string reason = {}) {
    line_->tell(WEFT_EV_WEBSOCKET_END, WEFT_OK, code, std::move(reason));
  }
  // The connection breaks.
  void lose() { line_->tell(WEFT_EV_WEBSOCKET_END, WEFT_TRANSIENT, 0, "the connection broke"); }

  // What the plugin sends; that it closed or cancelled.
  void on_message(std::function<void(std::string_view bytes, bool is_text)> take) {
    line_->on_message = std::move(take);
  }
  void on_end(std::function<void()> take) { line_->on_end = std::move(take); }

 private:
  std::shared_ptr<detail::websocket_line> line_;
};

using websocket_handler = std::function<void(websocket_peer)>;

}  // namespace weft::testing
