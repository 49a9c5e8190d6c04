// SPDX-License-Identifier: Apache-2.0
#include "outputs.hpp"

#include <boost/json/parse.hpp>

#include "base/json.hpp"
#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli;
using namespace weft::cli::test;

namespace {

constexpr const char* film =
    R"({"film":{"$artifact":"aa11","media_type":"video/mp4","bytes":1536,"name":"film.mp4"}})";
constexpr const char* clips =
    R"({"clips":[{"$artifact":"aa11","media_type":"video/mp4","bytes":1,"name":"a.mp4"},
                 {"$artifact":"bb22","media_type":"video/mp4","bytes":1,"name":"../b.mp4"}],
        "note":"two clips"})";

Outcome run_for(World& world, const std::string& outputs, std::vector<std::string> options) {
  const ScratchFolder folder;
  world.runs = {a_run("succeeded")};
  world.runs[0].outputs_json = outputs;
  world.plan.outputs.clear();
  const json::value parsed = json::parse(outputs);
  for (const auto& output : parsed.as_object()) world.plan.outputs.emplace_back(output.key());
  options.insert(options.begin(), {"run", folder.write("a.toml", "")});
  return run_weft(world, std::move(options));
}

}  // namespace

TEST_CASE("outputs are told with their size, their place and how to get them") {
  World world;
  const Outcome outcome = run_for(world, film, {});
  CHECK(outcome.out == std::string("run ") + run_id +
                           " succeeded in 2m 5s\n"
                           "  film  film.mp4, video/mp4, 1.5 KiB, aa11\n"
                           "    /state/artifacts/aa11\n"
                           "    weft artifact get aa11 -o film.mp4\n");
}

TEST_CASE("the only output is saved without being named") {
  const ScratchFolder folder;
  World world;
  const Outcome outcome = run_for(world, film, {"-o", folder.path("out.mp4")});
  CHECK(outcome.code == 0);
  CHECK(folder.read("out.mp4") == "bytes of aa11");
  CHECK(outcome.out.find("saved to " + folder.path("out.mp4")) != std::string::npos);
}

TEST_CASE("a list of artifacts is saved into a folder, and no name leads out of it") {
  const ScratchFolder folder;
  World world;
  CHECK(run_for(world, clips, {"-o", "clips=" + folder.path("clips")}).code == 0);
  CHECK(folder.read("clips/0-a.mp4") == "bytes of aa11");
  CHECK(folder.read("clips/1-b.mp4") == "bytes of bb22");
}

TEST_CASE("a plain text is saved as it is, any other value as JSON") {
  const ScratchFolder folder;
  World world;
  CHECK(run_for(world, clips, {"-o", "note=" + folder.path("note.txt")}).code == 0);
  CHECK(folder.read("note.txt") == "two clips");
  CHECK(run_for(world, R"({"scores":[1,0.25]})", {"-o", folder.path("scores.json")}).code == 0);
  CHECK(folder.read("scores.json") == "[1, 0.25]\n");
}

TEST_CASE("an output that does not exist is found before anything is submitted") {
  const ScratchFolder folder;
  World world;
  const Outcome outcome = run_for(world, film, {"-o", "flim=" + folder.path("x.mp4")});
  CHECK(outcome.code == 2);
  CHECK(outcome.err.find("did you mean 'film'?") != std::string::npos);
  const Outcome which = run_for(world, clips, {"-o", folder.path("x.mp4")});
  CHECK(which.code == 2);
  CHECK(which.err.find("its outputs: clips, note") != std::string::npos);
  CHECK_FALSE(world.submitted);
}

TEST_CASE("an output that a resumed run does not have is an error that loses nothing") {
  const ScratchFolder folder;
  World world;
  world.runs = {a_run("succeeded")};
  world.runs[0].outputs_json = film;
  const Outcome outcome = run_weft(world, {"resume", run_id, "-o", "flim=" + folder.path("x.mp4")});
  CHECK(outcome.code == 2);
  CHECK(outcome.err.find("did you mean 'film'?") != std::string::npos);
  CHECK(outcome.out.find("weft artifact get aa11") != std::string::npos);
}

TEST_CASE("nothing is saved of a run that failed") {
  const ScratchFolder folder;
  World world;
  world.runs = {a_run("failed")};
  world.plan.outputs = {"film"};
  CHECK(run_weft(world, {"run", folder.write("a.toml", ""), "-o", folder.path("x.mp4")}).code == 1);
  CHECK_FALSE(std::filesystem::exists(folder.path("x.mp4")));
}
