// SPDX-License-Identifier: Apache-2.0
// One connection of the HTTP server. What it is made of stays in its source file, the only one that
// needs Beast.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "net/http_server.hpp"

namespace weft::net {

class HttpSession;

// What a connection wants of its server.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual const HttpServerOptions& options() const = 0;
  virtual bool is_stopping() const = 0;
  // A request has been read.
  virtual void handle(ServerRequest request, std::shared_ptr<HttpSession> session) = 0;
  virtual void closed(const std::shared_ptr<HttpSession>& session) = 0;
};

// Lives while an operation of it is under way or its server lists it.
class HttpSession {
 public:
  static std::shared_ptr<HttpSession> make(boost::asio::ip::tcp::socket socket,
                                           std::weak_ptr<SessionHost> host);
  virtual ~HttpSession() = default;

  virtual void read_request() = 0;
  // Between two requests: closing it now loses nothing.
  virtual bool is_idle() const = 0;
  virtual void close() = 0;

  // What Responder offers, for the exchange under way.
  virtual void send(ServerResponse response) = 0;
  virtual void begin(int status, const Headers& headers) = 0;
  virtual void write(std::string piece, std::function<void()> on_written) = 0;
  virtual void end() = 0;
  virtual void on_disconnect(std::function<void()> callback) = 0;
  // There will be no (more of an) answer.
  virtual void abandon() = 0;
  // Hands the socket over and is closed; -1 if it cannot.
  virtual int release() = 0;
};

}  // namespace weft::net
