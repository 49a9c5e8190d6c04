// SPDX-License-Identifier: Apache-2.0
// Services whose answer to the order is the result: base64 in JSON, or the bytes themselves.
#include "families.hpp"

namespace weft::cloud_fake {
namespace {

net::ServerResponse openai_image(Asked& asked) {
  if (find_member(asked.body, "model_name")) return order_kling_image(asked);
  return tell(200, {{"created", 1}, {"data", json::array{{{"b64_json", picture_base64()}}}}});
}

net::ServerResponse stability(Asked&) {
  net::ServerResponse response = picture();
  response.headers.push_back({"finish-reason", "SUCCESS"});
  response.headers.push_back({"seed", "7"});
  return response;
}

net::ServerResponse gemini(Asked&) {
  const json::object data{{"mimeType", "image/png"}, {"data", picture_base64()}};
  const json::array parts{json::object{{"text", "Here it is."}},
                          json::object{{"inlineData", data}}};
  return tell(200,
              {{"candidates", json::array{json::object{{"content", json::object{{"parts", parts}}},
                                                       {"finishReason", "STOP"}}}}});
}

net::ServerResponse huggingface(Asked&) {
  return picture();
}

constexpr Route routes[] = {
    {"POST", "/v1/images/generations", true, openai_image},
    {"POST", "/v1/images/edits", true, openai_image},
    {"POST", "/v2beta/stable-image/generate/core", true, stability},
    {"POST", "/v2beta/stable-image/upscale/fast", true, stability},
    {"POST", "/v2beta/stable-image/edit/inpaint", true, stability},
    {"POST", "/v1beta/models/*:generateContent", true, gemini},
    {"POST", "/hf-inference/models/*/*", true, huggingface},
    {"POST", "/together/v1/images/generations", true, openai_image},
};

}  // namespace

std::span<const Route> sync_routes() noexcept {
  return routes;
}

}  // namespace weft::cloud_fake
