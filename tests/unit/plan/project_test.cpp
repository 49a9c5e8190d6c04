// SPDX-License-Identifier: Apache-2.0
#include "plan/project.hpp"

#include "catch.hpp"

using namespace weft;

namespace {

std::vector<std::string> mistakes_in(const std::string& text) {
  std::vector<std::string> all;
  const auto project = read_project(text, "film.toml");
  if (project.has_value()) return all;
  for (const Diagnostic& one : project.error().diagnostics)
    all.push_back(std::to_string(one.position.line) + ": " + one.message);
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a shot is its prompt or a table, and is known by its id or its number in the film") {
  const auto project = read_project(R"(
[project]
name = "train"
[[scenes]]
shots = ["a platform", { id = "clock", prompt = "a clock", seconds = 4 }]
[[scenes]]
id = "carriage"
mood = "dark"
shots = ["a window"]
)",
                                    "film.toml");
  REQUIRE(project.has_value());
  REQUIRE(project->shots.size() == 3);
  CHECK(project->shots[0].id == "1");
  CHECK(project->shots[1].id == "clock");
  CHECK(project->shots[2].id == "3");
  CHECK(project->shots[2].scene == 1);
  CHECK(project->shots[1].values.at("prompt") == "a clock");
  CHECK(project->shots[1].values.at("number") == 2);
  CHECK(project->shots[1].values.at("scene") == "1");
  CHECK(project->scenes[1].id == "carriage");
  CHECK(project->scenes[1].values.at("mood") == "dark");
}

TEST_CASE("a project means the same in TOML and in JSON, and needs no scenes") {
  const auto toml = read_project(
      "shots = [\"a\"]\n[project]\nname = \"a\"\nrecipes = [\"r.toml\"]\n"
      "[files]\n\"shot/1/keyframe\" = \"mine.png\"\n",
      "film.toml");
  const auto json = read_project(
      R"({"project": {"recipes": ["r.toml"], "name": "a"}, "shots": [{"prompt": "a"}],
          "files": {"shot/1/keyframe": "mine.png"}})",
      "film.json");
  REQUIRE(toml.has_value());
  REQUIRE(json.has_value());
  for (const Project* project : {&*toml, &*json}) {
    CHECK(project->files.at("shot/1/keyframe").path == "mine.png");
    CHECK(project->recipe_files.at(0).path == "r.toml");
    CHECK(project->shots.at(0).scene == Project::no_scene);
  }
  CHECK(toml->shots[0].values == json->shots[0].values);
}

TEST_CASE("all mistakes of a project come together, each with its line") {
  CHECK(mistakes_in(R"([project]
name = "My Film"
goals = "film"
[[scenes]]
shots = [7, { id = "a b" }, { number = 3 }, { id = "x" }, { id = "x" }]
[files]
"Shot 3" = "a.png"
[settings]
seed = 1
)") == Texts{"2: 'My Film' cannot name a project", "3: unknown key 'goals' in [project]",
             "5: a shot is its prompt, or a table", "5: an id is a word of a-z, 0-9, _ and -",
             "5: 'number' is given by the place in the project",
             "5: there is another one with the id 'x'", "7: 'Shot 3' names no product"});
}

TEST_CASE("a recipe names products that it can tell apart") {
  CHECK(mistakes_in(R"([project]
name = "a"
[recipes."scene/{scene}/clip"]
operation = "video.concat"
inputs = { clips = "shot/{shot}/video" }
[recipes."shot/*/video"]
operation = "video.from_image"
[recipes."shot/{take}/video"]
operation = "video.from_image"
[recipes.film]
operaton = "video.concat"
params = { fps = "${setings.fps}" }
)") == Texts{"5: 'shot/{shot}/video' does not say which shot: 'scene/{scene}/clip' has no {shot}",
             "6: 'shot/*/video' names no product", "8: 'shot/{take}/video' names no product",
             "10: recipe 'film' has no 'operation'", "11: unknown key 'operaton' in recipe 'film'",
             "12: unknown variable 'setings'"});
}
