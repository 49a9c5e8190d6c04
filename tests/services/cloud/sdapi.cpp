// SPDX-License-Identifier: Apache-2.0
// A1111 and Forge: one thing at a time, and the request stays open meanwhile.
#include <boost/json/serialize.hpp>

#include "families.hpp"

namespace weft::cloud_fake {
namespace {

using net::ServerResponse;

ServerResponse draw(Asked& asked) {
  const json::value* sampler = find_member(asked.body, "sampler_name");
  if (sampler && *sampler != "Euler") return tell(404, {{"detail", "Sampler not found"}});
  asked.book.count_key(asked.text("force_task_id"));
  const json::object info{{"seed", 7}, {"all_seeds", json::array{7}}};
  return tell(200, {{"images", json::array{picture_base64()}},
                    {"parameters", asked.body},
                    {"info", json::serialize(info)}});
}

ServerResponse enlarge(Asked&) {
  return tell(200, {{"html_info", ""}, {"image", picture_base64()}});
}

ServerResponse models(Asked&) {
  return {200, {{"Content-Type", "application/json"}}, R"([{"title": "fake.safetensors"}])"};
}

constexpr Route routes[] = {
    {"POST", "/sdapi/v1/txt2img", true, draw},
    {"POST", "/sdapi/v1/img2img", true, draw},
    {"POST", "/sdapi/v1/extra-single-image", true, enlarge},
    {"GET", "/sdapi/v1/sd-models", false, models},
};

}  // namespace

std::span<const Route> sdapi_routes() noexcept {
  return routes;
}

}  // namespace weft::cloud_fake
