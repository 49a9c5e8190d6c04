// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/json.hpp>

#include "asking.hpp"
#include "catch.hpp"

namespace weft::comfy_fake {

constexpr const char* id_a = "aaaaaaaa-0000-4000-8000-000000000001";
constexpr const char* id_b = "bbbbbbbb-0000-4000-8000-000000000002";

// A server on a clock of the test's own.
struct Served {
  ComfyServer server{read_catalogue(std::string(WEFT_TEST_DATA) + "/comfyui/object_info.json")};
  Timestamp now = from_unix_ms(1'000'000);

  std::optional<net::ServerResponse> ask(const std::string& method, const std::string& target,
                                         std::string body = {}, net::Headers headers = {}) {
    return server.handle(make_request(method, target, std::move(body), std::move(headers)), now);
  }
  json::value get(const std::string& target) { return json::parse(ask("GET", target)->body); }
  int status(const std::string& method, const std::string& target, std::string body = {}) {
    return ask(method, target, std::move(body))->status;
  }
  void order(const std::string& script) {
    REQUIRE(apply(server.script, json::parse(script)).has_value());
  }
  net::ServerResponse post(const std::string& id, const json::object& prompt,
                           const std::string& client = "me") {
    const json::object body{{"prompt", prompt}, {"prompt_id", id}, {"client_id", client}};
    return ask("POST", "/prompt", json::serialize(body)).value();
  }
  void pass(std::int64_t ms) {
    now += Duration(ms);
    server.advance(now);
  }
  // The types of the text frames sent since the last call.
  std::vector<std::string> types() {
    std::vector<std::string> seen;
    for (const Frame& frame : server.take_frames())
      seen.push_back(frame.is_end ? "end"
                     : frame.is_binary
                         ? "binary"
                         : std::string(json::parse(frame.payload).at("type").as_string()));
    return seen;
  }
};

// 1 makes a picture, 2 blurs it, 3 saves it.
inline json::object picture(std::int64_t color = 7, const std::string& prefix = "img") {
  return {{"1",
           {{"class_type", "EmptyImage"},
            {"inputs", {{"width", 64}, {"height", 64}, {"batch_size", 1}, {"color", color}}}}},
          {"2",
           {{"class_type", "ImageBlur"},
            {"inputs", {{"image", json::array{"1", 0}}, {"blur_radius", 3}, {"sigma", 1.0}}}}},
          {"3",
           {{"class_type", "SaveImage"},
            {"inputs", {{"images", json::array{"2", 0}}, {"filename_prefix", prefix}}}}}};
}

}  // namespace weft::comfy_fake
