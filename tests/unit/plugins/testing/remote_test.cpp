// SPDX-License-Identifier: Apache-2.0
// The testing service with config.url, against a job server that the fake network plays.
#include <map>

#include "catch.hpp"
#include "fixture.hpp"

namespace testing_test {
namespace {

using weft::testing::fake_host;
using weft::testing::http_answer;
using weft::testing::http_call;

constexpr const char* url = "http://jobs.test";

// Keeps jobs by id; a job is done after `polls` questions.
struct JobServer {
  struct Job {
    std::string key;
    int polls_left;
    json end;
  };
  std::map<std::string, Job> jobs;
  std::vector<std::string> cancelled;
  json end = {{"state", "succeeded"}};
  int polls = 2;

  explicit JobServer(fake_host& host) {
    host.on_http("GET", url, [this](const http_call& call) { return look(call.url); });
    host.on_http("POST", std::string(url) + "/jobs",
                 [this](const http_call& call) { return order(call); });
    host.on_http("POST", std::string(url) + "/jobs/1/cancel", [this](const http_call&) {
      cancelled.emplace_back("1");
      return http_answer{.body = "{}"};
    });
  }
  http_answer order(const http_call& call) {
    const auto body = json::parse(call.body);
    const std::string id = std::to_string(jobs.size() + 1);
    jobs[id] = {body["key"], polls, end};
    return {.status = 201,
            .body = json{{"id", id}, {"key", body["key"]}, {"state", "running"}}.dump()};
  }
  http_answer look(const std::string& asked) {
    const std::string what = asked.substr(std::string(url).size());
    if (what.starts_with("/jobs?key=")) {
      json found = json::array();
      for (const auto& [id, job] : jobs)
        if (job.key == what.substr(10)) found.push_back({{"id", id}});
      return {.body = json{{"jobs", found}}.dump()};
    }
    const auto at = jobs.find(what.substr(6));
    if (at == jobs.end()) return {.status = 404, .body = "{}"};
    json said = {{"id", at->first}, {"state", "running"}, {"progress", 500}};
    if (at->second.polls_left-- <= 0) said.update(at->second.end);
    return {.body = said.dump()};
  }
};

struct Remote {
  fake_host host;
  JobServer server{host};
  weft::testing::instance service =
      host.create(entry(), "testing", {{"url", url}, {"poll_ms", 10}});
};

TEST_CASE("a remote job is bought once, checkpointed, polled and delivered") {
  Remote r;
  r.server.end = {
      {"state", "succeeded"}, {"cost_micros", 700}, {"result", {{"outputs", {{"text", "done"}}}}}};
  auto job = r.service.submit(echo({{"delay_ms", 5}}));
  r.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.tokens() == std::vector<std::string>{"1"});
  CHECK(job.result() == json{{"text", "done"}});
  CHECK(job.record().cost_micros == 700);
  CHECK(job.progress().back().permille == 500);
  CHECK(r.server.jobs.size() == 1);
  CHECK(r.host.violations().empty());
}

TEST_CASE("a remote picture without a result of its own is a valid sample") {
  Remote r;
  auto job = r.service.submit({.operation = "image.generate",
                               .params = {{"prompt", "a heron"}, {"width", 32}, {"height", 18}}});
  r.host.run_until_idle();
  CHECK(job.output("image").starts_with("\x89PNG"));
}

TEST_CASE("a remote failure keeps its class, its message and the server's own words") {
  Remote r;
  r.server.end = {{"state", "failed"}, {"error", {{"class", "refused"}, {"message", "no herons"}}}};
  auto job = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_REFUSED);
  CHECK(job.message() == "no herons");
  CHECK(job.result()["class"] == "refused");
}

TEST_CASE("a remote failure tells when to come again; a job cancelled there is cancelled") {
  Remote r;
  const json failed = {{"state", "failed"}, {"error", {{"class", "rate_limited"}}}};
  r.host.on_http("GET", url, http_answer{.body = failed.dump(), .retry_after_ms = 7000});
  auto later = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(later.status() == WEFT_RATE_LIMITED);
  CHECK(later.record().retry_after_ms == 7000);
  const json cancelled = {{"state", "cancelled"}, {"error", nullptr}};
  r.host.on_http("GET", url, http_answer{.body = cancelled.dump()});
  auto gone = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(gone.status() == WEFT_CANCELLED);
}

TEST_CASE("an order that is refused for load says when to come again") {
  Remote r;
  r.host.on_http("POST", url, http_answer{.status = 429, .retry_after_ms = 2000});
  auto job = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_RATE_LIMITED);
  CHECK(job.record().retry_after_ms == 2000);
}

