// SPDX-License-Identifier: Apache-2.0
#include "model/binding.hpp"

#include <map>

#include "catch.hpp"
#include "model_support.hpp"
#include "plan/expand.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

json::value artifact(const std::string& name, const std::string& media_type) {
  return to_json(ArtifactInfo{digest_of(std::string_view(name)), 3, media_type, name});
}

// A plan whose nodes have ended with these outputs.
class Ended {
 public:
  Ended(const std::string& definition, const std::string& inputs)
      : plan_(expand(read_toml("[pipeline]\nname = \"p\"\n" + definition).value().pipeline,
                     parse_json(inputs).value().as_object())
                  .value()) {}

  TaskNo no(const std::string& label) const {
    for (TaskNo i = 0; i < plan_.nodes.size(); ++i)
      if (display_name(plan_, i) == label) return i;
    throw std::runtime_error("no node " + label);
  }
  Ended& with(const std::string& label, json::value outputs) {
    outputs_[no(label)] = std::move(outputs);
    return *this;
  }
  result<Binding> bind(const std::string& label) const {
    return weft::bind(plan_, no(label), run_, outputs());
  }
  BoundOutputs outputs_of_run() const { return bind_outputs(plan_, plan_.root(), run_, outputs()); }
  const Plan& plan() const { return plan_; }

 private:
  OutputsOf outputs() const {
    return [this](TaskNo node) -> const json::value& { return outputs_.at(node); };
  }
  Plan plan_;
  std::map<TaskNo, json::value> outputs_;
  const json::object run_{{"id", "01"}, {"name", "p"}};
};

const std::string shots = R"([inputs]
shots = { type = "array", items = { type = "object" } }
[tasks.keyframe]
for_each = "inputs.shots"
operation = "image.generate"
params = { prompt = "${item.prompt}, still", seed = "${10 + index}", width = 640 }
[tasks.video]
for_each = "inputs.shots"
operation = "video.from_image"
inputs = { image = "${tasks.keyframe[index].image}" }
params = { seconds = 3 }
[tasks.film]
operation = "video.concat"
inputs = { clips = "${tasks.video.filter(v, v != null).map(v, v.video)}" }
[outputs]
film = "${tasks.film.video}"
by = "run ${run.name}"
)";
const std::string two_shots = R"({"shots": [{"prompt": "sea"}, {"prompt": "sky"}]})";

}  // namespace

TEST_CASE("params are what the expressions come to, for each item its own") {
  const Ended run(shots, two_shots);
  const auto bound = run.bind("keyframe[1]");
  REQUIRE(bound.has_value());
  CHECK(bound->run);
  CHECK(canonical(bound->task->params) == R"({"prompt":"sky, still","seed":11,"width":640})");
}

TEST_CASE("an item is bound to the one item it refers to, and asks for no other") {
  Ended run(shots, two_shots);
  CHECK(nodes_read_by(run.plan(), run.no("video[1]")) ==
        std::vector<TaskNo>{run.no("keyframe[1]")});
  run.with("keyframe[1]", json::object{{"image", artifact("one.png", "image/png")}});
  const auto bound = run.bind("video[1]");
  REQUIRE(bound.has_value());
  REQUIRE(bound->task->inputs.size() == 1);
  CHECK(bound->task->inputs[0].name == "image");
  REQUIRE(bound->task->inputs[0].artifacts.size() == 1);
  CHECK(bound->task->inputs[0].artifacts[0].name == "one.png");
}

TEST_CASE("numbers are handed over in the form the operation's schema names") {
  Ended run(shots, two_shots);
  run.with("keyframe[0]", json::object{{"image", artifact("a.png", "image/png")}});
  CHECK(run.bind("video[0]")->task->params.at("seconds").is_double());
}

