// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "staging.hpp"

namespace storyboard {
namespace {

// Outlines run clockwise, as those of ellipses do: the parts of a figure unite.

// A person in a coat, seen from behind; `foot` is between the feet.
Path standing_figure(Point foot, double height, double lean) {
  const auto at = [&](double x, double y) {  // x, y in parts of the height; y from the ground up
    return Point{foot.x + (lean * y - x) * height, foot.y - y * height};
  };
  Path path;
  const double head = 0.066 * height;
  path.add_ellipse(at(0, 0.925), head * 0.86, head * 1.08);
  path.move_to(at(-0.03, 0.88));  // neck, then the coat down one side and up the other
  path.curve_to(at(-0.05, 0.83), at(-0.13, 0.83), at(-0.135, 0.76));
  path.curve_to(at(-0.15, 0.62), at(-0.155, 0.5), at(-0.16, 0.42));
  path.line_to(at(-0.118, 0.42));
  path.curve_to(at(-0.12, 0.36), at(-0.135, 0.28), at(-0.14, 0.2));
  path.line_to(at(0.14, 0.2));
  path.curve_to(at(0.135, 0.28), at(0.12, 0.36), at(0.118, 0.42));
  path.line_to(at(0.16, 0.42));
  path.curve_to(at(0.155, 0.5), at(0.15, 0.62), at(0.135, 0.76));
  path.curve_to(at(0.13, 0.83), at(0.05, 0.83), at(0.03, 0.88));
  path.close();
  path.add_polygon({at(0.1, 0.24), at(0.015, 0.24), at(0.03, 0.0), at(0.085, 0.0)});
  path.add_polygon({at(-0.015, 0.24), at(-0.1, 0.24), at(-0.085, 0.0), at(-0.03, 0.0)});
  return path;
}

// Head and shoulders; `foot` is the middle of the lower edge.
Path bust(Point foot, double height) {
  const auto at = [&](double x, double y) {
    return Point{foot.x - x * height, foot.y - y * height};
  };
  Path path;
  path.add_ellipse(at(0, 0.755), 0.175 * height, 0.235 * height);
  path.move_to(at(-0.09, 0.6));
  path.curve_to(at(-0.09, 0.47), at(-0.1, 0.44), at(-0.2, 0.4));
  path.curve_to(at(-0.38, 0.34), at(-0.5, 0.3), at(-0.54, 0.0));
  path.line_to(at(0.54, 0.0));
  path.curve_to(at(0.5, 0.3), at(0.38, 0.34), at(0.2, 0.4));
  path.curve_to(at(0.1, 0.44), at(0.09, 0.47), at(0.09, 0.6));
  path.close();
  return path;
}

// The side that faces the light is drawn a little larger behind the silhouette: a rim of light.
void add_silhouette(Stage& stage, Path silhouette, Path rim, Point foot, double height) {
  stage.drawing.fill(std::move(rim), with_alpha(stage.palette.light, 0.75));
  const Colour dark = mix(stage.palette.near, rgb(0x000000), 0.35);
  stage.drawing.fill(
      std::move(silhouette),
      LinearGradient{
          {0, foot.y - height}, {0, foot.y}, {{0, mix(dark, stage.palette.far, 0.16)}, {1, dark}}});
}

}  // namespace

void compose_figures(Stage& stage) {
  if (stage.scene.figures == 0) return;
  const double side =
      stage.light.x < stage.width / 2 ? 1 : -1;  // of the frame, away from the light
  const double middle = stage.width / 2 + side * stage.width / 6;
  if (stage.scene.framing == Framing::close) {
    const double height = stage.unit * 0.86;
    const Point foot{middle, stage.height + height * 0.06};
    const double rim = stage.unit * 0.007;
    add_silhouette(stage, bust(foot, height), bust({foot.x - side * rim, foot.y - rim}, height),
                   foot, height);
    return;
  }
  const bool medium = stage.scene.framing == Framing::medium;
  const double tall = stage.unit * (medium ? 0.6 : 0.3);
  const double ground = stage.height * (medium ? 1.04 : 0.0) +
                        (medium ? 0 : stage.horizon + (stage.height - stage.horizon) * 0.42);
  for (int i = 0; i < stage.scene.figures; ++i) {
    const double height = tall * stage.random.between(0.88, 1.04);
    const double apart = (i - (stage.scene.figures - 1) / 2.0) * tall * 0.42;
    const Point foot{middle + apart, ground + stage.random.between(0, tall * 0.04)};
    const double rim = std::max(stage.unit * 0.0028, 0.4);
    const double lean = stage.random.between(-0.015, 0.015);
    add_silhouette(stage, standing_figure(foot, height, lean),
                   standing_figure({foot.x - side * rim, foot.y - rim * 0.6}, height, lean), foot,
                   height);
  }
}

}  // namespace storyboard
