// SPDX-License-Identifier: Apache-2.0
// Definitions that are begun from a template.
#include <boost/json/parse.hpp>

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
[services.flow]
component = "flow"
price     = 0
[services.judge]
component = "detail_judge"
role      = "placeholder"
price     = 0
)";

using Words = std::vector<std::string>;

// The file that was begun, or what was said against it.
Finished begin(const Place& place, const std::string& name, const Words& params) {
  Words command{"pipeline", "new", "--template",
                name,       "-o",  (place.folder() / (name + ".toml")).string()};
  for (const std::string& param : params) command.insert(command.end(), {"-p", param});
  return place.weft(command);
}

std::string draw(const Place& place, const std::string& name, const std::string& output) {
  const std::string file = (place.folder() / name).string();
  Words command{"ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=80x48:rate=12"};
  const Words end = output == "video" ? Words{"-t", "0.5", "-pix_fmt", "yuv420p", file}
                                      : Words{"-frames:v", "1", file};
  command.insert(command.end(), end.begin(), end.end());
  const Finished drawn = run_program(command, place.folder());
  INFO(drawn.err);
  REQUIRE(drawn.exit_code == 0);
  return file;
}

// Begun, planned and run.
void check_run(const Place& place, const std::string& name, const Words& params, Words arguments) {
  const Finished begun = begin(place, name, params);
  INFO(begun.out << begun.err);
  REQUIRE(begun.exit_code == 0);
  const std::string file = (place.folder() / (name + ".toml")).string();
  for (const char* verb : {"plan", "run"}) {
    Words command{verb, file};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Finished done = place.weft(command);
    INFO(done.out << done.err);
    CHECK((done.exit_code == 0 || done.exit_code == 6));  // a stand-in drew it
  }
}

TEST_CASE("What is shipped as a template can be begun from it, and runs") {
  const Place place(local_services);
  check_run(place, "text_to_image_with_fallback", {"name=poster", "width=160", "height=96"},
            {"-i", "prompt=a pier"});
  check_run(
      place, "storyboard_to_film",
      {R"(shots=["a pier", "say \"hello\""])", "seconds=0.5", "fps=12", "width=160", "height=96"},
      {});
  check_run(place, "variations_pick_best", {"seeds=[3, 5]", "width=160", "height=96"},
            {"-i", "prompt=a pier"});
  check_run(place, "batch_upscale", {"factor=1.5"},
            {"-i", "pictures=@" + draw(place, "one.png", "image")});
  const std::string clip = draw(place, "clip.mp4", "video");
  check_run(place, "export_full_movie", {"width=160", "height=96", "fps=24"},
            {"-i", "clips=@" + clip, "-i", "clips=@" + clip});
  CHECK(place.runs().size() == 5);
}

TEST_CASE("A video of talking points is begun from a template, and a language model writes it") {
  const Cloud cloud;
  cloud.script(
      R"({"texts": ["We save the reeds.", {"prompt": "reeds at dawn"}, {"prompt": "ice"}]})");
  const Place place(cloud.described("openai_chat.toml") +
                    "[secrets]\nopenai_key = { file = \"key\" }\n" + std::string(local_services));
  place.write("key", "k3y");
  check_run(place, "talking_points_video",
            {R"(points=["reeds", "ice"])", "seconds=0.5", "width=160", "height=96"},
            {"-i", "topic=winter"});
  CHECK(cloud.stat("accepted") == 3);
}

TEST_CASE("Wrong and missing params of a template are named together, with what was meant") {
  const Place place(local_services);
  const Finished wrong = begin(place, "storyboard_to_film", {"secnds=3", "fps=many", "width=33"});
  CHECK(wrong.exit_code == 2);
  INFO(wrong.err);
  for (const char* part :
       {"param 'shots' is missing", "did you mean 'seconds'?", "param 'fps' ", "param 'width' "})
    CHECK_THAT(wrong.err, Catch::Matchers::Contains(part));
  const Finished unknown = begin(place, "storyboard_to_flim", {});
  CHECK(unknown.exit_code == 3);
  CHECK_THAT(unknown.err, Catch::Matchers::Contains("did you mean 'storyboard_to_film'?"));
}

TEST_CASE("The list of templates says what each asks for") {
  const Place place(local_services);
  const Finished listed = place.weft({"--json", "pipeline", "templates"});
  REQUIRE(listed.exit_code == 0);
  const json::value all = json::parse(listed.out);
  for (const json::value& one : all.at("templates").as_array()) {
    CHECK_FALSE(one.at("description").as_string().empty());
    CHECK(one.at("params").as_array().size() > 2);
  }
  CHECK(all.at("templates").as_array().size() >= 6);
}

TEST_CASE("A file is never written over by a new definition") {
  const Place place(local_services);
  place.write("batch_upscale.toml", "mine\n");
  CHECK(begin(place, "batch_upscale", {}).exit_code == 4);
}

}  // namespace
}  // namespace weft::testing
