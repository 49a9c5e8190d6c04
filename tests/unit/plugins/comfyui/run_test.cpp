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
  REQUIRE(job.tokens().size() == 1);
  CHECK(job.tokens().front().starts_with(job.record().spec.key + "@"));
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
  CHECK(all.result()["operations"].size() == 6);
  s.comfyui.catalogue().remove_class("VAEEncode");
  auto fewer = s.service.describe();
  s.host.run_until_idle();
  CHECK(fewer.result()["operations"].size() == 5);
  CHECK(s.host.logs().back().text.find("VAEEncode") != std::string::npos);
  s.comfyui.catalogue().set_choices("CheckpointLoaderSimple", "ckpt_name", {"other.safetensors"});
  auto none = s.service.describe();
  s.host.run_until_idle();
  CHECK(none.result()["operations"].size() == 4);  // those that need no checkpoint
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

TEST_CASE("words become a video, and so does a picture: as many frames as the seconds hold") {
  Studio s;
  const auto image = s.host.store("\x89PNG in", "image/png");
  auto words = s.service.submit(
      {.operation = "video.generate", .params = {{"prompt", "a fox runs"}, {"seconds", 2.0}}});
  s.host.run_until_idle();
  REQUIRE(words.status() == WEFT_OK);
  CHECK(words.outputs().front().content.media_type == "video/mp4");
  auto picture_job = s.service.submit({.operation = "video.from_image",
                                       .params = {{"prompt", "it turns"}, {"seed", 7}},
                                       .inputs = {{"image", image}},
                                       .key = "00000000-0000-7000-8000-000000000002"});
  s.host.run_until_idle();
  REQUIRE(picture_job.status() == WEFT_OK);
  std::vector<json> posted;
  for (const http_call& call : s.host.http_calls())
    if (call.url.ends_with("/prompt")) posted.push_back(json::parse(call.body)["prompt"]);
  CHECK(posted[0]["7"]["inputs"]["length"] == 49);
  CHECK(posted[0]["4"]["inputs"]["text"] == "a fox runs");
  CHECK(posted[1]["7"]["inputs"]["length"] == 121);  // not asked for: the workflow's own
  CHECK(posted[1]["8"]["inputs"]["seed"] == 7);
  CHECK(posted[1]["12"]["inputs"]["image"] == "weft/" + image.digest + "/image.png");
  CHECK(s.host.violations().empty());
}

TEST_CASE("a factor is brought to the scale of the workflow that takes one") {
  Studio s;
  const auto image = s.host.store("\x89PNG in", "image/png");
  auto job = s.service.submit(
      {.operation = "image.upscale", .params = {{"factor", 2}}, .inputs = {{"image", image}}});
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  json posted;
  for (const http_call& call : s.host.http_calls())
    if (call.url.ends_with("/prompt")) posted = json::parse(call.body);
  CHECK(posted["prompt"]["4"]["class_type"] == "ImageScaleBy");
  CHECK(posted["prompt"]["4"]["inputs"]["scale_by"] == 0.5);
  CHECK(posted["extra_data"]["weft"]["workflow"] == "upscale_image_by_factor");
}

TEST_CASE("an input that no workflow takes is not ignored") {
  Studio s;
  const auto image = s.host.store("\x89PNG in", "image/png");
  auto job = s.service.submit({.operation = "image.edit",
                               .params = {{"prompt", "at night"}},
                               .inputs = {{"image", image}, {"mask", image}}});
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_UNSUPPORTED);
  CHECK(job.message().find("takes no input 'mask'") != std::string::npos);
  CHECK(s.stats()["accepted"] == 0);
}

TEST_CASE("the key of an account goes with the prompt, and the server does not keep it") {
  Studio s(json{{"account_secret", "comfy_org"}});
  s.host.set_secret("comfy_org", "hush");
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  json posted;
  for (const http_call& call : s.host.http_calls())
    if (call.url.ends_with("/prompt")) posted = json::parse(call.body);
  CHECK(posted["extra_data"]["api_key_comfy_org"] == "hush");
}

TEST_CASE("a server too busy to answer a probe is not taken for a dead one") {
  Studio s;
  s.order(R"({"faults": [{"path": "/system_stats", "status": 0}]})");
  auto busy = s.service.probe();
  s.host.run_until_idle();
  CHECK(busy.status() == WEFT_OK);
  CHECK(busy.result() == json::object());
  s.comfyui.restart(s.now(), weft::Duration(1500));
  auto restarted = s.service.probe();
  s.host.run_until_idle();
  CHECK(restarted.status() == WEFT_OK);
  s.comfyui.restart(s.now(), weft::Duration(60'000));
  auto dead = s.service.probe();
  s.host.run_until_idle();
  CHECK(dead.status() == WEFT_NOT_SENT);
}

TEST_CASE("a job tells its place in line and the video memory that was in use") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 30000}}})");
  auto first = s.service.submit(picture());
  auto task = picture("a hare");
  task.key = "00000000-0000-7000-8000-000000000002";
  s.host.advance(300);
  auto second = s.service.submit(task);
  s.host.run_until_idle();
  CHECK(first.record().used.queue_place == 1);
  CHECK(second.record().used.queue_place == 2);
  CHECK(first.record().used.gpu_memory_bytes == 4'000'000'000);
  CHECK(s.requests("GET /system_stats") <= 12);
}

TEST_CASE("a server that does not tell its memory ends jobs as ever") {
  Studio s;
  s.order(R"({"faults": [{"path": "/system_stats", "status": 200, "times": 2, "body": "[]"},
                         {"path": "/system_stats", "status": 500, "times": 9}]})");
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  CHECK(job.record().used.gpu_memory_bytes == 0);
}
