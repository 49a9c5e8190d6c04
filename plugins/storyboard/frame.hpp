// SPDX-License-Identifier: Apache-2.0
// One storyboard frame: the scene, and over it what a storyboard tells about a shot.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "drawing.hpp"
#include "font.hpp"

namespace storyboard {

struct FrameRequest {
  std::string prompt;
  std::string style;  // further words that the scene is read from
  std::string shot;   // "4", "2.1"; empty: no number is shown
  std::uint64_t seed = 0;
  int width = 1280, height = 720;
  bool guides = true;  // safe areas and thirds
};

struct Fonts {
  Font text, bold;
};

// Pure: equal requests and fonts give equal drawings.
Drawing compose_frame(const FrameRequest& request, const Fonts& fonts);

// The shot's number out of a task's label: "keyframe[3]" → "4", "scene[2]/shot[5]" → "3.6", as
// people count from one and instances from zero. Empty when the label has none.
std::string shot_of_label(std::string_view label);

}  // namespace storyboard
