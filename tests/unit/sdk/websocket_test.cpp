// SPDX-License-Identifier: Apache-2.0
#include <weft/testing.hpp>

#include "catch.hpp"
#include "simple.hpp"

using weft::testing::fake_host;
using weft::testing::websocket_peer;

namespace {

// Counts what comes until the far side closes.
constexpr weft_entry listening = simple<[](weft::job& job) -> weft::task<> {
  nlohmann::json seen = {{"text", ""}, {"bytes", 0}, {"opened", false}};
  weft::websocket_sink sink;
  sink.on_open = [&] { seen["opened"] = true; };
  sink.on_text = [&](std::string_view text) {
    seen["text"] = seen["text"].get<std::string>() + std::string(text);
  };
  sink.on_binary = [&](std::string_view bytes) { seen["bytes"] = bytes.size(); };
  sink.on_end = [&](const weft::websocket_end& end) {
    seen["code"] = end.close_code();
    seen["said"] = end.text();
    seen["http_status"] = end.http_status();
  };
  weft::websocket_request wanted("wss://service/live");
  wanted.header("Authorization", "Bearer {secret:key}");
  const auto socket = job.open(wanted, sink);
  socket->send("hello");
  try {
    co_await socket->end();
  } catch (const weft::error& failure) {
    if (failure.status() == WEFT_CANCELLED) throw;
    seen["failure"] = failure.status();
  }
  job.result(std::move(seen));
}>;

// Sleeps for a minute unless something comes.
constexpr weft_entry sleeping = simple<[](weft::job& job) -> weft::task<> {
  weft::waker early;
  weft::websocket_sink sink;
  sink.on_text = [&](std::string_view) { early.wake(); };
  const weft::websocket_request wanted("ws://service/");
  const auto socket = job.open(wanted, sink);
  const bool first = co_await job.sleep(60'000, early);
  const bool second = co_await job.sleep(60'000, early);
  job.result({{"woken", {first, second}}});
}>;

struct Service {
  fake_host host;
  std::optional<websocket_peer> peer;
  std::vector<std::string> received;
  bool ended = false;

  Service() {
    host.set_secret("key", "hush");
    host.on_websocket("ws", [this](websocket_peer opened) {
      opened.on_message([this](std::string_view bytes, bool) { received.emplace_back(bytes); });
      opened.on_end([this] { ended = true; });
      peer = opened;
    });
  }
};

}  // namespace

TEST_CASE("a job listens to a WebSocket until the far side closes it") {
  Service far;
  auto service = far.host.create(listening, "simple");
  auto job = service.submit({.operation = "test.simple"});
  far.host.advance(1);
  CHECK(far.received == std::vector<std::string>{"hello"});
  CHECK(far.peer->header("Authorization") == "Bearer hush");
  far.peer->send("one ");
  far.peer->send_binary("12345");
  far.peer->send("two");
  far.peer->close(4000, "enough");
  far.peer->send("after the end");
  far.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.result() == nlohmann::json{{"text", "one two"},
                                       {"bytes", 5},
                                       {"opened", true},
                                       {"code", 4000},
                                       {"said", "enough"},
                                       {"http_status", 0}});
  CHECK(far.host.violations().empty());
}

TEST_CASE("a WebSocket that does not open, or breaks, throws why") {
  Service far;
  far.host.on_websocket("wss://service/", [&](websocket_peer opened) {
    far.peer = opened;
    if (far.received.empty()) opened.refuse(401);
  });
  auto service = far.host.create(listening, "simple");
  auto refused = service.submit({.operation = "test.simple"});
  far.host.advance(1);
  CHECK(refused.result()["failure"] == WEFT_UNSUPPORTED);
  CHECK(refused.result()["http_status"] == 401);
  far.received = {"not empty"};
  auto broken = service.submit({.operation = "test.simple"});
  far.host.advance(1);
  far.peer->lose();
  far.host.run_until_idle();
  CHECK(broken.result()["failure"] == WEFT_TRANSIENT);
  CHECK(far.host.violations().empty());
}

TEST_CASE("a cancel ends the WebSocket of a job") {
  Service far;
  auto service = far.host.create(listening, "simple");
  auto job = service.submit({.operation = "test.simple"});
  far.host.advance(1);
  job.cancel();
  far.host.run_until_idle();
  CHECK(far.ended);
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(far.host.violations().empty());
}

TEST_CASE("a sleep ends early when it is woken, and in its time when it is not") {
  Service far;
  auto service = far.host.create(sleeping, "simple");
  auto job = service.submit({.operation = "test.simple"});
  const auto begun = far.host.now_ms();
  far.host.advance(1000);
  far.peer->send("wake up");
  far.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.result()["woken"] == nlohmann::json{true, false});
  CHECK(far.host.now_ms() == begun + 61'000);
  CHECK(far.host.violations().empty());
}

TEST_CASE("a cancel of a job that sleeps until it is woken is a cancel") {
  Service far;
  auto service = far.host.create(sleeping, "simple");
  auto job = service.submit({.operation = "test.simple"});
  far.host.advance(1000);
  job.cancel();
  far.host.run_until_idle();
  CHECK(job.status() == WEFT_CANCELLED);
}
