// SPDX-License-Identifier: Apache-2.0
// What the sockets of the fake are sent.
#include "fixture.hpp"

using namespace weft;
using namespace weft::comfy_fake;

TEST_CASE("the events of one run come in the measured order") {
  Served s;
  s.server.open_socket("me", s.now);
  s.types();
  s.post(id_a, picture());
  s.pass(1000);
  const auto seen = s.types();
  std::vector<std::string> key;
  for (const std::string& type : seen)
    if (type != "progress_state") key.push_back(type);
  CHECK(key == std::vector<std::string>{"status", "status", "execution_start", "execution_cached",
                                        "executing", "executing", "executing", "executed",
                                        "execution_success", "status", "executing"});
}

TEST_CASE("the newer of two sockets with one id wins, and the older one's end silences it") {
  Served s;
  const SocketId old = s.server.open_socket("me", s.now);
  const SocketId young = s.server.open_socket("me", s.now);
  s.types();
  s.post(id_a, picture(1));
  for (const Frame& frame : s.server.take_frames()) CHECK(frame.to == young);
  s.server.close_socket(old);
  s.pass(1000);
  CHECK(s.types().empty());
}

TEST_CASE("without a client id progress goes to everybody and the end to nobody") {
  Served s;
  s.order(R"({"classes": {"ImageBlur": {"steps": 2}}})");
  s.server.open_socket("other", s.now);
  s.types();
  s.post(id_a, picture(), "");
  s.pass(1000);
  const auto seen = s.types();
  CHECK(std::ranges::find(seen, "progress") != seen.end());
  CHECK(std::ranges::find(seen, "execution_success") == seen.end());
}

TEST_CASE("a preview carries its prompt only for a client that negotiated it") {
  Served s;
  s.order(R"({"previews": 1, "classes": {"ImageBlur": {"steps": 1}}})");
  const SocketId socket = s.server.open_socket("me", s.now);
  const auto preview = [&] {
    for (const Frame& frame : s.server.take_frames())
      if (frame.is_binary) return frame.payload;
    return std::string();
  };
  s.post(id_a, picture(1));
  s.pass(1000);
  CHECK(preview().substr(0, 8) == std::string("\0\0\0\1\0\0\0\2", 8));
  s.server.receive(socket,
                   R"({"type": "feature_flags", "data": {"supports_preview_metadata": true}})");
  s.post(id_b, picture(2));
  s.pass(1000);
  const std::string with_meta = preview();
  CHECK(with_meta.substr(0, 4) == std::string("\0\0\0\4", 4));
  CHECK(with_meta.find(id_b) != std::string::npos);
}

TEST_CASE("a restart breaks every socket") {
  Served s;
  s.server.open_socket("me", s.now);
  s.types();
  s.server.restart(s.now);
  CHECK(s.types() == std::vector<std::string>{"end"});
}

TEST_CASE("a client that connects while its prompt runs is told the node, and not the prompt") {
  Served s;
  s.order(R"({"classes": {"ImageBlur": {"ms": 1000}}})");
  s.post(id_a, picture());
  s.pass(100);
  s.server.take_frames();
  s.server.open_socket("me", s.now);
  const auto frames = s.server.take_frames();
  REQUIRE(frames.size() == 2);
  const auto told = json::parse(frames.back().payload);
  CHECK(told.at("type") == "executing");
  CHECK(told.at("data") == json::value{{"node", "2"}});
}

TEST_CASE("versions before 0.3.44 tell no state of the nodes") {
  Served s;
  s.order(R"({"version": "0.3.40", "classes": {"ImageBlur": {"steps": 2}}})");
  s.server.open_socket("me", s.now);
  s.post(id_a, picture());
  s.pass(1000);
  const auto seen = s.types();
  CHECK(std::ranges::find(seen, "progress") != seen.end());
  CHECK(std::ranges::find(seen, "progress_state") == seen.end());
}

TEST_CASE("a client that stops reading keeps the frames of all, until it is gone") {
  Served s;
  s.server.open_socket("me", s.now);
  s.order(R"({"stalls": 1})");
  s.post(id_a, picture());
  s.pass(1000);
  CHECK(s.types().empty());
  s.order(R"({"stalls": 0})");
  const auto late = s.types();
  CHECK(std::ranges::find(late, "execution_success") != late.end());
}
