// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;

namespace {

PipelineVersionView version(std::uint32_t number) {
  PipelineVersionView one;
  one.name = "film";
  one.number = number;
  one.author = "ada";
  one.message = "longer shots";
  one.hash = "0123456789abcdef0123456789abcdef";
  one.definition = {"# version " + std::to_string(number) + "\n", "film@" + std::to_string(number)};
  one.meaning = {"{}", "film@" + std::to_string(number) + ".json"};
  return one;
}

}  // namespace

TEST_CASE("show prints a version as it was written") {
  World world;
  world.versions = {version(2), version(1)};
  CHECK(run_weft(world, {"pipeline", "show", "film"}).out == "# version 2\n");
  CHECK(run_weft(world, {"pipeline", "show", "film@1"}).out == "# version 1\n");
  CHECK(run_weft(world, {"pipeline", "show", "flim"}).code == 3);
}

TEST_CASE("a name that is no file runs what the version kept under it means") {
  World world;
  world.versions = {version(2), version(1)};
  CHECK(run_weft(world, {"plan", "film@1"}).code == 0);
  REQUIRE(world.submission);
  CHECK(world.submission->definition == "{}");
  CHECK(world.submission->file == "film@1.json");
  const Outcome missing = run_weft(world, {"plan", "flim"});
  CHECK(missing.code == 3);
  CHECK(missing.err.find("there is no such file") != std::string::npos);
}

TEST_CASE("a file goes before a name") {
  const ScratchFolder folder;
  World world;
  world.versions = {version(2)};
  CHECK(run_weft(world, {"plan", folder.write("film.toml", "# a file\n")}).code == 0);
  REQUIRE(world.submission);
  CHECK(world.submission->definition == "# a file\n");
}

TEST_CASE("saving says which version it became, or that nothing is new") {
  const ScratchFolder folder;
  World world;
  world.versions = {version(2)};
  const std::string file = folder.write("film.toml", "# a file\n");
  CHECK(run_weft(world, {"pipeline", "save", file, "-m", "more", "--author", "eve"}).out ==
        "film@2\n");
  CHECK(world.asked == std::vector<std::string>{"save " + file + " by eve: more"});
  world.versions[0].is_new = false;
  CHECK(run_weft(world, {"pipeline", "save", file}).out ==
        "film@2 means the same already; nothing new is saved\n");
}

TEST_CASE("a diff is one line for each difference, and says when there is none") {
  World world;
  world.versions = {version(2), version(1)};
  CHECK(run_weft(world, {"pipeline", "diff", "film@1", "film@2"}).out == "they mean the same\n");
  world.changes = {{"renamed", "tasks.clip", "\"video\"", "\"clip\""},
                   {"changed", "tasks.clip.params.seconds", "3", "5"},
                   {"added", "inputs.seed", "", R"({"type":"integer"})"},
                   {"removed", "outputs.first", "\"${tasks.a.image}\"", ""}};
  CHECK(run_weft(world, {"pipeline", "diff", "film@1", "film"}).out ==
        "~ tasks.clip was \"video\"\n"
        "~ tasks.clip.params.seconds: 3 → 5\n"
        "+ inputs.seed: {\"type\": \"integer\"}\n"
        "- outputs.first: \"${tasks.a.image}\"\n");
}

TEST_CASE("a template that is not there is not found, and the nearest is named") {
  World world;
  world.templates = {{"storyboard_to_film", "From pictures to a film", {}}};
  CHECK(run_weft(world, {"pipeline", "templates", "storyboard_to_film"}).code == 0);
  const Outcome missing = run_weft(world, {"pipeline", "templates", "storyboard_to_flim"});
  CHECK(missing.code == 3);
  CHECK(missing.out.empty());
  CHECK(missing.err.find("did you mean 'storyboard_to_film'?") != std::string::npos);
}
