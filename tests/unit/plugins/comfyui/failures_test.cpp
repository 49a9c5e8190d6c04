// SPDX-License-Identifier: Apache-2.0
// Jobs and servers that go wrong, with the class of each.
#include "fixture.hpp"

using namespace comfyui_test;

namespace {

// The end of one picture at a server that behaves so.
weft::testing::job end_of(Studio& s, const std::string& script) {
  s.order(script);
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  CHECK(s.host.violations().empty());
  return job;
}

}  // namespace

TEST_CASE("a node that throws is transient, with the node and its words") {
  Studio s;
  const auto job = end_of(s, R"({"classes": {"KSampler": {"fail_type": "RuntimeError",
                                                          "fail_message": "bad shape"}}})");
  CHECK(job.status() == WEFT_TRANSIENT);
  CHECK(job.message() == "failed in node 5 (KSampler): bad shape");
  CHECK(job.result()["reason"] == "node_error");
}

TEST_CASE("too little memory is told as such") {
  Studio s;
  const auto job =
      end_of(s, R"({"classes": {"KSampler": {"fail_type": "torch.cuda.OutOfMemoryError",
                                 "fail_message": "Allocation on device"}}})");
  CHECK(job.status() == WEFT_TRANSIENT);
  CHECK(job.result()["reason"] == "oom");
}

TEST_CASE("a model or a node that the server lacks is unsupported there") {
  Studio s;
  s.comfyui.catalogue().set_choices("CheckpointLoaderSimple", "ckpt_name", {"other.safetensors"});
  auto job = end_of(s, "{}");
  CHECK(job.status() == WEFT_UNSUPPORTED);
  CHECK(job.message().find("sd_xl_base") != std::string::npos);
  s.comfyui.catalogue().remove_class("KSampler");
  CHECK(end_of(s, "{}").status() == WEFT_UNSUPPORTED);
  CHECK(s.stats()["accepted"] == 0);
}

TEST_CASE("a value out of range is bad input") {
  Studio s;
  auto wide = picture();
  wide.params["width"] = 100'000;
  auto job = s.service.submit(wide);
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_BAD_INPUT);
}

TEST_CASE("refusals of proxies and limits have their classes") {
  struct Row {
    const char* fault;
    weft_status status;
  };
  for (const Row& row :
       {Row{R"("status": 403)", WEFT_AUTH}, Row{R"("status": 401)", WEFT_AUTH},
        Row{R"("status": 413)", WEFT_BAD_INPUT}, Row{R"("status": 429)", WEFT_RATE_LIMITED}}) {
    Studio s;
    const auto job =
        end_of(s, std::string(R"({"faults": [{"path": "/prompt", )") + row.fault + "}]}");
    CHECK(job.status() == row.status);
    CHECK(s.stats()["accepted"] == 0);
  }
}

TEST_CASE("a job that the server forgot is lost, and costs nothing") {
  Studio s;
  const auto job = end_of(s, R"({"next": [{"forget": true}]})");
  CHECK(job.status() == WEFT_LOST);
  CHECK(job.record().cost_basis == WEFT_COST_BILLED);
  CHECK(job.record().cost_micros == 0);
}

TEST_CASE("a restart under a job loses it; a server that stays away leaves it unknown") {
  Studio s;
  const std::string slow = R"("classes": {"KSampler": {"ms": 60000}})";
  CHECK(
      end_of(s, "{" + slow + R"(, "next": [{"dies_after_ms": 3000, "down_ms": 5000}]})").status() ==
      WEFT_LOST);
  Studio away;
  CHECK(end_of(away, "{" + slow + R"(, "next": [{"dies_after_ms": 3000, "down_ms": 500000}]})")
            .status() == WEFT_UNKNOWN);
}

TEST_CASE("a poll that fails says nothing about the job") {
  Studio s;
  const auto job = end_of(s, R"({"classes": {"KSampler": {"ms": 20000}},
      "faults": [{"path": "/jobs", "after": 2, "status": 502, "times": 3},
                 {"path": "/jobs", "after": 4, "times": 2}]})");
  CHECK(job.status() == WEFT_OK);
}

TEST_CASE("a file that is named and gone is bad output, and the cache that named it is emptied") {
  Studio s;
  const auto job = end_of(s, R"({"classes": {"SaveImage": {"skips_files": true}}})");
  CHECK(job.status() == WEFT_BAD_OUTPUT);
  CHECK(s.requests("POST /free") == 1);
}

