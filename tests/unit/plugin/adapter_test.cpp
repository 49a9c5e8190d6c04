// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

using Heard = std::vector<std::string>;

TEST_CASE("a job of an adapter is started, tells progress and ends with its result") {
  World world;
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance, world.job(1, R"([{"do": "progress", "permille": 300, "value": "sampling"},
                       {"do": "timer", "ms": 1},
                       {"do": "end", "json": {}, "cost_micros": 1500, "currency": "USD"}])"));
  CHECK(outcome.outcome == Outcome::ok);
  CHECK(world.sink.heard() == Heard{"started 1", "progress 1 300 sampling", "ended 1 ok"});
  REQUIRE(outcome.cost);
  CHECK(outcome.cost->to_string() == "0.0015 USD");
  CHECK_FALSE(outcome.cost_is_estimated);
}

TEST_CASE("describe answers with what the adapter offers, and from then on jobs are checked") {
  World world;
  const auto instance = world.make(
      "script", {{"offer", json::parse(R"({"recover": "none", "operations": [{"name": "test.script",
        "params": {"type": "object", "properties": {"steps": {"type": "array"},
                   "width": {"type": "integer", "maximum": 64}, "show_task": {"type": "boolean", "default": true}}},
        "options": {"type": "object", "properties": {"mode": {"type": "string", "default": "calm"}}}}]})")}});
  std::optional<result<Offer>> offer;
  instance->describe(Duration(1000), [&](result<Offer> answer) { offer = std::move(answer); });
  REQUIRE(world.until([&] { return offer.has_value(); }));
  REQUIRE(offer->has_value());
  CHECK((*offer)->recover == Recover::none);
  CHECK((*offer)->operations.front().name == "test.script");

  const auto wide = world.run(*instance, world.job_with(1, R"({"width": 65})"));
  CHECK(wide.outcome == Outcome::bad_input);
  CHECK(wide.message == "params /width must be at most 64");
  CHECK(world.run(*instance, world.job_with(2, "{}", "test.other")).outcome ==
        Outcome::unsupported);
  const auto filled = world.run(*instance, world.job_with(3, R"({"options": {"script": {}}})"));
  CHECK(World::seen(filled).at(0).at("options") == json::object{{"mode", "calm"}});
}

TEST_CASE("describe that never answers, or is refused, is an error within its limit") {
  World world;
  for (const auto& [how, words] :
       {std::pair("never", "no answer to describe in time"), std::pair("refused", "auth")}) {
    const auto instance = world.make("script", {{"describe", how}});
    std::optional<result<Offer>> offer;
    instance->describe(Duration(30), [&](result<Offer> answer) { offer = std::move(answer); });
    REQUIRE(world.until([&] { return offer.has_value(); }));
    REQUIRE_FALSE(offer->has_value());
    CHECK(offer->error().message.find(words) != std::string::npos);
  }
}

TEST_CASE("a probe tells how the service is") {
  World world;
  const auto instance = world.make("script", {{"health", 17}});
  std::optional<Health> health;
  instance->probe(Duration(1000), [&](Health answer) { health = std::move(answer); });
  REQUIRE(world.until([&] { return health.has_value(); }));
  CHECK(health->outcome == Outcome::rate_limited);
  CHECK(health->message == "three wait");
}

TEST_CASE("a plugin that has no answer to a probe is asked what it can do instead") {
  World world;
  for (const auto& [how, outcome] : {std::pair{"", Outcome::ok}, {"refused", Outcome::auth}}) {
    const auto instance = world.make("script", {{"probes", false}, {"describe", how}});
    std::optional<Health> health;
    instance->probe(Duration(1000), [&](Health answer) { health = std::move(answer); });
    REQUIRE(world.until([&] { return health.has_value(); }));
    CHECK(health->outcome == outcome);
    CHECK(health->details.empty());
  }
}

