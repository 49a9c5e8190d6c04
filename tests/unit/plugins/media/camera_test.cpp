// SPDX-License-Identifier: Apache-2.0
#include "camera.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "fixture.hpp"

namespace media_test {
namespace {

// Where the light of each frame lies along x: to a fraction of a pixel.
std::vector<double> centroids(const stored& video, int width, int height) {
  const std::string grey =
      output_of("ffmpeg -v error -i " + video.path + " -f rawvideo -pix_fmt gray -");
  const auto frame_bytes = static_cast<std::size_t>(width * height);
  std::vector<double> found;
  for (std::size_t frame = 0; frame + frame_bytes <= grey.size(); frame += frame_bytes) {
    double light = 0, moment = 0;
    for (std::size_t i = 0; i < frame_bytes; ++i) {
      const double value = std::max(0, static_cast<unsigned char>(grey[frame + i]) - 40);
      light += value;
      moment += value * static_cast<double>(i % static_cast<std::size_t>(width));
    }
    found.push_back(moment / light);
  }
  return found;
}

TEST_CASE("a slow pan over a small picture moves by fractions of pixels, without jumps") {
  Fixture f;
  const stored dot = f.make("color=black:s=160x90,drawbox=x=70:y=40:w=12:h=12:c=white:t=fill",
                            "-frames:v 1", "image/png");
  auto sharp = f.host.create(entry(), "media", {{"crf", 1}});
  auto job = sharp.run(
      {.operation = "video.from_image",
       .params =
           {{"seconds", 4}, {"fps", 24}, {"motion", "pan_right"}, {"width", 160}, {"height", 90}},
       .inputs = {{"image", dot}}});
  REQUIRE(job.status() == WEFT_OK);
  const auto x = centroids(job.outputs().at(0).content, 160, 90);
  REQUIRE(x.size() == 96);
  CHECK(x.front() - x.back() > 12);  // the picture goes left when the camera goes right
  for (std::size_t i = 2; i < x.size(); ++i) {
    INFO("frame " << i);
    const double step = x[i - 1] - x[i], before = x[i - 2] - x[i - 1];
    CHECK(step > -0.02);
    CHECK(std::abs(step - before) < 0.25);  // a whole pixel's jump would be 1
  }
}

TEST_CASE("the camera stays inside the picture for every motion") {
  for (const char* motion :
       {"zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down"}) {
    INFO(motion);
    const auto [from, to] = media::camera_move(motion);
    for (const media::View& view : {from, to}) {
      CHECK(view.left >= 0);
      CHECK(view.top >= 0);
      CHECK(view.left + view.side <= 1 + 1e-12);
      CHECK(view.top + view.side <= 1 + 1e-12);
    }
    CHECK((from.left != to.left || from.top != to.top || from.side != to.side));
  }
}

}  // namespace
}  // namespace media_test
