// SPDX-License-Identifier: Apache-2.0
// Jobs that go well.
#include "fixture.hpp"

using namespace comfyui_test;

TEST_CASE("a picture is ordered once, polled, and downloaded") {
  Studio s;
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.output("image").starts_with("\x89PNG"));
  CHECK(job.tokens() == std::vector<std::string>{job.record().spec.key});
  CHECK(s.stats()["accepted"] == 1);
  CHECK(s.stats()["by_id"].contains(job.record().spec.key));
  CHECK(s.host.violations().empty());
}

TEST_CASE("params and inputs get to the nodes, and neither number nor front is ever sent") {
  const json config = {{"headers", {{"Authorization", "Bearer {secret:proxy}"}}}};
  Studio s(config);
  s.host.set_secret("proxy", "open sesame");
  const auto image = s.host.store("\x89PNG in", "image/png");
  auto job = s.service.submit({.operation = "image.edit",
                               .params = {{"prompt", "at night"}, {"strength", 0.25}},
                               .inputs = {{"image", image}}});
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  json posted;
  for (const http_call& call : s.host.http_calls()) {
    CHECK(call.header("Authorization") == "Bearer open sesame");
    CHECK(call.url.find("//", 8) == std::string::npos);
    if (call.url.ends_with("/prompt")) posted = json::parse(call.body);
  }
  CHECK(posted["prompt"]["2"]["inputs"]["text"] == "at night");
  CHECK(posted["prompt"]["7"]["inputs"]["denoise"] == 0.25);
  CHECK(posted["prompt"]["4"]["inputs"]["image"] == "weft/" + image.digest + "/image.png");
  CHECK_FALSE(posted.contains("number"));
  CHECK_FALSE(posted.contains("front"));
  CHECK(posted["client_id"].is_string());
}

TEST_CASE("the same content is uploaded once") {
  Studio s;
  const auto image = s.host.store("\x89PNG in", "image/png");
  for (const char* key :
       {"00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"}) {
    auto job = s.service.submit({.operation = "image.edit",
                                 .params = {{"prompt", "at night"}},
                                 .inputs = {{"image", image}},
                                 .key = key});
    s.host.run_until_idle();
    CHECK(job.status() == WEFT_OK);
  }
  CHECK(s.stats()["uploads"] == 1);
}

TEST_CASE("versions without jobs are polled by queue and history") {
  Studio s;
  s.order(
      R"({"version": "0.3.64", "classes": {"KSampler": {"ms": 3000}}, "history_delay_ms": 20})");
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  CHECK(s.requests("GET /jobs") == 1);
  CHECK(s.requests("GET /queue") > 3);
}

TEST_CASE("a job that waits says its place in line") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 3000}}})");
  auto first = s.service.submit(picture());
  auto second = picture("a hare");
  second.key = "00000000-0000-7000-8000-000000000002";
  auto job = s.service.submit(second);
  s.host.advance(1000);
  CHECK(job.progress().back().stage == "queued, 1 in line");
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  CHECK(first.status() == WEFT_OK);
}

TEST_CASE("polls get rarer: a job of ten minutes is asked about at most 400 times") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 600000}}})");
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  CHECK(s.requests("GET /jobs") < 400);
}

TEST_CASE("an identical job saves a file of its own, although everything else is cached") {
  Studio s;
  auto first = s.service.submit(
      {.operation = "image.generate", .params = {{"prompt", "a fox"}, {"seed", 1}}});
  s.host.run_until_idle();
  const auto ran = s.stats()["nodes_run"].get<int>();
  s.comfyui.disk().clear("output");
  auto second = s.service.submit({.operation = "image.generate",
                                  .params = {{"prompt", "a fox"}, {"seed", 1}},
                                  .key = "00000000-0000-7000-8000-000000000002"});
  s.host.run_until_idle();
  CHECK(second.status() == WEFT_OK);
  CHECK(s.stats()["nodes_run"] == ran + 1);
}

TEST_CASE("a server offers what its nodes and models allow") {
  Studio s;
  auto all = s.service.describe();
  s.host.run_until_idle();
  REQUIRE(all.status() == WEFT_OK);
  CHECK(all.result()["recover"] == "key");
  CHECK(all.result()["operations"].size() == 4);
  s.comfyui.catalogue().remove_class("VAEEncode");
  auto fewer = s.service.describe();
  s.host.run_until_idle();
  CHECK(fewer.result()["operations"].size() == 3);
  CHECK(s.host.logs().back().text.find("VAEEncode") != std::string::npos);
  s.comfyui.catalogue().set_choices("CheckpointLoaderSimple", "ckpt_name", {"other.safetensors"});
  auto none = s.service.describe();
  s.host.run_until_idle();
  CHECK(none.result()["operations"].size() == 2);  // those that need no checkpoint
}

TEST_CASE("a probe tells queue and memory, and puts them into the metrics") {
  Studio s;
  auto well = s.service.probe();
  s.host.run_until_idle();
  CHECK(well.result() == json{{"queue", 0}, {"free_vram_bytes", 20'000'000'000}});
  CHECK(s.host.metrics().at("vram_free_bytes") == 2e10);
}

TEST_CASE("a picture and a video are enlarged to the size asked for") {
  Studio s;
  const auto image = s.host.store("\x89PNG in", "image/png");
  auto picture_job = s.service.submit(
      {.operation = "image.upscale", .params = {{"width", 2048}}, .inputs = {{"image", image}}});
  s.host.run_until_idle();
  REQUIRE(picture_job.status() == WEFT_OK);
  CHECK(picture_job.output("image").starts_with("\x89PNG"));
  const auto video = s.host.store(std::string("\0\0\0\x18"
                                              "ftypmp42",
                                              12),
                                  "video/mp4");
  auto video_job = s.service.submit({.operation = "video.upscale",
                                     .params = {{"width", 2048}, {"height", 1152}},
                                     .inputs = {{"video", video}},
                                     .key = "00000000-0000-7000-8000-000000000002"});
  s.host.run_until_idle();
  REQUIRE(video_job.status() == WEFT_OK);
  CHECK(video_job.outputs().front().content.media_type == "video/mp4");
  json posted;
  for (const http_call& call : s.host.http_calls())
    if (call.url.ends_with("/prompt")) posted = json::parse(call.body)["prompt"];
  CHECK(posted["1"]["inputs"]["file"] == "weft/" + video.digest + "/image.mp4");
  CHECK(posted["5"]["inputs"]["height"] == 1152);
}
