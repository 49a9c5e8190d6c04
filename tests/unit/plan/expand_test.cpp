// SPDX-License-Identifier: Apache-2.0
#include "plan/expand.hpp"

#include <chrono>

#include "../model/model_support.hpp"
#include "catch.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

std::shared_ptr<const Pipeline> pipeline(const std::string& definition) {
  auto read = read_toml("[pipeline]\nname = \"p\"\n" + definition);
  INFO((read.has_error() ? read.error().to_string() : ""));
  REQUIRE(read.has_value());
  return read->pipeline;
}

json::object object(const std::string& text) {
  return parse_json(text).value().as_object();
}

std::vector<std::string> labels(const Plan& plan) {
  std::vector<std::string> all;
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) all.push_back(display_name(plan, no));
  return all;
}

// "a[0] > b[0] s": an edge that carries a skip.
std::vector<std::string> edges(const Plan& plan) {
  const auto names = labels(plan);
  std::vector<std::string> all;
  for (const PlanEdge& edge : plan.edges)
    all.push_back(names[edge.from] + " > " + names[edge.to] + (edge.carries_skip ? " s" : ""));
  return all;
}

std::vector<std::string> mistakes_of(const result<Plan>& plan) {
  std::vector<std::string> all;
  if (plan.has_error())
    for (const Diagnostic& one : plan.error().diagnostics)
      all.push_back(one.message + (one.remedy.empty() ? "" : "; " + one.remedy));
  return all;
}

using Texts = std::vector<std::string>;

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

const std::string listed = R"([inputs]
shots = { type = "array" }
[tasks.a]
for_each = "inputs.shots"
operation = "text.generate"
params = { prompt = "${item}" }
)";

}  // namespace

TEST_CASE("nodes are numbered by depth, then name, then item, a group before its items") {
  const Plan plan = expand(pipeline(film), object(R"({"shots": ["x", "y"]})")).value();
  CHECK(labels(plan) ==
        Texts{"keyframe", "keyframe[0]", "keyframe[1]", "video", "video[0]", "video[1]", "film"});
  CHECK(plan.nodes[3].group);
  CHECK(plan.nodes[3].item_count == 2);
  CHECK(plan.root().first == std::vector<TaskNo>{0, 3, 6});
  CHECK(plan.root().items[0] == std::vector<json::value>{"x", "y"});
}

TEST_CASE("an item waits for the item it names, a whole list for the group") {
  const Plan plan = expand(pipeline(film), object(R"({"shots": ["x", "y"]})")).value();
  CHECK(edges(plan) == Texts{"keyframe[0] > keyframe", "keyframe[0] > video[0] s",
                             "keyframe[1] > keyframe", "keyframe[1] > video[1] s", "video > film",
                             "video[0] > video", "video[1] > video"});
}

TEST_CASE("an empty list is a group without items") {
  const Plan plan = expand(pipeline(film), object(R"({"shots": []})")).value();
  CHECK(labels(plan) == Texts{"keyframe", "video", "film"});
  CHECK(edges(plan) == Texts{"video > film"});
}

TEST_CASE("an index that only a run can know waits for all items") {
  const Plan plan = expand(pipeline(listed + R"([tasks.judge]
operation = "text.generate"
params = { prompt = "x" }
[tasks.best]
operation = "text.generate"
params = { prompt = "${tasks.a[int(tasks.judge.text)].text}" }
)"),
                           object(R"({"shots": ["x"]})"))
                        .value();
  CHECK(edges(plan) == Texts{"a > best", "a[0] > a", "judge > best s"});
}

TEST_CASE("needs waits without carrying a skip, for a group as a whole") {
  const Plan plan = expand(pipeline(listed + R"([tasks.b]
for_each = "inputs.shots"
operation = "text.generate"
params = { prompt = "x" }
needs = ["a"]
)"),
                           object(R"({"shots": ["x", "y"]})"))
                        .value();
  CHECK(edges(plan) ==
        Texts{"a > b[0]", "a > b[1]", "a[0] > a", "a[1] > a", "b[0] > b", "b[1] > b"});
}

