// SPDX-License-Identifier: Apache-2.0
// The fake on a port of this machine: HTTP and WebSockets, in real time.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>

#include "comfyui_server.hpp"
#include "websocket_peer.hpp"

namespace weft::comfy_fake {

// Belongs to the thread that runs `io`.
class Front {
 public:
  Front(boost::asio::io_context& io, ComfyServer& comfyui)
      : io_(io), comfyui_(comfyui), timer_(io) {}
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // Listens on return. Port 0: any free one.
  result<> listen(std::uint16_t port);
  std::uint16_t port() const { return server_->port(); }

 private:
  void take(net::ServerRequest request, net::Responder responder);
  void open(const net::ServerRequest& request, net::Responder responder);
  // Sends what there is to send, and waits for what happens next by itself.
  void go_on();

  boost::asio::io_context& io_;
  ComfyServer& comfyui_;
  boost::asio::steady_timer timer_;
  std::map<SocketId, std::shared_ptr<testing::WebSocketPeer>> peers_;
  std::optional<net::HttpServer> server_;
};

}  // namespace weft::comfy_fake