TEST_CASE("an order without an answer may have been bought") {
  Remote r;
  r.host.on_http("POST", url, http_answer{.failure = WEFT_UNKNOWN});
  auto job = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
}

TEST_CASE(
    "an order that was answered with an error and accepted all the same is not bought again") {
  Remote r;
  r.host.on_http("POST", std::string(url) + "/jobs", [&](const http_call& call) {
    r.server.order(call);
    return http_answer{.status = 500, .body = "{}"};
  });
  auto job = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  CHECK(job.tokens() == std::vector<std::string>{"1"});
}

TEST_CASE("an order that was answered with an error and not accepted may be tried again") {
  Remote r;
  r.host.on_http("POST", url, http_answer{.status = 503, .retry_after_ms = 1000});
  auto job = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_TRANSIENT);
  CHECK(job.record().retry_after_ms == 1000);
}

TEST_CASE("an accepted order without an id is unknown, since it may be running") {
  Remote r;
  r.host.on_http("POST", url, http_answer{.status = 201, .body = "{}"});
  auto job = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_UNKNOWN);
}

TEST_CASE("after a crash the job goes on by its token, and nothing is bought again") {
  Remote r;
  r.server.polls = 20;
  auto job = r.service.submit(echo(json::object()));
  r.host.advance(50);
  REQUIRE(job.tokens().size() == 1);
  r.service.crash();
  auto again = r.service.attach(job);
  r.host.run_until_idle();
  CHECK(again.status() == WEFT_OK);
  CHECK(r.server.jobs.size() == 1);
}

TEST_CASE("after a crash before the checkpoint the job is found by its key") {
  Remote r;
  r.host.set_commit_ms(1000);
  auto job = r.service.submit(echo(json::object()));
  r.host.advance(10);
  REQUIRE(r.server.jobs.size() == 1);
  REQUIRE(job.tokens().empty());
  r.service.crash();
  auto again = r.service.attach(job);
  r.host.run_until_idle();
  CHECK(again.status() == WEFT_OK);
  CHECK(again.tokens().back() == "1");
  CHECK(r.server.jobs.size() == 1);
}

TEST_CASE("a key that the server provably does not have means lost; no answer means unknown") {
  Remote r;
  auto job = r.service.submit(echo(json::object()));
  r.service.crash();
  r.server.jobs.clear();
  auto lost = r.service.attach(job);
  r.host.run_until_idle();
  CHECK(lost.status() == WEFT_LOST);
  r.service.crash();
  r.host.on_http("GET", url, http_answer{.failure = WEFT_NOT_SENT});
  auto unknown = r.service.attach(job);
  r.host.run_until_idle();
  CHECK(unknown.status() == WEFT_UNKNOWN);
}

TEST_CASE("a server that is away for a while loses no job; away for good leaves it unknown") {
  Remote r;
  const std::vector<http_answer> away(5, http_answer{.failure = WEFT_NOT_SENT});
  std::vector<http_answer> answers = away;
  answers.push_back({.body = R"({"id": "1", "state": "succeeded"})"});
  r.host.on_http("GET", url, answers);
  auto job = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  r.host.on_http("GET", url, http_answer{.status = 503});
  auto left = r.service.submit(echo(json::object()));
  r.host.run_until_idle();
  CHECK(left.status() == WEFT_UNKNOWN);
}

TEST_CASE("a job that the server forgot is lost") {
  Remote r;
  auto job = r.service.submit(echo(json::object()));
  r.host.advance(15);
  r.server.jobs.clear();
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_LOST);
}

TEST_CASE("a cancel is handed on to the server, and not confirmed means unknown") {
  Remote r;
  r.server.polls = 1'000'000;
  auto job = r.service.submit(echo(json::object()));
  r.host.advance(100);
  job.cancel();
  r.host.run_until_idle();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(r.server.cancelled == std::vector<std::string>{"1"});
  auto other = r.service.submit(echo(json::object()));
  r.host.advance(100);
  r.host.on_http("POST", std::string(url) + "/jobs/2/cancel", http_answer{.status = 500});
  other.cancel();
  r.host.run_until_idle();
  CHECK(other.status() == WEFT_UNKNOWN);
}

TEST_CASE("a probe asks the server, a drain does not") {
  Remote r;
  auto job = r.service.submit(echo({{"hang", true}}));
  auto well = r.service.probe();
  r.host.advance(5);
  CHECK(well.status() == WEFT_OK);
  r.service.drain();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(r.server.cancelled.empty());
}

}  // namespace
}  // namespace testing_test
