// SPDX-License-Identifier: Apache-2.0
// Versions of the products of a project, what people say of them, and what becomes of lost ones.
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "studio.hpp"

namespace weft::testing {
namespace {

TEST_CASE("A product is pinned, rejected and forced as people say") {
  const Studio studio;
  const std::string film = studio.film();
  const std::vector<std::string> make{"-q", "make", film, "shot/1/video"};
  REQUIRE(studio.weft(make).exit_code == 0);
  REQUIRE(studio.weft({"product", "pin", film, "shot/1/video"}).exit_code == 0);
  studio.film({{1, "another one"}});
  CHECK(studio.planned({film, "shot/1/video"}).at("to_make") == 0);
  REQUIRE(studio.weft({"product", "unpin", film, "shot/1/video"}).exit_code == 0);
  CHECK(studio.planned({film, "shot/1/video"}).at("to_make") == 2);
  std::vector<std::string> touch = make;
  touch.insert(touch.end(), {"--touch", "shot/1/keyframe", "--touch", "shot/1/video"});
  REQUIRE(studio.weft(touch).exit_code == 0);
  touch.emplace_back("-n");  // which says that nothing is changed
  CHECK(studio.weft(touch).exit_code == 2);
  CHECK(studio.planned({film, "shot/1/video"}).at("to_make") == 0);
  REQUIRE(studio.weft({"product", "reject", film, "shot/1/keyframe"}).exit_code == 0);
  const Finished why = studio.weft({"make", film, "--explain", "shot/1/video"});
  CHECK(why.out.find("shot/1/keyframe is made: rejected") != std::string::npos);
  REQUIRE(studio.weft(make).exit_code == 0);
  CHECK(studio.accepted() == 4);
  CHECK(to_make(studio.planned({film, "shot/1/video", "--force", "shot/1/video"})) ==
        std::set<std::string>{"shot/1/video"});
}

TEST_CASE("What is said of a product that is not as one thinks says how it is") {
  const Studio studio;
  const std::string film = studio.film();
  REQUIRE(studio.weft({"-q", "make", film, "shot/1/video"}).exit_code == 0);
  const Finished unknown = studio.weft({"product", "list", film, "shot/1/vidoe"});
  CHECK(unknown.exit_code == 3);
  CHECK(unknown.err.find("did you mean 'shot/1/video'?") != std::string::npos);
  const Finished several = studio.weft({"product", "reject", film, "shot/*/video"});
  CHECK(several.exit_code == 2);
  CHECK(several.err.find("stands for several products") != std::string::npos);
  const Finished nobody = studio.weft({"product", "reject", film, "shot/*/vidoe"});
  CHECK(nobody.exit_code == 3);
  const Finished unpinned = studio.weft({"product", "unpin", film, "shot/1/video"});
  CHECK(unpinned.exit_code == 3);
  CHECK(unpinned.err.find("'shot/1/video' is not pinned") != std::string::npos);
}

TEST_CASE("The current version of a product is the one that make would take") {
  const Studio studio;
  const std::string film = studio.film();
  const auto current = [&] {
    std::vector<std::string> runs;
    const json::value listed = json::parse(studio.weft({"--json", "product", "list", film}).out);
    for (const json::value& one : listed.at("products").as_array())
      if (one.at("current").as_bool() && one.at("name") == "shot/1/keyframe")
        runs.emplace_back(one.at("run").as_string());
    return runs;
  };
  REQUIRE(studio.weft({"-q", "make", film, "shot/1/keyframe"}).exit_code == 0);
  const std::string first = studio.newest_run();
  studio.film({{1, "another one"}});
  CHECK(current().empty());  // it would be made anew
  REQUIRE(studio.weft({"-q", "make", film, "shot/1/keyframe"}).exit_code == 0);
  CHECK(current() == std::vector<std::string>{studio.newest_run()});
  studio.film();
  CHECK(current() == std::vector<std::string>{first});
}

TEST_CASE("A product whose bytes are gone is made again") {
  const Studio studio;
  const std::string film = studio.film();
  REQUIRE(studio.weft({"-q", "make", film, "shot/1/video"}).exit_code == 0);
  const json::object plan = studio.planned({film, "shot/1/video"});
  const std::string digest(plan.at("products").at(0).at("digest").as_string());
  REQUIRE(std::filesystem::remove(studio.state() / "artifacts" / digest.substr(0, 2) / digest));
  CHECK(to_make(studio.planned({film, "shot/1/video"})).contains("shot/1/video"));
  CHECK(studio.weft({"-q", "make", film, "shot/1/video", "-o", "one.y4m"}).exit_code == 0);
  CHECK(std::filesystem::exists(studio.folder() / "one.y4m"));
}

TEST_CASE("What was made of a picture that was lost and made again is the same still") {
  const Studio studio;
  const std::string film = studio.film();
  REQUIRE(studio.weft({"-q", "make", film, "shot/1/video"}).exit_code == 0);
  const json::object plan = studio.planned({film, "shot/1/keyframe"});
  const std::string digest(plan.at("products").at(0).at("digest").as_string());
  REQUIRE(std::filesystem::remove(studio.state() / "artifacts" / digest.substr(0, 2) / digest));
  REQUIRE(studio.weft({"-q", "make", film, "shot/1/keyframe"}).exit_code == 0);
  CHECK(studio.accepted() == 3);
  CHECK(studio.planned({film, "shot/1/video"}).at("to_make") == 0);
}

}  // namespace
}  // namespace weft::testing
