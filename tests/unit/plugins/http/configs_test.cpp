// SPDX-License-Identifier: Apache-2.0
// The shipped descriptions: what they send, and what they do with a good answer.
#include "catch.hpp"
#include "fixture.hpp"

namespace http_test {
namespace {

struct Service {
  explicit Service(const std::string& file) : config(shipped(file)) {
    offer_expressions(host);
    set_secrets(host, shipped_service(file), "k");
  }
  weft::testing::job run(const std::string& operation, const json& params) {
    auto service = host.create(entry(), "http", config);
    weft::testing::task_spec task{.operation = operation, .params = params};
    if (config["operations"][operation].contains("inputs"))
      task.inputs.emplace_back("image", host.store("PNG", "image/png"));
    auto job = service.submit(std::move(task));
    host.run_until_idle();
    return job;
  }
  fake_host host;
  json config;
};

TEST_CASE("OpenAI makes a picture and changes one") {
  Service service("openai_images.toml");
  service.host.on_http("POST", "https://api.openai.com/v1/images",
                       http_answer{.body = R"({"data":[{"b64_json":"iVBORw0K"}]})"});
  const auto made =
      service.run("image.generate", {{"prompt", "a heron"}, {"width", 1536}, {"height", 1024}});
  INFO(made.message());
  REQUIRE(made.status() == WEFT_OK);
  CHECK(made.output("image") == "\x89PNG\r\n");
  const json body = json::parse(service.host.http_calls().back().body);
  CHECK(body == json{{"model", "gpt-image-1.5"},
                     {"prompt", "a heron"},
                     {"n", 1},
                     {"quality", "medium"},
                     {"output_format", "png"},
                     {"size", "1536x1024"}});
  const auto edited = service.run("image.edit", {{"prompt", "at night"}});
  REQUIRE(edited.status() == WEFT_OK);
  std::vector<std::string> fields;
  for (const auto& part : service.host.http_calls().back().form) fields.push_back(part.name);
  CHECK(fields ==
        std::vector<std::string>{"image[]", "model", "output_format", "prompt", "quality"});
}

TEST_CASE("Stability sends the picture itself, and a filtered one is a refusal") {
  Service service("stability.toml");
  service.host.on_http(
      "POST", "https://api.stability.ai/v2beta/stable-image/generate/core",
      http_answer{
          .body = "PNG",
          .headers = {{"content-type", "image/png"}, {"finish-reason", "SUCCESS"}, {"seed", "7"}}});
  const auto made = service.run("image.generate", {{"prompt", "a heron"}, {"seed", 7}});
  INFO(made.message());
  REQUIRE(made.status() == WEFT_OK);
  CHECK(made.output("image") == "PNG");
  CHECK(made.outputs()[0].meta == json{{"seed", "7"}});
  CHECK(made.record().cost_micros == 30000);
  service.host.on_http("POST", "https://api.stability.ai",
                       http_answer{.body = "blur",
                                   .headers = {{"content-type", "image/png"},
                                               {"finish-reason", "CONTENT_FILTERED"}}});
  CHECK(service.run("image.generate", {{"prompt", "x"}}).status() == WEFT_REFUSED);
}

TEST_CASE("Runway is asked until its video is there, and says what it cost") {
  Service service("runway.toml");
  service.host.on_http("POST", "https://api.dev.runwayml.com/v1/image_to_video",
                       http_answer{.body = R"({"id":"t1"})"});
  service.host.on_http(
      "GET", "https://api.dev.runwayml.com/v1/tasks/t1",
      std::vector<http_answer>{
          {.body = R"({"id":"t1","status":"THROTTLED"})"},
          {.body = R"({"id":"t1","status":"RUNNING","progress":0.5})"},
          {.body =
               R"({"id":"t1","status":"SUCCEEDED","output":["https://cdn.test/v.mp4?s=1"],"cost":{"credits":25}})"}});
  service.host.on_http("GET", "https://cdn.test/v.mp4",
                       http_answer{.body = "MP4", .headers = {{"content-type", "video/mp4"}}});
  const auto job = service.run("video.from_image", {{"prompt", "it flies"}, {"seconds", 5}});
  INFO(job.message());
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.output("video") == "MP4");
  CHECK(job.record().cost_micros == 250000);
  CHECK(job.record().cost_basis == WEFT_COST_BILLED);
  CHECK(job.progress().back().permille == 500);
  const http_call& sent = service.host.http_calls().front();
  CHECK(sent.header("X-Runway-Version") == "2024-11-06");
  CHECK(json::parse(sent.body)["promptImage"] == "data:image/png;base64,UE5H");
  CHECK(json::parse(sent.body)["duration"] == 5);
}

TEST_CASE("what a service tells when it is asked whether it is well comes from itself") {
  const json config = shipped("llama_cpp.toml");  // which says no models
  fake_host host;
  offer_expressions(host);
  host.on_http("GET", "http://127.0.0.1:8080/health", http_answer{.body = R"({"status": "ok"})"});
  auto service = host.create(entry(), "http", config);
  const auto well = service.probe();
  host.run_until_idle();
  CHECK(well.status() == WEFT_OK);
  CHECK_FALSE(well.result().empty());
  host.on_http("GET", "http://127.0.0.1:8080/health",
               http_answer{.status = 503, .body = R"({"error": {"message": "Loading model"}})"});
  const auto loads = service.probe();
  host.run_until_idle();
  CHECK(loads.status() == WEFT_TRANSIENT);

  json without = config;
  without.erase("health");
  auto unasked = host.create(entry(), "http", without);
  const auto nothing = unasked.probe();
  host.run_until_idle();
  CHECK(nothing.status() == WEFT_OK);
  CHECK(nothing.result().empty());
}

TEST_CASE("Black Forest Labs is asked at the URL it gave, with the key") {
  Service service("black_forest_labs.toml");
  service.host.on_http(
      "POST", "https://api.bfl.ai/v1/flux-2-pro",
      http_answer{
          .body =
              R"({"id":"1","polling_url":"https://api.us1.bfl.ai/v1/get_result?id=1","cost":4.5})"});
  const auto [state, expected] = GENERATE(table<std::string, weft_status>({
      {"Ready", WEFT_OK},
      {"Content Moderated", WEFT_REFUSED},
      {"Request Moderated", WEFT_REFUSED},
      {"Error", WEFT_TRANSIENT},
      {"Task not found", WEFT_LOST},
  }));
  service.host.on_http(
      "GET", "https://api.us1.bfl.ai/v1/get_result?id=1",
      std::vector<http_answer>{
          {.body = R"({"id":"1","status":"Task not found"})"},
          {.body = R"({"id":"1","status":"Pending"})"},
          {.body = json{{"status", state}, {"result", {{"sample", "https://cdn.test/a.png"}}}}
                       .dump()}});
  service.host.on_http("GET", "https://cdn.test/a.png",
                       http_answer{.body = "PNG", .headers = {{"content-type", "image/png"}}});
  const auto job = service.run("image.generate", {{"prompt", "a heron"}});
  INFO(state << " " << job.message());
  CHECK(job.status() == expected);
  CHECK(service.host.http_calls()[1].header("x-key") == "k");
  if (expected == WEFT_OK) {
    CHECK(job.record().cost_micros == 45000);
    CHECK(service.host.http_calls().back().header("x-key") == "");
  }
}

}  // namespace
}  // namespace http_test
