// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include "catch.hpp"
#include "print_result.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli;
using weft::cli::test::ScratchFolder;

namespace {

std::string json_of(const std::string& given) {
  const auto inputs = parse_inputs({given});
  REQUIRE(inputs);
  REQUIRE(inputs->size() == 1);
  return inputs->begin()->second.json;
}

}  // namespace

TEST_CASE("a value is handed on as it was written: the definition says what it is") {
  const auto inputs = parse_inputs({"seed=7", "title=a=b", "empty=", R"(quoted=say "hi")"});
  REQUIRE(inputs);
  CHECK(inputs->at("seed").text == "7");
  CHECK(inputs->at("title").text == "a=b");
  CHECK(inputs->at("empty").text == "");
  CHECK(inputs->at("quoted").text == R"(say "hi")");
}

TEST_CASE("a JSON file is read, any other file is an artifact") {
  const ScratchFolder folder;
  const auto json = folder.write("shots.json", "[1,\n 2]");
  const auto picture = folder.write("a.png", "bytes");
  CHECK(json_of("shots=@" + json) == "[1,2]");
  const auto inputs = parse_inputs({"picture=@" + picture});
  REQUIRE(inputs);
  CHECK(inputs->at("picture").file == picture);
  CHECK(inputs->at("picture").json.empty());
}

TEST_CASE("several files of one name become their list") {
  const ScratchFolder folder;
  const auto a = folder.write("a.png", "a");
  const auto b = folder.write("b.png", "b");
  const auto inputs = parse_inputs({"pictures=@" + a, "pictures=@" + b, "seed=1"});
  REQUIRE(inputs);
  const GivenInput& pictures = inputs->at("pictures");
  REQUIRE(pictures.list.size() == 2);
  CHECK(pictures.list[0].file == a);
  CHECK(pictures.list[1].file == b);
}

TEST_CASE("a value given twice is a mistake, and the error says how to write a list") {
  const auto inputs = parse_inputs({"seed=1", "seed=2"});
  REQUIRE_FALSE(inputs);
  CHECK(inputs.error().kind == ErrorKind::invalid);
  CHECK(inputs.error().message == "input 'seed' is given twice");
  CHECK(inputs.error().remedy.find("[1, 2]") != std::string::npos);
}

TEST_CASE("an input without a name is refused") {
  for (const char* given : {"seed", "=7", "Seed=7", "a b=7"}) {
    const auto inputs = parse_inputs({given});
    REQUIRE_FALSE(inputs);
    CHECK(inputs.error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("a missing file is found before anything is submitted") {
  const auto inputs = parse_inputs({"picture=@/nowhere/a.png"});
  REQUIRE_FALSE(inputs);
  CHECK(inputs.error().kind == ErrorKind::not_found);
  CHECK(inputs.error().message == "input 'picture': no file '/nowhere/a.png'");
}

TEST_CASE("a mistake in a JSON file is told with its line and column") {
  const ScratchFolder folder;
  const auto inputs = parse_inputs({"shots=@" + folder.write("shots.json", "[1,\n 2,,]")});
  REQUIRE_FALSE(inputs);
  REQUIRE(inputs.error().diagnostics.size() == 1);
  CHECK(inputs.error().diagnostics[0].position.line == 2);
}

TEST_CASE("an output is saved to a file, with or without its name") {
  const ScratchFolder folder;
  const auto targets = parse_save_targets({"film.mp4", "poster=" + folder.path("p.png")});
  REQUIRE(targets);
  REQUIRE(targets->size() == 2);
  CHECK(targets->at(0).output.empty());
  CHECK(targets->at(0).file == "film.mp4");
  CHECK(targets->at(1).output == "poster");
  CHECK(targets->at(1).file == folder.path("p.png"));
}

TEST_CASE("a folder that is missing for an output is found before the run starts") {
  const auto targets = parse_save_targets({"film=/nowhere/at/all/film.mp4"});
  REQUIRE_FALSE(targets);
  CHECK(targets.error().kind == ErrorKind::not_found);
}
