// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <weft/testing.hpp>

#include "asking.hpp"
#include "catch.hpp"

namespace comfyui_test {

using weft::comfy_fake::ComfyServer;
using weft::testing::http_answer;
using weft::testing::http_call;
using json = nlohmann::json;

constexpr const char* url = "http://comfy.test/base";

inline const weft_entry& entry() {
  static const weft::testing::library opened(COMFYUI_PLUGIN);
  return opened.entry();
}

// The plugin, its host's clock, and a ComfyUI behind a proxy with a base path.
struct Studio {
  weft::testing::fake_host host;
  ComfyServer comfyui{
      weft::comfy_fake::read_catalogue(std::string(WEFT_TEST_DATA) + "/comfyui/object_info.json")};
  weft::testing::instance service;

  explicit Studio(json config = json::object()) : service(make(std::move(config))) {}

  weft::testing::instance make(json config) {
    for (const char* method : {"GET", "POST"})
      host.on_http(method, url, [this](const http_call& call) { return answer(call); });
    config["url"] = std::string(url) + "/";
    config["workflows"] = std::string(WEFT_CONFIGS) + "/comfyui";
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
    if (!said) return {.failure = WEFT_UNKNOWN};
    http_answer made{.status = static_cast<std::uint32_t>(said->status), .body = said->body};
    for (const auto& header : said->headers) made.headers.emplace_back(header.name, header.value);
    return made;
  }
  void order(const std::string& script) {
    REQUIRE(weft::comfy_fake::apply(comfyui.script, weft::parse_json(script).value()).has_value());
  }
  json stats() const { return json::parse(weft::canonical(comfyui.stats())); }
  int requests(const std::string& what) const { return stats()["requests"].value(what, 0); }
};

inline weft::testing::task_spec picture(const std::string& prompt = "a fox") {
  return {.operation = "image.generate",
          .params = {{"prompt", prompt}, {"width", 64}, {"height", 64}}};
}

}  // namespace comfyui_test
