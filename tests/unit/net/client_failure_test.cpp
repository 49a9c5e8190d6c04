// SPDX-License-Identifier: Apache-2.0
// What a failure says: above all, whether the request can have been accepted.
#include <boost/asio/ip/tcp.hpp>

#include "catch.hpp"
#include "loopback.hpp"

using namespace weft;
using namespace weft::net;
using Cause = HttpFailure::Cause;
using Then = RawServer::Then;

namespace {

HttpFailure failure_of(Loopback& net, HttpRequest request) {
  const auto result = net.fetch(std::move(request));
  REQUIRE(result.has_error());
  return result.error();
}

// The failure of a POST with a body to a server that says `bytes`.
HttpFailure failure_after(const std::string& bytes, Then then, HttpRequest request = {}) {
  Loopback net;
  RawServer server(net.io, [&](const std::string&) { return RawServer::Answer{bytes, then}; });
  request.method = "POST";
  request.url = local_url(server.port());
  request.body = "pay me";
  return failure_of(net, std::move(request));
}

std::uint16_t closed_port(Loopback& net) {
  const auto server = net.serve([](ServerRequest, Responder) {});
  return server.port();
}

}  // namespace

TEST_CASE("a refused connection sent nothing") {
  Loopback net;
  const auto failure =
      failure_of(net, {.method = "POST", .url = local_url(closed_port(net), "/jobs")});
  CHECK(failure.cause == Cause::cannot_connect);
  CHECK_FALSE(failure.sent);
  CHECK_THAT(failure.message, Catch::Matchers::StartsWith("POST http://127.0.0.1:"));
}

TEST_CASE("a TLS handshake that fails sent nothing") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) { responder.send({}); });
  const auto failure = failure_of(
      net, {.method = "POST", .url = "https://127.0.0.1:" + std::to_string(server.port())});
  CHECK(failure.cause == Cause::cannot_connect);
  CHECK_FALSE(failure.sent);
}

TEST_CASE("a connection that is not ready in time sent nothing") {
  Loopback net;
  // It accepts, but never answers the TLS handshake.
  RawServer server(net.io, [](const std::string&) { return RawServer::Answer{}; });
  HttpRequest request{.url = "https://127.0.0.1:" + std::to_string(server.port())};
  request.connect_timeout = Duration(50);
  const auto failure = failure_of(net, std::move(request));
  CHECK(failure.cause == Cause::timed_out);
  CHECK_FALSE(failure.sent);
  CHECK_THAT(failure.message, Catch::Matchers::EndsWith("no connection within 50ms"));
}

TEST_CASE("a reset after the request leaves open whether it was accepted") {
  const auto failure = failure_after("", Then::reset);
  CHECK(failure.cause == Cause::connection_lost);
  CHECK(failure.sent);
  CHECK(failure.sent_whole);
  CHECK(failure.status == 0);
}

TEST_CASE("a connection closed without an answer leaves open whether it was accepted") {
  const auto failure = failure_after("", Then::close);
  CHECK(failure.cause == Cause::connection_lost);
  CHECK(failure.sent);
}

TEST_CASE("a body of which the server takes only the beginning was not sent whole") {
  const std::string large(64 << 20, 'x');  // more than kernels hold between two sockets
  Loopback net;
  HttpRequest request{.method = "POST"};
  request.idle_timeout = Duration(100);

  // Whoever listens and accepts nobody reads nothing.
  boost::asio::ip::tcp::acceptor deaf(net.io, {boost::asio::ip::address_v4::loopback(), 0});
  request.url = local_url(deaf.local_endpoint().port());
  request.body = large;
  auto failure = failure_of(net, std::move(request));
  CHECK(failure.cause == Cause::timed_out);
  CHECK(failure.sent);
  CHECK_FALSE(failure.sent_whole);

  RawServer server(net.io, [](const std::string&) { return RawServer::Answer{"", Then::reset}; });
  HttpRequest form{.method = "POST", .url = local_url(server.port())};
  form.body = Form{{"image", large, "a.png", "image/png"}};
  failure = failure_of(net, std::move(form));
  CHECK(failure.cause == Cause::connection_lost);
  CHECK(failure.sent);
  CHECK_FALSE(failure.sent_whole);
}

TEST_CASE("a body cut short is a lost connection, and the status is known") {
  const auto failure =
      failure_after("HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nshort", Then::close);
  CHECK(failure.cause == Cause::connection_lost);
  CHECK(failure.sent);
  CHECK(failure.status == 201);
}

TEST_CASE("silence before the answer runs into the idle timeout") {
  HttpRequest request;
  request.idle_timeout = Duration(30);
  const auto failure = failure_after("", Then::keep_open, std::move(request));
  CHECK(failure.cause == Cause::timed_out);
  CHECK(failure.sent);
  CHECK_THAT(failure.message, Catch::Matchers::EndsWith("no byte came or went for 30ms"));
}

