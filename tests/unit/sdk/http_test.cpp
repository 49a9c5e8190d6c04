// SPDX-License-Identifier: Apache-2.0
#include "simple.hpp"

#include <weft/testing.hpp>

#include "catch.hpp"

using weft::testing::fake_host;
using weft::testing::http_answer;
using weft::testing::http_call;

namespace {

constexpr weft_entry buying = simple<[](weft::job& job) -> weft::task<> {
  co_await job.http(weft::post("http://service/").buys());
}>;
constexpr weft_entry asking = simple<[](weft::job& job) -> weft::task<> {
  co_await job.http(weft::post("http://service/"));
}>;

weft_status outcome_of(const weft_entry& entry, const http_answer& answer) {
  fake_host host;
  host.on_http("POST", "http://service/", answer);
  auto service = host.create(entry, "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(host.violations().empty());
  return job.status();
}

}  // namespace

TEST_CASE("an HTTP status has one meaning for a paid submit and one for any other request") {
  struct row {
    std::uint32_t http_status;
    weft_status bought, asked;
  };
  const auto [http_status, bought, asked] = GENERATE(values<row>({
      {200, WEFT_OK, WEFT_OK},
      {202, WEFT_OK, WEFT_OK},
      {302, WEFT_BAD_INPUT, WEFT_BAD_INPUT},
      {400, WEFT_BAD_INPUT, WEFT_BAD_INPUT},
      {404, WEFT_BAD_INPUT, WEFT_BAD_INPUT},
      {413, WEFT_BAD_INPUT, WEFT_BAD_INPUT},
      {415, WEFT_BAD_INPUT, WEFT_BAD_INPUT},
      {422, WEFT_BAD_INPUT, WEFT_BAD_INPUT},
      {401, WEFT_AUTH, WEFT_AUTH},
      {403, WEFT_AUTH, WEFT_AUTH},
      {402, WEFT_QUOTA, WEFT_QUOTA},
      {429, WEFT_RATE_LIMITED, WEFT_RATE_LIMITED},
      {500, WEFT_TRANSIENT, WEFT_TRANSIENT},
      {501, WEFT_UNSUPPORTED, WEFT_UNSUPPORTED},
      {503, WEFT_TRANSIENT, WEFT_TRANSIENT},
      {529, WEFT_TRANSIENT, WEFT_TRANSIENT},
      {408, WEFT_UNKNOWN, WEFT_TRANSIENT},
      {502, WEFT_UNKNOWN, WEFT_TRANSIENT},
      {504, WEFT_UNKNOWN, WEFT_TRANSIENT},
      {524, WEFT_UNKNOWN, WEFT_TRANSIENT},
  }));
  CAPTURE(http_status);
  CHECK(outcome_of(buying, {.status = http_status}) == bought);
  CHECK(outcome_of(asking, {.status = http_status}) == asked);
}

TEST_CASE("a connection lost on the way may have bought something, one never made has not") {
  CHECK(outcome_of(buying, {.failure = WEFT_UNKNOWN}) == WEFT_UNKNOWN);
  CHECK(outcome_of(asking, {.failure = WEFT_UNKNOWN}) == WEFT_TRANSIENT);
  CHECK(outcome_of(buying, {.failure = WEFT_NOT_SENT}) == WEFT_NOT_SENT);
  CHECK(outcome_of(asking, {.failure = WEFT_NOT_SENT}) == WEFT_NOT_SENT);
}

TEST_CASE("a service's own words and its wish to wait reach the end of the job") {
  fake_host host;
  host.on_http("POST", "http://service/",
               http_answer{.status = 429, .body = R"({"error": "busy"})", .retry_after_ms = 7000});
  auto service = host.create(asking, "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(job.status() == WEFT_RATE_LIMITED);
  CHECK(job.record().retry_after_ms == 7000);
  CHECK(job.message() == R"(HTTP 429: {"error": "busy"})");
  CHECK(job.result() == nlohmann::json{{"error", "busy"}});
}

TEST_CASE("an error page that is not UTF-8 ends the job like any other") {
  CHECK(outcome_of(asking, {.status = 500, .body = "\xff\xfe\x80"}) == WEFT_TRANSIENT);
}

TEST_CASE("a secret goes out on the wire and never through the plugin") {
  constexpr weft_entry entry = simple<[](weft::job& job) -> weft::task<> {
    auto request = weft::get("http://service/").header("Authorization", "Bearer {secret:KEY}");
    co_await job.http(std::move(request));
  }>;
  fake_host host;
  host.on_http("GET", "http://service/", http_answer{});
  auto service = host.create(entry, "simple");

  SECTION("filled in by the host") {
    host.set_secret("KEY", "s3cret");
    auto job = service.submit({.operation = "test.simple"});
    host.run_until_idle();
    CHECK(job.status() == WEFT_OK);
    CHECK(host.http_calls().at(0).header("Authorization") == "Bearer s3cret");
  }
  SECTION("and when it is missing the request is not made") {
    auto job = service.submit({.operation = "test.simple"});
    host.run_until_idle();
    CHECK(job.status() == WEFT_AUTH);
    CHECK(job.message().find("secret") != std::string::npos);
    CHECK(host.http_calls().empty());
  }
}

TEST_CASE("an artifact gets into a JSON body as base64 without entering the plugin") {
  fake_host host;
  host.on_http("POST", "http://service/", http_answer{});
  auto service = host.create(
      simple<[](weft::job& job) -> weft::task<> {
        const nlohmann::json body = {{"image", "data:image/png;base64,{image}"}, {"n", 1}};
        auto request =
            weft::post("http://service/").json(body).embed("{image}", job.input("image"));
        co_await job.http(std::move(request));
      }>,
      "simple");
  auto job = service.submit(
      {.operation = "test.simple", .inputs = {{"image", host.store("\x89PNG\r\n", "image/png")}}});
  host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  const http_call& call = host.http_calls().at(0);
  CHECK(nlohmann::json::parse(call.body).at("image") == "data:image/png;base64,iVBORw0K");
  CHECK(nlohmann::json::parse(call.body).at("n") == 1);
  CHECK(call.header("Content-Type") == "application/json");
  CHECK(host.violations().empty());
}

TEST_CASE("a form carries fields, bytes and artifacts") {
  fake_host host;
  host.on_http("POST", "http://service/", http_answer{});
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               auto request = weft::post("http://service/")
                                                  .field("prompt", "a heron")
                                                  .file("mask", "01", "image/png")
                                                  .file("image", job.input("image"));
                               co_await job.http(std::move(request));
                             }>,
                             "simple");
  auto job = service.submit(
      {.operation = "test.simple", .inputs = {{"image", host.store("PNG", "image/png")}}});
  host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  const auto& form = host.http_calls().at(0).form;
  REQUIRE(form.size() == 3);
  CHECK(form[0].name == "prompt");
  CHECK(form[0].media_type == "");
  CHECK(form[1].bytes == "01");
  CHECK(form[2].bytes == "PNG");
  CHECK(form[2].media_type == "image/png");
}

