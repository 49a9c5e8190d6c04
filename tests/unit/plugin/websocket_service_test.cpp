// SPDX-License-Identifier: Apache-2.0
// weft.websocket-draft/1 of the real host, used by a plugin, with a real server.
#include <boost/json.hpp>

#include "catch.hpp"
#include "websocket_peer.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;
using weft::testing::WebSocketPeer;

namespace {

struct Line {
  World world{"face"};
  net::ServerRequest request;
  std::shared_ptr<WebSocketPeer> peer;
  std::vector<std::string> received;
  std::optional<std::uint16_t> closed;
  bool ended = false;
  int refuses = 0;
  net::HttpServer server;
  std::unique_ptr<Instance> instance;

  Line()
      : server(net::HttpServer::start(
                   world.io, {},
                   [this](net::ServerRequest asked, net::Responder responder) {
                     request = std::move(asked);
                     if (refuses) return responder.send({.status = refuses});
                     WebSocketPeer::Events events;
                     events.on_message = [this](bool is_text, std::string bytes) {
                       received.push_back((is_text ? "text " : "binary ") + bytes);
                     };
                     events.on_end = [this](std::optional<std::uint16_t> code) {
                       ended = true;
                       closed = code;
                     };
                     peer = WebSocketPeer::accept(world.io, request, std::move(responder),
                                                  std::move(events));
                   })
                   .value()) {
    world.secrets.values["key"] = "hush-hush";
    instance = world.make("face", {}, {"key"});
  }
  Job job(const std::string& more = "") {
    return world.job_with(1, R"({"websocket": "ws://127.0.0.1:)" + std::to_string(server.port()) +
                                 R"(/live?id=1")" + more + "}");
  }
  const JobOutcome& outcome() {
    REQUIRE(world.until([&] { return world.sink.outcome(1).has_value(); }));
    outcome_ = *world.sink.outcome(1);
    return outcome_;
  }

 private:
  JobOutcome outcome_;
};

}  // namespace

TEST_CASE("a plugin talks over a WebSocket of the host, with a secret that it never sees") {
  Line line;
  line.instance->submit(line.job());
  REQUIRE(line.world.until([&] { return line.received.size() == 2; }));
  CHECK(line.received == std::vector<std::string>{"text hello", "binary bytes"});
  CHECK(line.request.target == "/live?id=1");
  CHECK(*net::find_header(line.request.headers, "Authorization") == "Bearer hush-hush");
  line.peer->send(true, "w");
  const auto& outcome = line.outcome();
  REQUIRE(outcome.outcome == Outcome::ok);
  CHECK(outcome.outputs.at("heard") == "w");
  REQUIRE(line.world.until([&] { return line.ended; }));
  CHECK(line.closed == 1000);
  CHECK_FALSE(line.world.logged("hush-hush"));
}

TEST_CASE("messages reach the plugin whole and in order") {
  Line line;
  line.instance->submit(line.job(R"(, "enough": 300)"));
  REQUIRE(line.world.until([&] { return line.received.size() == 2; }));
  std::string all;
  for (int i = 0; i < 100; ++i) {
    const std::string word = std::to_string(100 + i);
    all += word;
    line.peer->send(true, word);
  }
  CHECK(line.outcome().outputs.at("heard") == json::value(all));
}

TEST_CASE("how a WebSocket ends is one of the outcomes") {
  Line line;
  SECTION("the server does not take it") {
    line.refuses = 404;
    line.instance->submit(line.job());
    CHECK(line.outcome().outcome == Outcome::unsupported);
    CHECK(line.outcome().message.find("404") != std::string::npos);
  }
  SECTION("it breaks") {
    line.instance->submit(line.job());
    REQUIRE(line.world.until([&] { return line.received.size() == 2; }));
    line.peer->drop();
    CHECK(line.outcome().outcome == Outcome::transient);
  }
  SECTION("it leads to an address that is not public") {
    line.instance->submit(line.job(R"(, "public": true)"));
    CHECK(line.outcome().outcome == Outcome::bad_output);
    CHECK(line.server.connections_accepted() == 0);
  }
  SECTION("the URL is none of a WebSocket") {
    line.instance->submit(line.world.job_with(1, R"({"websocket": "http://127.0.0.1/"})"));
    CHECK(line.outcome().outcome == Outcome::bad_input);
  }
  SECTION("its secret is not listed") {
    line.instance = line.world.make("face", {}, {});
    line.instance->submit(line.job());
    CHECK(line.outcome().outcome == Outcome::auth);
  }
}

TEST_CASE("the end of a job ends its WebSocket") {
  Line line;
  const Job job = line.job();
  line.instance->submit(job);
  REQUIRE(line.world.until([&] { return line.received.size() == 2; }));
  line.instance->cancel(job.attempt);
  CHECK(line.outcome().outcome == Outcome::cancelled);
  REQUIRE(line.world.until([&] { return line.ended; }));
  CHECK_FALSE(line.closed);
}

TEST_CASE("the end of an instance ends its WebSockets") {
  Line line;
  line.instance->submit(line.job());
  REQUIRE(line.world.until([&] { return line.received.size() == 2; }));
  line.instance.reset();
  REQUIRE(line.world.until([&] { return line.ended; }));
  CHECK_FALSE(line.world.logged("broke a law"));
}
