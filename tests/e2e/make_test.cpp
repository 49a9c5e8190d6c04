// SPDX-License-Identifier: Apache-2.0
// Films as projects: what is missing is made, and nothing that is there is bought again.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>

#include "catch.hpp"
#include "job_server.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

// A paid service for everything that a film is made of.
class Studio : private TempFolder, public JobServer, public Place {
 public:
  explicit Studio(int delay_ms = 5, const std::string& recover = "key",
                  const std::string& more = {})
      : JobServer(TempFolder::path()), Place(service(JobServer::url(), delay_ms, recover) + more) {}

  // 12 scenes of 5 shots.
  std::string film(const std::map<int, std::string>& prompts = {}) const {
    std::string text = "[project]\nname = \"film\"\nrecipes = [\"" WEFT_CONFIGS
                       "/recipes/film.toml\"]\n[settings]\nwidth = 64\nheight = 64\n";
    for (int scene = 0; scene < 12; ++scene) {
      text += "[[scenes]]\nid = \"s" + std::to_string(scene + 1) + "\"\nshots = [";
      for (int shot = scene * 5 + 1; shot <= scene * 5 + 5; ++shot) {
        const auto changed = prompts.find(shot);
        text += "\"" +
                (changed == prompts.end() ? "shot " + std::to_string(shot) : changed->second) +
                "\", ";
      }
      text += "]\n";
    }
    return write("film.toml", text);
  }

  json::object planned(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--json", "make"});
    arguments.push_back("-n");
    const Finished done = weft(arguments);
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    return json::parse(done.out).as_object();
  }

  // How often each product was made.
  std::map<std::string, int> made(const std::string& project) const {
    const Finished done = weft({"--json", "product", "list", project});
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    std::map<std::string, int> times;
    const json::value listed = json::parse(done.out);
    for (const json::value& version : listed.at("products").as_array())
      if (version.at("state") == "succeeded") ++times[std::string(version.at("name").as_string())];
    return times;
  }

  std::int64_t succeeded() const {
    std::int64_t count = 0;
    for (const json::object& event : events())
      if (event.at("type") == "task.succeeded") ++count;
    return count;
  }

 private:
  static std::string service(const std::string& url, int delay_ms, const std::string& recover) {
    return "[services.remote]\ncomponent = \"testing\"\nprice = \"0.01\"\nconfig = { url = \"" +
           url + "\", recover = \"" + recover +
           "\", poll_ms = 10, behaviour = { delay_ms = " + std::to_string(delay_ms) +
           ", cost_micros = 10000 } }\n";
  }
};

std::set<std::string> to_make(const json::object& plan) {
  std::set<std::string> names;
  for (const json::value& product : plan.at("products").as_array())
    if (product.at("make").as_bool()) names.emplace(product.at("name").as_string());
  return names;
}

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