TEST_CASE("two uses of one task are one edge, and asking for null keeps the skip away") {
  const std::string a = "[tasks.a]\noperation = \"text.generate\"\nparams = { prompt = \"x\" }\n";
  const Plan reads = expand(pipeline(a + R"([tasks.b]
operation = "text.generate"
params = { prompt = "${tasks.a.text} ${tasks.a.text}" }
needs = ["a"]
)"),
                            {})
                         .value();
  CHECK(edges(reads) == Texts{"a > b s"});
  const Plan asks = expand(pipeline(a + R"([tasks.b]
operation = "text.generate"
params = { prompt = "${tasks.a == null ? 'none' : tasks.a.text}" }
)"),
                           {})
                        .value();
  CHECK(edges(asks) == Texts{"a > b"});
}

TEST_CASE("an item that does not exist is an error at plan time") {
  const auto plan = expand(pipeline(listed + R"([tasks.b]
operation = "text.generate"
params = { prompt = "${tasks.a[2].text}" }
)"),
                           object(R"({"shots": ["x", "y"]})"));
  REQUIRE(plan.has_error());
  CHECK(plan.error().kind == ErrorKind::invalid);
  CHECK(plan.error().diagnostics.at(0).message ==
        "tasks.a[2] does not exist: the for_each of 'a' has 2 items");
  CHECK(plan.error().diagnostics.at(0).position.line == 11);
}

TEST_CASE("a guarded look at the item before makes an edge where there is one") {
  const Plan plan = expand(pipeline(listed + R"([tasks.b]
for_each = "inputs.shots"
operation = "text.generate"
params = { prompt = "${index > 0 ? tasks.a[index - 1].text : 'first'}" }
)"),
                           object(R"({"shots": ["x", "y"]})"))
                        .value();
  CHECK(edges(plan) == Texts{"a[0] > a", "a[0] > b[1] s", "a[1] > a", "b[0] > b", "b[1] > b"});
}

TEST_CASE("for_each goes over a table in the order of its keys") {
  const auto definition = pipeline(R"([inputs]
people = { type = "object", additionalProperties = { type = "string" } }
[tasks.a]
for_each = "inputs.people"
operation = "text.generate"
params = { prompt = "${key} is ${item}" }
)");
  const Plan plan =
      expand(definition, object(R"({"people": {"zoe": "old", "ada": "young"}})")).value();
  CHECK(plan.root().keys[0] == Texts{"ada", "zoe"});
  CHECK(plan.root().items[0] == std::vector<json::value>{"young", "old"});
}

TEST_CASE("for_each may compute its list") {
  const auto definition = pipeline(R"toml([inputs]
shots = { type = "array", items = { type = "object" } }
[tasks.a]
for_each = "inputs.shots.filter(s, !s.draft)"
operation = "text.generate"
params = { prompt = "x" }
)toml");
  CHECK(expand(definition, object(R"({"shots": [{"draft": true}, {"draft": false}]})"))
            ->nodes.size() == 2);
}

TEST_CASE("defaults are filled in, and numbers take the form their schema names") {
  const auto definition = pipeline(R"([inputs]
seed = { type = "integer", default = 7 }
seconds = { type = "number" }
[tasks.a]
operation = "video.generate"
params = { prompt = "x", seconds = "${inputs.seconds}" }
)");
  const Plan plan = expand(definition, object(R"({"seconds": 3})")).value();
  CHECK(plan.root().inputs.at("seed") == 7);
  CHECK(plan.root().inputs.at("seconds").is_double());
}

TEST_CASE("a member of an input that is not given has its default, in a list as well") {
  const auto definition = pipeline(R"([inputs.shots]
type = "array"
default = [{ prompt = "y" }]
[inputs.shots.items]
type = "object"
required = ["seconds"]
properties = { prompt = { type = "string" }, seconds = { type = "number", default = 3 } }
[tasks.a]
for_each = "inputs.shots"
operation = "video.generate"
params = { prompt = "${item.prompt}", seconds = "${item.seconds}" }
)");
  const Plan given =
      expand(definition, object(R"({"shots": [{"prompt": "x"}, {"seconds": 2}]})")).value();
  CHECK(given.root().inputs.at("shots").at(0).at("seconds") == 3.0);
  CHECK(given.root().inputs.at("shots").at(1).at("seconds") == 2.0);
  const Plan standard = expand(definition, {}).value();
  CHECK(standard.root().inputs.at("shots").at(0).at("seconds") == 3.0);
}

