// SPDX-License-Identifier: Apache-2.0
// Definitions whose tasks stand for others: pipelines that are used, rounds, groups with rules.
#include "catch.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

// Definitions that can be used, by name.
using Shelf = std::map<std::string, std::string>;

result<ReadPipeline> read_with(const std::string& tasks, const Shelf& shelf = {}) {
  DefinitionContext with = context();
  with.find_pipeline = [shelf](const std::string& name,
                               const std::string&) -> result<PipelineText> {
    const auto found = shelf.find(name);
    if (found == shelf.end()) return not_found("there is no pipeline '" + name + "'");
    return PipelineText{found->second, name + ".toml"};
  };
  return read_pipeline("[pipeline]\nname = \"p\"\n" + tasks, "p.toml", with);
}

// The first mistake, as it is shown.
std::string mistake(const result<ReadPipeline>& read) {
  if (read || read.error().diagnostics.empty()) return "none";
  return read.error().diagnostics.front().to_string();
}

bool says(const result<ReadPipeline>& read, std::string_view words) {
  INFO(mistake(read));
  CHECK(mistake(read).find(words) != std::string::npos);
  return mistake(read).find(words) != std::string::npos;
}

const std::string scene = R"([pipeline]
name = "scene"
[inputs]
prompt = { type = "string" }
[tasks.frame]
operation = "image.generate"
params = { prompt = "${inputs.prompt}" }
[outputs]
picture = "${tasks.frame.image}"
)";

const std::string using_it = R"([tasks.scene]
use = "scene"
inputs = { prompt = "a train" }
[tasks.video]
operation = "video.from_image"
inputs = { image = "${tasks.scene.picture}" }
params = { seconds = 3 }
)";

}  // namespace

TEST_CASE("a pipeline that is used is kept with the definition that uses it") {
  const auto read = read_with(using_it, {{"scene", scene}});
  INFO(mistake(read));
  REQUIRE(read.has_value());
  const auto again = read_canonical(read->pipeline->canonical, context());
  REQUIRE(again.has_value());
  CHECK((*again)->hash == read->pipeline->hash);
  const auto other = read_with(using_it, {{"scene", scene + "\n# a word\n"}});
  CHECK(other->pipeline->hash == read->pipeline->hash);
  std::string changed = scene;
  changed.replace(changed.find("${inputs.prompt}"), 16, "${inputs.prompt}!");
  CHECK(read_with(using_it, {{"scene", changed}})->pipeline->hash != read->pipeline->hash);
}

TEST_CASE("what a used pipeline gives is known to those who read it") {
  says(read_with("[tasks.scene]\nuse = \"scene\"\ninputs = { prompt = \"x\" }\n[outputs]\n"
                 "a = \"${tasks.scene.pictur}\"\n",
                 {{"scene", scene}}),
       "did you mean 'picture'");
}

TEST_CASE("mistakes in a used pipeline stand where they are") {
  std::string wrong = scene;
  wrong.replace(wrong.find("image.generate"), 14, "image.generat");
  says(read_with(using_it, {{"scene", wrong}}), "scene.toml:6");
}

TEST_CASE("inputs of a used pipeline that are missing or unknown are named") {
  says(read_with("[tasks.scene]\nuse = \"scene\"\n", {{"scene", scene}}),
       "input 'prompt' of pipeline 'scene' is missing");
  says(read_with("[tasks.scene]\nuse = \"scene\"\ninputs = { prompt = \"x\", promt = \"y\" }\n",
                 {{"scene", scene}}),
       "pipeline 'scene' has no input 'promt'");
}

TEST_CASE("a pipeline cannot use itself, not even by another one") {
  const std::string ring = "[pipeline]\nname = \"a\"\n[tasks.x]\nuse = \"b\"\n";
  const std::string back = "[pipeline]\nname = \"b\"\n[tasks.y]\nuse = \"a\"\n";
  says(read_with("[tasks.x]\nuse = \"a\"\n", {{"a", ring}, {"b", back}}),
       "pipelines use each other without end: a.toml → b.toml → a.toml");
  // However often: it is told where it is met first, and not followed any further.
  std::string wide = "[pipeline]\nname = \"a\"\n";
  for (char task = 'c'; task < 'h'; ++task)
    wide += std::string("[tasks.") + task + "]\nuse = \"a\"\n";
  says(read_with("[tasks.x]\nuse = \"a\"\n", {{"a", wide}}), "a.toml → a.toml");
}

