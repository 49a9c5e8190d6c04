// SPDX-License-Identifier: Apache-2.0
// One WebSocket connection. What it is made of stays in its source file, the only one of the client
// that needs Beast.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "net/websocket_client.hpp"

namespace weft::net {

// A request, checked and taken apart.
struct WebSocketPlan {
  WebSocketRequest request;
  std::string host;    // as names are looked up: without brackets
  std::string port;    // "443"
  std::string target;  // "/ws?clientId=7"
  std::string user_agent;
  std::shared_ptr<boost::asio::ssl::context> tls;  // null: without
};

// Belongs to the io thread. Lives while an operation of it is under way.
class WebSocketSession {
 public:
  // `unsent` counts down what was sent of what send() got.
  static std::shared_ptr<WebSocketSession> make(boost::asio::io_context& io, WebSocketPlan plan,
                                                WebSocketEvents events,
                                                std::shared_ptr<std::atomic<std::uint64_t>> unsent);
  virtual ~WebSocketSession() = default;

  virtual void open() = 0;
  virtual void send(WebSocketMessage message) = 0;
  virtual void close(std::uint16_t code, std::string reason) = 0;
  // Tells the end, unless it was told; there is no event after it.
  virtual void end(WebSocketEnd::Cause cause, std::string message) = 0;
};

}  // namespace weft::net
