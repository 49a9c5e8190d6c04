// SPDX-License-Identifier: Apache-2.0
#include "front.hpp"

#include <algorithm>
#include <chrono>

namespace weft::comfy_fake {
namespace {

Timestamp now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::string client_id(const net::ServerRequest& request) {
  for (const auto& [name, value] : request.query)
    if (name == "clientId") return value;
  return {};
}

}  // namespace

result<> Front::listen(std::uint16_t port) {
  auto server =
      net::HttpServer::start(io_, {.port = port, .body_limit_bytes = 128 << 20},
                             [this](net::ServerRequest request, net::Responder responder) {
                               take(std::move(request), std::move(responder));
                             });
  if (!server) return server.error();
  server_.emplace(std::move(*server));
  return {};
}

void Front::take(net::ServerRequest request, net::Responder responder) {
  auto answer = comfyui_.handle(request, now());
  if (!answer) {
    responder.abort();
  } else if (answer->status == 101) {
    open(request, std::move(responder));
  } else if (answer->breaks_after) {
    answer->headers.push_back({"Content-Length", std::to_string(answer->body.size())});
    responder.begin(answer->status, answer->headers);
    responder.write(answer->body.substr(0, *answer->breaks_after),
                    [responder]() mutable { responder.abort(); });
  } else {
    responder.send(*std::move(answer));
  }
  go_on();
}

void Front::open(const net::ServerRequest& request, net::Responder responder) {
  const auto id = std::make_shared<SocketId>();
  testing::WebSocketPeer::Events events;
  events.on_message = [this, id](bool, const std::string& text) {
    comfyui_.receive(*id, text);
    go_on();
  };
  events.on_end = [this, id](std::optional<std::uint16_t>) {
    comfyui_.close_socket(*id);
    peers_.erase(*id);
    go_on();
  };
  auto peer = testing::WebSocketPeer::accept(io_, request, std::move(responder), std::move(events));
  if (!peer) return;
  *id = comfyui_.open_socket(client_id(request), now());
  peers_[*id] = std::move(peer);
}

void Front::go_on() {
  for (Frame& frame : comfyui_.take_frames()) {
    const auto found = peers_.find(frame.to);
    if (found == peers_.end()) continue;
    const auto peer = found->second;  // its end takes it off the list
    if (frame.is_end)
      peer->drop();
    else
      peer->send(!frame.is_binary, std::move(frame.payload));
  }
  const auto next = comfyui_.next_at();
  if (!next) return static_cast<void>(timer_.cancel());
  timer_.expires_after(std::max(*next - now(), Duration(0)));
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    comfyui_.advance(now());
    go_on();
  });
}

}  // namespace weft::comfy_fake