TEST_CASE("a whole list comes from the group, with null for what was skipped") {
  Ended run(shots, two_shots);
  CHECK(nodes_read_by(run.plan(), run.no("film")) == std::vector<TaskNo>{run.no("video")});
  run.with("video", json::array{nullptr, json::object{{"video", artifact("b.mp4", "video/mp4")}}});
  const auto bound = run.bind("film");
  REQUIRE(bound.has_value());
  REQUIRE(bound->task->inputs[0].artifacts.size() == 1);
  CHECK(bound->task->inputs[0].artifacts[0].name == "b.mp4");
}

TEST_CASE("a list of which nothing is left is an error for who needs one") {
  Ended run(shots, two_shots);
  run.with("video", json::array{nullptr, nullptr});
  const auto bound = run.bind("film");
  REQUIRE(bound.has_error());
  CHECK(bound.error().kind == ErrorKind::invalid);
  CHECK(bound.error().message == "task 'film': inputs.clips is an empty list");
}

TEST_CASE("the outputs of a run are bound like params, artifacts and all") {
  Ended run(shots, two_shots);
  CHECK(nodes_read_by_outputs(run.plan(), run.plan().root()) ==
        std::vector<TaskNo>{run.no("film")});
  run.with("film", json::object{{"video", artifact("film.mp4", "video/mp4")}});
  const auto outputs = run.outputs_of_run();
  REQUIRE(outputs.errors.empty());
  CHECK(outputs.values.at("film") == artifact("film.mp4", "video/mp4"));
  CHECK(outputs.values.at("by") == "run p");
}

TEST_CASE("an output that cannot be evaluated takes no other one with it") {
  Ended run(
      "[tasks.drawn]\noperation = \"image.generate\"\nparams = { prompt = \"x\" }\n[outputs]\n"
      "share = \"${1 / (size(tasks.drawn.image.name) * 0)}\"\n"
      "picture = \"${tasks.drawn.image}\"\n",
      "{}");
  run.with("drawn", json::object{{"image", artifact("pier.png", "image/png")}});
  const auto outputs = run.outputs_of_run();
  CHECK(outputs.values == json::object{{"picture", artifact("pier.png", "image/png")}});
  REQUIRE(outputs.errors.size() == 1);
  CHECK(outputs.errors.front().first == "share");
  CHECK(outputs.errors.front().second.message.find("output 'share': ") == 0);
}

TEST_CASE("an output that its service left out is missed by name") {
  Ended run(shots, two_shots);
  run.with("keyframe[0]", json::object{{"picture", 1}});
  const auto bound = run.bind("video[0]");
  REQUIRE(bound.has_error());
  CHECK(bound.error().message == "task 'video[0]': task 'keyframe[0]' gave no output 'image'");
  CHECK(bound.error().diagnostics.front().position.to_string() == "test.toml:9:8");
}

TEST_CASE("an artifact of another medium is refused before a service sees it") {
  Ended run(shots, two_shots);
  run.with("keyframe[0]", json::object{{"image", artifact("a.mp4", "video/mp4")}});
  const auto bound = run.bind("video[0]");
  REQUIRE(bound.has_error());
  CHECK(bound.error().message ==
        "task 'video[0]': inputs.image takes image/*, and this is video/mp4");
}

TEST_CASE("what is no artifact is refused") {
  Ended run(shots, two_shots);
  run.with("keyframe[0]", json::object{{"image", "a.png"}});
  CHECK(run.bind("video[0]").error().message == "task 'video[0]': inputs.image is no artifact");
}

TEST_CASE("params are judged again once their values are known") {
  const Ended run(R"([inputs]
width = { type = "integer" }
[tasks.a]
operation = "image.generate"
params = { prompt = "x", width = "${inputs.width}" }
)",
                  R"({"width": 99999})");
  const auto bound = run.bind("a");
  REQUIRE(bound.has_error());
  CHECK(bound.error().kind == ErrorKind::invalid);
  CHECK(bound.error().message == "task 'a': params.width must be at most 16384");
  CHECK(bound.error().diagnostics.front().position.to_string() == "test.toml:5:8");
}

