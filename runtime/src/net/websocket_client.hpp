// SPDX-License-Identifier: Apache-2.0
// The WebSocket client (RFC 6455): every connection of the runtime's plugins, on the one event
// loop.
//
//   WebSocketClient client(io, {}, logger);
//   WebSocketEvents events;
//   events.on_message = [](WebSocketMessage message) { ... };
//   events.on_end = [](WebSocketEnd end) { ... };
//   const WebSocketId id = client.open({.url = "ws://127.0.0.1:8188/ws"}, std::move(events));
//
// It speaks ws and wss, follows no redirect and opens nothing twice. Extensions are not asked for.
// Proxy variables of the environment are not used.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "net/http.hpp"
#include "observe/log.hpp"

namespace boost::asio {
class io_context;
}

namespace weft::net {

enum class WebSocketId : std::uint64_t {};

struct WebSocketMessage {
  bool is_text = true;  // UTF-8, which is checked both ways
  std::string bytes{};
};

struct WebSocketRequest {
  // ws or wss. Credentials belong in a secret header.
  std::string url{};
  // Host and those of the handshake are the client's and refused here, but Sec-WebSocket-Protocol.
  Headers headers{};
  Duration open_timeout{10'000};  // name, connection, TLS and handshake
  // Without a byte from the other side, a ping's answer included: half-way it is pinged. Zero: no
  // limit, and no pings but answers to theirs.
  Duration idle_timeout{60'000};
  std::uint64_t message_limit_bytes = 16 << 20;  // of one that comes
  // Nothing is opened to an address that is none of the public Internet, whatever name it goes by.
  bool public_only = false;
};

struct WebSocketEnd {
  enum class Cause {
    closed,           // with a close frame, by whichever side
    bad_request,      // the URL or a header cannot be sent as it is
    cannot_connect,   // name, connection or TLS
    refused,          // an HTTP answer instead of a WebSocket: http_status
    timed_out,        // while opening, or nothing came for idle_timeout
    connection_lost,  // no close frame came
    bad_message,      // against the protocol, or not from a public address
    too_large,        // a message beyond its limit
    cancelled,        // by cancel() or the client's end
  };
  Cause cause = Cause::closed;
  bool opened = false;
  int http_status = 0;
  std::uint16_t close_code = 0;  // of the close frame; 1005: it had none
  std::string message{};         // for people, without secrets; the close frame's reason
};
std::string_view to_string(WebSocketEnd::Cause cause) noexcept;

// Any may be empty. Called in the thread that runs `io`, never inside the call that caused them;
// they may call the client, but not end it.
struct WebSocketEvents {
  std::function<void(Headers)> on_open;  // with the headers of the answer
  // The next message is read when this one was taken: what does not want it all drops it at once.
  std::function<void(WebSocketMessage)> on_message;
  std::function<void(WebSocketEnd)> on_end;  // exactly once, and last
};

struct WebSocketOptions {
  std::string user_agent = "weft";
  std::uint64_t unsent_limit_bytes = 16 << 20;  // that may wait on one connection
  std::filesystem::path ca_file{};  // trusted certificates (PEM) instead of the system's
};

// Every function may be called by any thread, and from within callbacks. An id that is unknown, or
// has ended, is ignored.
class WebSocketClient {
 public:
  // `io`, run by a single thread, and the log must outlive the client.
  WebSocketClient(boost::asio::io_context& io, WebSocketOptions options, observe::Logger log);
  // What is still open ends as `cancelled`, inside the destructor, without a close frame; on_end
  // must not call the client. In the io thread, or when nobody runs `io`.
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  WebSocketId open(WebSocketRequest request, WebSocketEvents events);
  // In the order of the calls, once it is open. False: too much waits already, and this was not
  // taken; or there is no such connection.
  bool send(WebSocketId id, WebSocketMessage message);
  // Sends what waits, then a close frame, and waits for the other side's: at most 30 s.
  void close(WebSocketId id, std::uint16_t code, std::string reason);
  // Ends it at once, without a close frame.
  void cancel(WebSocketId id);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::net
