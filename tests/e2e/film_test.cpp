// SPDX-License-Identifier: Apache-2.0
// Films, looked at with ffprobe.
#include <boost/json/parse.hpp>

#include "catch.hpp"
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

// A picture that ffmpeg draws; the name's ending says of which kind.
std::string draw(const Place& place, const std::string& name, const std::string& source) {
  std::string file = (place.folder() / name).string();
  const Finished drawn =
      run_program({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", file},
                  place.folder());
  INFO(drawn.err);
  REQUIRE(drawn.exit_code == 0);
  return file;
}

void check_film(const Place& place, const std::string& name, int shots, double seconds) {
  const Film film = probe(place.folder() / name, place.folder());
  CHECK(film.codec == "h264");
  CHECK(film.pixel_format == "yuv420p");
  CHECK(film.frame_rate == "12/1");
  CHECK(film.width == 160);
  CHECK(film.height == 88);
  CHECK(film.frames == static_cast<int>(shots * seconds * 12));
  CHECK(film.duration_seconds == Approx(shots * seconds).margin(0.2));
}

const std::vector<std::string> small{"-i", "seconds=0.5", "-i", "fps=12",
                                     "-i", "width=160",   "-i", "height=88"};

std::vector<std::string> with_small(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), small.begin(), small.end());
  return arguments;
}

TEST_CASE("Shots in words become one film") {
  const Place place(local_services);
  const Finished done = place.weft(
      with_small({"run", WEFT_PIPELINES "/storyboard_to_film.toml", "-o", "film=film.mp4"}));
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  check_film(place, "film.mp4", 3, 0.5);
}

TEST_CASE("What the programs of a task took of the machine is shown with it and with its service") {
  const Place place(local_services);
  REQUIRE(place.weft(with_small({"run", WEFT_PIPELINES "/storyboard_to_film.toml"})).exit_code ==
          0);
  const Finished shown = place.weft({"--json", "show", place.newest_run(), "video[0]"});
  INFO(shown.out << shown.err);
  REQUIRE(shown.exit_code == 0);
  const json::value usage = json::parse(shown.out).at("attempts").at(0).at("usage");
  CHECK(usage.at("cpu_ms").to_number<std::int64_t>() > 0);
  CHECK(usage.at("memory_bytes").to_number<std::int64_t>() > 1'000'000);
  CHECK(usage.at("gpu_memory_bytes").is_null());
  const Finished listed = place.weft({"services"});
  CHECK_THAT(listed.out, Catch::Matchers::Contains("MEMORY"));
  CHECK_THAT(listed.out, !Catch::Matchers::Contains("VRAM"));
}

TEST_CASE("A PNG and a JPEG of one's own become one film") {
  const Place place(local_services);
  const std::string png = draw(place, "own.png", "testsrc=size=200x120");
  const std::string jpeg = draw(place, "own.jpg", "smptebars=size=90x160");
  const Finished done =
      place.weft(with_small({"run", WEFT_PIPELINES "/film_from_pictures.toml", "-i",
                             "pictures=@" + png, "-i", "pictures=@" + jpeg, "-o", "film.mp4"}));
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  check_film(place, "film.mp4", 2, 0.5);
}

TEST_CASE("A text file in place of a picture fails the task that reads it, and names it") {
  const Place place(local_services);
  const std::string png = draw(place, "own.png", "testsrc=size=200x120");
  const std::string text = place.write("notes.png", "this is no picture\n");
  const Finished done =
      place.weft(with_small({"run", WEFT_PIPELINES "/film_from_pictures.toml", "-i",
                             "pictures=@" + png, "-i", "pictures=@" + text}));
  INFO(done.out << done.err);
  CHECK(done.exit_code == 1);
  CHECK(done.out.find("video[1]  failed") != std::string::npos);
  const auto events = place.events();
  CHECK(count_events(events, "task.succeeded", "smooth[0]") == 1);
  CHECK(count_events(events, "task.started", "film") == 0);
}

TEST_CASE("One picture alone becomes a film as well") {
  const Place place(local_services);
  const std::string png = draw(place, "own.png", "testsrc=size=200x120");
  const Finished done = place.weft(with_small({"run", WEFT_PIPELINES "/film_from_pictures.toml",
                                               "-i", "pictures=@" + png, "-o", "film.mp4"}));
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  check_film(place, "film.mp4", 1, 0.5);
}

TEST_CASE("Without ffmpeg the run ends, and says which program is missing") {
  const Place place(R"(
[services.storyboard]
component = "storyboard"
price     = 0
[services.media]
component = "media"
class     = "cpu"
price     = 0
config    = { ffmpeg = "/nonexistent/ffmpeg" }
)");
  const Finished done = place.weft(with_small({"run", WEFT_PIPELINES "/storyboard_to_film.toml"}));
  INFO(done.out << done.err);
  CHECK(done.exit_code != 0);
  CHECK(done.signal == 0);
  CHECK((done.out + done.err).find("/nonexistent/ffmpeg") != std::string::npos);
}

}  // namespace
}  // namespace weft::testing
