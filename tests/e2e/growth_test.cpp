// SPDX-License-Identifier: Apache-2.0
// Runs that find out only on the way what there is to do.
#include <csignal>

#include "catch.hpp"
#include "job_server.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

class Story : private TempFolder, public JobServer, public Place {
 public:
  explicit Story(int delay_ms = 20)
      : JobServer(TempFolder::path()), Place(service(JobServer::url(), delay_ms)) {
    write("scene.toml", R"(
[pipeline]
name = "scene"
[inputs]
shots = { type = "array", items = { type = "string" } }
[tasks.keyframe]
for_each  = "inputs.shots"
operation = "image.generate"
params    = { prompt = "${item}", width = 16, height = 16 }
[tasks.video]
for_each  = "inputs.shots"
operation = "video.from_image"
inputs    = { image = "${tasks.keyframe[index].image}" }
params    = { seconds = 1 }
[outputs]
clips = "${tasks.video.map(v, v.video)}"
)");
  }

  // Of so many scenes, each of two shots.
  std::string story(int scenes, const std::string& more = {}) const {
    std::string list;
    for (int i = 0; i < scenes; ++i)
      list += (i ? ", " : "") + std::string("[\"dawn ") + std::to_string(i) + "\", \"dusk\"]";
    return write("story.toml", R"(
[pipeline]
name = "story"
[tasks.split]
operation = "text.analyze"
params    = { text = "A story.", instruction = "Find its scenes.", options.testing.result = { result = { scenes = [)" +
                                   list + R"(] } } }
[tasks.scene]
use      = "scene"
for_each = "tasks.split.result.scenes"
limit    = 3
inputs   = { shots = "${item}" }
)" + more + R"(
[outputs]
clips = "${tasks.scene.map(s, s.clips)}"
)");
  }

 private:
  static std::string service(const std::string& url, int delay_ms) {
    return "[services.local]\ncomponent = \"testing\"\noperations = [\"text.analyze\"]\nprice = 0\n"
           "[services.remote]\ncomponent = \"testing\"\noperations = [\"image.generate\", "
           "\"video.from_image\"]\nprice = \"0.01\"\nconfig = { url = \"" +
           url + "\", poll_ms = 10, behaviour = { delay_ms = " + std::to_string(delay_ms) +
           " } }\n";
  }
};

TEST_CASE("A film of as many scenes as a model finds is made over a kill, and bought once") {
  const Story story;
  Program first = story.start({"-q", "run", story.story(8)});
  REQUIRE(eventually([&] { return story.accepted() >= 10; }));
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);
  const Finished held = story.weft({"why", story.newest_run(), "scene[7]"});
  CHECK(held.out.find("waits for its turn") != std::string::npos);
  const Finished done = story.weft({"-q", "resume", story.newest_run()});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  CHECK(story.accepted() == 32);
  CHECK(story.each_billed_once());
  CHECK(tasks_done_again(story.events()).empty());
  const Finished shown = story.weft({"show", story.newest_run(), "scene[7]/video[1]"});
  INFO(shown.out << shown.err);
  CHECK(shown.exit_code == 0);
  CHECK(shown.out.find("video.from_image") != std::string::npos);
  // The scenes themselves do nothing.
  CHECK(story.run(story.newest_run()).at("tasks") == json::object{{"succeeded", 1 + 32}});
}

TEST_CASE("A plan says what will be known only in the run") {
  const Story story;
  const Finished plan = story.weft({"plan", story.story(2)});
  INFO(plan.out << plan.err);
  CHECK(plan.exit_code == 0);
  CHECK(plan.out.find("known in the run") != std::string::npos);
}

TEST_CASE("A used pipeline that is not there is named, with the place where it was looked for") {
  const Story story;
  const std::string file =
      story.write("other.toml", "[pipeline]\nname = \"p\"\n[tasks.a]\nuse = \"scenery\"\n");
  const Finished done = story.weft({"run", file});
  CHECK(done.exit_code == 2);
  CHECK(done.err.find("other.toml:4:7") != std::string::npos);
  CHECK(done.err.find("'scenery'") != std::string::npos);
  CHECK(done.err.find("scenery.toml") != std::string::npos);
}

TEST_CASE("A change beside it does not touch a run that has begun") {
  const Story story(100);
  Program first = story.start({"-q", "run", story.story(2)});
  REQUIRE(eventually([&] { return story.accepted() >= 1; }));
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);
  story.write("scene.toml", "[pipeline]\nname = \"scene\"\n");
  const Finished done = story.weft({"-q", "resume", story.newest_run()});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(story.accepted() == 8);
}

}  // namespace
}  // namespace weft::testing
