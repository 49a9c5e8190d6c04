// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "catch.hpp"
#include "loopback.hpp"
#include "tls_front.hpp"
#include "websocket_peer.hpp"

using namespace weft;
using namespace weft::net;
using weft::testing::WebSocketPeer;
using Ended = WebSocketEnd::Cause;

namespace {

// A server that takes every WebSocket, and what its side saw; the client beside it.
class Line {
 public:
  explicit Line(WebSocketOptions options = {})
      : log_(observe::Logger::to_sink(
            [this](observe::Level, std::string_view line) { log_lines.emplace_back(line); },
            redactor_, observe::Level::trace)),
        client(net.io, std::move(options), log_),
        server(net.serve([this](ServerRequest asked, Responder responder) {
          request = asked;
          if (refuses) return responder.send({.status = refuses, .body = "no"});
          WebSocketPeer::Events events;
          events.on_message = [this](bool is_text, std::string bytes) {
            received.push_back({is_text, std::move(bytes)});
          };
          events.on_end = [this](std::optional<std::uint16_t> code) {
            peer_ended = true;
            peer_code = code;
          };
          peer = WebSocketPeer::accept(net.io, request, std::move(responder), std::move(events));
        })) {}

  std::string url(std::string_view path = "/ws") const {
    return "ws://127.0.0.1:" + std::to_string(server.port()) + std::string(path);
  }
  WebSocketId open(WebSocketRequest asked) {
    WebSocketEvents events;
    events.on_open = [this](Headers headers) { opened = std::move(headers); };
    events.on_message = [this](WebSocketMessage message) { messages.push_back(message); };
    events.on_end = [this](WebSocketEnd how) {
      ++ends;
      end = std::move(how);
    };
    return client.open(std::move(asked), std::move(events));
  }
  WebSocketId open() {
    const WebSocketId id = open({.url = url()});
    net.run_until([&] { return opened.has_value(); });
    return id;
  }
  WebSocketEnd wait_for_end() {
    net.run_until([&] { return end.has_value(); });
    return *end;
  }

  Loopback net;
  std::vector<std::string> log_lines;

 private:
  observe::Redactor redactor_;
  observe::Logger log_;

 public:
  int refuses = 0;
  ServerRequest request;
  std::shared_ptr<WebSocketPeer> peer;
  std::vector<WebSocketMessage> received;
  bool peer_ended = false;
  std::optional<std::uint16_t> peer_code;
  std::optional<Headers> opened;
  std::vector<WebSocketMessage> messages;
  int ends = 0;
  std::optional<WebSocketEnd> end;
  WebSocketClient client;  // after what it still tells when it goes
  HttpServer server;
};

TEST_CASE("A WebSocket carries text and bytes both ways, in order") {
  Line line;
  const WebSocketId id = line.open();
  for (int i = 0; i < 20; ++i) {
    CHECK(line.client.send(id, {i % 2 == 0, "to " + std::to_string(i)}));
    line.peer->send(i % 2 == 0, "from " + std::to_string(i));
  }
  line.net.run_until([&] { return line.messages.size() == 20 && line.received.size() == 20; });
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(line.messages[i].bytes == "from " + std::to_string(i));
    CHECK(line.messages[i].is_text == (i % 2 == 0));
    CHECK(line.received[i].bytes == "to " + std::to_string(i));
    CHECK(line.received[i].is_text == (i % 2 == 0));
  }
}

TEST_CASE("Path, query and headers arrive as they were given, and no Origin") {
  Line line;
  WebSocketRequest asked{.url = line.url("/base/ws?clientId=a%20b")};
  asked.headers = {{"Authorization", "Bearer hush", true}, {"X-Two", "2"}};
  line.open(std::move(asked));
  line.net.run_until([&] { return line.opened.has_value(); });
  CHECK(line.request.target == "/base/ws?clientId=a%20b");
  CHECK(*find_header(line.request.headers, "Authorization") == "Bearer hush");
  CHECK(*find_header(line.request.headers, "X-Two") == "2");
  CHECK(*find_header(line.request.headers, "Host") ==
        "127.0.0.1:" + std::to_string(line.server.port()));
  CHECK_FALSE(find_header(line.request.headers, "Origin"));
  CHECK(find_header(*line.opened, "Sec-WebSocket-Accept"));
  for (const std::string& said : line.log_lines) CHECK(said.find("hush") == std::string::npos);
}

