// SPDX-License-Identifier: Apache-2.0
// What the parts of a composition share: measures, light, colours and the next random number.
#pragma once
#include "palette.hpp"
#include "random.hpp"
#include "scene.hpp"

namespace storyboard {

struct Stage {
  const Scene& scene;
  Drawing& drawing;
  Palette palette;
  Random random;
  double width, height;  // of the frame, in pixels
  double unit;           // the scale of things: a frame's height, less where it is narrow
  double horizon;        // a row
  Point light;           // where sun or moon stand
};

// Each paints its part over what is there.
void compose_sky(Stage& stage);      // with sun or moon, stars and clouds
void compose_land(Stage& stage);     // from the horizon to the viewer's feet
void compose_space(Stage& stage);    // the whole frame
void compose_room(Stage& stage);     // the whole frame
void compose_figures(Stage& stage);  // people
void compose_weather(Stage& stage);  // before everything else

}  // namespace storyboard
