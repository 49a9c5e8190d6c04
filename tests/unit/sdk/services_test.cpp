// SPDX-License-Identifier: Apache-2.0
#include "simple.hpp"

#include <weft/testing.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "catch.hpp"

using weft::testing::fake_host;

TEST_CASE("a plugin keeps small things, counts, and logs about a job") {
  fake_host host;
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               const weft::host& h = job.host();
                               const int seen = std::stoi(h.state("seen").value_or("0"));
                               h.set_state("seen", std::to_string(seen + 1));
                               h.count("jobs", 2);
                               h.observe("seconds", 1.5);
                               h.changed(WEFT_CHANGED_HEALTH);
                               job.log(WEFT_LOG_INFO, "hello", {{"n", seen}});
                               co_return;
                             }>,
                             "simple");
  service.submit({.operation = "test.simple"});
  auto job = service.submit({.operation = "test.simple"});
  CHECK(host.state().at("seen") == "2");
  CHECK(host.metrics().at("jobs") == 4);
  CHECK(host.metrics().at("seconds") == 1.5);
  CHECK(host.changes().size() == 2);
  REQUIRE(host.logs().size() == 2);
  CHECK(host.logs()[1].text == "hello");
  CHECK(host.logs()[1].about == job.id());
  CHECK(host.logs()[1].fields.at("n") == 1);
}

TEST_CASE("a service that signs its requests can read a secret that is listed, no other") {
  fake_host host;
  host.set_secret("listed", "value");
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               job.result({{"size", job.host().secret("listed").size()}});
                               (void)job.host().secret("other");
                               co_return;
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  CHECK(job.status() == WEFT_AUTH);
  CHECK(job.message() == "secret 'other' is not available; list it under `secrets`");
}

TEST_CASE("all that a task says arrives") {
  fake_host host;
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               const weft::request& task = job.request();
                               job.result({{"operation", task.operation()},
                                           {"attempt", task.attempt()},
                                           {"key", job.key()},
                                           {"deadline", task.deadline_ms()},
                                           {"budget", task.budget_micros()},
                                           {"currency", task.currency()},
                                           {"label", task.label()},
                                           {"option", job.options().at("lora")},
                                           {"type", job.input("image").media_type()},
                                           {"digest", job.input("image").sha256().size()}});
                               co_return;
                             }>,
                             "simple");
  auto job = service.submit({.operation = "video.generate",
                             .options = {{"lora", "ink"}},
                             .inputs = {{"image", host.store("PNG", "image/png")}},
                             .key = "key-1",
                             .attempt = 3,
                             .deadline_ms = 99,
                             .budget_micros = 400'000,
                             .label = "video[3]"});
  CHECK(job.result() == nlohmann::json{{"operation", "video.generate"},
                                       {"attempt", 3},
                                       {"key", "key-1"},
                                       {"deadline", 99},
                                       {"budget", 400'000},
                                       {"currency", "USD"},
                                       {"label", "video[3]"},
                                       {"option", "ink"},
                                       {"type", "image/png"},
                                       {"digest", 64}});
}

TEST_CASE("an older host that sends a shorter task is understood") {
  fake_host host;
  host.shorten_task(offsetof(weft_task, deadline_ms));
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               job.result({{"label", job.request().label()},
                                           {"budget", job.request().budget_micros()},
                                           {"key", job.key()}});
                               co_return;
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple", .key = "key-1", .label = "lost"});
  CHECK(job.result() == nlohmann::json{{"label", ""}, {"budget", -1}, {"key", "key-1"}});
}

TEST_CASE("a host without a service, or with an older table of it, is met with an error") {
  fake_host host;
  auto entry = simple<[](weft::job& job) -> weft::task<> {
    co_await job.sleep(1);
    co_await job.checkpoint("a");
    co_await job.http(weft::get("http://service/"));
  }>;
  SECTION("no timer") {
    host.hide(WEFT_TIMER);
  }
  SECTION("a timer that cannot be cancelled yet") {
    host.shorten(WEFT_TIMER, offsetof(weft_timer, cancel));
  }
  SECTION("no HTTP") {
    host.hide(WEFT_HTTP);
  }
  SECTION("no log and no metrics, which matter to nobody") {
    host.hide(WEFT_LOG);
    host.hide(WEFT_METRICS);
    host.shorten(WEFT_HTTP, offsetof(weft_http, credit));
  }
  auto service = host.create(entry, "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(job.status() == WEFT_UNSUPPORTED);
  CHECK(job.message().starts_with("the host does not offer weft."));
  CHECK(host.violations().empty());
}

namespace {

class First final : public weft::adapter<First> {
 public:
  static constexpr std::string_view name = "first";
  static constexpr std::string_view operations = "[]";
  explicit First(const weft::context& context) : adapter(context) {}
  weft::task<> run(weft::job& job) override {
    job.result({{"component", name}});
    co_return;
  }
};
class Second final : public weft::executor<Second> {
 public:
  static constexpr std::string_view name = "second";
  explicit Second(const weft::context& context) : executor(context) {
    if (context.config().value("broken", false))
      throw weft::error(WEFT_BAD_INPUT, "config.broken must be false");
  }
  void run(weft::work& work) override { work.result({{"component", name}}); }
};
constexpr weft_entry both = weft::make_entry<First, Second>("{}");

}  // namespace

TEST_CASE("one library holds several components, chosen by name") {
  fake_host host;
  auto first = host.create(both, "first");
  auto second = host.create(both, "second");
  CHECK(first.submit({.operation = "a"}).result().at("component") == "first");
  CHECK(second.run({.operation = "b"}).result().at("component") == "second");
  CHECK_THROWS_WITH(host.create(both, "third"), "create failed");
  CHECK(first.raw()->query(first.raw(), WEFT_EXECUTOR) == nullptr);
  CHECK(second.raw()->query(second.raw(), "weft.executor/1x") == nullptr);
}

TEST_CASE("a constructor that throws makes create fail, with its reason in the log") {
  fake_host host;
  CHECK_THROWS_WITH(host.create(both, "second", {{"broken", true}}), "config.broken must be false");
  CHECK(host.violations().empty());
}

TEST_CASE("a plugin that cannot be reconfigured says so by having no configure") {
  fake_host host;
  CHECK(host.create(both, "first").configure({}) == WEFT_UNSUPPORTED);
}

TEST_CASE("a misspelt word is told what it was most likely meant to be") {
  const std::vector<std::string> known{"prompt", "width", "height"};
  CHECK(weft::did_you_mean("promt", known) == "prompt");
  CHECK(weft::did_you_mean("heigth", known) == "height");
  CHECK(weft::did_you_mean("seed", known).empty());
  CHECK(weft::did_you_mean("prompt", std::vector<std::string>{}).empty());
}

TEST_CASE(
    "an expression sees null where a value may be left out, and no member that is not known") {
  const auto type =
      weft::closed_type({{"width", weft::nullable_type({{"type", "integer"}, {"minimum", 1}})},
                         {"any", weft::nullable_type({{"description", "whatever"}})}});
  CHECK(type.at("properties").at("width") == nlohmann::json{{"type", {"integer", "null"}}});
  CHECK(type.at("properties").at("any") == nlohmann::json::object());
  CHECK(type.at("additionalProperties") == false);
  CHECK(type.at("required") == nlohmann::json{"any", "width"});
}