TEST_CASE("all mistakes of the inputs are named together") {
  const auto definition = pipeline(R"([inputs]
seed = { type = "integer", minimum = 0 }
shots = { type = "array", items = { type = "object", required = ["prompt"] } }
picture = { type = "artifact" }
[tasks.a]
operation = "text.generate"
params = { prompt = "x" }
)");
  const auto plan = expand(
      definition, object(R"({"sed": 1, "shots": [{"prompt": "x"}, {}], "picture": "a.png"})"));
  REQUIRE(plan.has_error());
  CHECK(plan.error().kind == ErrorKind::invalid);
  CHECK(mistakes_of(plan) ==
        Texts{"input 'picture' must be an artifact, not a text; write -i picture=@FILE",
              "input 'seed' is missing; give it: -i seed=7", "input 'shots[1]' has no 'prompt'",
              "'p' has no input 'sed'; did you mean 'seed'? its inputs: picture, seed, "
              "shots"});
}

TEST_CASE("a wrong input of a pipeline that is used is told where it is given") {
  const std::string body = R"(
pipeline.pipeline = { name = "inner" }
pipeline.inputs.seed = { type = "integer" }
pipeline.tasks.b = { operation = "text.generate", params = { prompt = "n ${inputs.seed}" } }
)";
  const auto computed = expand(
      pipeline("[inputs]\nword = {}\n[tasks.a]\ninputs = { seed = \"${inputs.word}\" }" + body),
      object(R"({"word": "four"})"));
  REQUIRE(computed.has_error());
  CHECK(mistakes_of(computed) == Texts{"input 'seed' must be an integer, not a text"});
  CHECK(computed.error().diagnostics.front().position.line == 6);
  CHECK(computed.error().diagnostics.front().position.column > 1);
  const auto written = expand(pipeline("[tasks.a]\ninputs = { seed = \"four\" }" + body), {});
  REQUIRE(written.has_error());
  CHECK(written.error().diagnostics.front().position.line == 3);
}

TEST_CASE("equal definitions and inputs give equal plans, whatever the order of keys") {
  const Plan one = expand(pipeline(film), object(R"({"shots": [{"a": 1, "b": 2}]})")).value();
  const Plan two = expand(pipeline(film), object(R"({"shots": [{"b": 2, "a": 1}]})")).value();
  CHECK(labels(one) == labels(two));
  CHECK(one.edges == two.edges);
  CHECK(canonical(one.root().inputs) == canonical(two.root().inputs));
}

TEST_CASE("a for_each that fails on its inputs names its task") {
  const auto definition = pipeline(R"([inputs]
all = { type = "object" }
[tasks.a]
for_each = "inputs.all.shots"
operation = "text.generate"
params = { prompt = "x" }
)");
  const auto missing = expand(definition, object(R"({"all": {}})"));
  REQUIRE(missing.has_error());
  CHECK(missing.error().message.find("for_each of task 'a'") == 0);
  const auto number = expand(definition, object(R"({"all": {"shots": 3}})"));
  REQUIRE(number.has_error());
  CHECK(mistakes_of(number) == Texts{"for_each goes over a list, and this is 3"});
}

TEST_CASE(
    "a hundred thousand nodes are planned at a cost that grows with them, not with their square") {
  const auto definition = pipeline(film);
  const auto seconds_for = [&](std::size_t shots) {
    json::array list(
        shots, json::value("a shot in words, long enough to cost something when it is copied"));
    const auto begin = std::chrono::steady_clock::now();
    const Plan plan = expand(definition, json::object{{"shots", std::move(list)}}).value();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    CHECK(plan.nodes.size() == 2 * shots + 3);
    CHECK(plan.edges.size() == 3 * shots + 1);
    return spent.count();
  };
  const double small = std::max(seconds_for(5'000), 0.005);
  CHECK(seconds_for(50'000) < 40 * small);  // ten times as much; a square would be a hundred
}
