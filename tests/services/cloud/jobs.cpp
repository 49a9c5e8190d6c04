// SPDX-License-Identifier: Apache-2.0
// Services that take an order and are asked until it is done.
#include "families.hpp"

namespace weft::cloud_fake {
namespace {

using net::ServerResponse;

ServerResponse unknown_job() {
  return tell(404, {{"detail", "there is no such job"}});
}

// Of a job that is asked for: its answer, by what `show` makes of it.
template <json::object (*show)(const Asked&, const Job&)>
ServerResponse ask(Asked& asked) {
  const Job* job = asked.book.find(asked.parts.back(), true);
  return job ? tell(200, show(asked, *job)) : unknown_job();
}
template <json::object (*show)(const Asked&, const Job&)>
ServerResponse cancel(Asked& asked) {
  Job* job = asked.book.find(asked.parts.back());
  if (!job) return unknown_job();
  job->cancelled = true;
  return tell(200, show(asked, *job));
}

// The word for the job's state, of a service's four.
const char* word_of(const Job& job, const char* busy, const char* done, const char* failed,
                    const char* cancelled) {
  if (job.cancelled) return cancelled;
  if (!job.is_done()) return busy;
  return job.fail.empty() ? done : failed;
}

// ---- Replicate
json::object prediction(const Asked& asked, const Job& job) {
  json::object shown{{"id", job.id},
                     {"status", word_of(job, "processing", "succeeded", "failed", "canceled")},
                     {"error", job.fail.empty() ? json::value() : json::value(job.fail)},
                     {"urls", json::object{{"get", asked.url + "/v1/predictions/" + job.id}}}};
  if (job.is_done() && job.fail.empty()) shown["output"] = json::array{file_url(asked, job)};
  return shown;
}
ServerResponse predict(Asked& asked) {
  return tell(201, prediction(asked, asked.book.add_job("image")));
}

// ---- Runway
json::object runway_task(const Asked& asked, const Job& job) {
  json::object shown{{"id", job.id},
                     {"status", word_of(job, "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")},
                     {"progress", 0.5}};
  if (job.is_done()) shown["cost"] = json::object{{"credits", 25}};
  if (job.is_done() && job.fail.empty()) shown["output"] = json::array{file_url(asked, job)};
  if (!job.fail.empty()) shown["failureCode"] = job.fail;
  return shown;
}
ServerResponse runway(Asked& asked) {
  return tell(200, {{"id", asked.book.add_job("video").id}});
}

// ---- Luma
json::object generation(const Asked& asked, const Job& job) {
  json::object shown{{"id", job.id},
                     {"state", word_of(job, "dreaming", "completed", "failed", "failed")}};
  if (job.is_done() && job.fail.empty())
    shown["assets"] = json::object{{job.kind, file_url(asked, job)}};
  if (job.is_done() && !job.fail.empty()) shown["failure_reason"] = job.fail;
  return shown;
}
ServerResponse luma(Asked& asked) {
  const bool image = asked.request.path.ends_with("image");
  return tell(201, generation(asked, asked.book.add_job(image ? "image" : "video")));
}

// ---- Black Forest Labs
json::object flux_result(const Asked& asked, const Job& job) {
  json::object shown{{"id", job.id},
                     {"status", job.is_done() && !job.fail.empty()
                                    ? job.fail.c_str()
                                    : word_of(job, "Pending", "Ready", "", "Error")}};
  if (job.is_done() && job.fail.empty())
    shown["result"] = json::object{{"sample", file_url(asked, job)}};
  return shown;
}
ServerResponse flux(Asked& asked) {
  const Job& job = asked.book.add_job("image");
  return tell(
      200,
      {{"id", job.id}, {"polling_url", asked.url + "/v1/get_result/" + job.id}, {"cost", 4.5}});
}

// ---- Kling
json::object kling_task(const Asked& asked, const Job& job) {
  json::object data{{"task_id", job.id},
                    {"task_status", word_of(job, "processing", "succeed", "failed", "failed")},
                    {"task_status_msg", job.is_done() ? job.fail : ""}};
  if (job.is_done() && job.fail.empty())
    data["task_result"] =
        json::object{{job.kind + "s", json::array{json::object{{"url", file_url(asked, job)}}}}};
  return {{"code", 0}, {"message", "SUCCEED"}, {"data", data}};
}
ServerResponse order_kling(Asked& asked, const char* kind) {
  const Job& job = asked.book.add_job(kind, asked.text("external_task_id"));
  return tell(200, {{"code", 0},
                    {"message", "SUCCEED"},
                    {"data", json::object{{"task_id", job.id}, {"task_status", "submitted"}}}});
}

ServerResponse kling(Asked& asked) {
  return order_kling(asked, "video");
}

// ---- Luma Agents
json::object agents_generation(const Asked& asked, const Job& job) {
  json::object shown{{"id", job.id},
                     {"state", word_of(job, "processing", "completed", "failed", "failed")}};
  if (!job.is_done()) return shown;
  if (job.fail.empty())
    shown["output"] = json::array{json::object{{"type", job.kind}, {"url", file_url(asked, job)}}};
  else
    shown["failure_code"] = job.fail;
  return shown;
}
ServerResponse luma_agents(Asked& asked) {
  const bool video = asked.text("type").starts_with("video");
  return tell(201, agents_generation(asked, asked.book.add_job(video ? "video" : "image")));
}

// ---- OpenAI videos
json::object openai_video(const Asked&, const Job& job) {
  json::object shown{{"id", job.id},
                     {"object", "video"},
                     {"status", word_of(job, "in_progress", "completed", "failed", "failed")},
                     {"progress", job.is_done() ? 100 : 50},
                     {"error", nullptr}};
  if (job.is_done() && !job.fail.empty())
    shown["error"] = json::object{{"code", job.fail}, {"message", job.fail}};
  return shown;
}
ServerResponse order_video(Asked& asked) {
  return tell(200, openai_video(asked, asked.book.add_job("video")));
}
ServerResponse video_content(Asked& asked) {
  const Job* job = asked.book.find(asked.parts.back());
  if (!job || !job->is_done()) return unknown_job();
  return {200, {{"Content-Type", "video/mp4"}}, "a video of " + job->id};
}

// ---- Stability, creative upscale
ServerResponse order_upscale(Asked& asked) {
  return tell(200, {{"id", asked.book.add_job("image").id}});
}
ServerResponse upscaled(Asked& asked) {
  const Job* job = asked.book.find(asked.parts.back(), true);
  if (!job)
    return tell(404, {{"name", "not_found"}, {"errors", json::array{"unknown or expired"}}});
  if (!job->is_done()) return tell(202, {{"id", job->id}, {"status", "in-progress"}});
  return tell(200, {{"image", picture_base64()},
                    {"seed", 7},
                    {"finish_reason", job->fail.empty() ? "SUCCESS" : job->fail.c_str()}});
}

constexpr Route routes[] = {
    {"POST", "/v1/models/*/*/predictions", true, predict},
    {"GET", "/v1/predictions/*", false, ask<prediction>},
    {"POST", "/v1/predictions/*/cancel", false, cancel<prediction>},
    {"POST", "/v1/image_to_video", true, runway},
    {"POST", "/v1/text_to_video", true, runway},
    {"GET", "/v1/tasks/*", false, ask<runway_task>},
    {"DELETE", "/v1/tasks/*", false, cancel<runway_task>},
    {"POST", "/dream-machine/v1/generations/image", true, luma},
    {"POST", "/dream-machine/v1/generations/video", true, luma},
    {"GET", "/dream-machine/v1/generations/*", false, ask<generation>},
    {"DELETE", "/dream-machine/v1/generations/*", false, cancel<generation>},
    {"GET", "/v1/get_result/*", false, ask<flux_result>},
    {"POST", "/v1/flux-2-pro", true, flux},
    {"POST", "/v1/videos/text2video", true, kling},
    {"POST", "/v1/videos/image2video", true, kling},
    {"GET", "/v1/videos/text2video/*", false, ask<kling_task>},
    {"GET", "/v1/videos/image2video/*", false, ask<kling_task>},
    {"GET", "/v1/images/generations/*", false, ask<kling_task>},
    {"POST", "/v1/generations", true, luma_agents},
    {"GET", "/v1/generations/*", false, ask<agents_generation>},
    {"POST", "/v1/videos", true, order_video},
    {"GET", "/v1/videos/*", false, ask<openai_video>},
    {"GET", "/v1/videos/*/content", false, video_content},
    {"DELETE", "/v1/videos/*", false, cancel<openai_video>},
    {"POST", "/v2beta/stable-image/upscale/creative", true, order_upscale},
    {"GET", "/v2beta/results/*", false, upscaled},
};

}  // namespace

ServerResponse order_kling_image(Asked& asked) {
  return order_kling(asked, "image");
}

std::span<const Route> job_routes() noexcept {
  return routes;
}

}  // namespace weft::cloud_fake
