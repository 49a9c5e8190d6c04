// SPDX-License-Identifier: Apache-2.0
#include "plan/projection.hpp"

#include "../model/model_support.hpp"
#include "catch.hpp"
#include "plan/expand.hpp"

using namespace weft;
using namespace weft::testing;
using namespace std::chrono_literals;

namespace {

Plan plan_of(const std::string& definition, const std::string& inputs = "{}") {
  auto read = read_toml("[pipeline]\nname = \"p\"\n" + definition);
  INFO((read.has_error() ? read.error().to_string() : ""));
  REQUIRE(read.has_value());
  return expand(read->pipeline, parse_json(inputs).value().as_object()).value();
}

// Two shots: keyframe, video of each; one film.
const std::string film = R"([inputs]
shots = { type = "array" }
[tasks.keyframe]
for_each = "inputs.shots"
operation = "image.generate"
params = { prompt = "${item}" }
[tasks.video]
for_each = "inputs.shots"
operation = "video.from_image"
inputs = { image = "${tasks.keyframe[index].image}" }
[tasks.film]
operation = "video.concat"
inputs = { clips = "${tasks.video.map(v, v.video)}" }
)";
const std::string two_shots = R"({"shots": ["a", "b"]})";

// Of a plan nothing of which is known: times by the definitions' names.
Forecast known(const Plan& plan, const std::map<std::string, TimeForecast>& times) {
  Forecast forecast;
  for (const TaskDefinition& task : plan.root().pipeline->tasks) {
    const auto found = times.find(task.name);
    forecast.times.push_back(found == times.end() ? TimeForecast{} : found->second);
  }
  for (TaskNo no = 0; no < plan.nodes.size(); ++no)
    forecast.time_of.push_back(plan.stands_for_others(no) ? Forecast::no_time
                                                          : plan.nodes[no].definition);
  forecast.costs.resize(plan.nodes.size());
  return forecast;
}

std::vector<std::string> names(const Plan& plan, const std::vector<TaskNo>& tasks) {
  std::vector<std::string> all;
  for (const TaskNo task : tasks) all.push_back(display_name(plan, task));
  return all;
}

const std::map<std::string, TimeForecast> film_times{
    {"keyframe", {{10s, 15s}, Basis::measured, {}}},
    {"video", {{40s, 90s}, Basis::declared, {}}},
    {"film", {{5s, 6s}, Basis::measured, {}}}};

}  // namespace

TEST_CASE("the critical path of a plan is its longest way, and its groups are no part of it") {
  const Plan plan = plan_of(film, two_shots);
  const Projection projection = project(plan, known(plan, film_times));
  CHECK(projection.tasks == 5);
  CHECK(projection.path == Span{55s, 111s});
  CHECK(names(plan, projection.critical_path) ==
        std::vector<std::string>{"keyframe[0]", "video[0]", "film"});
  CHECK(projection.one_after_the_other == Span{105s, 216s});
  CHECK(projection.at_least == projection.path);
  CHECK(projection.bound_by.empty());
  CHECK(projection.declared_times == 2);
  CHECK(projection.unknown_times == 0);
}

TEST_CASE("a plan takes at least the work of the fullest pool over its slots") {
  const Plan plan = plan_of(film, two_shots);
  Forecast forecast = known(plan, film_times);
  forecast.pools = {{"class gpu", 1}, {"service runway", 8}};
  for (const std::uint32_t definition : {0U, 1U}) forecast.times[definition].shares = {{0, 1}};
  forecast.times[1].shares.push_back({1, 1});
  const Projection projection = project(plan, forecast);
  CHECK(projection.at_least == Span{100s, 210s});
  CHECK(projection.bound_by == "class gpu");
  CHECK(projection.path == Span{55s, 111s});
  forecast.pools[0].slots = 4;
  CHECK(project(plan, forecast).at_least == Span{55s, 111s});
}

TEST_CASE("a task that takes two slots of a class counts twice against it") {
  const Plan plan = plan_of(film, two_shots);
  Forecast forecast = known(plan, film_times);
  forecast.pools = {{"class gpu", 2}};
  forecast.times[1].shares = {{0, 2}};
  CHECK(project(plan, forecast).at_least.p50 == 80s);
}

TEST_CASE("costs add up in each currency, and the unknown ones are counted and never zero") {
  const Plan plan = plan_of(film, two_shots);
  Forecast forecast = known(plan, {});
  forecast.costs[1] = {Money{40'000, "USD"}, Basis::declared};
  forecast.costs[2] = {Money{50'000, "USD"}, Basis::measured};
  forecast.costs[4] = {Money{2'000'000, "EUR"}, Basis::declared};
  const Projection projection = project(plan, forecast);
  CHECK(projection.cost_micros ==
        std::map<Currency, std::int64_t>{{"EUR", 2'000'000}, {"USD", 90'000}});
  CHECK(projection.unknown_costs == 2);
  CHECK(projection.declared_costs == 2);
}

TEST_CASE("a plan of whose times nothing is known has no critical path") {
  const Plan plan = plan_of(film, two_shots);
  const Projection projection = project(plan, known(plan, {}));
  CHECK(projection.unknown_times == 5);
  CHECK(projection.critical_path.empty());
  CHECK(projection.at_least == Span{});
}

TEST_CASE("what is known only in the run is counted, and in no sum") {
  const Plan plan = plan_of(R"([tasks.list]
operation = "text.analyze"
params = { text = "a", instruction = "b", schema = { type = "object" } }
[tasks.keyframe]
for_each = "tasks.list.result.shots"
operation = "image.generate"
params = { prompt = "${item}" }
)");
  const Projection projection =
      project(plan, known(plan, {{"list", {{5s, 6s}, Basis::measured, {}}}}));
  CHECK(projection.tasks == 1);
  CHECK(projection.later == 1);
  CHECK(projection.path == Span{5s, 6s});
}

TEST_CASE("a plan without any item takes no time for its group") {
  const Plan plan = plan_of(film, R"({"shots": []})");
  const Projection projection = project(plan, known(plan, film_times));
  CHECK(projection.tasks == 1);
  CHECK(projection.path.p50 == 5s);
}
