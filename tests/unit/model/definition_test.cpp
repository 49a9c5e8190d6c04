// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace weft::testing;
using namespace std::chrono_literals;

namespace {

const std::string film = R"([pipeline]
name = "film"
timeout = "2h"

[inputs]
shots = { type = "array", items = { type = "object", properties = { prompt = { type = "string" } } } }
seed = { type = "integer", default = 1 }

[tasks.keyframe]
for_each = "inputs.shots"
operation = "image.generate"
params = { prompt = "${item.prompt}, still", seed = "${inputs.seed + index}" }

[tasks.video]
for_each = "inputs.shots"
operation = "video.from_image"
inputs = { image = "${tasks.keyframe[index].image}" }
params = { seconds = 3 }
retry = { attempts = 2, backoff = "1s", max_backoff = "5s" }
timeout = { run = "5m", total = "10m" }
route = { max_cost = "0.40", rebuy = "after_cancel", refusal = "next", adapt = ["seconds"], degrade = ["storyboard"] }
priority = 7
concurrency = "gpu"

[tasks.film]
operation = "video.concat"
inputs = { clips = "${tasks.video.map(v, v.video)}" }
needs = ["keyframe"]

[outputs]
film = "${tasks.film.video}"
)";

std::vector<std::string> mistakes_of(const result<ReadPipeline>& read) {
  std::vector<std::string> texts;
  if (read.has_error())
    for (const Diagnostic& one : read.error().diagnostics) texts.push_back(one.to_string());
  return texts;
}

}  // namespace

