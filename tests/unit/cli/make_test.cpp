// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

MakingView two_products() {
  MakingView view;
  view.project = "train";
  view.goals = {"shot/1/video"};
  view.products.push_back(
      {"shot/1/keyframe", "image.generate", false, "up to date", "", {}, {}, "", "77aa"});
  view.products.push_back({"shot/1/video",
                           "video.from_image",
                           true,
                           "prompt changed",
                           "shot_1_video",
                           {"shot/1/keyframe"},
                           {"runway", "comfy-a"},
                           "0.25 USD",
                           ""});
  view.to_make = 1;
  view.cost = "0.25 USD";
  return view;
}

}  // namespace

TEST_CASE("make -n shows what would be made, why, by whom and for how much, and makes nothing") {
  World world;
  world.making = two_products();
  const Outcome planned = run_weft(world, {"make", "train.toml", "shot/1/video", "-n", "--only"});
  CHECK(planned.code == 0);
  CHECK(planned.out ==
        "train: 1 product to make, 1 taken as they are; 0.25 USD\n"
        "PRODUCT          WHY             OPERATION         SERVICES          ESTIMATE\n"
        "shot/1/keyframe  up to date\n"
        "shot/1/video     prompt changed  video.from_image  runway → comfy-a  0.25 USD\n");
  CHECK(world.asked.empty());
  REQUIRE(world.made);
  CHECK(world.made->goals == std::vector<std::string>{"shot/1/video"});
  CHECK(world.made->only);
}

TEST_CASE(
    "make --explain tells of a product and of what it is made of, as far as that explains it") {
  World world;
  world.making = two_products();
  const Outcome told = run_weft(world, {"make", "train.toml", "--explain", "shot/1/video"});
  CHECK(told.out ==
        "shot/1/video is made: prompt changed\n  shot/1/keyframe is taken: up to date, 77aa\n");
  CHECK(run_weft(world, {"make", "train.toml", "--explain", "shot/2/video"}).code == 3);
}

TEST_CASE("make saves what is asked for only under a name that was asked for, and in a folder") {
  World world;
  world.making = two_products();
  const Outcome nowhere =
      run_weft(world, {"make", "train.toml", "-o", "shot/1/video=/nonexistent/a.mp4"});
  CHECK(nowhere.code == 3);
  world.making.goals.push_back("shot/1/keyframe");
  const Outcome which = run_weft(world, {"make", "train.toml", "-o", "a.mp4"});
  CHECK(which.code == 2);
  CHECK(contains(which.err, "-o PRODUCT=FILE"));
  CHECK(world.asked.empty());
}

TEST_CASE("when all is there make says so and does nothing") {
  World world;
  world.making = two_products();
  world.making.products.pop_back();
  world.making.goals = {"shot/1/keyframe"};
  world.making.to_make = 0;
  const Outcome done = run_weft(world, {"make", "train.toml", "shot/1/keyframe"});
  CHECK(done.code == 0);
  CHECK(contains(done.err, "nothing to do"));
  CHECK(contains(done.out, "shot/1/keyframe  77aa"));
}

TEST_CASE("what is said of a product reaches the runtime in the words of the command") {
  World world;
  run_weft(world, {"product", "pin", "train.toml", "film"});
  run_weft(world, {"product", "reject", "train.toml", "film"});
  CHECK(world.asked == std::vector<std::string>{"say train.toml film 0", "say train.toml film 2"});
  CHECK(run_weft(world, {"product", "pin", "train.toml"}).code == 2);
}

TEST_CASE(
    "a run that gives way is followed on in the one that goes on, of which no more is forced") {
  World world;
  world.making = two_products();
  const std::string next = "0192f0c1-abcd-7e3f-8a11-000102030406";
  world.runs = {a_run("cancelled"), a_run("succeeded", next)};
  world.runs[0].replaced_by = next;
  world.runs_made = {run_id, next};
  world.making.products[1].digest = "88bb";
  const Outcome done = run_weft(world, {"make", "train.toml", "shot/1/video"});
  CHECK(done.code == 0);
  CHECK(contains(done.err, std::string(run_id) + " gives way to run " + next));
  CHECK(contains(done.out, "run " + next + " succeeded"));
  CHECK(world.asked == std::vector<std::string>{"make train.toml", "make train.toml"});
  CHECK(world.made->instead_of == run_id);
}

TEST_CASE("who follows a run that gives way to another is told which") {
  World world;
  world.runs = {a_run("cancelled")};
  world.runs[0].replaced_by = "0192f0c1-abcd-7e3f-8a11-000102030406";
  const Outcome done = run_weft(world, {"resume", "0192"});
  CHECK(done.code == 1);
  CHECK(contains(done.out, "it gives way to run 0192f0c1-abcd-7e3f-8a11-000102030406"));
}
