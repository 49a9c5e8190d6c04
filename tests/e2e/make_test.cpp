// SPDX-License-Identifier: Apache-2.0
// Films as projects: what is missing is made, and nothing that is there is bought again.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>

#include "catch.hpp"
#include "studio.hpp"

namespace weft::testing {
namespace {

std::set<std::string> chain(const std::string& shot) {
  return {"film", "shot/" + shot + "/keyframe", "shot/" + shot + "/video",
          "shot/" + shot + "/upscaled", "shot/" + shot + "/interpolated"};
}

TEST_CASE("A film of sixty shots is planned, killed, changed and made, and nothing bought twice") {
  const Studio studio;
  const std::string film = studio.film();
  {
    std::ifstream text(film);
    CHECK(std::count(std::istreambuf_iterator<char>(text), {}, '\n') < 80);
  }
  const json::object plan = studio.planned({film});
  CHECK(plan.at("to_make") == 241);
  CHECK(plan.at("cost") == "2.41 USD");

  Program first = studio.start({"-q", "make", film});
  REQUIRE(eventually([&] { return studio.accepted() >= 60; }));
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);

  studio.film({{17, "another one"}});
  const Finished done = studio.weft({"-q", "make", film});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  CHECK(studio.each_billed_once());
  for (const auto& [name, times] : studio.made(film)) {
    INFO(name);
    // What shot 17 had got to, or had under way, was of the old prompt.
    CHECK(times <= (chain("17").contains(name) ? 2 : 1));
  }
  // Each job that was accepted became a product: none was dropped on the way.
  CHECK(studio.accepted() == studio.succeeded());
  CHECK(studio.planned({film}).at("to_make") == 0);

  studio.film({{17, "another one"}, {42, "something else"}});
  CHECK(to_make(studio.planned({film})) == chain("42"));
}

TEST_CASE("The same command after a kill carries on with the run there is") {
  const Studio studio(200);
  const std::string film = studio.film();
  Program first = studio.start({"-q", "make", film, "shot/1/upscaled", "shot/2/upscaled"});
  REQUIRE(eventually([&] { return studio.accepted() >= 3; }));
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);
  CHECK(studio.planned({film, "shot/1/upscaled", "shot/2/upscaled"}).at("carries_on").as_bool());
  const Finished done = studio.weft({"-q", "make", film, "shot/1/upscaled", "shot/2/upscaled"});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(studio.runs().size() == 1);
  CHECK(studio.accepted() == 6);
  CHECK(studio.each_billed_once());
}

TEST_CASE("Who asks for something else takes nothing away from who asked before") {
  const Studio studio(200);
  const std::string film = studio.film();
  Program first = studio.start({"-q", "make", film, "shot/1/upscaled", "shot/2/upscaled"});
  REQUIRE(eventually([&] { return studio.accepted() >= 2; }));
  SECTION("what is made already is carried on") {
    CHECK(studio.planned({film, "shot/2/upscaled"}).at("carries_on").as_bool());
    CHECK(studio.weft({"-q", "make", film, "shot/2/upscaled"}).exit_code == 0);
    CHECK(first.finish().exit_code == 0);
    CHECK(studio.runs().size() == 1);
    CHECK(studio.accepted() == 6);
  }
  SECTION("another product is made beside it") {
    CHECK(studio.planned({film, "shot/3/upscaled"}).at("run") == nullptr);
    CHECK(studio.weft({"-q", "make", film, "shot/3/upscaled"}).exit_code == 0);
    CHECK(first.finish().exit_code == 0);
    CHECK(studio.runs().size() == 2);
    CHECK(studio.accepted() == 9);
  }
  SECTION("what overlaps is made together") {
    CHECK(studio.weft({"-q", "make", film, "shot/2/upscaled", "shot/3/upscaled"}).exit_code == 0);
    CHECK(first.finish().exit_code == 0);
    CHECK(studio.runs().size() == 2);
    CHECK(studio.made(film).at("shot/1/upscaled") == 1);
    CHECK(studio.accepted() == 9);
  }
  CHECK(studio.each_billed_once());
}

