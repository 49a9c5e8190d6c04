// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <weft/testing.hpp>

#include "asking.hpp"
#include "catch.hpp"
#include "expression_service.hpp"

namespace comfyui_test {

using weft::comfy_fake::ComfyServer;
using weft::testing::http_answer;
using weft::testing::http_call;
using weft::testing::websocket_peer;
using json = nlohmann::json;

constexpr const char* url = "http://comfy.test/base";

inline const weft_entry& entry() {
  static const weft::testing::library opened(COMFYUI_PLUGIN);
  return opened.entry();
}

// The plugin, its host's clock, and a ComfyUI behind a proxy with a base path.
struct Studio {
  ComfyServer comfyui{
      weft::comfy_fake::read_catalogue(std::string(WEFT_TEST_DATA) + "/comfyui/object_info.json")};
  std::map<weft::comfy_fake::SocketId, websocket_peer> sockets;
  std::vector<std::string> socket_urls;  // of all that were asked for
  weft::testing::fake_host host;         // after all that its agenda uses
  weft::testing::instance service;

  explicit Studio(json config = json::object()) : service(make(std::move(config))) {}

  weft::testing::instance make(json config) {
    weft::testing::offer_expressions(host);
    for (const char* method : {"GET", "POST"})
      host.on_http(method, url, [this](const http_call& call) { return answer(call); });
    host.on_websocket("ws://comfy.test/base/", [this](websocket_peer peer) { connect(peer); });
    config["url"] = std::string(url) + "/";
    if (!config.contains("workflows")) config["workflows"] = std::string(WEFT_CONFIGS) + "/comfyui";
    return host.create(entry(), "comfyui", config);
  }
  weft::Timestamp now() const { return weft::from_unix_ms(host.now_ms()); }

  http_answer answer(const http_call& call) {
    weft::net::Headers headers;
    for (const auto& [name, value] : call.headers) headers.push_back({name, value});
    std::string body = call.body;
    if (!call.form.empty()) {
      headers.push_back({"Content-Type", "multipart/form-data; boundary=B"});
      for (const auto& part : call.form)
        body += "--B\r\nContent-Disposition: form-data; name=\"" + part.name + "\"" +
                (part.media_type.empty()
                     ? ""
                     : "; filename=\"" + part.name + "." +
                           part.media_type.substr(part.media_type.find('/') + 1) + "\"") +
                "\r\n\r\n" + part.bytes + "\r\n";
      body += "--B--\r\n";
    }
    if (comfyui.is_down(now())) return {.failure = WEFT_NOT_SENT};
    const auto request = weft::comfy_fake::make_request(
        call.method, call.url.substr(std::string(url).size()), std::move(body), headers);
    const auto said = comfyui.handle(request, now());
    go_on();
    if (!said) return {.failure = WEFT_UNKNOWN};
    http_answer made{.status = static_cast<std::uint32_t>(said->status), .body = said->body};
    for (const auto& header : said->headers) made.headers.emplace_back(header.name, header.value);
    return made;
  }
  // A WebSocket is asked for: as the server on a port would take it, or not.
  void connect(websocket_peer peer) {
    socket_urls.push_back(peer.url());
    const auto request = weft::comfy_fake::make_request(
        "GET", peer.url().substr(std::string("ws://comfy.test/base").size()), {},
        {{"Upgrade", "websocket"}});
    if (comfyui.is_down(now())) return peer.fail();
    const auto said = comfyui.handle(request, now());
    if (!said) return peer.fail(WEFT_TRANSIENT);
    if (said->status != 101) return peer.refuse(static_cast<std::uint32_t>(said->status));
    const auto id = comfyui.open_socket(request.query.front().second, now());
    sockets.emplace(id, peer);
    peer.on_message([this, id](std::string_view text, bool) { comfyui.receive(id, text); });
    peer.on_end([this, id] {
      comfyui.close_socket(id);
      sockets.erase(id);
    });
    go_on();
  }
  // Sends the frames that are due, and comes again when the server does something by itself.
  void go_on() {
    comfyui.advance(now());
    for (const auto& frame : comfyui.take_frames()) {
      const auto found = sockets.find(frame.to);
      if (found == sockets.end()) continue;
      if (frame.is_end) {
        found->second.lose();
        sockets.erase(found);
      } else if (frame.is_binary) {
        found->second.send_binary(frame.payload);
      } else {
        found->second.send(frame.payload);
      }
    }
    const auto next = comfyui.next_at();
    if (sockets.empty() || !next || *next == waits_for_) return;
    waits_for_ = *next;
    host.after(std::max<std::int64_t>((*next - now()).count(), 0), [this] { go_on(); });
  }
  void order(const std::string& script) {
    REQUIRE(weft::comfy_fake::apply(comfyui.script, weft::parse_json(script).value()).has_value());
  }
  json stats() const { return json::parse(weft::canonical(comfyui.stats())); }
  int requests(const std::string& what) const { return stats()["requests"].value(what, 0); }

 private:
  weft::Timestamp waits_for_{};
};

inline weft::testing::task_spec picture(const std::string& prompt = "a fox") {
  return {.operation = "image.generate",
          .params = {{"prompt", prompt}, {"width", 64}, {"height", 64}}};
}

}  // namespace comfyui_test