TEST_CASE("silence in the midst of a body runs into the idle timeout") {
  HttpRequest request;
  request.idle_timeout = Duration(30);
  const auto failure = failure_after("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
                                     Then::keep_open, std::move(request));
  CHECK(failure.cause == Cause::timed_out);
  CHECK(failure.status == 200);
}

TEST_CASE("bytes that keep coming do not stop the total timeout") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) {
    responder.begin(200, {});
    const auto more = std::make_shared<std::function<void()>>();
    *more = [responder, weak = std::weak_ptr(more)]() mutable {
      if (const auto self = weak.lock()) responder.write("x", [self] { (*self)(); });
    };
    (*more)();
  });
  HttpRequest request{.url = local_url(server.port())};
  request.idle_timeout = Duration(5000);
  request.total_timeout = Duration(40);
  request.answer_to = ToMemory{std::uint64_t{1} << 40};
  const auto failure = failure_of(net, std::move(request));
  CHECK(failure.cause == Cause::timed_out);
  CHECK_THAT(failure.message, Catch::Matchers::EndsWith("not done within 40ms"));
}

TEST_CASE("a head without end is too large") {
  const auto failure = failure_after(
      "HTTP/1.1 200 OK\r\n" +
          [] {
            std::string lines;
            for (int i = 0; i < 400; ++i) lines += "X-Long: " + std::string(1000, 'x') + "\r\n";
            return lines;
          }(),
      Then::keep_open);
  CHECK(failure.cause == Cause::too_large);
  CHECK(failure.sent);
}

TEST_CASE("what is not HTTP is a bad answer") {
  const auto failure = failure_after("SSH-2.0-OpenSSH_9.2\r\n\r\n", Then::close);
  CHECK(failure.cause == Cause::bad_answer);
  CHECK(failure.sent);
}

TEST_CASE("a request on a kept connection that turns out dead is not sent again") {
  for (const char* method : {"GET", "POST"}) {
    Loopback net;
    int asked = 0;
    RawServer server(net.io, [&](const std::string&) {
      if (++asked == 1) {
        return RawServer::Answer{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Then::keep_open};
      }
      return RawServer::Answer{"", Then::reset};
    });
    CHECK(net.fetch({.url = local_url(server.port())}).has_value());
    const auto failure = failure_of(net, {.method = method, .url = local_url(server.port())});
    CHECK(failure.cause == Cause::connection_lost);
    CHECK(failure.sent);
    CHECK(server.heads().size() == 2);
    // The client is still good for a next request.
    CHECK(failure_of(net, {.url = local_url(server.port())}).cause == Cause::connection_lost);
    CHECK(server.heads().size() == 3);
  }
}

TEST_CASE("a request that cannot be sent as it is fails before anything is sent") {
  Loopback net;
  const std::string url = local_url(closed_port(net));
  std::vector<HttpRequest> bad(9, HttpRequest{.method = "POST", .url = url});
  bad[0].url = "ftp://127.0.0.1/";
  bad[1].url = "file:///etc/passwd";
  bad[2].url = "not a url";
  bad[3].headers = {{"X-Two", "a\r\nX-Three: b"}};
  bad[4].headers = {{"X Two", "a"}};
  bad[5].headers = {{"content-length", "5"}};
  bad[6].method = "GET /x HTTP/1.1\r\n";
  bad[7].body = FileSlice{"/no/such/file", 0, {}};
  bad[8].method = "HEAD";
  bad[8].body = "a body";
  for (auto& request : bad) {
    const auto failure = failure_of(net, std::move(request));
    CHECK(failure.cause == Cause::bad_request);
    CHECK_FALSE(failure.sent);
  }
}

TEST_CASE("credentials are in no failure and in no log line") {
  Loopback net;
  RawServer server(net.io, [](const std::string&) { return RawServer::Answer{"", Then::reset}; });
  const std::string authority = "127.0.0.1:" + std::to_string(server.port());
  HttpRequest by_header{.url = "http://" + authority + "/?key=hush"};
  by_header.headers = {{"X-Key", "hush", true}};
  const HttpRequest by_user{.url = "http://me:hush@" + authority};
  HttpRequest by_value{.url = "http://" + authority};
  by_value.headers = {{"X-Key", "hush\n", true}};
  for (const auto& request : {by_header, by_user, by_value}) {
    const auto failure = failure_of(net, request);
    CHECK_THAT(failure.message, !Catch::Matchers::Contains("hush"));
  }
  CHECK(server.heads().size() == 1);
  CHECK(net.log_lines.size() == 3);
  for (const auto& line : net.log_lines) CHECK_THAT(line, !Catch::Matchers::Contains("hush"));
}

TEST_CASE("every cause has a word of its own") {
  CHECK(to_string(Cause::bad_request) == "bad_request");
  CHECK(to_string(Cause::cancelled) == "cancelled");
}
