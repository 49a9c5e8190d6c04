// SPDX-License-Identifier: Apache-2.0
// Bytes of a client into a session of the HTTP server, over a pair of sockets.
#include "net/http_session.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>

#include "target.hpp"

namespace weft::fuzz {
namespace {

using namespace net;
namespace asio = boost::asio;

// Answers in the way it is told, and sees that the server hands over what it may.
class Host final : public SessionHost {
 public:
  explicit Host(unsigned way) : way_(way) {
    options_.body_limit_bytes = 1000;
    options_.head_limit_bytes = 1000;
  }
  const HttpServerOptions& options() const override { return options_; }
  bool is_stopping() const override { return false; }
  void closed(const std::shared_ptr<HttpSession>&) override { is_closed = true; }

  void handle(ServerRequest request, std::shared_ptr<HttpSession> session) override {
    expect(!request.method.empty(), "a request has a method");
    expect(request.target.starts_with('/') && request.path.starts_with('/'),
           "a request is for a path");
    expect(request.body.size() <= options_.body_limit_bytes, "a body keeps to its limit");
    ++handled;
    session->on_disconnect([] {});
    switch (way_ % 4) {
      case 0:
        return session->send({200, {{"X-Path", request.path}}, request.body});
      case 1:
        session->begin(200, {{"X-Target", request.target}});
        session->write(request.body, {});
        session->write("more", {});
        return session->end();
      case 2:
        return session->send({204, request.headers, "a body that may not be sent"});
      default:
        return session->abandon();
    }
  }

  bool is_closed = false;
  int handled = 0;

 private:
  HttpServerOptions options_;
  unsigned way_;
};

class ClientSocket {
 public:
  explicit ClientSocket(int descriptor) : descriptor_(descriptor) {}
  ~ClientSocket() { close(); }
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;
  void send(std::string_view bytes) const {
    (void)::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  void receive(std::string& into) const {
    std::array<char, 4096> buffer;
    for (;;) {
      const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got <= 0) return;
      into.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_;
};

void run_ready(asio::io_context& io) {
  io.restart();
  io.poll();
}

}  // namespace

void http_session(std::string_view input) {
  if (input.empty()) return;
  const auto way = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) != 0)
    throw std::runtime_error("no pair of sockets");
  ClientSocket client(pair[1]);
  asio::io_context io;
  const auto host = std::make_shared<Host>(way);
  {
    const auto session =
        HttpSession::make(asio::ip::tcp::socket(io, asio::ip::tcp::v4(), pair[0]), host);
    session->read_request();
  }
  std::string answers;
  // A way of arriving for each input: in one piece, or in small ones.
  const std::size_t piece = way & 4 ? 7 : 100'000;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    client.send(input.substr(at, piece));
    run_ready(io);
    client.receive(answers);
  }
  for (int i = 0; i < 100 && !io.stopped(); ++i) run_ready(io);
  client.receive(answers);
  expect(answers.empty() || answers.starts_with("HTTP/1.1 "), "an answer begins with its status");
  expect(host->handled == 0 || !answers.empty(), "who asks gets an answer");
  client.close();
  io.restart();
  io.run_for(std::chrono::seconds(5));
  expect(host->is_closed, "a session ends when its client has gone");
}

}  // namespace weft::fuzz