TEST_CASE("an answer can go straight into an artifact and on to an output") {
  fake_host host;
  host.on_http("GET", "http://service/video", http_answer{.body = "MP4 bytes"});
  auto service = host.create(
      simple<[](weft::job& job) -> weft::task<> {
        auto answer = co_await job.http(weft::get("http://service/video").save_as("video/mp4"));
        job.result({{"in_memory", answer.body().size()}});
        job.output("video", answer.artifact(), {{"seed", 7}});
      }>,
      "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.result().at("in_memory") == 0);
  CHECK(job.output("video") == "MP4 bytes");
  CHECK(job.outputs().at(0).content.media_type == "video/mp4");
  CHECK(job.outputs().at(0).meta.at("seed") == 7);
}

TEST_CASE("a picture that came as base64 is decoded by the host") {
  fake_host host;
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               job.output_base64("image", "iVBORw0K", "image/png");
                               co_return;
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  CHECK(job.output("image") == "\x89PNG\r\n");
}

TEST_CASE("any status can be asked for, with its headers") {
  fake_host host;
  host.on_http("GET", "http://service/",
               http_answer{.status = 404, .headers = {{"x-request-id", "r7"}}});
  auto service = host.create(
      simple<[](weft::job& job) -> weft::task<> {
        auto answer = co_await job.http(weft::get("http://service/").any_status());
        job.result({{"status", answer.status()}, {"id", answer.header("x-request-id")}});
      }>,
      "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(job.result() == nlohmann::json{{"status", 404}, {"id", "r7"}});
}

TEST_CASE("a stream is handed over as it arrives") {
  fake_host host;
  host.on_http("GET", "http://service/", http_answer{.body = "data: a\n\ndata: b\n\n"});
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               std::string seen;
                               auto on_data = [&](std::string_view piece) { seen += piece; };
                               auto request = weft::get("http://service/").on_data(on_data);
                               co_await job.http(std::move(request));
                               job.result({{"seen", seen}});
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(job.result().at("seen") == "data: a\n\ndata: b\n\n");
}

TEST_CASE("a sink that throws ends the stream and the job with its error") {
  fake_host host;
  host.on_http("GET", "http://service/", http_answer{.body = "garbage"});
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               auto on_data = [](std::string_view) {
                                 throw weft::error(WEFT_BAD_OUTPUT, "no event stream");
                               };
                               auto request = weft::get("http://service/").on_data(on_data);
                               co_await job.http(std::move(request));
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(job.status() == WEFT_BAD_OUTPUT);
  CHECK(job.message() == "no event stream");
  CHECK(host.violations().empty());
}
