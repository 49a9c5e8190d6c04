// SPDX-License-Identifier: Apache-2.0
#include "engine/output_cache.hpp"

#include "catch.hpp"

using namespace weft;
using namespace weft::engine;

namespace {

RunId a_run() {
  std::array<std::uint8_t, 16> bytes{};
  bytes[15] = 1;
  return RunId{Uuid::from_bytes(bytes)};
}

// A group of two items.
Plan a_group() {
  auto pipeline = std::make_shared<Pipeline>();
  pipeline->tasks.emplace_back();
  Plan plan;
  plan.root().pipeline = std::move(pipeline);
  plan.root().first_item = {1};
  plan.nodes = {{0, PlanNode::no_item, true, 2}, {0, 0, false, 0}, {0, 1, false, 0}};
  return plan;
}

bool holds(OutputCache& cache, const Plan& plan, TaskNo task) {
  std::vector<TaskNo> missing;
  return cache.get(a_run(), plan, task, missing) != nullptr;
}

}  // namespace

TEST_CASE("a full output cache lets go of what is durable, and of nothing else") {
  const Plan plan = a_group();
  OutputCache cache(1);
  cache.put(a_run(), 1, json::object{{"value", 1}}, 1);
  cache.put(a_run(), 2, json::object{{"value", 2}}, 2);
  cache.committed(1);
  CHECK_FALSE(holds(cache, plan, 1));
  CHECK(holds(cache, plan, 2));
}

TEST_CASE("an output cache with room keeps what is durable, too") {
  const Plan plan = a_group();
  OutputCache cache(2);
  cache.put(a_run(), 1, json::object{{"value", 1}}, 1);
  cache.committed(1);
  CHECK(holds(cache, plan, 1));
}

TEST_CASE("the outputs of a group are those of its items in order; the missing ones are named") {
  const Plan plan = a_group();
  OutputCache cache(10);
  std::vector<TaskNo> missing;
  cache.put(a_run(), 2, json::object{{"value", 2}}, 1);
  CHECK_FALSE(cache.get(a_run(), plan, 0, missing));
  CHECK(missing == std::vector<TaskNo>{1});
  cache.put(a_run(), 1, nullptr, 1);
  missing.clear();
  const json::value* all = cache.get(a_run(), plan, 0, missing);
  REQUIRE(all);
  CHECK(*all == json::array{nullptr, json::object{{"value", 2}}});
}

TEST_CASE("the outputs of a run that is over are forgotten") {
  const Plan plan = a_group();
  OutputCache cache(10);
  cache.put(a_run(), 1, nullptr, 1);
  cache.forget(a_run());
  CHECK_FALSE(holds(cache, plan, 1));
}
