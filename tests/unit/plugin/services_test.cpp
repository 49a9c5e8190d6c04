// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

TEST_CASE("a timer fires, and a cancelled one says so at once") {
  World world;
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance,
      world.job(1, R"([{"do": "timer", "ms": 2}, {"do": "timer", "ms": 600000, "cancel": true}])"));
  CHECK(World::seen(outcome) ==
        json::parse(R"([{"event": 1, "status": 0}, {"event": 1, "status": 40}])"));
}

TEST_CASE("a plugin gets the secrets of its service, no others, and none reaches the log") {
  World world;
  world.secrets.values = {{"key", "sk-very-secret"}, {"other", "sk-not-yours"}};
  const auto instance = world.make("script", {}, {"key", "unset"});
  const auto outcome = world.run(
      *instance, world.job(1, R"([{"do": "secret", "key": "key"}, {"do": "secret", "key": "other"},
                                  {"do": "secret", "key": "unset"},
                                  {"do": "log", "value": "using sk-very-secret", "fields": {"k": "sk-very-secret"}},
                                  {"do": "end", "status": 18, "message": "sk-very-secret is wrong"},
                                  {"do": "forget"}])"));
  CHECK(outcome.message == "{secret:key} is wrong");
  CHECK(world.logged("using {secret:key}"));
  CHECK(world.logged("audit: a secret was read"));
  CHECK(world.logged("asks for a secret that the service does not list"));
  CHECK_FALSE(world.logged("sk-very-secret"));
}

TEST_CASE("a secret that is not listed, or not set, answers auth") {
  World world;
  world.secrets.values = {{"key", "value"}, {"other", "x"}};
  const auto instance = world.make("script", {}, {"key", "unset"});
  const auto outcome = world.run(
      *instance, world.job(1, R"([{"do": "secret", "key": "key"}, {"do": "secret", "key": "other"},
                                  {"do": "secret", "key": "unset"}])"));
  CHECK(World::seen(outcome) ==
        json::parse(R"([{"status": 0, "length": 5}, {"status": 8, "length": 0},
                                                {"status": 8, "length": 0}])"));
}

TEST_CASE("state is kept per service, within its limits") {
  World world;
  const auto instance = world.make("script");
  const auto outcome = world.run(*instance, world.job(1, R"([{"do": "state_get", "key": "cursor"},
                                  {"do": "state_put", "key": "cursor", "value": "7"},
                                  {"do": "state_get", "key": "cursor"}, {"do": "state_put", "key": "", "value": "x"}])"));
  CHECK(World::seen(outcome) == json::parse(R"([{"status": 19, "value": ""}, 0,
                                                {"status": 0, "value": "7"}, 1])"));
  CHECK(world.state.values.at({"script", "cursor"}) == "7");
}

TEST_CASE("metrics get the prefix and the service's label") {
  World world;
  const auto instance = world.make("script");
  world.run(*instance,
            world.job(1, R"([{"do": "metric", "key": "frames", "value": "{\"model\": \"x\"}"},
                                        {"do": "metric", "key": "No Name"}])"));
  const auto counters = world.metrics.snapshot().counters;
  REQUIRE(counters.size() == 1);
  CHECK(counters[0].name == "weft_plugin_frames");
  CHECK(counters[0].labels == observe::Labels{{"model", "x"}, {"service", "script"}});
  CHECK(counters[0].value == 1.5);
}

TEST_CASE("log lines carry the service, the task and their fields") {
  World world;
  const auto instance = world.make("script");
  world.run(*instance, world.job(3, R"([{"do": "log", "value": "queued", "fields": {"place": 4}},
                                        {"do": "log", "level": 5, "value": "late event"}])"));
  CHECK(world.logged("queued service=script place=4 task=task[3]"));
  CHECK(world.logged("the plugin says the runtime broke a law: late event"));
}