TEST_CASE("What is sent before it is open goes out when it is") {
  Line line;
  const WebSocketId id = line.open({.url = line.url()});
  CHECK(line.client.send(id, {true, "early"}));
  line.net.run_until([&] { return !line.received.empty(); });
  CHECK(line.received.front().bytes == "early");
}

TEST_CASE("A message of several MiB comes whole") {
  Line line;
  line.open();
  const std::string large = distinct_bytes(6 << 20);
  line.peer->send(false, large);
  line.net.run_until([&] { return !line.messages.empty(); });
  CHECK(line.messages.front().bytes == large);
}

TEST_CASE("A message beyond the limit ends the connection") {
  Line line;
  line.open({.url = line.url(), .message_limit_bytes = 100});
  line.net.run_until([&] { return line.opened.has_value(); });
  line.peer->send(true, std::string(100, 'x'));
  line.peer->send(true, std::string(101, 'x'));
  CHECK(line.wait_for_end().cause == Ended::too_large);
  CHECK(line.messages.size() == 1);
  CHECK(line.end->opened);
}

TEST_CASE("A close from the other side tells its code and reason") {
  Line line;
  line.open();
  line.peer->close(4001, "enough");
  CHECK(line.wait_for_end().cause == Ended::closed);
  CHECK(line.end->close_code == 4001);
  CHECK(line.end->message == "enough");
}

TEST_CASE("A close from this side is said after what was sent before it") {
  Line line;
  const WebSocketId id = line.open();
  line.client.send(id, {true, "last words"});
  line.client.close(id, 1000, "done");
  CHECK(line.wait_for_end().cause == Ended::closed);
  line.net.run_until([&] { return line.peer_ended; });
  CHECK(line.peer_code == 1000);
  CHECK(line.received.front().bytes == "last words");
  CHECK_FALSE(line.client.send(id, {true, "too late"}));
}

TEST_CASE("A connection that breaks is told as lost, and one that is cancelled at once") {
  Line line;
  line.open();
  line.peer->drop();
  CHECK(line.wait_for_end().cause == Ended::connection_lost);
  line.opened.reset();
  line.end.reset();
  const WebSocketId id = line.open();
  line.peer_ended = false;
  line.client.cancel(id);
  CHECK(line.wait_for_end().cause == Ended::cancelled);
  line.net.run_until([&] { return line.peer_ended; });
  CHECK_FALSE(line.peer_code);
  CHECK(line.ends == 2);
}

TEST_CASE("A server that does not take WebSockets is told with its status") {
  Line line;
  line.refuses = 403;
  line.open({.url = line.url()});
  CHECK(line.wait_for_end().cause == Ended::refused);
  CHECK(line.end->http_status == 403);
  CHECK_FALSE(line.end->opened);
}

TEST_CASE("A server that is not there, and one that never answers, are told before it opened") {
  Line line;
  std::uint16_t nobody = 0;
  {
    const auto gone = line.net.serve([](ServerRequest, Responder) {});
    nobody = gone.port();
  }
  line.open({.url = "ws://127.0.0.1:" + std::to_string(nobody)});
  CHECK(line.wait_for_end().cause == Ended::cannot_connect);
  line.end.reset();
  RawServer mute(line.net.io, [](const std::string&) {
    return RawServer::Answer{"", RawServer::Then::keep_open};
  });
  line.open({.url = "ws://127.0.0.1:" + std::to_string(mute.port()), .open_timeout = Duration(50)});
  CHECK(line.wait_for_end().cause == Ended::timed_out);
  CHECK_FALSE(line.end->opened);
}

TEST_CASE("An answer that only looks like a WebSocket's is told as wrong") {
  Line line;
  RawServer odd(line.net.io, [](const std::string&) {
    return RawServer::Answer{
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
        RawServer::Then::keep_open};
  });
  line.open({.url = "ws://127.0.0.1:" + std::to_string(odd.port())});
  CHECK(line.wait_for_end().cause == Ended::bad_message);
}