TEST_CASE("a definition becomes a pipeline with everything it says") {
  const auto read = read_toml(film);
  INFO((read.has_error() ? read.error().to_string() : ""));
  REQUIRE(read.has_value());
  const Pipeline& pipeline = *read->pipeline;
  CHECK(read->warnings.empty());
  CHECK(pipeline.name == "film");
  CHECK(pipeline.timeout == Duration(2h));
  CHECK(pipeline.source == film);
  CHECK(pipeline.format == "toml");
  REQUIRE(pipeline.inputs.size() == 2);
  CHECK(pipeline.inputs[0].name == "seed");
  CHECK(*pipeline.inputs[0].default_value == 1);
  REQUIRE(pipeline.tasks.size() == 3);
  const TaskDefinition& video = pipeline.tasks[1];
  CHECK(video.name == "video");
  CHECK(video.retry.attempts == 2);
  CHECK(video.retry.max_backoff == Duration(5s));
  CHECK(video.timeouts.run == Duration(5min));
  CHECK(video.timeouts.total == Duration(10min));
  CHECK_FALSE(video.timeouts.queue);
  CHECK(video.route.max_cost == Money{400'000, "USD"});
  CHECK(video.route.rebuy == Rebuy::after_cancel);
  CHECK(video.route.refusal == Refusal::next);
  CHECK(pipeline.tasks[0].route.refusal == Refusal::stop);
  CHECK(video.route.adapt == std::vector<std::string>{"seconds"});
  CHECK(video.route.degrade == std::vector<std::string>{"storyboard"});
  CHECK(video.priority == 7);
  CHECK(video.concurrency == "gpu");
  CHECK(video.position.to_string() == "test.toml:14:8");
}

TEST_CASE("tasks stand in an order in which each follows what it depends on, then by name") {
  const auto read = read_toml(R"([pipeline]
name = "p"
[tasks.a]
operation = "image.edit"
params = { prompt = "x" }
inputs = { image = "${tasks.z.image}" }
[tasks.z]
operation = "image.generate"
params = { prompt = "x" }
[tasks.b]
operation = "image.generate"
params = { prompt = "x" }
)");
  REQUIRE(read.has_value());
  std::vector<std::string> names;
  for (const TaskDefinition& task : read->pipeline->tasks) names.push_back(task.name);
  CHECK(names == std::vector<std::string>{"b", "z", "a"});
}

TEST_CASE("a reference makes a dependency, and needs adds one") {
  const auto read = read_toml(film);
  REQUIRE(read.has_value());
  const TaskDefinition& last = read->pipeline->tasks[2];
  REQUIRE(last.reads.size() == 1);
  CHECK(last.reads[0].task == 1);
  CHECK_FALSE(last.reads[0].index);
  CHECK(last.needs == std::vector<std::uint32_t>{0});
  const TaskDefinition& video = read->pipeline->tasks[1];
  REQUIRE(video.reads.size() == 1);
  CHECK(video.reads[0].index);
  CHECK(video.reads[0].output == "image");
  CHECK(video.reads[0].carries_skip);
}

TEST_CASE("a task that asks whether another was skipped is not skipped with it") {
  const auto read = read_toml(R"([pipeline]
name = "p"
[inputs]
wanted = { type = "boolean" }
[tasks.a]
if = "inputs.wanted"
operation = "image.generate"
params = { prompt = "x" }
[tasks.b]
operation = "image.generate"
params = { prompt = "${tasks.a != null ? tasks.a.image.name : 'nothing'}" }
)");
  REQUIRE(read.has_value());
  for (const TaskRead& one : read->pipeline->tasks[1].reads) CHECK_FALSE(one.carries_skip);
}

TEST_CASE("every mistake of a definition is found in one go, in the order of the text") {
  const auto read = read_toml(R"([pipeline]
name = "p"
[tasks.a]
operation = "image.generat"
priority = 1000
[tasks.b]
operation = "image.generate"
params = { prompt = "${inputs.x}", widht = 3, height = "tall" }
colour = "red"
[tasks.c]
operation = "video.from_image"
needs = ["d"]
)");
  CHECK(mistakes_of(read).size() == 8);
  REQUIRE(read.has_error());
  CHECK(read.error().message == "8 mistakes in test.toml");
  std::vector<int> lines;
  for (const Diagnostic& one : read.error().diagnostics) lines.push_back(one.position.line);
  CHECK(lines == std::vector<int>{4, 5, 8, 8, 8, 9, 10, 12});
}

TEST_CASE("a mistake behind an escaped line feed is at the line of its text") {
  const auto read =
      read_json(R"({"pipeline": {"name": "p"}, "tasks": {"a": {"operation": "image.generate",)"
                "\n"
                R"("params": {"prompt": "one\ntwo ${inputs.name}"}}}})");
  REQUIRE(read.has_error());
  REQUIRE(read.error().diagnostics.size() == 1);
  CHECK(read.error().diagnostics[0].position == SourcePosition{"test.json", 2, 0});
}

TEST_CASE("a condition that is never true is worth a warning, not an error") {
  const auto read = read_toml(
      "[pipeline]\nname = \"p\"\n[tasks.a]\noperation = \"image.generate\"\n"
      "params = { prompt = \"x\" }\nif = \"1 > 2\"\n");
  REQUIRE(read.has_value());
  REQUIRE(read->warnings.size() == 1);
  CHECK(read->warnings[0].to_string() ==
        "test.toml:6:7: warning: 'if' is never true, so task 'a' is always skipped\n"
        "    delete the task, or mend the condition");
}

TEST_CASE("a param that only a run can know is left to the run") {
  CHECK(mistakes_of(read_toml(R"([pipeline]
name = "p"
[tasks.probe]
operation = "media.probe"
inputs = { media = "${inputs.clip}" }
[inputs]
clip = { type = "artifact" }
[tasks.larger]
operation = "video.upscale"
inputs = { video = "${inputs.clip}" }
params = { width = "${tasks.probe.width * 2}", method = "${inputs.clip.name}" }
)")) == std::vector<std::string>{});
}

TEST_CASE("an int does for a number, and a number that may be whole for an integer") {
  CHECK(mistakes_of(read_toml(R"([pipeline]
name = "p"
[inputs]
n = { type = "integer" }
x = { type = "number" }
[tasks.a]
operation = "video.generate"
params = { prompt = "x", seconds = "${inputs.n}", width = "${inputs.x * 2.0}", fps = 24 }
)")) == std::vector<std::string>{});
}

TEST_CASE("a member that a schema says may be missing can still be asked for") {
  CHECK(mistakes_of(read_toml(R"([pipeline]
name = "p"
[inputs]
shots = { type = "array", items = { type = "object", properties = { style = { type = "string" } } } }
[tasks.a]
for_each = "inputs.shots"
operation = "image.generate"
params = { prompt = "${has(item.style) ? item.style : 'plain'}" }
)")) == std::vector<std::string>{});
}

TEST_CASE("an input may be a list written out, each element an artifact of its own") {
  CHECK(mistakes_of(read_toml(R"([pipeline]
name = "p"
[inputs]
first = { type = "artifact" }
[tasks.v]
operation = "video.generate"
params = { prompt = "x" }
[tasks.f]
operation = "video.concat"
inputs = { clips = ["${inputs.first}", "${tasks.v.video}"] }
)")) == std::vector<std::string>{});
}

TEST_CASE("a chain of a thousand tasks is ordered, and a ring of a thousand is named") {
  std::string chain = "[pipeline]\nname = \"p\"\n";
  for (int i = 0; i < 1000; ++i)
    chain += "[tasks.t" + std::to_string(i) +
             "]\noperation = \"image.generate\"\nparams = { prompt = \"x\" }\n" +
             (i > 0 ? "needs = [\"t" + std::to_string(i - 1) + "\"]\n" : "");
  const auto read = read_toml(chain);
  REQUIRE(read.has_value());
  CHECK(read->pipeline->tasks.back().name == "t999");
  std::string ring = chain;
  ring.insert(ring.find("[tasks.t1]"), "needs = [\"t999\"]\n");
  CHECK(mistakes_of(read_toml(ring)).size() == 1);
}

TEST_CASE("whatever the bytes of a definition are, they are answered, not followed") {
  for (const std::string& text :
       {std::string("\0\0\0", 3), std::string("\xff\xfe"), std::string("\xef\xbb\xbf"),
        std::string(10'000, '{'), std::string("a = \"${${${\"")}) {
    CHECK(read_toml(text).has_error());
    CHECK(read_json(text).has_error());
  }
}
