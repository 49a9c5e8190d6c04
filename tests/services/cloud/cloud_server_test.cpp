// SPDX-License-Identifier: Apache-2.0
#include "cloud_server.hpp"

#include <boost/json/serialize.hpp>

#include "catch.hpp"

namespace weft::cloud_fake {
namespace {

class Client {
 public:
  Reply ask(const std::string& method, const std::string& path, const std::string& body = "",
            net::Headers headers = {{"host", "127.0.0.1:1"}}) {
    net::ServerRequest request;
    request.method = method;
    request.target = request.path = path;
    request.headers = std::move(headers);
    request.body = body;
    return server_.handle(request);
  }
  json::value json_of(const std::string& method, const std::string& path,
                      const std::string& body = "") {
    return *parse_json(ask(method, path, body).response.body);
  }
  void script(const std::string& text) {
    REQUIRE(ask("POST", "/fake/script", text).response.status == 200);
  }
  CloudServer& server() { return server_; }
  std::int64_t stat(const char* name) { return json_of("GET", "/fake/stats").at(name).as_int64(); }

 private:
  CloudServer server_{"http://127.0.0.1:2"};
};

TEST_CASE("a purchase is accepted and billed once, whatever becomes of its answer") {
  const auto [answer, how, accepted] = GENERATE(table<std::string, Reply::How, int>({
      {"ok", Reply::How::whole, 1},
      {"none_after", Reply::How::none, 1},
      {"error_after", Reply::How::whole, 1},
      {"partial", Reply::How::partial, 1},
      {"silent", Reply::How::never, 1},
      {"none_before", Reply::How::none, 0},
      {"error_before", Reply::How::whole, 0},
  }));
  Client client;
  client.script(R"({"cost_micros": 40000, "next": [{"answer": ")" + answer + R"("}]})");
  INFO(answer);
  CHECK(client.ask("POST", "/v1/images/generations", "{}").how == how);
  CHECK(client.stat("accepted") == accepted);
  CHECK(client.stat("billed_micros") == 40000 * accepted);
  CHECK(client.stat("posts") == 1);
}

TEST_CASE("a job is done after so many questions, and a restart forgets it") {
  Client client;
  client.script(R"({"rest": {"polls": 2}})");
  const json::value ordered = client.json_of("POST", "/v1/image_to_video", "{}");
  const std::string path = "/v1/tasks/" + std::string(ordered.at("id").as_string());
  CHECK(client.json_of("GET", path).at("status") == "RUNNING");
  const json::value done = client.json_of("GET", path);
  CHECK(done.at("status") == "SUCCEEDED");
  CHECK(done.at("output").at(0) == "http://127.0.0.1:2/files/job-1.mp4");
  client.ask("POST", "/fake/restart");
  CHECK(client.ask("GET", path).response.status == 404);
  CHECK(client.stat("accepted") == 1);
}

TEST_CASE("a task of Kling is found by the key of its client") {
  Client client;
  client.ask("POST", "/v1/videos/text2video", R"({"prompt": "x", "external_task_id": "mine"})");
  CHECK(client.json_of("GET", "/v1/videos/text2video/mine").at("data").at("task_id") == "job-1");
  CHECK(client.ask("GET", "/v1/videos/text2video/other").response.status == 404);
  client.script(R"({"next": [{"forget": true}]})");
  client.ask("POST", "/v1/videos/text2video", R"({"prompt": "x", "external_task_id": "gone"})");
  CHECK(client.ask("GET", "/v1/videos/text2video/gone").response.status == 404);
  CHECK(client.stat("accepted") == 2);
}

TEST_CASE("what is completed in a queue may have failed") {
  Client client;
  client.script(R"({"next": [{"fail": "content_policy_violation"}]})");
  const json::value ordered = client.json_of("POST", "/fal-ai/flux/dev", "{}");
  CHECK(ordered.at("status_url") == "http://127.0.0.1:1/fal-ai/flux/requests/job-1/status");
  CHECK(client.ask("GET", "/fal-ai/flux/requests/job-1").response.status == 400);
  CHECK(client.ask("GET", "/fal-ai/flux/requests/job-1/status").response.status == 200);
  CHECK(client.ask("GET", "/fal-ai/flux/requests/job-1").response.status == 422);
}

TEST_CASE(
    "an open order tells how far it is to who knows its name, and whoever interrupts ends it") {
  Client client;
  const auto order =
      client.ask("POST", "/sdapi/v1/txt2img", R"({"prompt": "x", "force_task_id": "mine"})");
  CHECK(order.open_task == "mine");
  const auto progress = [&](const std::string& task) {
    return client.json_of("POST", "/internal/progress", R"({"id_task": ")" + task + "\"}");
  };
  CHECK(progress("mine").at("progress") == 0.1);
  CHECK(progress("mine").at("progress") == 0.2);
  CHECK(progress("other").at("active") == false);
  CHECK(client.json_of("GET", "/sdapi/v1/progress").at("state").at("job_count") == 1);
  CHECK(client.server().runs_on("mine"));
  client.ask("POST", "/sdapi/v1/interrupt");
  CHECK_FALSE(client.server().runs_on("mine"));
  client.server().close("mine");
  CHECK(progress("mine").at("active") == false);
  CHECK(client.stat("interrupts") == 1);
}

TEST_CASE("a chat answers in the form that is asked for, or as the script says") {
  Client client;
  const std::string schema =
      R"({"response_format": {"json_schema": {"schema": {"type": "object",
          "properties": {"score": {"type": "number", "minimum": 0}}}}}})";
  const auto content = [&](const std::string& body) {
    const json::value answer = client.json_of("POST", "/v1/chat/completions", body);
    return std::string(answer.at("choices").at(0).at("message").at("content").as_string());
  };
  CHECK(parse_json(content(schema))->at("score") == 0.0);
  client.script(R"({"texts": ["{", {"score": 1}]})");
  CHECK(content(schema) == "{");
  CHECK(content(schema) == R"({"score":1})");
}

TEST_CASE("a file counts whether a key came with the request") {
  Client client;
  client.ask("GET", "/files/job-1.png");
  client.ask("GET", "/files/job-1.png", "", {{"Authorization", "Bearer k"}});
  CHECK(client.stat("files") == 1);
  CHECK(client.stat("files_with_key") == 1);
}

TEST_CASE("a fault stands in so many times, and a script with a slip of the pen is refused") {
  Client client;
  client.script(R"({"faults": [{"path": "/v1/tasks", "status": 503, "body": {"error": "x"}}]})");
  CHECK(client.ask("GET", "/v1/tasks/job-1").response.status == 503);
  CHECK(client.ask("GET", "/v1/tasks/job-1").response.status == 404);
  CHECK(client.ask("POST", "/fake/script", R"({"nxet": []})").response.status == 400);
  CHECK(client.ask("POST", "/fake/script", R"({"next": [{"polls": "two"}]})").response.status ==
        400);
}

}  // namespace
}  // namespace weft::cloud_fake
