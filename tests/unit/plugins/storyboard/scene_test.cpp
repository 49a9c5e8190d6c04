// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include <set>

#include "catch.hpp"
#include "fonts.hpp"
#include "raster.hpp"

namespace storyboard {
namespace {

TEST_CASE("hour, place, weather, framing and people are read from the words of a prompt") {
  const Scene scene = read_scene("Close-up: two lovers on the BEACH at dusk, in the rain", 1);
  CHECK(scene.hour == Hour::dusk);
  CHECK(scene.place == Place::sea);
  CHECK(scene.weather == Weather::rain);
  CHECK(scene.framing == Framing::close);
  CHECK(scene.figures == 2);
}

TEST_CASE("plurals count, and parts of longer words do not") {
  CHECK(read_scene("mountains", 1).place == Place::mountains);
  CHECK(read_scene("a barrister, an aspirin", 3).figures == 0);
}

TEST_CASE("what the words leave open differs from seed to seed") {
  std::set<std::pair<Hour, Place>> seen;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Scene scene = read_scene("something", seed);
    seen.emplace(scene.hour, scene.place);
  }
  CHECK(seen.size() > 10);
}

std::string png_of(const FrameRequest& request, int slice_rows) {
  const Drawing drawing = compose_frame(request, test_fonts());
  PngEncoder encoder(request.width, request.height);
  std::string png;
  for (int row = 0; row < request.height; row += slice_rows) {
    png += encoder.add_rows(rasterise(drawing, row, std::min(slice_rows, request.height - row)));
  }
  return png;
}

FrameRequest request_for(std::string prompt, std::uint64_t seed, int width = 160, int height = 90) {
  FrameRequest request;
  request.prompt = std::move(prompt);
  request.seed = seed;
  request.width = width;
  request.height = height;
  request.shot =
      std::string("1");  // gcc 12 warns of an overlap in the assignment of a literal that is none
  return request;
}

TEST_CASE("a picture drawn in slices has the pixels of one drawn at once") {
  const Drawing drawing = compose_frame(request_for("a forest in the fog", 7), test_fonts());
  const auto whole = rasterise(drawing, 0, 90);
  std::vector<std::uint8_t> slices;
  for (int row = 0; row < 90; row += 9) {
    const auto rows = rasterise(drawing, row, 9);
    slices.insert(slices.end(), rows.begin(), rows.end());
  }
  CHECK(whole == slices);
}

TEST_CASE("equal prompt, seed and size give equal bytes; another seed or prompt gives others") {
  const std::string first = png_of(request_for("a boat on the sea", 1), 10);
  CHECK(first == png_of(request_for("a boat on the sea", 1), 10));
  CHECK(first != png_of(request_for("a boat on the sea", 2), 10));
  CHECK(first != png_of(request_for("a boat on the lake", 1), 10));
}

TEST_CASE("every place, hour, weather and framing can be drawn") {
  for (int place = 0; place < 8; ++place) {
    for (int other = 0; other < 4; ++other) {
      INFO("place " << place << ", hour, weather and framing " << other);
      Scene scene;
      scene.place = static_cast<Place>(place);
      scene.hour = static_cast<Hour>(other);
      scene.weather = static_cast<Weather>(3 - other);
      scene.framing = static_cast<Framing>(other % 3);
      scene.figures = other;
      Drawing drawing{64, 36, {}};
      compose_scene(scene, drawing);
      const auto pixels = rasterise(drawing, 0, 36);
      const std::set<std::uint8_t> values(pixels.begin(), pixels.end());
      CHECK(values.size() > 8);  // not blank
    }
  }
}

TEST_CASE("any size and any text can be drawn") {
  const std::string texts[] = {"", "東京の夜 🎬 مرحبا", std::string(5000, 'x'),
                               std::string("a\0b\x01", 4), "\xff\xfe not UTF-8 \xe2\x82"};
  for (const auto& [width, height] : {std::pair(16, 16), std::pair(16, 600), std::pair(900, 16)}) {
    for (const std::string& text : texts) {
      INFO(width << " x " << height);
      CHECK(png_of(request_for(text, 1, width, height), 50).size() > 60);
    }
  }
}

TEST_CASE("the shot's number comes from the task's label, counted from one") {
  CHECK(shot_of_label("keyframe[3]") == "4");
  CHECK(shot_of_label("scene[2]/shot[5]") == "3.6");
  CHECK(shot_of_label("keyframe") == "");
  CHECK(shot_of_label("odd[name]") == "");
}

}  // namespace
}  // namespace storyboard
