// SPDX-License-Identifier: Apache-2.0
// Each request ends exactly once, however its life ends.
#include <thread>

#include "catch.hpp"
#include "loopback.hpp"

using namespace weft;
using namespace weft::net;
using Cause = HttpFailure::Cause;
using Then = RawServer::Then;

namespace {

RawServer::Answer half_an_answer(const std::string&) {
  return {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Then::keep_open};
}

// Counts ends, and remembers the last one.
struct Ends {
  int count = 0;
  std::optional<HttpResult> last;
  HttpClient::OnDone counter() {
    return [this](TransferId, HttpResult result) {
      ++count;
      last = std::move(result);
    };
  }
};

}  // namespace

TEST_CASE("a request is cancelled before it is sent") {
  Loopback net;
  RawServer server(net.io, half_an_answer);
  Ends ends;
  net.client->cancel(net.client->start({.url = local_url(server.port())}, ends.counter()));
  net.run_until([&] { return ends.count > 0; });
  CHECK(ends.last->error().cause == Cause::cancelled);
  CHECK_FALSE(ends.last->error().sent);
  CHECK(server.heads().empty());
}

TEST_CASE(
    "a request is cancelled in the midst of its answer, from within the answer's own callback") {
  Loopback net;
  RawServer server(net.io, half_an_answer);
  Ends ends;
  TransferId id{};
  HttpRequest request{.url = local_url(server.port())};
  ToSink sink;
  sink.on_data = [&](std::string_view) { net.client->cancel(id); };
  request.answer_to = std::move(sink);
  id = net.client->start(std::move(request), ends.counter());
  net.run_until([&] { return ends.count > 0; });
  CHECK(ends.last->error().cause == Cause::cancelled);
  CHECK(ends.last->error().sent);
  CHECK(ends.last->error().status == 200);
}

TEST_CASE("cancelling what has ended, or never was, does nothing") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) { responder.send({}); });
  Ends ends;
  const auto id = net.client->start({.url = local_url(server.port())}, ends.counter());
  net.run_until([&] { return ends.count > 0; });
  net.client->cancel(id);
  net.client->cancel(TransferId{12345});
  net.client->credit(id, 10);
  CHECK(net.fetch({.url = local_url(server.port())}).has_value());
  CHECK(ends.count == 1);
  CHECK(ends.last->has_value());
}

TEST_CASE("the end of the client ends every request") {
  Loopback net;
  RawServer server(net.io, half_an_answer);
  Ends ends;
  bool streaming = false;
  HttpRequest request{.url = local_url(server.port())};
  ToSink sink;
  sink.on_data = [&](std::string_view) { streaming = true; };
  request.answer_to = std::move(sink);
  net.client->start(std::move(request), ends.counter());
  net.run_until([&] { return streaming; });
  net.client->start({.url = local_url(server.port())}, ends.counter());  // still queued
  net.client.reset();
  CHECK(ends.count == 2);
  CHECK(ends.last->error().cause == Cause::cancelled);
  net.io.restart();
  net.io.poll();
  CHECK(ends.count == 2);
}

TEST_CASE("a client may end while an answer is handed over") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) { responder.send({}); });
  Ends others;
  bool done = false;
  net.client->start({.url = local_url(server.port())}, [&](TransferId, HttpResult result) {
    CHECK(result.has_value());
    net.client.reset();
    done = true;
  });
  RawServer silent(net.io, half_an_answer);
  net.client->start({.url = local_url(silent.port())}, others.counter());
  net.run_until([&] { return done; });
  CHECK(others.count == 1);
  CHECK(others.last->error().cause == Cause::cancelled);
}

TEST_CASE("a request may be started from within another one's end") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) { responder.send({}); });
  Ends second;
  net.client->start({.url = local_url(server.port())}, [&](TransferId, HttpResult) {
    net.client->start({.url = local_url(server.port())}, second.counter());
    CHECK(second.count == 0);
  });
  net.run_until([&] { return second.count == 1; });
  CHECK(second.last->has_value());
}

TEST_CASE("other threads may start and cancel requests") {
  Loopback net;
  const auto server = net.serve([](ServerRequest, Responder responder) { responder.send({}); });
  constexpr int threads = 4;
  constexpr int each = 50;
  int ended = 0;
  {
    std::vector<std::jthread> callers;
    for (int t = 0; t < threads; ++t) {
      callers.emplace_back([&] {
        for (int i = 0; i < each; ++i) {
          const auto id = net.client->start({.url = local_url(server.port())},
                                            [&](TransferId, HttpResult) { ++ended; });
          if (i % 2 == 1) net.client->cancel(id);
        }
      });
    }
    net.run_until([&] { return ended == threads * each; });
  }
  CHECK(ended == threads * each);
}