TEST_CASE("A peer that answers pings is kept, and one that fell silent is given up") {
  Line line;
  line.open({.url = line.url(), .idle_timeout = Duration(100)});
  line.net.run_until([&] { return line.opened.has_value(); });
  bool passed = false;
  boost::asio::steady_timer timer(line.net.io, std::chrono::milliseconds(350));
  timer.async_wait([&](const boost::system::error_code&) { passed = true; });
  line.net.run_until([&] { return passed; });
  CHECK_FALSE(line.end);
  line.peer->fall_silent();
  line.peer->send(true, "reads no more");  // and its next read would be after this message
  line.client.send(WebSocketId{1}, {true, "wakes its last read"});
  CHECK(line.wait_for_end().cause == Ended::timed_out);
  CHECK(line.end->opened);
}

TEST_CASE("An address that is not public is not connected to when only public ones may be") {
  Line line;
  line.open({.url = line.url(), .public_only = true});
  CHECK(line.wait_for_end().cause == Ended::bad_message);
  CHECK(line.end->message.find("127.0.0.1") != std::string::npos);
  CHECK(line.server.connections_accepted() == 0);
}

TEST_CASE("A URL or header that cannot be sent is refused, and nothing is connected") {
  Line line;
  const auto refused = [&](WebSocketRequest asked) {
    line.end.reset();
    line.open(std::move(asked));
    return line.wait_for_end();
  };
  CHECK(refused({.url = "http://127.0.0.1/"}).cause == Ended::bad_request);
  CHECK(refused({.url = "ws://me:hush@127.0.0.1/"}).message.find("hush") == std::string::npos);
  CHECK(refused({.url = "not a url"}).cause == Ended::bad_request);
  CHECK(refused({.url = line.url(), .headers = {{"Host", "x"}}}).cause == Ended::bad_request);
  CHECK(refused({.url = line.url(), .headers = {{"X", "a\r\nY: b"}}}).cause == Ended::bad_request);
  CHECK(line.server.connections_accepted() == 0);
}

TEST_CASE("More than may wait is not taken") {
  Line line({.unsent_limit_bytes = 1000});
  const WebSocketId id = line.open();
  CHECK(line.client.send(id, {false, std::string(900, 'a')}));
  CHECK_FALSE(line.client.send(id, {false, std::string(200, 'b')}));
  line.net.run_until([&] { return line.received.size() == 1; });
  CHECK(line.client.send(id, {false, std::string(200, 'c')}));
}

TEST_CASE("The client's end tells the end of every connection, begun ones too") {
  Line line;
  observe::Redactor redactor;
  auto other = std::make_unique<WebSocketClient>(
      line.net.io, WebSocketOptions{},
      observe::Logger::to_sink([](observe::Level, std::string_view) {}, redactor,
                               observe::Level::error));
  int ends = 0;
  WebSocketEvents events;
  events.on_end = [&](const WebSocketEnd& how) {
    CHECK(how.cause == Ended::cancelled);
    ++ends;
  };
  bool opened = false;
  events.on_open = [&](const Headers&) { opened = true; };
  other->open({.url = line.url()}, events);
  line.net.run_until([&] { return opened; });
  other->open({.url = line.url()}, events);
  other.reset();
  CHECK(ends == 2);
}

TEST_CASE("wss is checked against the trusted certificates and the host's name") {
  TemporaryFolder folder;
  const auto trusted = folder / "ca.pem";
  Line line({.ca_file = trusted});
  TlsFront front(line.net.io, line.server.port(), trusted);
  const std::string port = std::to_string(front.port());
  const WebSocketId id = line.open({.url = "wss://localhost:" + port + "/ws"});
  line.net.run_until([&] { return line.opened.has_value() || line.end.has_value(); });
  REQUIRE(line.opened);
  line.client.send(id, {true, "sealed"});
  line.peer->send(false, distinct_bytes(100'000));
  line.net.run_until([&] { return !line.received.empty() && !line.messages.empty(); });
  CHECK(line.received.front().bytes == "sealed");
  CHECK(line.messages.front().bytes == distinct_bytes(100'000));
  line.client.close(id, 1000, "");
  CHECK(line.wait_for_end().cause == Ended::closed);
  line.end.reset();
  line.open({.url = "wss://127.0.0.1:" + port + "/ws"});  // the certificate names localhost
  CHECK(line.wait_for_end().cause == Ended::cannot_connect);
}

}  // namespace
