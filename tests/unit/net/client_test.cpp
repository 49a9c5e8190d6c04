// SPDX-License-Identifier: Apache-2.0
// What a request and its answer look like on either side.
#include <cstdlib>

#include "catch.hpp"
#include "loopback.hpp"

using namespace weft;
using namespace weft::net;

namespace {

// Answers with method, path and body of the request, and its headers as X-Got-<name>.
void echo(ServerRequest request, Responder responder) {
  ServerResponse response;
  response.body = request.method + " " + request.target + " " + request.body;
  for (const Header& header : request.headers) {
    response.headers.push_back({"X-Got-" + header.name, header.value});
  }
  responder.send(std::move(response));
}

}  // namespace

TEST_CASE("an answer brings status, headers and body") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) {
    responder.send({404, {{"X-Reason", "gone  away"}, {"Retry-After", "3"}}, "nothing here"});
  });
  const auto answer = net.fetch({.url = local_url(server.port(), "/a?b=c")}).value();
  CHECK(answer.status == 404);
  CHECK(answer.body == "nothing here");
  CHECK(answer.body_bytes == 12);
  CHECK(answer.retry_after == Duration(3000));
  REQUIRE(find_header(answer.headers, "x-reason") != nullptr);
  CHECK(*find_header(answer.headers, "x-reason") == "gone  away");
}

TEST_CASE("method, target, body and headers arrive as they were given") {
  Loopback net;
  const auto server = net.serve(echo);
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "PURGE"}) {
    HttpRequest request{.method = method, .url = local_url(server.port(), "/x?y=%20z")};
    request.body = "the body";
    request.headers = {{"X-One", "1"}, {"X-Empty", ""}, {"Content-Type", "text/plain"}};
    const auto answer = net.fetch(std::move(request)).value();
    CHECK(answer.body == std::string(method) + " /x?y=%20z the body");
    CHECK(*find_header(answer.headers, "X-Got-X-One") == "1");
    CHECK(find_header(answer.headers, "X-Got-X-Empty")->empty());
    CHECK(*find_header(answer.headers, "X-Got-Content-Type") == "text/plain");
    CHECK(*find_header(answer.headers, "X-Got-Content-Length") == "8");
  }
}

TEST_CASE("the client adds no header that claims something about the body") {
  Loopback net;
  const auto server = net.serve(echo);
  HttpRequest request{.method = "POST", .url = local_url(server.port())};
  request.body = std::string(2 << 20, 'x');
  const auto answer = net.fetch(std::move(request)).value();
  CHECK(find_header(answer.headers, "X-Got-Content-Type") == nullptr);
  CHECK(find_header(answer.headers, "X-Got-Expect") == nullptr);
}

TEST_CASE("a POST without a body says so") {
  Loopback net;
  const auto server = net.serve(echo);
  const auto answer = net.fetch({.method = "POST", .url = local_url(server.port())}).value();
  CHECK(*find_header(answer.headers, "X-Got-Content-Length") == "0");
}

TEST_CASE("a HEAD request ends with the head") {
  Loopback net;
  const auto server = net.serve(echo);
  const auto answer = net.fetch({.method = "HEAD", .url = local_url(server.port())}).value();
  CHECK(answer.status == 200);
  CHECK(answer.body.empty());
  CHECK(*find_header(answer.headers, "Content-Length") == "7");
}

TEST_CASE("an interim answer is not taken for the answer") {
  Loopback net;
  RawServer server(net.io, [](const std::string&) {
    return RawServer::Answer{
        "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
  });
  const auto answer = net.fetch({.url = local_url(server.port())}).value();
  CHECK(answer.status == 200);
  CHECK(answer.body == "ok");
  CHECK(find_header(answer.headers, "X-Early") == nullptr);
}

TEST_CASE("a proxy named by the environment is not used") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  Loopback net;
  const auto server = net.serve(echo);
  const auto answer = net.fetch({.url = local_url(server.port())});
  ::unsetenv("http_proxy");
  CHECK(answer.has_value());
}

TEST_CASE("requests one after another share one connection") {
  Loopback net;
  const auto server = net.serve(echo);
  for (int i = 0; i < 5; ++i) CHECK(net.fetch({.url = local_url(server.port())}).has_value());
  CHECK(server.connections_accepted() == 1);
}

TEST_CASE("a hundred requests run at once, and a hundred more find their connections") {
  Loopback net;
  std::vector<Responder> waiting;
  const auto server = net.serve([&](ServerRequest, Responder responder) {
    waiting.push_back(std::move(responder));
    if (waiting.size() < 100) return;
    for (Responder& all : std::exchange(waiting, {})) all.send({200, {}, "ok"});
  });
  for (int round = 0; round < 2; ++round) {
    int done = 0;
    for (int i = 0; i < 100; ++i) {
      net.client->start({.url = local_url(server.port())}, [&](TransferId, HttpResult answer) {
        CHECK(answer.value().body == "ok");
        ++done;
      });
    }
    net.run_until([&] { return done == 100; });
  }
  CHECK(server.connections_accepted() == 100);
}

TEST_CASE("connections to one host can be limited; further requests wait") {
  Loopback net({.connections_per_host = 2});
  const auto server = net.serve(echo);
  int done = 0;
  for (int i = 0; i < 20; ++i) {
    net.client->start({.url = local_url(server.port())}, [&](TransferId, HttpResult answer) {
      CHECK(answer.has_value());
      ++done;
    });
  }
  net.run_until([&] { return done == 20; });
  CHECK(server.connections_accepted() <= 2);
}

TEST_CASE("nothing of a request goes along with the one after it") {
  Loopback net;
  const auto server = net.serve(echo);
  HttpRequest first{.method = "PURGE", .url = local_url(server.port(), "/first")};
  first.body = Form{{"part", std::string("of the first"), "a.txt", "text/plain"}};
  first.headers = {{"Authorization", "Bearer sk-1", true}, {"X-One", "1"}};
  CHECK(net.fetch(std::move(first)).value().status == 200);
  for (const char* method : {"GET", "POST"}) {
    const auto second =
        net.fetch({.method = method, .url = local_url(server.port(), "/second")}).value();
    CHECK(second.body == std::string(method) + " /second ");
    CHECK(find_header(second.headers, "X-Got-Authorization") == nullptr);
    CHECK(find_header(second.headers, "X-Got-X-One") == nullptr);
    CHECK(find_header(second.headers, "X-Got-Content-Type") == nullptr);
  }
}
