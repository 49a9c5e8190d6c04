// SPDX-License-Identifier: Apache-2.0
// Nothing is bought twice, and a cancel ends what runs.
#include "fixture.hpp"

using namespace comfyui_test;

TEST_CASE("an order whose answer was lost is found by its key, and not sent again") {
  for (const char* answer : {"none_after", "error_after"}) {
    Studio s;
    s.order(std::string(R"({"next": [{"answer": ")") + answer + R"("}]})");
    auto job = s.service.submit(picture());
    s.host.run_until_idle();
    CHECK(job.status() == WEFT_OK);
    CHECK(s.stats()["accepted"] == 1);
  }
}

TEST_CASE("an order that never arrived is lost, and nothing was paid") {
  Studio s;
  s.order(R"({"next": [{"answer": "none_before"}]})");
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_LOST);
  CHECK(job.record().cost_micros == 0);
  CHECK(s.stats()["accepted"] == 0);
}

TEST_CASE("a crash between acceptance and checkpoint re-attaches by key and bills once") {
  Studio s;
  s.order(R"({"cost_micros": 40000, "classes": {"KSampler": {"ms": 5000}}})");
  s.host.set_commit_ms(1000);
  auto job = s.service.submit(picture());
  s.host.advance(10);
  REQUIRE(s.stats()["accepted"] == 1);
  REQUIRE(job.tokens().empty());
  s.service.crash();
  auto again = s.service.attach(job);
  s.host.run_until_idle();
  CHECK(again.status() == WEFT_OK);
  CHECK(s.stats()["billed_micros"] == 40000);
}

TEST_CASE("a crash between checkpoint and result goes on, and bills once") {
  Studio s;
  s.order(R"({"cost_micros": 40000, "classes": {"KSampler": {"ms": 5000}}})");
  auto job = s.service.submit(picture());
  s.host.advance(2000);
  s.service.crash();
  s.host.advance(60'000);
  auto again = s.service.attach(job);
  s.host.run_until_idle();
  CHECK(again.status() == WEFT_OK);
  CHECK(again.output("image").starts_with("\x89PNG"));
  CHECK(s.stats()["billed_micros"] == 40000);
}

TEST_CASE(
    "a key that neither queue nor history has is lost; a server that is away leaves unknown") {
  Studio s;
  auto job = s.service.submit(picture());
  s.service.crash();
  s.comfyui.restart(s.now());
  auto lost = s.service.attach(job);
  s.host.run_until_idle();
  CHECK(lost.status() == WEFT_LOST);
  s.service.crash();
  s.comfyui.restart(s.now(), weft::Duration(1'000'000));
  auto unknown = s.service.attach(job);
  s.host.run_until_idle();
  CHECK(unknown.status() == WEFT_UNKNOWN);
}

TEST_CASE("a cancel ends a job that runs and one that waits, in every version") {
  for (const char* version : {"0.33.0", "0.3.64", "0.3.44"}) {
    Studio s;
    s.order(std::string(R"({"classes": {"KSampler": {"ms": 60000, "steps": 120}}, "version": ")") +
            version + "\"}");
    auto first = s.service.submit(picture());
    auto second_task = picture("a hare");
    second_task.key = "00000000-0000-7000-8000-000000000002";
    auto second = s.service.submit(second_task);
    s.host.advance(5000);
    second.cancel();
    s.host.advance(1000);
    CHECK(second.status() == WEFT_CANCELLED);
    CHECK_FALSE(first.ended());
    first.cancel();
    s.host.run_until_idle();
    CHECK(first.status() == WEFT_CANCELLED);
    CHECK(s.host.violations().empty());
  }
}

TEST_CASE("a cancel never interrupts where that could hit somebody else") {
  const json config = {{"shared", true}};
  Studio s(config);
  s.order(R"({"version": "0.3.44", "classes": {"KSampler": {"ms": 60000, "steps": 120}}})");
  auto job = s.service.submit(picture());
  s.host.advance(5000);
  job.cancel();
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
  CHECK(s.requests("POST /interrupt") == 0);
}

TEST_CASE("a node that does not stop leaves the cancel unconfirmed") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 60000}}})");
  auto job = s.service.submit(picture());
  s.host.advance(5000);
  job.cancel();
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
  CHECK(s.host.violations().empty());
}

TEST_CASE("a drain cancels nothing at the server") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 60000}}})");
  auto job = s.service.submit(picture());
  s.host.advance(5000);
  s.service.drain();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(s.comfyui.worker().running() != nullptr);
}

TEST_CASE("a cancel while nobody knows whether the order arrived stops what may have been bought") {
  Studio s;
  s.order(R"({"next": [{"answer": "none_after"}], "faults": [{"path": "/jobs/", "status": 502}],
              "classes": {"KSampler": {"ms": 60000, "steps": 120}}})");
  auto job = s.service.submit(picture());
  while (s.stats()["accepted"] == 0) s.host.advance(1);
  job.cancel();  // the look-up is under way
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK_FALSE(s.comfyui.worker().queue_remaining() > 0);
}
