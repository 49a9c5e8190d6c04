// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "loopback.hpp"

using namespace weft;
using namespace weft::net;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using Cause = HttpFailure::Cause;

namespace {

void answer_target(ServerRequest request, Responder responder) {
  responder.send({200, {}, request.target});
}

}  // namespace

TEST_CASE("a handler sees path and query decoded and the target as sent") {
  Loopback net;
  ServerRequest seen;
  const auto server = net.serve([&](ServerRequest request, Responder responder) {
    seen = std::move(request);
    responder.send({});
  });
  CHECK(net.fetch({.url = local_url(server.port(), "/a%20b/c?k=v%26w&flag&k=2")}).has_value());
  CHECK(seen.target == "/a%20b/c?k=v%26w&flag&k=2");
  CHECK(seen.path == "/a b/c");
  CHECK(seen.query == decltype(seen.query){{"k", "v&w"}, {"flag", ""}, {"k", "2"}});
}

TEST_CASE("a handler may answer later") {
  Loopback net;
  std::optional<Responder> kept;
  const auto server =
      net.serve([&](ServerRequest, Responder responder) { kept = std::move(responder); });
  std::optional<HttpResult> answer;
  net.client->start({.url = local_url(server.port())},
                    [&](TransferId, HttpResult result) { answer = std::move(result); });
  net.run_until([&] { return kept.has_value(); });
  CHECK_FALSE(answer.has_value());
  kept->send({202, {}, "later"});
  kept->send({500, {}, "a second answer is ignored"});
  net.run_until([&] { return answer.has_value(); });
  CHECK(answer->value().status == 202);
}

TEST_CASE("an answer comes in pieces, each asked for when the one before is written") {
  Loopback net;
  int written = 0;
  const auto server = net.serve([&](ServerRequest, Responder responder) {
    responder.begin(200, {{"Content-Type", "text/event-stream"}});
    responder.write("");
    responder.write("one ", [&written, responder]() mutable {
      ++written;
      responder.write("two", [&written, responder]() mutable {
        ++written;
        responder.end();
      });
    });
  });
  const auto answer = net.fetch({.url = local_url(server.port())}).value();
  CHECK(answer.body == "one two");
  CHECK(*find_header(answer.headers, "Content-Type") == "text/event-stream");
  CHECK(written == 2);
  CHECK(net.fetch({.url = local_url(server.port())}).has_value());
  CHECK(server.connections_accepted() == 1);
}

TEST_CASE("an answer of known length comes in pieces without chunks") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) {
    responder.begin(200, {{"Content-Length", "6"}});
    responder.write("one");
    responder.write("two");
    responder.end();
  });
  for (int i = 0; i < 2; ++i) {
    const auto answer = net.fetch({.url = local_url(server.port())}).value();
    CHECK(answer.body == "onetwo");
    CHECK(*find_header(answer.headers, "Content-Length") == "6");
    CHECK(find_header(answer.headers, "Transfer-Encoding") == nullptr);
  }
  CHECK(server.connections_accepted() == 1);
}

TEST_CASE("a responder that is dropped answers 500, and breaks a stream off") {
  Loopback net;
  const auto server = net.serve([](ServerRequest request, Responder responder) {
    if (request.path == "/stream") responder.begin(200, {});
  });
  CHECK(net.fetch({.url = local_url(server.port())}).value().status == 500);
  CHECK(net.fetch({.url = local_url(server.port(), "/stream")}).error().cause ==
        Cause::connection_lost);
}

TEST_CASE("a request can be left without an answer on purpose") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) { responder.abort(); });
  const auto result = net.fetch({.url = local_url(server.port())});
  REQUIRE(result.has_error());
  CHECK(result.error().cause == Cause::connection_lost);
}

TEST_CASE("a handler learns that the client went before the answer") {
  Loopback net;
  std::optional<Responder> kept;
  int gone = 0;
  const auto server = net.serve([&](ServerRequest, Responder responder) {
    kept = responder;
    responder.on_disconnect([&] { ++gone; });
  });
  const auto id =
      net.client->start({.url = local_url(server.port())}, [](TransferId, HttpResult) {});
  net.run_until([&] { return kept.has_value(); });
  net.client->cancel(id);
  net.run_until([&] { return gone > 0; });
  kept->send({});
  bool told = false;
  kept->on_disconnect([&] { told = true; });
  CHECK(net.fetch({.url = local_url(server.port(), "/never"), .total_timeout = Duration(20)})
            .has_error());
  CHECK(gone == 1);
  CHECK_FALSE(told);  // its answer had been given, if to nobody
}

