// SPDX-License-Identifier: Apache-2.0
#include "previews.hpp"

#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli;
using namespace weft::cli::test;

namespace {

Preview preview(std::string task, std::string media_type, std::string bytes) {
  return {run_id, std::move(task), 1, std::move(media_type),
          std::make_shared<const std::string>(std::move(bytes))};
}

}  // namespace

TEST_CASE("a preview's file is named after its task and its kind") {
  CHECK(preview_file_name(preview("video[3]", "image/jpeg", "")) == "video[3].jpg");
  CHECK(preview_file_name(preview("scene[2]/shot[5]", "image/png", "")) == "scene[2]_shot[5].png");
  CHECK(preview_file_name(preview("a", "application/../x", "")) == "a.bin");
}

TEST_CASE("weft run --previews keeps the newest preview of each task in a folder") {
  const ScratchFolder folder;
  World world;
  world.runs = {a_run("succeeded")};
  world.previews = {preview("keyframe[0]", "image/jpeg", "JPEG")};
  const Outcome outcome = run_weft(
      world, {"run", folder.write("film.toml", ""), "--previews", folder.path("previews/new")});
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(folder.read("previews/new/keyframe[0].jpg") == "JPEG");
}

TEST_CASE("a folder for previews that cannot be made is said before the run is followed") {
  const ScratchFolder folder;
  World world;
  world.runs = {a_run("succeeded")};
  const std::string file = folder.write("file", "");
  const Outcome outcome = run_weft(world, {"run", file, "--previews", file + "/in"});
  CHECK(outcome.code == 5);
  CHECK(outcome.err.find("name another one for --previews") != std::string::npos);
}