TEST_CASE("Who follows a run that gives way is told so, and follows the one that goes on") {
  const Studio studio(200);
  const std::string film = studio.film();
  Program first = studio.start({"make", film, "shot/1/upscaled", "--force", "shot/1/upscaled"});
  REQUIRE(eventually([&] { return studio.accepted() >= 1; }));
  REQUIRE(studio.weft({"-q", "make", film, "shot/1/upscaled", "shot/2/upscaled"}).exit_code == 0);
  const Finished done = first.finish();
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  const std::string goes_on = studio.newest_run();
  CHECK(done.err.find("gives way to run " + goes_on) != std::string::npos);
  CHECK(done.out.find("run " + goes_on + " succeeded") != std::string::npos);
  CHECK(done.out.find("shot/1/upscaled  ") != std::string::npos);
  const std::string former(studio.runs().back().at("id").as_string());
  CHECK(studio.run(former).at("replaced_by").as_string() == std::string_view(goes_on));
  CHECK(studio.accepted() == 6);
}

TEST_CASE("A run that replaces another spends no more than that one had left") {
  const Studio studio(200);
  const std::string film = studio.film();
  Program first = studio.start(
      {"-q", "make", film, "shot/1/upscaled", "shot/2/upscaled", "--max-cost", "0.05"});
  REQUIRE(eventually([&] { return studio.accepted() >= 2; }));
  SECTION("unless somebody says what it may spend") {
    CHECK(studio.weft({"-q", "make", film, "shot/2/upscaled", "shot/3/upscaled", "--max-cost", "1"})
              .exit_code == 0);
    CHECK(first.finish().exit_code == 0);
    CHECK(studio.accepted() == 9);
  }
  SECTION("and says so") {
    const Finished second = studio.weft({"make", film, "shot/2/upscaled", "shot/3/upscaled"});
    INFO(second.out << second.err);
    CHECK(second.exit_code == 1);
    CHECK(second.err.find("what was left to the run that gives way") != std::string::npos);
    CHECK(first.finish().exit_code == 1);
    CHECK(studio.accepted() == 5);
  }
  CHECK(studio.each_billed_once());
}

TEST_CASE("Two who ask for the same at the same time get it, and it is bought once") {
  const Studio studio;
  const std::string film = studio.film();
  Program first = studio.start({"-q", "make", film});
  Program second = studio.start({"-q", "make", film});
  CHECK(first.finish().exit_code == 0);
  CHECK(second.finish().exit_code == 0);
  CHECK(studio.accepted() == 241);
  CHECK(studio.each_billed_once());
}

TEST_CASE("Asking to upscale a shot whose video is missing makes keyframe and video first") {
  const Studio studio;
  const Finished done = studio.weft({"make", studio.film(), "shot/1/upscaled", "-o", "one.y4m"});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(std::filesystem::file_size(studio.folder() / "one.y4m") > 0);
  CHECK(studio.accepted() == 3);
  const Finished again = studio.weft({"make", studio.film(), "shot/1/upscaled"});
  CHECK(again.exit_code == 0);
  CHECK(again.err.find("nothing to do") != std::string::npos);
  CHECK(studio.accepted() == 3);
}

TEST_CASE("A wrong recipe is told once, where it stands, whatever number of shots it is for") {
  const Studio studio;
  const std::string film = studio.film();
  std::ofstream(film, std::ios::app) << "[recipes.\"shot/{shot}/video\"]\n"
                                        "operation = \"video.from_image\"\n"
                                        "inputs = { image = \"shot/{shot}/keyframe\" }\n"
                                        "params = { secnds = 3 }\n";
  const Finished done = studio.weft({"make", film, "-n"});
  CHECK(done.exit_code == 2);
  INFO(done.err);
  CHECK(done.err.find("film.toml:43:") != std::string::npos);
  CHECK(done.err.find("product 'shot/1/video'") != std::string::npos);
  CHECK(done.err.find("'shot/2/video'") == std::string::npos);
  CHECK(done.err.find("seconds") != std::string::npos);
  CHECK(studio.accepted() == 0);
}