TEST_CASE("a task crosses with its inputs, options, key, deadline and budget") {
  World world;
  const auto instance = world.make("script");
  Job job =
      world.job_with(4, R"({"show_task": true, "options": {"script": {"a": 1}, "other": {}}})");
  BoundTask bound = *job.task;
  const ArtifactInfo image = world.put("picture", "image/png");
  bound.inputs.push_back({"image", {image}});
  job.task = std::make_shared<BoundTask>(bound);
  job.deadline = Deadline(from_unix_ms(1234567));
  job.budget = Money{400000, "EUR"};
  const json::value seen = World::seen(world.run(*instance, job)).at(0);
  CHECK(seen.at("params") == json::object{{"show_task", true}});
  CHECK(seen.at("options") == json::object{{"a", 1}});
  CHECK(seen.at("inputs") ==
        json::array{json::array{"image", image.digest.to_string(), "image/png"}});
  CHECK(seen.at("key") == json::value(job.idempotency_key.to_string()));
  CHECK(seen.at("deadline_ms") == 1234567);
  CHECK(seen.at("budget") == 400000);
  CHECK(seen.at("currency") == "EUR");
  CHECK(seen.at("label") == "task[4]");
}

TEST_CASE("attach hands the token over, also an empty one") {
  World world;
  const auto instance = world.make("script");
  instance->attach(world.job(1, "[]"), "remote-7");
  instance->attach(world.job(2, "[]"), "");
  REQUIRE(world.until([&] { return world.sink.ends() == 2; }));
  CHECK(World::seen(*world.sink.outcome(1)).at(0).at("attached") == "remote-7");
  CHECK(World::seen(*world.sink.outcome(2)).at(0).at("attached") == "");
}

TEST_CASE("a status other than OK from submit is the end of the job") {
  World world;
  const auto instance = world.make("script");
  const auto outcome = world.run(*instance, world.job_with(1, R"({"refuse": 9})"));
  CHECK(outcome.outcome == Outcome::quota);
  CHECK(world.sink.heard() == Heard{"ended 1 quota"});
}

TEST_CASE("a checkpoint is told before the end, and its event comes when it is durable") {
  World world;
  const auto instance = world.make("script");
  std::uint64_t announced = 0;
  world.sink.on_checkpoint = [&](AttemptRef, std::uint64_t op) { announced = op; };
  const Job job = world.job(1, R"([{"do": "checkpoint", "token": "t1"}])");
  instance->submit(job);
  REQUIRE(world.until([&] { return announced != 0; }));
  world.settle();
  CHECK_FALSE(world.sink.outcome(1));
  instance->checkpointed(job.attempt, announced);
  REQUIRE(world.until([&] { return world.sink.outcome(1).has_value(); }));
  CHECK(world.sink.heard() == Heard{"checkpoint 1 t1", "started 1", "ended 1 ok"});
  CHECK(World::seen(*world.sink.outcome(1)).at(0).at("status") == 0);
}

TEST_CASE("an end need not wait for the checkpoint before it") {
  World world;
  const auto instance = world.make("script");
  world.run(*instance, world.job(1, R"([{"do": "checkpoint", "token": "t1", "nowait": true}])"));
  CHECK(world.sink.heard() == Heard{"checkpoint 1 t1", "ended 1 ok"});
}

TEST_CASE("what is said after the end is dropped, and the second end too") {
  World world;
  const auto instance = world.make("script");
  instance->submit(world.job(1, R"([{"do": "end"}, {"do": "progress", "permille": 5},
                                    {"do": "output", "bytes": "late"},
                                    {"do": "checkpoint", "token": "late", "nowait": true},
                                    {"do": "end", "status": 18}, {"do": "forget"}])"));
  REQUIRE(world.until([&] { return world.sink.ends() == 1; }));
  world.settle();
  CHECK(world.sink.heard() == Heard{"ended 1 ok"});
  CHECK(world.sink.outcome(1)->outputs.size() == 1);
  CHECK(world.logged("it ends what is not open"));
  CHECK(world.logged("it puts something out for a job that is not open"));
  CHECK(world.logged("it tells progress of a job that is not open"));
}

TEST_CASE("a cancel reaches the adapter, whose end is told") {
  World world;
  const auto instance = world.make("script");
  const Job job = world.job(1, R"([{"do": "wait"}])");
  instance->submit(job);
  instance->cancel(job.attempt);
  REQUIRE(world.until([&] { return world.sink.ends() == 1; }));
  CHECK(world.sink.outcome(1)->outcome == Outcome::cancelled);
}

