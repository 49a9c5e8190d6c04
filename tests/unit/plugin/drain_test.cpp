// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

using Heard = std::vector<std::string>;

namespace {

bool drain(World& world, Instance& instance, Duration limit) {
  bool drained = false;
  instance.drain(limit, [&] { drained = true; });
  return world.until([&] { return drained; });
}

}  // namespace

TEST_CASE("a drain leaves remote jobs alone: their ends are not told") {
  World world;
  auto instance = world.make("script");
  instance->submit(
      world.job(1, R"([{"do": "checkpoint", "token": "t", "nowait": true}, {"do": "wait"}])"));
  CHECK(drain(world, *instance, Duration(5000)));
  instance.reset();
  world.settle();
  CHECK(world.sink.heard() == Heard{"checkpoint 1 t", "started 1"});
}

TEST_CASE("a plugin that never finishes its drain is given up") {
  World world;
  auto instance = world.make("script", {{"drain", "never"}});
  instance->submit(world.job(1, R"([{"do": "wait"}])"));
  CHECK(drain(world, *instance, Duration(20)));
  CHECK(world.logged("the plugin does not let go in time"));
}

TEST_CASE("a plugin that is given no time to drain is not blamed for it") {
  World world;
  auto instance = world.make("script", {{"drain", "never"}});
  CHECK(drain(world, *instance, Duration(0)));
  CHECK_FALSE(world.logged("the plugin does not let go in time"));
}

TEST_CASE("after a drain has begun nothing is submitted") {
  World world;
  auto instance = world.make("script");
  instance->drain(Duration(1000), [] {});
  instance->submit(world.job(1, "[]"));
  world.settle();
  CHECK(world.sink.heard().empty());
}

TEST_CASE("a drain interrupts executors and waits for them") {
  World world;
  auto instance = world.make("script_worker");
  instance->submit(world.job(1, R"([{"do": "until_cancelled"}])", "test.work"));
  REQUIRE(world.until([&] { return !world.sink.heard().empty(); }));
  CHECK(drain(world, *instance, Duration(5000)));
  CHECK(world.sink.heard() == Heard{"started 1", "ended 1 interrupted"});
}

TEST_CASE("an instance may go without a drain, in the middle of everything") {
  World world;
  auto adapter = world.make("script");
  auto worker = world.make("script_worker");
  adapter->submit(world.job(1, R"([{"do": "timer", "ms": 60000}])"));
  adapter->submit(world.job(2, R"([{"do": "process", "argv": ["sleep", "60"]}])"));
  worker->submit(world.job(3, R"([{"do": "until_cancelled"}])", "test.work"));
  REQUIRE(world.until([&] { return world.sink.heard().size() == 3; }));
  adapter.reset();
  worker.reset();
  world.settle();
  CHECK_FALSE(world.sink.outcome(1));
}
