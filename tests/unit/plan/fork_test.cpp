// SPDX-License-Identifier: Apache-2.0
#include "plan/fork.hpp"

#include "../model/model_support.hpp"
#include "catch.hpp"
#include "plan/expand.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

using Texts = std::vector<std::string>;

Plan plan_of(const std::string& definition, const std::string& inputs) {
  auto read = read_toml("[pipeline]\nname = \"p\"\n" + definition);
  INFO((read.has_error() ? read.error().to_string() : ""));
  REQUIRE(read.has_value());
  return expand(read->pipeline, parse_json(inputs).value().as_object()).value();
}

const std::string film = R"([inputs]
shots = { type = "array" }
seed = { type = "integer", default = 1 }
first = { type = "boolean", default = true }
[tasks.keyframe]
for_each = "inputs.shots"
operation = "image.generate"
params = { prompt = "${item}", seed = "${inputs.seed}" }
[tasks.video]
for_each = "inputs.shots"
operation = "video.from_image"
inputs = { image = "${tasks.keyframe[index].image}" }
params = { seconds = 3 }
[tasks.title]
if = "inputs.first"
operation = "image.generate"
params = { prompt = "the title" }
[tasks.film]
operation = "video.concat"
inputs = { clips = "${tasks.video.map(v, v.video)}" }
)";
const std::string two_shots = R"({"shots": ["a", "b"]})";

ArtifactInfo artifact(const std::string& name, const std::string& media_type) {
  return {digest_of(name), name.size(), media_type, name};
}

// A run of the definition in which all has ended well, but for what `states` says.
struct Former {
  explicit Former(Plan made, const std::map<std::string, TaskState>& states = {})
      : plan(std::move(made)) {
    for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
      TaskRecord& record = tasks.emplace_back();
      record.no = no;
      record.group = plan.nodes[no].group;
      record.state = TaskState::succeeded;
      const std::string name = display_name(plan, no);
      if (const auto known = states.find(name); known != states.end()) record.state = known->second;
      json::value& output = outputs.emplace_back();
      if (record.state != TaskState::succeeded || record.group) continue;
      const auto& made_by = *plan.definition(no).operation;
      json::object all;
      for (const OperationOutput& one : made_by.outputs)
        if (!one.media_type.empty())
          all[one.name] = to_json(
              artifact(name, one.media_type.starts_with("video") ? "video/mp4" : "image/png"));
      output = std::move(all);
    }
    for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
      if (!plan.nodes[no].group) continue;
      json::array items;
      for (std::uint32_t item = 0; item < plan.nodes[no].item_count; ++item)
        items.push_back(outputs[plan.first_item_of(no) + item]);
      outputs[no] = std::move(items);
    }
  }
  Plan plan;
  std::vector<TaskRecord> tasks;
  std::vector<json::value> outputs;
};

// "video[0]: prompt changed", of those that are made anew; groups are left out.
Texts anew(const Plan& plan, const Former& former,
           const std::set<std::string, std::less<>>& asked = {}) {
  const json::object run{{"id", "1"}, {"name", "p"}};
  const OutputsOf outputs = [&](TaskNo no) -> const json::value& { return former.outputs[no]; };
  const auto steps = decide_fork(plan, {former.plan, run, former.tasks, outputs}, asked);
  Texts all;
  for (TaskNo no = 0; no < steps.size(); ++no)
    if (!steps[no].keep && !plan.nodes[no].group)
      all.push_back(display_name(plan, no) + ": " + steps[no].reason);
  return all;
}

std::string with(std::string text, const std::string& old, const std::string& fresh) {
  const std::size_t at = text.find(old);
  REQUIRE(at != text.npos);
  return text.replace(at, old.size(), fresh);
}

}  // namespace

TEST_CASE("a fork of what has not changed keeps everything") {
  const Former former(plan_of(film, two_shots));
  CHECK(anew(plan_of(film, two_shots), former) == Texts{});
  CHECK(anew(plan_of(with(film, "seconds = 3 }", "seconds = 3 }\ntimeout = \"9m\"\npriority = 5"),
                     two_shots),
             former) == Texts{});
}

TEST_CASE("what is asked for runs anew, and what depends on it") {
  const Former former(plan_of(film, two_shots));
  const Plan plan = plan_of(film, two_shots);
  CHECK(anew(plan, former, {"video[1]"}) == Texts{"video[1]: asked for", "film: needs video"});
  CHECK(anew(plan, former, {"film"}) == Texts{"film: asked for"});
  CHECK(anew(plan, former, {"video"}) ==
        Texts{"video[0]: asked for", "video[1]: asked for", "film: needs video"});
}

