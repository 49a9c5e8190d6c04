// SPDX-License-Identifier: Apache-2.0
// What people come for, each with the pipeline or project that is shipped for it. The README has
// the same list.
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "cloud.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view local_services = R"(
[services.storyboard]
component = "storyboard"
role      = "placeholder"
price     = 0
[services.media]
component = "media"
class     = "cpu"
price     = 0
config    = { preset = "ultrafast" }
)";

std::string pipeline(const std::string& name) {
  return WEFT_CONFIGS "/pipelines/" + name + ".toml";
}

// A picture that a person has made.
std::string draw(const Place& place, const std::string& name, const std::string& source) {
  const std::string file = (place.folder() / name).string();
  const Finished drawn =
      run_program({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", file},
                  place.folder());
  INFO(drawn.err);
  REQUIRE(drawn.exit_code == 0);
  return file;
}

void succeed(const Place& place, const std::vector<std::string>& arguments) {
  const Finished done = place.weft(arguments);
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
}

Film film_of(const Place& place, const std::string& name) {
  return probe(place.folder() / name, place.folder());
}

// The shipped project, its pictures small.
std::string night_train(const Place& place) {
  std::ifstream stream(WEFT_CONFIGS "/projects/night_train.toml");
  std::string text(std::istreambuf_iterator<char>(stream), {});
  for (const auto& [old, fresh] : std::vector<std::pair<std::string, std::string>>{
           {"\"../recipes/film.toml\"", "\"" WEFT_CONFIGS "/recipes/film.toml\""},
           {"width   = 640", "width   = 160"},
           {"height  = 360", "height  = 96"},
           {"seconds = 2", "seconds = 0.5"},
           {"seconds = 3", "seconds = 0.5"}}) {
    const std::size_t at = text.find(old);
    REQUIRE(at != std::string::npos);
    text.replace(at, old.size(), fresh);
  }
  return place.write("night_train.toml", text);
}

TEST_CASE("Use case: one keyframe") {
  const Place place(local_services);
  succeed(place, {"run", pipeline("one_picture"), "-i", "prompt=a lighthouse at dawn", "-i",
                  "width=160", "-i", "height=96", "-o", "picture=lighthouse.png"});
  const Film picture = film_of(place, "lighthouse.png");
  CHECK(picture.codec == "png");
  CHECK(picture.width == 160);
  CHECK(picture.height == 96);
}

TEST_CASE("Use case: one video from a keyframe made by hand") {
  const Place place(local_services);
  const std::string keyframe = draw(place, "own.png", "testsrc=size=160x96");
  succeed(place, {"run", pipeline("video_from_keyframe"), "-i", "keyframe=@" + keyframe, "-i",
                  "seconds=0.5", "-i", "fps=12", "-o", "video=own.mp4"});
  const Film video = film_of(place, "own.mp4");
  CHECK(video.frames == 6);
  CHECK(video.width == 160);
}

TEST_CASE("Use case: a loop over a timeline") {
  const Place place(local_services);
  succeed(place, {"run", pipeline("timeline"), "-i", "width=160", "-i", "height=96", "-i",
                  R"(timeline=[{"prompt": "a pier", "seconds": 0.5}, {"prompt": "the sea",)"
                  R"( "seconds": 1}, {"prompt": "the moon", "seconds": 0.25}])",
                  "-o", "film=timeline.mp4"});
  CHECK(film_of(place, "timeline.mp4").frames == 42);  // 1.75 seconds of 24 frames
}

TEST_CASE("Use case: upscale scene 1 when its video is missing") {
  const Place place(local_services);
  const std::string project = night_train(place);
  succeed(place, {"-q", "make", project, "shot/1/upscaled", "-o", "one.mp4"});
  CHECK(film_of(place, "one.mp4").width == 160);
  const auto events = place.events();
  for (const char* task : {"shot_1_keyframe", "shot_1_video", "shot_1_upscaled"})
    CHECK(count_events(events, "task.succeeded", task) == 1);
  CHECK(count_events(events, "task.succeeded") == 3);  // and nothing of other shots
}

TEST_CASE("Use case: export full movie") {
  const Place place(local_services);
  const std::string project = night_train(place);
  succeed(place, {"-q", "make", project, "shot/1/video"});
  succeed(place, {"-q", "make", project, "film", "-o", "film.mp4"});
  const Film film = film_of(place, "film.mp4");
  CHECK(film.frames == 4 * 12);
  CHECK(film.width == 160);
  CHECK(tasks_done_again(place.events()).empty());
  CHECK(count_events(place.events(), "task.succeeded", "shot_1_video") == 1);
}

TEST_CASE("Use case: scene visualisation") {
  const Place place(local_services);
  succeed(place, {"-q", "make", night_train(place), "contact_sheet", "-o", "scenes.png"});
  const Film sheet = film_of(place, "scenes.png");
  CHECK(sheet.width >= 2 * 80);  // keyframes are drawn at half the size of the film
  CHECK(count_events(place.events(), "task.succeeded") == 5);
}

TEST_CASE("Use case: thought analysis to the right service") {
  const Cloud cloud;
  cloud.script(R"({"texts": ["A heron waits in the reeds.",
    {"title": "Winter", "scenes": [{"prompt": "reeds at dawn", "motion": "zoom_in"},
      {"prompt": "a heron", "motion": "pan_left"}, {"prompt": "ice", "motion": "none"}]}]})");
  const Place place(cloud.described("openai_chat.toml") +
                    "[secrets]\nopenai_key = { file = \"key\" }\n" + std::string(local_services));
  place.write("key", "k3y");
  succeed(place, {"run", pipeline("thought_to_film"), "-i", "thought=a heron in winter", "-i",
                  "seconds=0.5", "-i", "width=128", "-i", "height=72", "-o", "film=film.mp4"});
  CHECK(film_of(place, "film.mp4").frames == 36);
  // Words went to the language model, pictures to who draws.
  const std::string run = place.newest_run();
  const auto service_of = [&](const std::string& task) {
    const Finished shown = place.weft({"--json", "show", run, task});
    return std::string(json::parse(shown.out).at("attempts").at(0).at("service").as_string());
  };
  CHECK(service_of("treatment") == service_of("story"));
  CHECK(service_of("keyframe[0]") == "storyboard");
  CHECK(service_of("film") == "media");
  CHECK(cloud.stat("accepted") == 2);
}

