// SPDX-License-Identifier: Apache-2.0
// The colours of a scene.
#pragma once
#include "drawing.hpp"
#include "scene.hpp"

namespace storyboard {

struct Palette {
  Colour sky_top, sky_middle, sky_low;  // from the zenith to the horizon
  Colour light;                         // sun or moon, and what it touches
  Colour far, near;                     // ground: at the horizon, at the viewer's feet

  // Ground at `depth`: 0 at the horizon, 1 at the viewer's feet. Air fades what is far away.
  Colour ground(double depth) const { return mix(far, near, depth); }
};

// Chosen among the palettes of the hour, then tinted by place and weather.
Palette choose_palette(const Scene& scene);

}  // namespace storyboard
