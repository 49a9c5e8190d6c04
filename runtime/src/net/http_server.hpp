// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server. The handler answers at once or later, whole or in chunks.
//
//   auto server = HttpServer::start(io, {}, [](ServerRequest request, Responder responder) {
//     responder.send({.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body =
//     "hello"});
//   });
//
// Everything here, callbacks included, belongs to the one thread that runs the io_context.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/http.hpp"

namespace boost::asio {
class io_context;
}

namespace weft::net {

struct ServerRequest {
  std::string method;
  std::string target;  // as sent: "/jobs?key=a%20b"
  std::string path;    // percent-decoded, without query: "/jobs"
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in their order
  Headers headers;
  std::string body;
};

struct ServerResponse {
  int status = 200;
  Headers headers{};  // Content-Length, Date, Connection and Transfer-Encoding are the server's
  std::string body{};
};

// The right to answer one request. Copies share it. Either send() once, or begin(), write()...,
// end(). When the last copy goes without an answer the server answers 500; a stream that was begun
// is broken off. Calls after the answer, and after the client has gone, do nothing.
class Responder {
 public:
  void send(ServerResponse response);

  // Sends the head of an answer that comes in pieces. A Content-Length among the headers is
  // believed, and the pieces must add up to it; without one they go in chunks, or until the
  // connection closes for clients of HTTP/1.0.
  void begin(int status, const Headers& headers);
  // `on_written` (may be empty) is called when the bytes are with the kernel: write the next piece
  // then, and memory stays bounded. It is not called when the client goes.
  void write(std::string piece, std::function<void()> on_written = {});
  void end();

  // Closes the connection without (the rest of) an answer.
  void abort();

  // For an upgrade: the connection itself, unanswered, as a non-blocking socket that the caller now
  // owns. -1: the client is gone, or has sent more than this request.
  int release();

  // Called once if the client goes before the answer is complete. A client that only closes its
  // sending side counts as gone.
  void on_disconnect(std::function<void()> callback);

 private:
  friend class HttpServer;
  class Exchange;
  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  std::shared_ptr<Exchange> exchange_;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                     // 0: any free one
  std::uint64_t body_limit_bytes = 64 << 20;  // beyond it: 413
  std::uint32_t head_limit_bytes = 32 << 10;  // beyond it: 431
  Duration read_timeout{60'000};   // for a whole request, and for the next one on a kept connection
  Duration write_timeout{60'000};  // for one piece to be taken by the client
};

class HttpServer {
 public:
  using Handler = std::function<void(ServerRequest, Responder)>;

  // Listens on return; an address that is taken or not ours is an error of kind machine.
  static result<HttpServer> start(boost::asio::io_context& io, HttpServerOptions options,
                                  Handler handler);
  // Closes all connections at once. The handler is not called any more.
  ~HttpServer();
  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;

  std::uint16_t port() const noexcept;
  // Since the start.
  std::uint64_t connections_accepted() const noexcept;
  // Accepts no more, closes idle connections, lets answers under way finish; then calls
  // `on_stopped` (may be empty).
  void stop(std::function<void()> on_stopped);

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::net