TEST_CASE("Use case: storyboard") {
  const Place place(local_services);
  succeed(place, {"run", pipeline("storyboard_to_film"), "-i",
                  R"(shots=[{"prompt": "a pier"}, {"prompt": "the sea"}])", "-i", "seconds=0.5",
                  "-i", "fps=12", "-i", "width=160", "-i", "height=96", "-o", "film=film.mp4"});
  CHECK(film_of(place, "film.mp4").frames == 12);
}

TEST_CASE("Use case: batch upscale") {
  const Place place(local_services);
  std::vector<std::string> command{"--json", "run", pipeline("batch_upscale")};
  for (int i = 0; i < 5; ++i) {
    command.emplace_back("-i");
    command.push_back("pictures=@" + draw(place, "p" + std::to_string(i) + ".png",
                                          "testsrc=size=" + std::to_string(40 + 2 * i) + "x30"));
  }
  succeed(place, command);
  const json::object run = place.run(place.newest_run());
  const json::array& pictures = run.at("outputs").at("pictures").as_array();
  REQUIRE(pictures.size() == 5);
  for (int i = 0; i < 5; ++i) {
    const auto digest =
        std::string(pictures[static_cast<std::size_t>(i)].at("$artifact").as_string());
    const std::string name = "large" + std::to_string(i) + ".png";
    succeed(place, {"artifact", "get", digest, "-o", (place.folder() / name).string()});
    CHECK(film_of(place, name).width == 2 * (40 + 2 * i));
  }
}

}  // namespace
}  // namespace weft::testing
