// SPDX-License-Identifier: Apache-2.0
#include "behaviour.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace testing_test {
namespace {

using weft::testing::fake_host;

TEST_CASE("testing echoes a text as a plain output") {
  fake_host host;
  auto job = host.create(entry(), "testing").submit(echo(json::object()));
  host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.result() == json{{"text", "hello"}});
  CHECK(host.violations().empty());
}

TEST_CASE("a job takes the time it is told to, and reports each step") {
  fake_host host;
  auto job = host.create(entry(), "testing").submit(echo({{"delay_ms", 1000}, {"polls", 4}}));
  host.advance(999);
  CHECK_FALSE(job.ended());
  host.advance(1);
  CHECK(job.status() == WEFT_OK);
  REQUIRE(job.progress().size() == 4);
  CHECK(job.progress()[0].permille == 250);
}

TEST_CASE("a job can end with every outcome that a plugin may send") {
  for (const char* word :
       {"bad_input", "unsupported", "refused", "auth", "quota", "not_sent", "rate_limited",
        "transient", "lost", "unknown", "bad_output", "cancelled", "internal", "exhausted"}) {
    INFO(word);
    fake_host host;
    auto job =
        host.create(entry(), "testing")
            .submit(echo({{"fail", word}, {"message", "as told"}, {"retry_after_ms", 1500}}));
    host.run_until_idle();
    CHECK(job.status() == testing_plugin::status_of_word(word));
    CHECK(job.message() == "as told");
    CHECK(job.record().retry_after_ms == 1500);
    CHECK(host.violations().empty());
  }
}

TEST_CASE("a job can fail in its first attempts only") {
  fake_host host;
  auto service = host.create(entry(), "testing");
  const json behaviour = {{"fail", "transient"}, {"fail_attempts", 2}};
  auto second = service.submit(echo(behaviour, 2));
  auto third = service.submit(echo(behaviour, 3));
  host.run_until_idle();
  CHECK(second.status() == WEFT_TRANSIENT);
  CHECK(third.status() == WEFT_OK);
}

TEST_CASE("a job gives the outputs it is told to: text, bytes and plain values") {
  fake_host host;
  const json outputs = {{"note", {{"text", "a note"}}},
                        {"blob", {{"media_type", "application/x-test"}, {"base64", "AAEC"}}},
                        {"score", 0.5}};
  auto job = host.create(entry(), "testing").submit(echo({{"result", {{"outputs", outputs}}}}));
  host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.output("note") == "a note");
  CHECK(job.output("blob") == std::string("\0\1\2", 3));
  CHECK(job.outputs()[0].content.media_type == "application/x-test");
  CHECK(job.result() == json{{"score", 0.5}});
}

TEST_CASE("the cost is reported as told, also by a failure, and is unknown otherwise") {
  fake_host host;
  auto service = host.create(entry(), "testing", {{"currency", "EUR"}});
  auto paid = service.submit(echo({{"cost_micros", 40000}, {"fail", "refused"}}));
  auto unknown = service.submit(echo(json::object()));
  host.run_until_idle();
  CHECK(paid.record().cost_micros == 40000);
  CHECK(paid.record().currency == "EUR");
  CHECK(unknown.record().cost_basis == WEFT_COST_UNKNOWN);
}

TEST_CASE("a job that hangs ends when it is cancelled") {
  fake_host host;
  auto job = host.create(entry(), "testing").submit(echo({{"hang", true}}));
  host.advance(24 * 3'600'000);
  CHECK_FALSE(job.ended());
  job.cancel();
  host.advance(0);
  CHECK(job.status() == WEFT_CANCELLED);
}

TEST_CASE("after a crash a job with checkpoints goes on where it was") {
  fake_host host;
  auto service = host.create(entry(), "testing");
  auto job = service.submit(echo({{"delay_ms", 400}, {"polls", 4}, {"checkpoint", true}}));
  host.advance(250);
  CHECK(job.tokens().back() == "2");
  service.crash();
  auto again = service.attach(job);
  host.advance(200);
  CHECK(again.status() == WEFT_OK);
  CHECK(again.progress().front().permille == 750);
}

TEST_CASE("after a crash a job on timers without a checkpoint is lost") {
  fake_host host;
  auto service = host.create(entry(), "testing");
  auto job = service.submit(echo({{"delay_ms", 400}}));
  service.crash();
  auto again = service.attach(job);
  host.run_until_idle();
  CHECK(again.status() == WEFT_LOST);
}

TEST_CASE("every way of breaking the rules is noticed by a host that looks") {
  for (const char* defect : {"ends_twice", "fails_after_end", "never_ends"}) {
    INFO(defect);
    fake_host host;
    auto job = host.create(entry(), "testing").submit(echo({{"defect", defect}}));
    host.run_until_idle();
    CHECK_FALSE(host.violations().empty());
  }
}

TEST_CASE("a job that never ends does not end when it is cancelled either") {
  fake_host host;
  auto job = host.create(entry(), "testing").submit(echo({{"defect", "never_ends"}}));
  job.cancel();
  host.advance(60'000);
  CHECK_FALSE(job.ended());
}

TEST_CASE("an exception that nobody catches is the plugin's own defect") {
  fake_host host;
  auto job = host.create(entry(), "testing").submit(echo({{"defect", "throws"}}));
  host.run_until_idle();
  CHECK(job.status() == WEFT_INTERNAL);
  CHECK(host.violations().empty());
}

TEST_CASE("an operation without a result gets something valid of its kind") {
  fake_host host;
  auto service = host.create(entry(), "testing");
  auto image = service.submit({.operation = "image.generate",
                               .params = {{"prompt", "a heron"}, {"width", 32}, {"height", 18}}});
  auto video =
      service.submit({.operation = "video.from_image", .params = {{"width", 32}, {"height", 18}}});
  auto larger = service.submit(
      {.operation = "video.upscale", .inputs = {{"video", host.store("a video", "video/mp4")}}});
  auto judged = service.submit({.operation = "image.judge", .params = {{"criteria", "any"}}});
  host.run_until_idle();
  CHECK(image.output("image").starts_with("\x89PNG"));
  CHECK(video.output("video").starts_with("YUV4MPEG2 W32 H18"));
  CHECK(larger.output("video") == "a video");
  CHECK(judged.result()["passed"] == true);
}

TEST_CASE("the operations of a service are those its configuration names") {
  fake_host host;
  const json config = {{"recover", "token"},
                       {"operations", {"image.generate", {{"name", "x.y"}, {"tags", {"odd"}}}}}};
  auto said = host.create(entry(), "testing", config).describe();
  host.run_until_idle();
  CHECK(said.result()["recover"] == "token");
  REQUIRE(said.result()["operations"].size() == 2);
  CHECK(said.result()["operations"][0]["options"]["properties"].contains("delay_ms"));
  CHECK(said.result()["operations"][1]["tags"] == json{"odd"});
}

TEST_CASE("a task of any operation says its behaviour in its options") {
  fake_host host;
  auto job = host.create(entry(), "testing")
                 .submit({.operation = "text.generate",
                          .params = {{"prompt", "hello"}},
                          .options = {{"fail", "quota"}}});
  host.run_until_idle();
  CHECK(job.status() == WEFT_QUOTA);
}

}  // namespace
}  // namespace testing_test