TEST_CASE("an adapter that ignores a cancel loses the job as unknown") {
  World world;
  const auto instance = world.make("script", {}, {}, 0, Duration(20));
  const Job job = world.job(1, R"([{"do": "deaf"}, {"do": "wait"}])");
  instance->submit(job);
  instance->cancel(job.attempt);
  REQUIRE(world.until([&] { return world.sink.ends() == 1; }));
  CHECK(world.sink.outcome(1)->outcome == Outcome::unknown);
}

TEST_CASE("an interrupt leaves an adapter's job alone") {
  World world;
  const auto instance = world.make("script");
  const Job job = world.job(1, R"([{"do": "wait"}])");
  instance->submit(job);
  instance->interrupt(job.attempt);
  world.settle();
  CHECK(world.sink.heard() == Heard{"started 1"});
}

TEST_CASE("a result that is no JSON object is the plugin's defect") {
  World world;
  const auto instance = world.make("script");
  const auto outcome =
      world.run(*instance, world.job(1, R"([{"do": "end", "raw": "[1"}, {"do": "forget"}])"));
  CHECK(outcome.outcome == Outcome::internal);
  CHECK(outcome.message == "the plugin's result is no JSON object: [1");
}

TEST_CASE("a status that only the runtime may send counts as the plugin's defect") {
  World world;
  const auto instance = world.make("script");
  CHECK(world.run(*instance, world.job(1, R"([{"do": "end", "status": 66}, {"do": "forget"}])"))
            .outcome == Outcome::internal);
}

TEST_CASE("three defects in a row quarantine the instance") {
  World world;
  std::string reason;
  world.events.on_quarantined = [&](std::string why) { reason = std::move(why); };
  const auto instance = world.make("script");
  const std::string crash =
      R"([{"do": "end", "status": 48, "message": "out of cheese"}, {"do": "forget"}])";
  world.run(*instance, world.job(1, crash));
  world.run(*instance, world.job(2, crash));
  world.run(*instance, world.job(3, "[]"));
  world.run(*instance, world.job(4, crash));
  world.run(*instance, world.job(5, crash));
  world.settle();
  CHECK(reason.empty());
  world.run(*instance, world.job(6, crash));
  REQUIRE(world.until([&] { return !reason.empty(); }));
  CHECK(reason == "3 jobs in a row failed inside the plugin, the last with: out of cheese");
  CHECK(world.run(*instance, world.job(7, "[]")).outcome == Outcome::not_sent);
  instance->attach(world.job(8, "[]"), "t");
  REQUIRE(world.until([&] { return world.sink.outcome(8).has_value(); }));
  CHECK(world.sink.outcome(8)->outcome == Outcome::unknown);
}

TEST_CASE("a plugin that blocks the strand is told off once") {
  World world;
  const auto instance = world.make("script");
  world.run(*instance, world.job(1, R"([{"do": "block", "ms": 60}])"));
  CHECK(world.logged("the plugin blocks the thread that all services share; said once"));
}

TEST_CASE("an instance that cannot be made says so, and a wrong configuration where it stands") {
  World world;
  CHECK_THROWS_WITH(world.make("script", {{"fail", 8}}),
                    Catch::Contains("component 'script' cannot be made: auth"));
  CHECK(world.logged("it was told to fail"));
  CHECK_THROWS_WITH(world.make("script", {{"retries", -1}}),
                    Catch::Contains("config /retries must be at least 0"));
}

TEST_CASE("an operation id that is in use, or 0, is refused") {
  World world;
  const auto instance = world.make("script");
  const auto outcome =
      world.run(*instance, world.job(1, R"([{"do": "timer", "op": 77, "ms": 60000, "nowait": true},
                                  {"do": "timer", "op": 77}, {"do": "timer", "op": 0}])"));
  CHECK(World::seen(outcome) == json::parse(R"([{"refused": 1}, {"refused": 1}])"));
}
