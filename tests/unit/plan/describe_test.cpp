// SPDX-License-Identifier: Apache-2.0
#include "plan/describe.hpp"

#include "../model/model_support.hpp"
#include "catch.hpp"
#include "plan/expand.hpp"

using namespace weft;
using namespace weft::testing;

TEST_CASE("a plan is described task by task: how often, after what, how deep") {
  const auto read = read_toml(R"([pipeline]
name = "p"
[inputs]
shots = { type = "array" }
[tasks.keyframe]
for_each = "inputs.shots"
operation = "image.generate"
params = { prompt = "x" }
[tasks.title]
if = "size(inputs.shots) > 1"
operation = "text.generate"
params = { prompt = "x" }
[tasks.video]
for_each = "inputs.shots"
operation = "video.from_image"
inputs = { image = "${tasks.keyframe[index].image}" }
needs = ["title"]
[outputs]
all = "${tasks.video.map(v, v.video)}"
)");
  REQUIRE(read.has_value());
  const PlanSummary summary = describe(
      expand(read->pipeline, parse_json(R"({"shots": [1, 2, 3]})").value().as_object()).value());
  CHECK(summary.pipeline == "p");
  CHECK(summary.nodes == 9);
  CHECK(summary.attempts_planned == 7);
  CHECK(summary.outputs == std::vector<std::string>{"all"});
  REQUIRE(summary.tasks.size() == 3);
  CHECK(summary.tasks[0].name == "keyframe");
  CHECK(summary.tasks[0].attempts_planned == 3);
  CHECK(summary.tasks[0].for_each);
  CHECK(summary.tasks[1].conditional);
  CHECK(summary.tasks[2].operation == "video.from_image");
  CHECK(summary.tasks[2].waits_for == std::vector<std::string>{"keyframe", "title"});
  CHECK(summary.tasks[2].depth == 1);
}