TEST_CASE("a page instead of a picture is bad output; a download that breaks is tried again") {
  Studio s;
  CHECK(end_of(s, R"({"faults": [{"path": "/view", "status": 200, "body": "<html>"}]})").status() ==
        WEFT_BAD_OUTPUT);
  Studio broken;
  CHECK(end_of(broken, R"({"faults": [{"path": "/view", "times": 2}]})").status() == WEFT_OK);
}

TEST_CASE("a prompt that waits while nothing runs is taken back: the worker has died") {
  Studio s;
  const auto job = end_of(s, R"({"next": [{"forget": true}], "faults": [
      {"method": "GET", "path": "/jobs/", "status": 200, "times": 1000, "body": "{\"status\": \"pending\"}"},
      {"method": "GET", "path": "/queue", "status": 200, "times": 1000, "body":
       "{\"queue_running\": [], \"queue_pending\": [[1, \"00000000-0000-7000-8000-000000000001\"]]}"}]})");
  CHECK(job.status() == WEFT_TRANSIENT);
  CHECK(job.record().cost_micros == 0);
  CHECK(s.host.changes().back() == WEFT_CHANGED_HEALTH);
}

TEST_CASE("a server where prompts wait and none runs is not well, however healthy its HTTP is") {
  Studio s;
  s.order(R"({"faults": [{"path": "/queue", "status": 200, "times": 9,
              "body": "{\"queue_running\": [], \"queue_pending\": [[1, \"x\"]]}"}]})");
  auto first = s.service.probe();
  s.host.advance(31'000);
  auto second = s.service.probe();
  s.host.advance(10);
  CHECK(first.status() == WEFT_OK);
  CHECK(second.status() == WEFT_TRANSIENT);
}

TEST_CASE("a prompt that runs for ever is given up, and nobody can tell what it leaves") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"kills_worker": true}}, "node_ms": 1})");
  auto dead = s.service.submit(picture());
  s.host.advance(2000);
  CHECK_FALSE(dead.ended());
  s.host.run_until_idle();
  CHECK(dead.status() == WEFT_UNKNOWN);  // it runs for ever, and no cancel ends it
  CHECK(s.host.changes().back() == WEFT_CHANGED_HEALTH);
}

TEST_CASE("an interrupt by somebody else is transient") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 20000, "steps": 20}}})");
  auto job = s.service.submit(picture());
  s.host.advance(3000);
  s.comfyui.handle(weft::comfy_fake::make_request("POST", "/interrupt", "{}"), s.now());
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_TRANSIENT);
}

TEST_CASE("a server that ignores prompt ids is refused, and its job stopped") {
  Studio s;
  const auto job = end_of(s, R"({"version": "0.3.40"})");
  CHECK(job.status() == WEFT_UNSUPPORTED);
  CHECK(s.requests("POST /queue") == 1);
}

TEST_CASE("an upload that a proxy did not pass on leaves nothing in doubt: nothing was bought") {
  Studio s;
  s.order(R"({"faults": [{"path": "/upload/image", "status": 502}]})");
  const auto image = s.host.store("\x89PNG in", "image/png");
  auto job = s.service.submit({.operation = "image.edit",
                               .params = {{"prompt", "at night"}},
                               .inputs = {{"image", image}}});
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_TRANSIENT);
  CHECK(job.message().find("HTTP 502 for /upload/image") != std::string::npos);
}

TEST_CASE("JSON of somebody else instead of the queue says nothing about the job") {
  for (const char* body : {"{}", "[]", "{\\\"queue_running\\\": [1], \\\"queue_pending\\\": 7}"}) {
    Studio s;
    s.order(std::string(R"({"version": "0.3.64", "classes": {"KSampler": {"ms": 20000}},
        "faults": [{"method": "GET", "path": "/queue", "after": 3, "status": 200, "times": 5,
                    "body": ")") +
            body + R"("}]})");
    auto job = s.service.submit(picture());
    s.host.run_until_idle();
    CHECK(job.status() == WEFT_OK);
    CHECK(s.stats()["accepted"] == 1);
  }
}

TEST_CASE("a cache that cannot be emptied does not hide that the file is gone") {
  Studio s;
  const auto job = end_of(s, R"({"classes": {"SaveImage": {"skips_files": true}},
                                "faults": [{"path": "/free"}]})");
  CHECK(job.status() == WEFT_BAD_OUTPUT);
}
