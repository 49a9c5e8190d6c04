// SPDX-License-Identifier: Apache-2.0
// What a frame shows, read from the words of its prompt; what the words leave open, the seed
// decides.
#pragma once
#include <cstdint>
#include <string_view>

#include "drawing.hpp"

namespace storyboard {

enum class Hour { dawn, day, dusk, night };
enum class Place { hills, mountains, sea, city, forest, desert, space, room };
enum class Weather { clear, rain, snow, fog };
enum class Framing { wide, medium, close };

struct Scene {
  Hour hour = Hour::day;
  Place place = Place::hills;
  Weather weather = Weather::clear;
  Framing framing = Framing::wide;
  int figures = 0;  // people, 0..3
  std::uint64_t seed = 0;
};

// Pure: equal prompt and seed give an equal scene.
Scene read_scene(std::string_view prompt, std::uint64_t seed);

// Paints the scene over the whole of `drawing`.
void compose_scene(const Scene& scene, Drawing& drawing);

}  // namespace storyboard
