// SPDX-License-Identifier: Apache-2.0
// The server's side of a WebSocket, on a connection that an HttpServer gave up for it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http_server.hpp"

namespace weft::testing {

class WebSocketPeer {
 public:
  struct Events {
    std::function<void(bool is_text, std::string bytes)> on_message;
    // The code of a close frame; absent: the connection broke. Once, also after drop().
    std::function<void(std::optional<std::uint16_t> close_code)> on_end;
  };
  // Does this request ask for a WebSocket?
  static bool is_wanted(const net::ServerRequest& request);
  // Answers it. Null: the client is gone. Lives as long as the connection.
  static std::shared_ptr<WebSocketPeer> accept(boost::asio::io_context& io,
                                               const net::ServerRequest& request,
                                               net::Responder responder, Events events);
  virtual ~WebSocketPeer() = default;

  // Once it is open.
  virtual void send(bool is_text, std::string bytes) = 0;
  virtual void close(std::uint16_t code, std::string reason) = 0;
  // Breaks the connection without a close frame.
  virtual void drop() = 0;
  // Reads nothing any more, so that neither a ping nor a close frame is answered.
  virtual void fall_silent() = 0;
};

}  // namespace weft::testing