TEST_CASE("a changed input makes only that anew which uses it") {
  const Former former(plan_of(film, two_shots));
  CHECK(anew(plan_of(film, R"({"shots": ["a", "c"]})"), former) ==
        Texts{"keyframe[1]: prompt changed", "video[1]: needs keyframe[1]", "film: needs video"});
  CHECK(anew(plan_of(film, R"({"shots": ["a", "b"], "seed": 2})"), former).size() == 5);
}

TEST_CASE("an item that was put in before others does not make them anew") {
  const Former former(plan_of(film, two_shots));
  CHECK(anew(plan_of(film, R"({"shots": ["new", "a", "b"]})"), former) ==
        Texts{"keyframe[0]: prompt changed", "video[0]: needs keyframe[0]", "film: needs video"});
}

TEST_CASE("a changed definition makes only what it changes anew") {
  const Former former(plan_of(film, two_shots));
  CHECK(anew(plan_of(with(film, "seconds = 3", "seconds = 5"), two_shots), former) ==
        Texts{"video[0]: seconds changed", "video[1]: seconds changed", "film: needs video"});
  CHECK(anew(plan_of(film + "[tasks.small]\noperation = \"image.upscale\"\nparams = { factor = 2.0 "
                            "}\ninputs = { image = \"${tasks.title.image}\" }\n",
                     two_shots),
             former) == Texts{"small: new"});
}

TEST_CASE("what failed or had not ended runs, and what was skipped stays skipped") {
  const Former former(plan_of(film, R"({"shots": ["a", "b"], "first": false})"),
                      {{"title", TaskState::skipped},
                       {"video[1]", TaskState::failed},
                       {"film", TaskState::pending}});
  CHECK(anew(plan_of(film, R"({"shots": ["a", "b"], "first": false})"), former) ==
        Texts{"video[1]: it failed", "film: needs video"});
  CHECK(anew(plan_of(film, two_shots), former) ==
        Texts{"title: its `if` says yes now", "video[1]: it failed", "film: needs video"});
}

TEST_CASE("what was skipped is not asked for by what is made anew, not even by what is new") {
  const std::string upscale =
      "[tasks.small]\noperation = \"image.upscale\"\nparams = { factor = 2.0 }\n"
      "inputs = { image = \"${tasks.title.image}\" }\n";
  const std::string no_title = R"({"shots": ["a", "b"], "first": false})";
  const Former former(plan_of(film + upscale, no_title),
                      {{"title", TaskState::skipped}, {"small", TaskState::skipped}});
  CHECK(anew(plan_of(with(film + upscale, "factor = 2.0", "factor = 4.0"), no_title), former) ==
        Texts{});
  const Former without(plan_of(film, no_title), {{"title", TaskState::skipped}});
  CHECK(anew(plan_of(film + upscale, no_title), without) == Texts{});
}

TEST_CASE("an item that its group could do without is tried again") {
  const std::string lenient = with(film, "[tasks.video]", "[tasks.video]\nmin_success = 0.5");
  Former former(plan_of(lenient, two_shots), {{"video[1]", TaskState::skipped}});
  for (TaskNo no = 0; no < former.plan.nodes.size(); ++no)
    if (display_name(former.plan, no) == "video[1]") former.tasks[no].attempt = 1;
  CHECK(anew(plan_of(lenient, two_shots), former) ==
        Texts{"video[1]: it failed", "film: needs video"});
}

TEST_CASE("people are asked again when something else is asked for") {
  const std::string ask =
      "[tasks.ask]\nwait_for = { message = \"how many?\", outputs = { n = { "
      "type = \"integer\" } } }\n";
  const Former former(plan_of(ask, "{}"));
  CHECK(anew(plan_of(ask, "{}"), former) == Texts{});
  CHECK(anew(plan_of(with(ask, "integer", "number"), "{}"), former) ==
        Texts{"ask: what people are asked for changed"});
}

TEST_CASE("nextflow 3005: what is made again is told with its reason, and is the same each time") {
  const Former former(plan_of(film, two_shots),
                      {{"video[1]", TaskState::failed}, {"film", TaskState::pending}});
  for (int time = 0; time < 3; ++time)
    CHECK(anew(plan_of(film, two_shots), former) ==
          Texts{"video[1]: it failed", "film: needs video"});
}

TEST_CASE("rounds are made anew") {
  const std::string rounds =
      "[tasks.draw]\noperation = \"image.generate\"\nparams = { prompt = \"a\" }\n"
      "repeat_until = \"index > 1\"\nrepeat_at_most = 3\n";
  const Former former(plan_of(rounds, "{}"));
  const Texts all = anew(plan_of(rounds, "{}"), former);
  REQUIRE_FALSE(all.empty());
  CHECK(all[0] == "draw[0]: its rounds are made in the run");
}