TEST_CASE("Mistakes in recipes are told in the words of projects, each of them") {
  const Studio studio;
  const std::string file = studio.write(
      "poster.toml",
      "[project]\nname = \"poster\"\ngoal = \"clip\"\n[recipes.clip]\n"
      "operation = \"video.from_image\"\nretry = { attemps = 2 }\nparams = { secnds = 3 }\n");
  const Finished done = studio.weft({"make", file, "-n"});
  INFO(done.err);
  CHECK(done.exit_code == 2);
  CHECK(done.err.find("poster.toml.json") == std::string::npos);
  CHECK(done.err.find("tasks.") == std::string::npos);
  CHECK(done.err.find("task '") == std::string::npos);
  CHECK(done.err.find("inputs = { image = \"PRODUCT\" }") != std::string::npos);
  CHECK(done.err.find("did you mean 'attempts'?") != std::string::npos);
  CHECK(done.err.find("did you mean 'seconds'?") != std::string::npos);
}

TEST_CASE("A product may have any word for its name") {
  const Studio studio;
  const std::string file =
      studio.write("loop.toml",
                   "[project]\nname = \"loop\"\ngoal = \"loop\"\n[recipes.loop]\n"
                   "operation = \"video.from_image\"\ninputs = { image = \"in\" }\n[recipes.in]\n"
                   "operation = \"image.generate\"\nparams = { prompt = \"a pier\" }\n");
  const Finished done = studio.weft({"make", file, "-o", "loop.y4m"});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(std::filesystem::exists(studio.folder() / "loop.y4m"));
}

TEST_CASE("The plan names whom the recipe allows in place of the others") {
  const Studio studio(5, "key",
                      "[services.draft]\ncomponent = \"storyboard\"\nrole = \"placeholder\"\n"
                      "price = 0\n");
  const std::string film = studio.write(
      "poster.toml",
      "[project]\nname = \"poster\"\ngoal = \"poster\"\n[recipes.poster]\n"
      "operation = \"image.generate\"\nparams = { prompt = \"a pier\" }\n"
      "[recipes.sketch]\noperation = \"image.generate\"\nparams = { prompt = \"a pier\" }\n"
      "route = { degrade = [\"draft\"] }\n");
  const json::object plan = studio.planned({film, "poster", "sketch"});
  const auto services = [&](std::size_t product) {
    return json::serialize(plan.at("products").at(product).at("services"));
  };
  CHECK(services(0) == R"(["remote"])");
  CHECK(services(1) == R"(["remote","draft"])");
  CHECK(plan.at("cost") == "0.02 USD");
}

TEST_CASE("What may have been bought is not made again before somebody says what became of it") {
  const Studio studio(60'000, "none");
  const std::string film = studio.film();
  Program first = studio.start({"-q", "make", film, "shot/1/keyframe"});
  REQUIRE(eventually([&] { return studio.accepted() == 1; }));
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);
  CHECK(studio.weft({"-q", "make", film, "shot/1/keyframe"}).exit_code == 1);
  studio.film({{1, "another one"}});
  const Finished refused = studio.weft({"make", film, "shot/1/keyframe"});
  INFO(refused.out << refused.err);
  CHECK(refused.exit_code == 4);
  CHECK(refused.err.find("may have been bought already") != std::string::npos);
  CHECK(refused.err.find("weft settle") != std::string::npos);
  CHECK(studio.accepted() == 1);
}

TEST_CASE(
    "A run in which something may have been bought gives way to no other before it is settled") {
  const Studio studio(60'000, "none", "[services.remote.limits]\nconcurrency = 1\n");
  const std::string film = studio.film();
  Program first = studio.start({"-q", "make", film, "shot/1/keyframe", "shot/2/keyframe"});
  REQUIRE(eventually([&] { return studio.accepted() == 1; }));
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);
  studio.film({{2, "another one"}});
  const Finished refused = studio.weft({"make", film, "shot/2/keyframe"});
  INFO(refused.out << refused.err);
  CHECK(refused.exit_code == 4);
  CHECK(refused.err.find("'shot/1/keyframe' may have been bought already") != std::string::npos);
  CHECK(studio.accepted() == 1);
}

}  // namespace
}  // namespace weft::testing