TEST_CASE("a condition decides with what came before, and then nothing else is bound") {
  const std::string definition = R"([inputs]
picture = { type = "artifact" }
[tasks.probe]
operation = "media.probe"
inputs = { media = "${inputs.picture}" }
[tasks.larger]
if = "tasks.probe.width < 1000"
operation = "image.upscale"
inputs = { image = "${inputs.picture}" }
params = { factor = 2 }
)";
  json::object inputs{{"picture", artifact("a.png", "image/png")}};
  Ended run(definition, canonical(inputs));
  run.with("probe", json::object{{"width", 640}});
  CHECK(run.bind("larger")->run);
  run.with("probe", json::object{{"width", 4000}});
  const auto bound = run.bind("larger");
  REQUIRE(bound.has_value());
  CHECK_FALSE(bound->run);
  CHECK_FALSE(bound->task);
  run.with("probe", json::object{{"width", nullptr}});
  CHECK(run.bind("larger").has_error());
}

TEST_CASE("a skipped task is null to who asks") {
  Ended run(R"([tasks.a]
if = "run.name == 'q'"
operation = "text.generate"
params = { prompt = "x" }
[tasks.b]
operation = "text.generate"
params = { prompt = "${tasks.a != null ? tasks.a.text : 'nothing'}" }
)",
            "{}");
  CHECK_FALSE(run.bind("a")->run);
  run.with("a", nullptr);
  CHECK(run.bind("b")->task->params.at("prompt") == "nothing");
  run.with("a", json::object{{"text", "said"}});
  CHECK(run.bind("b")->task->params.at("prompt") == "said");
}

TEST_CASE("an item may look back at the one before, guarded at the beginning") {
  Ended run(R"([inputs]
shots = { type = "array" }
[tasks.a]
for_each = "inputs.shots"
operation = "text.generate"
params = { prompt = "${item}" }
[tasks.b]
for_each = "inputs.shots"
operation = "text.generate"
params = { prompt = "${index > 0 ? tasks.a[index - 1].text : 'first'}" }
)",
            R"({"shots": ["x", "y"]})");
  CHECK(nodes_read_by(run.plan(), run.no("b[0]")).empty());
  CHECK(run.bind("b[0]")->task->params.at("prompt") == "first");
  run.with("a[0]", json::object{{"text", "before"}});
  CHECK(run.bind("b[1]")->task->params.at("prompt") == "before");
}

TEST_CASE("an optional input that came out null is left out") {
  Ended run(R"([tasks.m]
if = "run.name == 'q'"
operation = "image.generate"
params = { prompt = "mask" }
[tasks.p]
operation = "image.generate"
params = { prompt = "x" }
[tasks.e]
operation = "image.edit"
params = { prompt = "x" }
inputs = { image = "${tasks.p.image}", mask = "${tasks.m != null ? tasks.m.image : null}" }
)",
            "{}");
  run.with("m", nullptr).with("p", json::object{{"image", artifact("p.png", "image/png")}});
  const auto bound = run.bind("e");
  INFO((bound.has_error() ? bound.error().to_string() : ""));
  REQUIRE(bound.has_value());
  REQUIRE(bound->task->inputs.size() == 1);
  CHECK(bound->task->inputs[0].name == "image");
}

TEST_CASE("an expression that fails on the values of a run names its task and its place") {
  Ended run(R"([tasks.a]
operation = "text.generate"
params = { prompt = "x" }
[tasks.b]
operation = "text.generate"
params = { prompt = "x", max_tokens = "${int(tasks.a.text)}" }
)",
            "{}");
  run.with("a", json::object{{"text", "many"}});
  const auto bound = run.bind("b");
  REQUIRE(bound.has_error());
  CHECK(bound.error().message.find("task 'b'") == 0);
  CHECK(bound.error().diagnostics.front().position.line == 8);
}

TEST_CASE("binding again gives the same") {
  Ended run(shots, two_shots);
  run.with("keyframe[0]", json::object{{"image", artifact("a.png", "image/png")}});
  CHECK(canonical(run.bind("video[0]")->task->params) ==
        canonical(run.bind("video[0]")->task->params));
}
