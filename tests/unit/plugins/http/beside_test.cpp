// SPDX-License-Identifier: Apache-2.0
// An order that stays open: how far it is, and what a cancel does.
#include "catch.hpp"
#include "fixture.hpp"

namespace http_test {
namespace {

constexpr const char* api = "http://studio.test";

json open_order() {
  return {
      {"url", api},
      {"operations",
       {{"image.generate",
         {{"params", {{"properties", {{"prompt", {{"type", "string"}}}}}}},
          {"submit", {{"path", "/draw"}, {"json", {{"p", "${params.prompt}"}}}}},
          {"beside",
           {{"ask", {{"path", "/progress/${task.key}"}}},
            {"ours", "body.active"},
            {"progress", "body.progress"},
            {"every", "2s"},
            {"cancel", {{"path", "/interrupt"}}}}},
          {"outputs", {{"image", {{"base64", "body.image"}, {"media_type", "image/png"}}}}}}}}}};
}

struct Studio {
  // Each order is answered after ten seconds.
  explicit Studio(http_answer progress = {.body = R"({"active": true, "progress": 0.4})"}) {
    offer_expressions(host);
    host.on_http("POST", std::string(api) + "/draw",
                 http_answer{.body = R"({"image": "UE5H"})", .delay_ms = 10'000});
    host.on_http("POST", std::string(api) + "/interrupt", http_answer{.body = "{}"});
    host.on_http("GET", std::string(api) + "/progress/", std::move(progress));
    service.emplace(host.create(entry(), "http", open_order()));
    job.emplace(
        service->submit({.operation = "image.generate", .params = {{"prompt", "a heron"}}}));
  }
  int asked(std::string_view path) const {
    int count = 0;
    for (const http_call& call : host.http_calls())
      count += call.url.starts_with(std::string(api) + std::string(path)) ? 1 : 0;
    return count;
  }
  fake_host host;
  std::optional<weft::testing::instance> service;
  std::optional<weft::testing::job> job;
};

TEST_CASE("while an order is open it is told how far it is, and no longer") {
  Studio studio;
  studio.host.run_until_idle();
  CHECK(studio.job->status() == WEFT_OK);
  CHECK(studio.job->output("image") == "PNG");
  CHECK(studio.asked("/progress/") == 4);
  REQUIRE(studio.job->progress().size() == 4);
  CHECK(studio.job->progress().back().permille == 400);
  CHECK(studio.asked("/interrupt") == 0);
  CHECK(studio.host.violations().empty());
}

TEST_CASE("a question beside an order that fails, or is about another's, tells nothing") {
  for (const http_answer& answer :
       {http_answer{.status = 404, .body = "{}"}, http_answer{.failure = WEFT_TRANSIENT},
        http_answer{.body = "no JSON"}, http_answer{.body = R"({"active": false})"}}) {
    Studio studio(answer);
    studio.host.run_until_idle();
    CHECK(studio.job->status() == WEFT_OK);
    CHECK(studio.asked("/progress/") == 4);
    CHECK(studio.job->progress().empty());
  }
}

TEST_CASE("a cancel stops an open order at its service, and what is answered then is no result") {
  Studio studio;
  studio.host.advance(3000);
  studio.job->cancel();
  studio.host.run_until_idle();
  CHECK(studio.job->status() == WEFT_CANCELLED);
  CHECK(studio.asked("/interrupt") == 1);
  CHECK(studio.host.violations().empty());
}

TEST_CASE("a cancel leaves alone what the service does for somebody else") {
  Studio studio(http_answer{.body = R"({"active": false})"});
  studio.host.advance(3000);
  studio.job->cancel();
  studio.host.run_until_idle();
  CHECK(studio.asked("/interrupt") == 0);
  CHECK(studio.job->output("image") == "PNG");  // it was made, whoever wants it
}

TEST_CASE("an interrupt that the service refuses changes nothing") {
  Studio studio;
  studio.host.on_http("POST", std::string(api) + "/interrupt", http_answer{.status = 500});
  studio.host.advance(3000);
  studio.job->cancel();
  studio.host.run_until_idle();
  CHECK(studio.job->output("image") == "PNG");
}

TEST_CASE("a restart of the runtime while an order is open leaves nothing under way") {
  Studio studio;
  studio.host.advance(3000);
  studio.service->crash();
  studio.host.run_until_idle();
  CHECK(studio.asked("/progress/") == 1);
  CHECK(studio.host.violations().empty());
}

}  // namespace
}  // namespace http_test
