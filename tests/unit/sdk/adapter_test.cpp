// SPDX-License-Identifier: Apache-2.0
#include "simple.hpp"

#include <weft/testing.hpp>

#include "catch.hpp"

using weft::testing::fake_host;
using weft::testing::http_answer;
using weft::testing::http_call;

TEST_CASE("an exception that a plugin throws ends its job as internal, with its text") {
  fake_host host;
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               co_await job.sleep(10);
                               throw std::runtime_error("index out of range");
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(job.status() == WEFT_INTERNAL);
  CHECK(job.message() == "the plugin threw: index out of range");
  CHECK(host.violations().empty());
}

TEST_CASE("a weft::error says how its job ends") {
  fake_host host;
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               job.cost(weft::cost::billed(1500, "USD"));
                               throw weft::error(WEFT_REFUSED, "declined", 250).with({{"code", 7}});
                               co_return;
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  CHECK(job.status() == WEFT_REFUSED);
  CHECK(job.message() == "declined");
  CHECK(job.record().retry_after_ms == 250);
  CHECK(job.result() == nlohmann::json{{"code", 7}});
  CHECK(job.record().cost_micros == 1500);
  CHECK(job.record().cost_basis == WEFT_COST_BILLED);
  CHECK(host.violations().empty());
}

TEST_CASE("JSON of an unexpected shape counts against the service, not the plugin") {
  fake_host host;
  host.on_http("GET", "http://service/", http_answer{.body = R"({"id": 7})"});
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               const auto answer = co_await job.http(weft::get("http://service/"));
                               job.result({{"id", answer.json().at("id").get<std::string>()}});
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(job.status() == WEFT_BAD_OUTPUT);
  CHECK(job.message().starts_with("unexpected JSON: "));
}

TEST_CASE("running out of memory ends a job as exhausted") {
  fake_host host;
  auto service = host.create(simple<[](weft::job&) -> weft::task<> {
                               throw std::bad_alloc();
                               co_return;
                             }>,
                             "simple");
  CHECK(service.submit({.operation = "test.simple"}).status() == WEFT_EXHAUSTED);
}

TEST_CASE("a job may end before submit returns") {
  fake_host host;
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               job.result({{"answer", 42}});
                               co_return;
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  CHECK(job.status() == WEFT_OK);
  CHECK(job.result().at("answer") == 42);
}

TEST_CASE("a checkpoint returns when the token is durable, and not before") {
  fake_host host;
  host.set_commit_ms(40);
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               co_await job.checkpoint("first");
                               job.progress(0.5, job.token());
                               co_await job.checkpoint("second");
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.advance(39);
  CHECK(job.tokens().empty());
  CHECK(job.progress().empty());
  host.advance(1);
  CHECK(job.tokens() == std::vector<std::string>{"first"});
  CHECK(job.progress().front().stage == "first");
  host.run_until_idle();
  CHECK(job.tokens() == std::vector<std::string>{"first", "second"});
  CHECK(host.violations().empty());
}

namespace {

// A service with a queue: buy, remember the handle, poll; can be looked up by key and cancelled.
class Queue final : public weft::adapter<Queue> {
 public:
  static constexpr std::string_view name = "queue";
  static constexpr std::string_view operations = R"([{"name": "video.generate"}])";
  static constexpr std::string_view recover = "key";

  explicit Queue(const weft::context& context) : adapter(context) {}