TEST_CASE("a body beyond the limit is answered with 413") {
  Loopback net;
  const auto server = net.serve(answer_target, {.body_limit_bytes = 1000});
  HttpRequest request{.method = "POST", .url = local_url(server.port())};
  request.body = std::string(1000, 'x');
  CHECK(net.fetch(request).value().status == 200);
  request.body = std::string(200'000, 'x');
  CHECK(net.fetch(request).value().status == 413);
}

TEST_CASE("what is not a request is answered with 400, a head without end with 431") {
  Loopback net;
  const auto server = net.serve(answer_target);
  CHECK_THAT(net.exchange(server.port(), "nonsense\r\n\r\n"),
             StartsWith("HTTP/1.1 400 Bad Request"));
  CHECK_THAT(net.exchange(server.port(), "GET nowhere HTTP/1.1\r\n\r\n"),
             StartsWith("HTTP/1.1 400"));
  CHECK_THAT(net.exchange(server.port(), "GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x')),
             StartsWith("HTTP/1.1 431"));
}

TEST_CASE("requests sent in one go are answered in their order") {
  Loopback net;
  const auto server = net.serve(answer_target);
  const std::string answers = net.exchange(
      server.port(), "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n");
  const auto first = answers.find("\r\n\r\n/1HTTP/1.1 200");
  CHECK(first != std::string::npos);
  CHECK_THAT(answers, EndsWith("\r\n\r\n/2"));
}

TEST_CASE("a client of HTTP/1.0 gets a stream without chunks, ended by the connection") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) {
    responder.begin(200, {});
    responder.write("plain ");
    responder.write("bytes");
    responder.end();
  });
  const std::string answer = net.exchange(server.port(), "GET / HTTP/1.0\r\n\r\n");
  CHECK_THAT(answer, !Contains("chunked") && Contains("Connection: close"));
  CHECK_THAT(answer, EndsWith("\r\n\r\nplain bytes"));
}

TEST_CASE("a header's value cannot smuggle in another header") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) {
    responder.send({200, {{"X-Name", "a\r\nX-Forged: b"}}, ""});
  });
  const auto answer = net.fetch({.url = local_url(server.port())}).value();
  CHECK(find_header(answer.headers, "X-Forged") == nullptr);
  CHECK(find_header(answer.headers, "X-Name") != nullptr);
}

TEST_CASE("answers without a body have none") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) {
    responder.send({204, {}, "ignored"});
  });
  for (int i = 0; i < 2; ++i) {
    CHECK(net.fetch({.url = local_url(server.port())}).value().status == 204);
  }
  CHECK(server.connections_accepted() == 1);
}

TEST_CASE("a server that stops finishes its answers and takes no new connection") {
  Loopback net;
  std::optional<Responder> kept;
  auto server = net.serve([&](ServerRequest, Responder responder) { kept = std::move(responder); });
  std::optional<HttpResult> answer;
  net.client->start({.url = local_url(server.port())},
                    [&](TransferId, HttpResult result) { answer = std::move(result); });
  net.run_until([&] { return kept.has_value(); });
  bool stopped = false;
  server.stop([&] { stopped = true; });
  CHECK(net.fetch({.url = local_url(server.port())}).error().cause == Cause::cannot_connect);
  CHECK_FALSE(stopped);
  kept->send({200, {}, "done"});
  net.run_until([&] { return answer.has_value() && stopped; });
  CHECK(answer->value().body == "done");
}

TEST_CASE("a server that stops closes the connections nobody uses") {
  Loopback net;
  auto server = net.serve(answer_target);
  CHECK(net.fetch({.url = local_url(server.port())}).has_value());
  bool stopped = false;
  server.stop([&] { stopped = true; });
  net.run_until([&] { return stopped; });
  CHECK(server.connections_accepted() == 1);
}

TEST_CASE("the end of a server cuts its connections, and a kept responder does no harm") {
  Loopback net;
  std::optional<Responder> kept;
  std::optional<HttpResult> answer;
  {
    const auto server =
        net.serve([&](ServerRequest, Responder responder) { kept = std::move(responder); });
    net.client->start({.url = local_url(server.port())},
                      [&](TransferId, HttpResult result) { answer = std::move(result); });
    net.run_until([&] { return kept.has_value(); });
  }
  kept->send({});
  net.run_until([&] { return answer.has_value(); });
  CHECK(answer->error().cause == Cause::connection_lost);
}

TEST_CASE("a port that is taken is an error that names it") {
  Loopback net;
  const auto server = net.serve(answer_target);
  const auto second = HttpServer::start(net.io, {.port = server.port()}, answer_target);
  REQUIRE(second.has_error());
  CHECK(second.error().kind == ErrorKind::machine);
  CHECK_THAT(second.error().message, Contains(std::to_string(server.port())));
  CHECK(HttpServer::start(net.io, {.address = "localhost"}, answer_target).error().kind ==
        ErrorKind::invalid);
}
