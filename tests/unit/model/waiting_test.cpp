// SPDX-License-Identifier: Apache-2.0
// Tasks that wait for people, as definitions have them.
#include "model/waiting.hpp"
#include "catch.hpp"
#include "model/artifact.hpp"
#include "model/inputs.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace weft::testing;
using namespace std::chrono_literals;

namespace {

const std::string head = "[pipeline]\nname = \"p\"\n";

const std::string choice = head + R"(
[tasks.take]
for_each = "['a', 'b']"
operation = "image.generate"
params = { prompt = "${item}" }

[tasks.pick]
approve = { message = "which?", choices = "${tasks.take.map(t, t.image)}", on_reject = "go_on", on_timeout = "approve" }
inputs = { wish = "a heron" }
timeout = "3d"

[tasks.large]
operation = "image.upscale"
params = { factor = 2 }
inputs = { image = "${tasks.pick.chosen}" }
)";

const std::string mask = head + R"(
[tasks.mask]
wait_for = { message = "paint a mask", outputs = { image = { type = "artifact", media_type = "image/*" }, feather = { type = "integer", default = 4 } } }
[tasks.large]
operation = "image.upscale"
params = { factor = 2 }
inputs = { image = "${tasks.mask.image}" }
)";

const TaskDefinition& task_of(const ReadPipeline& read, std::string_view name) {
  for (const TaskDefinition& task : read.pipeline->tasks)
    if (task.name == name) return task;
  throw std::runtime_error("no such task");
}

std::string first_mistake(const std::string& text) {
  const auto read = read_toml(text);
  if (read) return "none";
  const Diagnostic first = read.error().diagnostics.front();
  return first.to_string() + " " + first.remedy;
}

}  // namespace

TEST_CASE("an approval has what it says, and outputs like any other task") {
  const auto read = read_toml(choice);
  INFO((read.has_error() ? read.error().to_string() : ""));
  REQUIRE(read.has_value());
  const TaskDefinition& pick = task_of(*read, "pick");
  REQUIRE(pick.wait);
  CHECK(pick.wait->reason == WaitReason::approval);
  CHECK(pick.wait->choices);
  CHECK(pick.wait->on_reject == Rejection::go_on);
  CHECK(pick.wait->on_timeout == Silence::approve);
  CHECK(pick.timeouts.total == Duration(72h));
  CHECK(pick.operation->name == "approve");
  CHECK_FALSE(pick.reads.empty());
}

TEST_CASE("an approval means the same in TOML and in JSON, and after it was stored") {
  const auto toml = read_toml(choice);
  const auto json = read_json(R"({"pipeline": {"name": "p"}, "tasks": {
    "take": {"for_each": "['a', 'b']", "operation": "image.generate", "params": {"prompt": "${item}"}},
    "large": {"operation": "image.upscale", "params": {"factor": 2}, "inputs": {"image": "${tasks.pick.chosen}"}},
    "pick": {"timeout": {"total": "72h"}, "inputs": {"wish": "a heron"},
      "approve": {"on_timeout": "approve", "on_reject": "go_on",
        "choices": "${tasks.take.map(t, t.image)}", "message": "which?"}}}})");
  REQUIRE(toml.has_value());
  REQUIRE(json.has_value());
  CHECK(toml->pipeline->hash == json->pipeline->hash);
  const auto again = read_canonical(toml->pipeline->canonical, context());
  REQUIRE(again.has_value());
  CHECK((*again)->hash == toml->pipeline->hash);
}

TEST_CASE("defaults of an approval that are written down do not change the hash, its words do") {
  const auto hash_of = [](const std::string& approve) {
    return read_toml(head + "[tasks.a]\napprove = { " + approve + " }\ntimeout = \"1h\"\n")
        .value()
        .pipeline->hash;
  };
  const Digest plain = hash_of("message = \"well?\"");
  CHECK(hash_of("message = \"well?\", on_reject = \"fail\", on_timeout = \"fail\"") == plain);
  CHECK(hash_of("message = \"well?\", on_reject = \"skip\"") != plain);
  CHECK(hash_of("message = \"good?\"") != plain);
}

TEST_CASE("what a task waits for is declared like inputs, and comes back from the store") {
  const auto read = read_toml(mask);
  INFO((read.has_error() ? read.error().to_string() : ""));
  REQUIRE(read.has_value());
  const auto again = read_canonical(read->pipeline->canonical, context());
  REQUIRE(again.has_value());
  CHECK((*again)->hash == read->pipeline->hash);
  const WaitDefinition& wait = *(*again)->tasks.front().wait;
  CHECK(wait.reason == WaitReason::input);
  REQUIRE(wait.outputs.size() == 2);
  for (const InputDeclaration& output : wait.outputs) {
    const InputDeclaration same = input_from_form(output.name, input_form(output));
    CHECK(same.artifact == output.artifact);
    CHECK(same.media_type == output.media_type);
    CHECK(same.default_value == output.default_value);
    CHECK(same.schema.source() == output.schema.source());
  }
}

TEST_CASE("a file of another kind than is asked for is refused before anything reads it") {
  const auto read = read_toml(mask);
  const auto& outputs = task_of(read.value(), "mask").wait->outputs;
  const ArtifactInfo film{{}, 1, "video/mp4", "film.mp4"};
  const auto given = complete_inputs("task 'mask'", outputs, {{"image", to_json(film)}});
  REQUIRE(given.has_error());
  CHECK(given.error().diagnostics.front().message ==
        "input 'image' takes image/*, and this is video/mp4");
}

TEST_CASE("an input of the pipeline may name its media type, too") {
  const std::string text = head + R"(
[inputs]
picture = { type = "artifact", media_type = "image/*" }
[tasks.large]
operation = "image.upscale"
params = { factor = 2 }
inputs = { image = "${inputs.picture}" }
)";
  const auto read = read_toml(text);
  REQUIRE(read.has_value());
  CHECK(read->pipeline->inputs.front().media_type == "image/*");
  CHECK(read_canonical(read->pipeline->canonical, context()).value()->hash == read->pipeline->hash);
}

TEST_CASE("outputs of a task that waits are checked where they are read") {
  CHECK(first_mistake(head + R"(
[tasks.ok]
approve = { message = "well?" }
[tasks.a]
if = "tasks.ok.aproved"
operation = "image.generate"
params = { prompt = "x" }
)")
            .find("did you mean 'approved'?") != std::string::npos);
  CHECK(first_mistake(head + R"(
[tasks.clip]
wait_for = { message = "a clip", outputs = { film = { type = "artifact", media_type = "video/*" } } }
[tasks.large]
operation = "image.upscale"
params = { factor = 2 }
inputs = { image = "${tasks.clip.film}" }
)")
            .find("takes image/*, and this is video/*") != std::string::npos);
}