  weft::task<> run(weft::job& job) override {
    if (!job.attached()) {
      auto bought = co_await job.http(
          weft::post("http://queue/jobs").header("Key", job.key()).json(job.params()).buys());
      co_await job.checkpoint(bought.json().at("id").get<std::string>());
    } else if (job.token().empty()) {
      auto found = co_await job.http(weft::get("http://queue/keys/" + job.key()).any_status());
      if (found.status() == 404) throw weft::error(WEFT_LOST, "never arrived");
      co_await job.checkpoint(found.json().at("id").get<std::string>());
    }
    for (;;) {
      auto state = co_await job.http(weft::get("http://queue/jobs/" + job.token()));
      if (state.json().at("done").get<bool>()) co_return;
      co_await job.sleep(5000);
    }
  }
  weft::task<> cancel(weft::job& job) override {
    co_await job.http(weft::del("http://queue/jobs/" + job.token()));
  }
  weft::task<weft::estimate> estimate(weft::call& call, const weft::request& task) {
    co_await call.sleep(10);
    co_return weft::estimate(
        weft::cost::estimated(task.params().at("seconds").get<int>() * 1000, "USD"), 30'000);
  }
  weft::task<nlohmann::json> probe(weft::call& call) override {
    auto health = co_await call.http(weft::get("http://queue/health"));
    co_return health.json();
  }
  void configure(const nlohmann::json& config) { host().log(WEFT_LOG_INFO, config.dump()); }
};

constexpr weft_entry queue = weft::make_entry<Queue>("{}");

std::vector<std::string> sent(const fake_host& host) {
  std::vector<std::string> lines;
  for (const http_call& call : host.http_calls()) lines.push_back(call.method + " " + call.url);
  return lines;
}

}  // namespace

TEST_CASE("a job goes on at the service after a restart and buys nothing twice") {
  fake_host host;
  host.on_http("POST", "http://queue/jobs", http_answer{.body = R"({"id": "r1"})"});
  host.on_http(
      "GET", "http://queue/jobs/r1",
      {http_answer{.body = R"({"done": false})"}, http_answer{.body = R"({"done": true})"}});
  auto service = host.create(queue, "queue");
  auto before = service.submit({.operation = "video.generate"});
  host.advance(1000);
  service.crash();
  auto after = service.attach(before);
  host.run_until_idle();
  CHECK(after.status() == WEFT_OK);
  CHECK(sent(host) == std::vector<std::string>{"POST http://queue/jobs", "GET http://queue/jobs/r1",
                                               "GET http://queue/jobs/r1"});
  CHECK(host.violations().empty());
}

TEST_CASE("a job whose token was not yet durable is looked up by its key") {
  fake_host host;
  host.set_commit_ms(100);
  host.on_http("POST", "http://queue/jobs", http_answer{.body = R"({"id": "r1"})"});
  auto service = host.create(queue, "queue");
  auto before = service.submit({.operation = "video.generate", .key = "key-1"});
  host.advance(50);
  service.crash();
  CHECK(before.tokens().empty());

  SECTION("and goes on if the service has it") {
    host.on_http("GET", "http://queue/keys/key-1", http_answer{.body = R"({"id": "r1"})"});
    host.on_http("GET", "http://queue/jobs/r1", http_answer{.body = R"({"done": true})"});
    auto after = service.attach(before);
    host.run_until_idle();
    CHECK(after.status() == WEFT_OK);
    CHECK(after.tokens() == std::vector<std::string>{"r1"});
  }
  SECTION("and is lost if the service does not") {
    host.on_http("GET", "http://queue/keys/key-1", http_answer{.status = 404});
    auto after = service.attach(before);
    host.run_until_idle();
    CHECK(after.status() == WEFT_LOST);
  }
  CHECK(host.violations().empty());
}

TEST_CASE("a cancel reaches the service once there is a handle to cancel") {
  fake_host host;
  host.on_http("POST", "http://queue/jobs",
               http_answer{.body = R"({"id": "r1"})", .delay_ms = 800});
  host.on_http("GET", "http://queue/jobs/", http_answer{.body = R"({"done": false})"});
  auto service = host.create(queue, "queue");
  auto job = service.submit({.operation = "video.generate"});

  SECTION("while it polls, which stops at once") {
    host.on_http("DELETE", "http://queue/jobs/r1", http_answer{});
    host.advance(2000);
    const auto asked_ms = host.now_ms();
    job.cancel();
    host.run_until_idle();
    CHECK(job.status() == WEFT_CANCELLED);
    CHECK(host.now_ms() == asked_ms);
    CHECK(sent(host).back() == "DELETE http://queue/jobs/r1");
  }
  SECTION("while it buys: the answer is awaited, since it tells what to cancel") {
    host.on_http("DELETE", "http://queue/jobs/r1", http_answer{});
    host.advance(100);
    job.cancel();
    host.run_until_idle();
    CHECK(job.status() == WEFT_CANCELLED);
    CHECK(job.tokens() == std::vector<std::string>{"r1"});
    CHECK(sent(host).back() == "DELETE http://queue/jobs/r1");
  }
  SECTION("and is not called cancelled if the service did not confirm it") {
    host.on_http("DELETE", "http://queue/jobs/r1", http_answer{.status = 503});
    host.advance(2000);
    job.cancel();
    host.run_until_idle();
    CHECK(job.status() == WEFT_UNKNOWN);
    CHECK(job.message() == "the cancel was not confirmed: HTTP 503: ");
  }
  CHECK(host.violations().empty());
}

TEST_CASE("drain lets go without touching what runs at the service") {
  fake_host host;
  host.on_http("POST", "http://queue/jobs", http_answer{.body = R"({"id": "r1"})"});
  host.on_http("GET", "http://queue/jobs/r1", http_answer{.body = R"({"done": false})"});
  auto service = host.create(queue, "queue");
  auto job = service.submit({.operation = "video.generate"});
  host.advance(12'000);
  const auto before = sent(host);
  CHECK(service.drain().status() == WEFT_OK);
  host.run_until_idle();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(job.message() == "drained");
  CHECK(sent(host) == before);
  CHECK(host.violations().empty());
}

TEST_CASE("destroy frees jobs wherever they wait") {
  fake_host host;
  host.on_http("POST", "http://queue/jobs",
               http_answer{.body = R"({"id": "r1"})", .delay_ms = 300});
  host.on_http("GET", "http://queue/jobs/r1", http_answer{.body = R"({"done": false})"});
  host.set_commit_ms(100);
  const auto after_ms = GENERATE(0, 350, 450, 6000);  // buying, saving, sleeping, sleeping again
  auto service = host.create(queue, "queue");
  service.submit({.operation = "video.generate"});
  host.advance(after_ms);
  service.destroy();
  host.run_until_idle();
  CHECK(host.violations().empty());
}

TEST_CASE("an adapter answers what the host asks about itself") {
  fake_host host;
  auto service = host.create(queue, "queue");
  auto description = service.describe();
  CHECK(description.result().at("recover") == "key");
  CHECK(description.result().at("operations").at(0).at("name") == "video.generate");

  host.on_http("GET", "http://queue/health", http_answer{.body = R"({"queue": 3})"});
  auto well = service.probe();
  host.run_until_idle();
  CHECK(well.result().at("queue") == 3);

  host.on_http("GET", "http://queue/health", http_answer{.status = 401});
  auto unwell = service.probe();
  host.run_until_idle();
  CHECK(unwell.status() == WEFT_AUTH);

  auto guess = service.estimate({.operation = "video.generate", .params = {{"seconds", 4}}});
  host.run_until_idle();
  CHECK(guess.record().cost_micros == 4000);
  CHECK(guess.record().cost_basis == WEFT_COST_ESTIMATED);
  CHECK(guess.result().at("p50_ms") == 30'000);

  CHECK(service.configure({{"a", 1}}) == WEFT_OK);
  CHECK(host.logs().back().text == R"({"a":1})");
  CHECK(host.violations().empty());
}

TEST_CASE("a thousand jobs end once each, with some of them cancelled") {
  fake_host host;
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               const auto n = job.params().at("n").get<std::uint32_t>();
                               for (std::uint32_t step = 0; step <= n % 7; ++step) {
                                 co_await job.sleep(n % 13);
                                 co_await job.checkpoint(std::to_string(step));
                               }
                               if (n % 5 == 0) throw weft::error(WEFT_TRANSIENT, "bad luck");
                             }>,
                             "simple");
  std::vector<weft::testing::job> jobs;
  for (std::uint32_t n = 0; n < 1000; ++n) {
    jobs.push_back(service.submit({.operation = "test.simple", .params = {{"n", n}}}));
    if (n % 3 == 0) host.advance(1);
    if (n % 11 == 0 && !jobs[n / 2].ended()) jobs[n / 2].cancel();
  }
  host.run_until_idle();
  for (const auto& job : jobs) CHECK(job.ended());
  CHECK(host.violations().empty());
}
