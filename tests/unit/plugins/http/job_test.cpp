// SPDX-License-Identifier: Apache-2.0
// Jobs of a described service that answers at once, and of one that is asked until it is done.
#include "catch.hpp"
#include "fixture.hpp"

namespace http_test {
namespace {

constexpr const char* api = "https://api.test";

json polled() {
  return {{"url", api},
          {"headers", {{"Authorization", "Bearer {secret:key}"}}},
          {"operations",
           {{"video.generate",
             {{"params", {{"properties", {{"prompt", {{"type", "string"}}}}}}},
              {"submit", {{"path", "/jobs"}, {"json", {{"p", "${params.prompt}"}}}}},
              {"poll",
               {{"handle", {{"id", "body.id"}}},
                {"ask", {{"path", "/jobs/${job.id}"}}},
                {"cancel", {{"method", "DELETE"}, {"path", "/jobs/${job.id}"}}},
                {"state", "body.state"},
                {"every", "5s"},
                {"expires", "1h"},
                {"states", {{"running", {"run"}}, {"done", {"ok"}}, {"failed", {"bad"}}}}}},
              {"outputs", {{"video", {{"url", "body.url"}, {"media_type", "video/mp4"}}}}}}}}}};
}

struct Bench {
  Bench() {
    offer_expressions(host);
    host.set_secret("key", "s3cret");
    host.on_http("POST", std::string(api) + "/jobs", http_answer{.body = R"({"id": "j1"})"});
  }
  void answers(const std::string& url) {
    host.on_http("GET", std::string(api) + "/jobs/j1",
                 std::vector<http_answer>{{.body = R"({"state": "run"})"},
                                          {.status = 503},
                                          {.body = R"({"state": "ok", "url": ")" + url + R"("})"}});
  }
  weft::testing::job submit() {
    service.emplace(host.create(entry(), "http", polled()));
    return service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  }
  fake_host host;
  std::optional<weft::testing::instance> service;
};

TEST_CASE("a job is asked until it is done, and its result is fetched without the key") {
  Bench bench;
  bench.answers("https://cdn.test/v.mp4");
  bench.host.on_http("GET", "https://cdn.test/v.mp4",
                     http_answer{.body = "MP4", .headers = {{"content-type", "video/mp4"}}});
  auto job = bench.submit();
  bench.host.run_until_idle();
  INFO(job.message());
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.output("video") == "MP4");
  const auto& calls = bench.host.http_calls();
  REQUIRE(calls.size() == 5);
  CHECK(calls.front().buys);
  CHECK(calls.front().header("Authorization") == "Bearer s3cret");
  CHECK(calls[1].header("Authorization") == "Bearer s3cret");
  CHECK(calls.back().header("Authorization") == "");
  CHECK(calls.back().public_only);  // by whatever name
  CHECK_FALSE(calls[1].public_only);
  CHECK(bench.host.violations().empty());
}

TEST_CASE("a result at the service's own origin is fetched with the key") {
  Bench bench;
  bench.answers("https://api.test/v.mp4");
  bench.host.on_http("GET", "https://api.test/v.mp4", http_answer{.body = "MP4"});
  auto job = bench.submit();
  bench.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(bench.host.http_calls().back().header("Authorization") == "Bearer s3cret");
}

TEST_CASE("a result at another port of the service's host is fetched without the key") {
  Bench bench;
  bench.answers("https://api.test:8443/v.mp4");
  bench.host.on_http("GET", "https://api.test:8443/v.mp4", http_answer{.body = "MP4"});
  auto job = bench.submit();
  bench.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(bench.host.http_calls().back().header("Authorization") == "");
  CHECK_FALSE(bench.host.http_calls().back().public_only);  // the operator chose that host
}

TEST_CASE("a question that goes to another port of the service's host carries no key") {
  Bench bench;
  json config = polled();
  config["operations"]["video.generate"]["poll"]["ask"] = {
      {"url", "'https://api.test:8443/jobs/' + job.id"}};
  bench.host.on_http("GET", "https://api.test:8443/jobs/j1",
                     http_answer{.body = R"({"state": "bad"})"});
  bench.service.emplace(bench.host.create(entry(), "http", config));
  auto job =
      bench.service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  bench.host.run_until_idle();
  const auto& calls = bench.host.http_calls();
  REQUIRE(calls.size() >= 2);
  CHECK(calls[0].header("Authorization") == "Bearer s3cret");
  CHECK(calls[1].header("Authorization") == "");
}

TEST_CASE("a result at a local address, or at none, is not fetched") {
  const std::string url =
      GENERATE("https://127.0.0.1/v", "https://localhost/v", "https://[::1]/v",
               "https://169.254.169.254/latest", "https://2130706433/v", "https://10.1.2.3/v",
               "http://cdn.test/v", "file:///etc/passwd", "https://api.test@10.0.0.1/v");
  Bench bench;
  bench.answers(url);
  auto job = bench.submit();
  bench.host.run_until_idle();
  INFO(url);
  CHECK(job.status() == WEFT_BAD_OUTPUT);
  CHECK(bench.host.http_calls().size() == 4);
}

TEST_CASE("what is not of the output's type is no result") {
  Bench bench;
  bench.answers("https://cdn.test/v.mp4");
  bench.host.on_http("GET", "https://cdn.test/v.mp4",
                     http_answer{.body = "<p>", .headers = {{"content-type", "text/html"}}});
  auto job = bench.submit();
  bench.host.run_until_idle();
  CHECK(job.status() == WEFT_BAD_OUTPUT);
}

TEST_CASE("after a restart the job goes on by its handle and nothing is bought again") {
  Bench bench;
  bench.answers("https://cdn.test/v.mp4");
  bench.host.on_http("GET", "https://cdn.test/v.mp4", http_answer{.body = "MP4"});
  auto job = bench.submit();
  bench.host.advance(1000);
  REQUIRE(job.tokens().size() == 1);
  bench.service->crash();
  auto again = bench.service->attach(job);
  bench.host.run_until_idle();
  CHECK(again.status() == WEFT_OK);
  int bought = 0;
  for (const http_call& call : bench.host.http_calls()) bought += call.buys ? 1 : 0;
  CHECK(bought == 1);
}

TEST_CASE("a cancel reaches the service") {
  Bench bench;
  bench.host.on_http("GET", std::string(api) + "/jobs/j1",
                     http_answer{.body = R"({"state": "run"})"});
  bench.host.on_http("DELETE", std::string(api) + "/jobs/j1", http_answer{});
  auto job = bench.submit();
  bench.host.advance(7000);
  job.cancel();
  bench.host.run_until_idle();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(bench.host.http_calls().back().method == "DELETE");
}

TEST_CASE("an order that nobody answered has perhaps been bought") {
  Bench bench;
  bench.host.on_http("POST", api, http_answer{.failure = WEFT_UNKNOWN});
  auto job = bench.submit();
  bench.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
}

TEST_CASE("an accepted order whose answer names no job is not lost sight of") {
  Bench bench;
  bench.host.on_http("POST", api, http_answer{.body = "{}"});
  auto job = bench.submit();
  bench.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
}

TEST_CASE("a question that fails, in whatever way, says nothing about the job") {
  const http_answer bad = GENERATE(
      http_answer{.failure = WEFT_BAD_OUTPUT}, http_answer{.status = 502, .body = "<html>"},
      http_answer{.status = 401}, http_answer{.body = R"({"code": 1303, "state": null})"});
  Bench bench;
  json config = polled();
  config["errors"] = {{{"when", "body.code == 1303"}, {"outcome", "rate_limited"}}};
  bench.host.on_http(
      "GET", std::string(api) + "/jobs/j1",
      std::vector<http_answer>{
          bad, bad, {.body = R"({"state": "ok", "url": "https://cdn.test/v.mp4"})"}});
  bench.host.on_http("GET", "https://cdn.test/v.mp4", http_answer{.body = "MP4"});
  bench.service.emplace(bench.host.create(entry(), "http", config));
  auto job =
      bench.service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  bench.host.run_until_idle();
  INFO(job.message());
  CHECK(job.status() == WEFT_OK);
}

TEST_CASE("a job that must not be asked for where the service said is bought all the same") {
  Bench bench;
  json config = polled();
  config["operations"]["video.generate"]["poll"]["ask"] = {{"url", "job.id"}};
  config["operations"]["video.generate"]["poll"].erase("cancel");
  bench.host.on_http("POST", api, http_answer{.body = R"({"id": "https://10.0.0.1/jobs"})"});
  bench.service.emplace(bench.host.create(entry(), "http", config));
  auto job =
      bench.service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  bench.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
  CHECK(bench.host.http_calls().size() == 1);
}

TEST_CASE("a result that cannot be fetched is waited for, and is not bought again") {
  const auto [bad, expected, calls_at_least] =
      GENERATE(table<http_answer, weft_status, std::size_t>({
          {{.status = 503}, WEFT_UNKNOWN, 20},
          {{.failure = WEFT_NOT_SENT}, WEFT_UNKNOWN, 20},
          {{.failure = WEFT_BAD_OUTPUT}, WEFT_UNKNOWN, 5},  // larger than its limit
          {{.status = 400}, WEFT_BAD_OUTPUT, 5},
      }));
  Bench bench;
  bench.answers("https://cdn.test/v.mp4");
  bench.host.on_http("GET", "https://cdn.test/v.mp4", bad);
  auto job = bench.submit();
  bench.host.run_until_idle();
  INFO(job.message());
  CHECK(job.status() == expected);
  CHECK(bench.host.http_calls().size() >= calls_at_least);
}

TEST_CASE("a result that is a request of its own is lost when the service does not have it") {
  const auto [bad, rules, expected] = GENERATE(table<http_answer, std::string, weft_status>({
      {{.status = 404}, "[]", WEFT_LOST},
      {{.status = 401}, "[]", WEFT_UNKNOWN},
      {{.status = 500}, "[]", WEFT_UNKNOWN},
      {{.status = 422}, "[]", WEFT_BAD_INPUT},
      {{.status = 500},
       R"([{"when": "status == 500", "outcome": "transient", "free": true}])",
       WEFT_TRANSIENT},
  }));
  Bench bench;
  json config = polled();
  config["errors"] = json::parse(rules);
  config["operations"]["video.generate"]["poll"]["result"] = {{"path", "/results/${job.id}"}};
  bench.answers("");
  bench.host.on_http("GET", std::string(api) + "/results/j1", bad);
  bench.service.emplace(bench.host.create(entry(), "http", config));
  auto job =
      bench.service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  bench.host.run_until_idle();
  INFO(job.message());
  CHECK(job.status() == expected);
  CHECK((job.record().cost_basis == WEFT_COST_BILLED) == (expected == WEFT_TRANSIENT));
}

TEST_CASE("an order whose answer is too long is looked up, or stays unknown") {
  Bench bench;
  bench.answers("https://cdn.test/v.mp4");
  bench.host.on_http("POST", api, http_answer{.failure = WEFT_BAD_OUTPUT});
  auto job = bench.submit();
  bench.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
}

TEST_CASE("a result that the service kept only so long is lost") {
  Bench bench;
  bench.host.on_http("GET", std::string(api) + "/jobs/j1",
                     http_answer{.body = R"({"state": "ok", "url": "https://cdn.test/v"})"});
  bench.host.on_http("GET", "https://cdn.test/v", http_answer{.status = 403});
  auto job = bench.submit();
  bench.host.advance(1000);
  bench.service->crash();
  bench.host.advance(3'700'000);
  auto again = bench.service->attach(job);
  bench.host.run_until_idle();
  CHECK(again.status() == WEFT_LOST);
}

TEST_CASE("a URL that has expired is asked for afresh, once") {
  const auto [gone, expected] = GENERATE(table<std::string, weft_status>({
      {"https://cdn.test/old", WEFT_OK},
      {"https://cdn.test/", WEFT_BAD_OUTPUT},
  }));
  Bench bench;
  bench.host.on_http(
      "GET", std::string(api) + "/jobs/j1",
      std::vector<http_answer>{{.body = R"({"state": "ok", "url": "https://cdn.test/old"})"},
                               {.body = R"({"state": "ok", "url": "https://cdn.test/new"})"}});
  bench.host.on_http("GET", "https://cdn.test/new", http_answer{.body = "MP4"});
  bench.host.on_http("GET", gone, http_answer{.status = 403});
  auto job = bench.submit();
  bench.host.run_until_idle();
  INFO(gone << " " << job.message());
  CHECK(job.status() == expected);
  CHECK(bench.host.http_calls().back().url == "https://cdn.test/new");
  CHECK(bench.host.http_calls().size() == 5);  // order, question, old, question, new
}

// As `polled`, and the service keeps the key.
json kept() {
  json config = polled();
  json& operation = config["operations"]["video.generate"];
  operation["submit"]["json"]["key"] = "${task.key}";
  operation["poll"]["find"] = {{"path", "/by_key/${task.key}"}};
  operation["poll"]["lost_grace"] = "20s";
  return config;
}
constexpr const char* by_key = "https://api.test/by_key/00000000-0000-7000-8000-000000000001";

TEST_CASE("an order that nobody answered is looked up by its key, and goes on") {
  Bench bench;
  bench.answers("https://cdn.test/v.mp4");
  bench.host.on_http("POST", api, http_answer{.failure = WEFT_UNKNOWN});
  bench.host.on_http(
      "GET", by_key,
      std::vector<http_answer>{{.status = 404}, {.status = 503}, {.body = R"({"id": "j1"})"}});
  bench.host.on_http("GET", "https://cdn.test/v.mp4", http_answer{.body = "MP4"});
  bench.service.emplace(bench.host.create(entry(), "http", kept()));
  auto job =
      bench.service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  bench.host.run_until_idle();
  INFO(job.message());
  CHECK(job.status() == WEFT_OK);
  CHECK(job.tokens().size() == 1);
}

TEST_CASE("an order that the service does not know was not bought, and costs nothing") {
  Bench bench;
  bench.host.on_http("POST", api, http_answer{.failure = WEFT_UNKNOWN});
  bench.host.on_http("GET", by_key, http_answer{.status = 404});
  bench.service.emplace(bench.host.create(entry(), "http", kept()));
  auto job =
      bench.service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  bench.host.advance(15'000);
  CHECK_FALSE(job.ended());  // what it took may not be shown at once
  bench.host.run_until_idle();
  CHECK(job.status() == WEFT_LOST);
  CHECK(job.record().cost_micros == 0);
  CHECK(job.record().cost_basis == WEFT_COST_BILLED);
}

TEST_CASE("a look-up that the service does not answer settles nothing") {
  const http_answer no_answer = GENERATE(values<http_answer>(
      {{.status = 500}, {.body = "<html>Who are you?</html>"}, {.body = R"({"jobs": []})"}}));
  Bench bench;
  bench.host.on_http("POST", api, http_answer{.failure = WEFT_UNKNOWN});
  bench.host.on_http("GET", by_key, no_answer);
  bench.service.emplace(bench.host.create(entry(), "http", kept()));
  auto job =
      bench.service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  bench.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
}

TEST_CASE("a service that keeps the key says so, and a restart finds its job by it") {
  Bench bench;
  bench.answers("https://cdn.test/v.mp4");
  bench.host.on_http("POST", api, http_answer{.body = R"({"id": "j1"})", .delay_ms = 60'000});
  bench.host.on_http("GET", by_key, http_answer{.body = R"({"id": "j1"})"});
  bench.host.on_http("GET", "https://cdn.test/v.mp4", http_answer{.body = "MP4"});
  bench.service.emplace(bench.host.create(entry(), "http", kept()));
  const auto described = bench.service->describe();
  bench.host.run_until_idle();
  CHECK(described.result().at("recover") == "key");
  auto job =
      bench.service->submit({.operation = "video.generate", .params = {{"prompt", "a heron"}}});
  bench.host.advance(1000);
  bench.service->crash();
  auto again = bench.service->attach(job);
  bench.host.run_until_idle();
  INFO(again.message());
  CHECK(again.status() == WEFT_OK);
  int bought = 0;
  for (const http_call& call : bench.host.http_calls()) bought += call.buys ? 1 : 0;
  CHECK(bought == 1);
}

}  // namespace
}  // namespace http_test
