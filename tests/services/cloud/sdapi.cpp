// SPDX-License-Identifier: Apache-2.0
// A1111 and Forge: one thing at a time, and the request stays open meanwhile.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "families.hpp"

namespace weft::cloud_fake {
namespace {

using net::ServerResponse;

ServerResponse draw(Asked& asked) {
  const json::value* sampler = find_member(asked.body, "sampler_name");
  if (sampler && *sampler != "Euler") return tell(404, {{"detail", "Sampler not found"}});
  asked.book.count_key(asked.text("force_task_id"));
  asked.book.open = OpenOrder{asked.text("force_task_id")};
  const json::object info{{"seed", 7}, {"all_seeds", json::array{7}}};
  return tell(200, {{"images", json::array{picture_base64()}},
                    {"parameters", asked.body},
                    {"info", json::serialize(info)}});
}

ServerResponse enlarge(Asked&) {
  return tell(200, {{"html_info", ""}, {"image", picture_base64()}});
}

// A tenth more with each question.
double share(OpenOrder& order) {
  return std::min(0.1 * static_cast<double>(++order.questions), 0.9);
}

// Of the task that is named, as the page in a browser asks it.
ServerResponse progress_of_task(Asked& asked) {
  auto& open = asked.book.open;
  if (!open || open->task != asked.text("id_task"))
    return tell(200, {{"active", false},
                      {"queued", false},
                      {"completed", false},
                      {"progress", nullptr},
                      {"id_live_preview", -1},
                      {"textinfo", "Waiting..."}});
  return tell(200, {{"active", true},
                    {"queued", false},
                    {"completed", false},
                    {"progress", share(*open)},
                    {"id_live_preview", -1},
                    {"textinfo", nullptr}});
}

// Of whatever runs.
ServerResponse progress(Asked& asked) {
  auto& open = asked.book.open;
  return tell(200, {{"progress", open ? share(*open) : 0.0},
                    {"eta_relative", 0.0},
                    {"state", json::object{{"job_count", open ? 1 : 0}}},
                    {"current_image", nullptr},
                    {"textinfo", nullptr}});
}

// Whatever runs ends, and its request is answered with what there is.
ServerResponse interrupt(Asked& asked) {
  ++asked.book.interrupts;
  if (asked.book.open) asked.book.open->interrupted = true;
  return tell(200, {});
}

ServerResponse models(Asked&) {
  return {200, {{"Content-Type", "application/json"}}, R"([{"title": "fake.safetensors"}])"};
}

constexpr Route routes[] = {
    {"POST", "/sdapi/v1/txt2img", true, draw},
    {"POST", "/sdapi/v1/img2img", true, draw},
    {"POST", "/sdapi/v1/extra-single-image", true, enlarge},
    {"POST", "/internal/progress", false, progress_of_task},
    {"GET", "/sdapi/v1/progress", false, progress},
    {"POST", "/sdapi/v1/interrupt", false, interrupt},
    {"GET", "/sdapi/v1/sd-models", false, models},
};

}  // namespace

std::span<const Route> sdapi_routes() noexcept {
  return routes;
}

}  // namespace weft::cloud_fake