TEST_CASE("keys of work have no place beside a used pipeline") {
  says(
      read_with("[tasks.scene]\nuse = \"scene\"\ninputs = { prompt = \"x\" }\nretry = { attempts = "
                "2 }\n",
                {{"scene", scene}}),
      "'retry' is for a task with an operation of its own");
}

TEST_CASE("rules of groups are for groups") {
  const std::string task = "[tasks.a]\noperation = \"image.generate\"\nparams.prompt = \"x\"\n";
  says(read_with(task + "limit = 2\n"), "'limit' is about the items of a for_each");
  says(read_with(task + "min_success = 0.5\n"), "'min_success' is about the items of a for_each");
  says(read_with(task + "for_each = \"[1]\"\nmin_success = 1.5\n"), "at most 1");
  says(read_with(task + "repeat_at_most = 3\n"), "there is no 'repeat_until'");
  says(read_with(task + "repeat_until = \"true\"\n"), "a repetition needs an end");
  says(read_with(task + "repeat_until = \"true\"\nrepeat_at_most = 2\nfor_each = \"[1]\"\n"),
       "either for_each or repeat_until");
}

TEST_CASE("variables of rounds are known in rounds alone") {
  const std::string task = "[tasks.a]\noperation = \"image.generate\"\n";
  says(read_with(task + "params.prompt = \"${previous}\"\n"), "'previous' is known only in");
  says(read_with(task + "params.prompt = \"${outputs}\"\n"), "'outputs' is known only in");
  CHECK(read_with(task + "params.prompt = \"round ${index}\"\nrepeat_until = \"index > 1\"\n"
                         "repeat_at_most = 3\n")
            .has_value());
}

TEST_CASE("nothing can wait for what comes when nothing else moves") {
  const std::string task = "operation = \"image.generate\"\nparams.prompt = \"x\"\n";
  says(
      read_with("[tasks.last]\nfinally = true\n" + task + "[tasks.b]\nneeds = [\"last\"]\n" + task),
      "nothing can wait for it");
  says(read_with("[tasks.last]\nfinally = true\non_failure = true\n" + task), "exclude each other");
  CHECK(read_with("[tasks.a]\n" + task + "[tasks.last]\nfinally = true\nneeds = [\"a\"]\n" + task)
            .has_value());
}

TEST_CASE("which pipeline is used may hang on a value, and each case is judged") {
  const Shelf shelf{{"scene", scene}};
  const std::string task = "[tasks.a]\ninputs = { prompt = \"x\" }\n";
  const auto read = read_with(task +
                                  "switch = \"1 > 0 ? 'day' : 'night'\"\ncases = { day = "
                                  "\"scene\", default = \"scene\" }\n",
                              shelf);
  INFO(mistake(read));
  REQUIRE(read.has_value());
  CHECK((*read_canonical(read->pipeline->canonical, context()))->hash == read->pipeline->hash);
  says(read_with(task + "switch = \"'x'\"\ncases = {}\n", shelf), "'cases' names no pipeline");
  says(read_with(task + "cases = { day = \"scene\" }\n", shelf),
       "'switch' and 'cases' go together");
  says(read_with(task + "switch = \"'x'\"\n", shelf), "'switch' and 'cases' go together");
  says(read_with(task + "switch = \"'x'\"\nuse = \"scene\"\ncases = { day = \"scene\" }\n", shelf),
       "say the same thing");
  says(read_with("[tasks.a]\nswitch = \"'x'\"\ncases = { day = \"scene\" }\n", shelf),
       "input 'prompt' of pipeline 'scene' is missing");
}
