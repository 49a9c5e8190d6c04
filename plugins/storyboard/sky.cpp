// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include "staging.hpp"

namespace storyboard {
namespace {

Path whole_frame(const Stage& stage) {
  Path path;
  path.add_rectangle(0, 0, stage.width, stage.height);
  return path;
}

Path disc(Point centre, double radius) {
  Path path;
  path.add_ellipse(centre, radius, radius);
  return path;
}

// Two layers, so that a few stars outshine the many.
void add_stars(Stage& stage, int count, double lowest) {
  for (const double size : {0.0011, 0.0022}) {
    Path stars;
    for (int i = 0; i < (size > 0.002 ? count / 6 : count); ++i) {
      const Point at{stage.random.between(0, stage.width), stage.random.between(0, lowest)};
      const double radius = std::max(stage.unit * size * stage.random.between(0.7, 1.4), 0.35);
      stars.add_ellipse(at, radius, radius);
    }
    stage.drawing.fill(std::move(stars), with_alpha(rgb(0xFFFFFF), size > 0.002 ? 0.9 : 0.55));
  }
}

void add_glow(Stage& stage, Point centre, double radius, double strength) {
  const Colour c = stage.palette.light;
  stage.drawing.fill(disc(centre, radius), RadialGradient{centre,
                                                          radius,
                                                          {{0, with_alpha(c, strength)},
                                                           {0.25, with_alpha(c, strength * 0.45)},
                                                           {0.6, with_alpha(c, strength * 0.12)},
                                                           {1, with_alpha(c, 0)}}});
}

void add_cloud(Stage& stage, Point centre, double length, Colour colour) {
  Path path;
  const double thickness = length * 0.09;
  path.add_rounded_rectangle(centre.x - length / 2, centre.y - thickness, length, thickness * 1.1,
                             thickness);
  const int puffs = 3 + stage.random.index(3);
  for (int i = 0; i < puffs; ++i) {
    const double at = (i + 0.5) / puffs - 0.5;
    const double radius = length * stage.random.between(0.07, 0.14) * (1.25 - 1.6 * std::abs(at));
    path.add_ellipse({centre.x + at * length * 0.8, centre.y - thickness * 0.6}, radius * 1.5,
                     radius);
  }
  const double top = centre.y - length * 0.18;
  stage.drawing.fill(std::move(path), LinearGradient{{0, top},
                                                     {0, centre.y + thickness * 0.2},
                                                     {{0, colour}, {1, with_alpha(colour, 0)}}});
}

void add_clouds(Stage& stage) {
  const int count = 2 + stage.random.index(4);
  const double strength = stage.scene.hour == Hour::night ? 0.16 : 0.55;
  for (int i = 0; i < count; ++i) {
    const Point at{stage.random.between(0, stage.width),
                   stage.horizon * stage.random.between(0.18, 0.72)};
    const Colour colour = mix(stage.palette.light, stage.palette.sky_middle, 0.25);
    add_cloud(stage, at, stage.unit * stage.random.between(0.25, 0.7),
              with_alpha(colour, strength));
  }
}

// The lit part of a moon: a half circle, back along the half ellipse where its day ends.
Path crescent(Point centre, double radius, double phase) {
  constexpr double quarter_control = 0.5522847498;  // control distance of a quarter circle
  constexpr double tilt = 0.35;
  const auto at = [&](double x, double y) {
    return Point{centre.x + radius * (x * std::cos(tilt) - y * std::sin(tilt)),
                 centre.y + radius * (x * std::sin(tilt) + y * std::cos(tilt))};
  };
  Path path;
  path.move_to(at(0, -1));
  path.curve_to(at(-quarter_control, -1), at(-1, -quarter_control), at(-1, 0));
  path.curve_to(at(-1, quarter_control), at(-quarter_control, 1), at(0, 1));
  path.curve_to(at(-quarter_control * phase, 1), at(-phase, quarter_control), at(-phase, 0));
  path.curve_to(at(-phase, -quarter_control), at(-quarter_control * phase, -1), at(0, -1));
  path.close();
  return path;
}

}  // namespace

void compose_sky(Stage& stage) {
  const Palette& p = stage.palette;
  stage.drawing.fill(
      whole_frame(stage),
      LinearGradient{
          {0, 0}, {0, stage.horizon}, {{0, p.sky_top}, {0.55, p.sky_middle}, {1, p.sky_low}}});
  const bool night = stage.scene.hour == Hour::night;
  const bool clear = stage.scene.weather == Weather::clear;
  if (night && clear) add_stars(stage, 160, stage.horizon);
  add_glow(stage, stage.light, stage.unit * (night ? 0.4 : 0.75), clear ? 0.75 : 0.35);
  if (stage.scene.weather != Weather::rain) {
    const double radius = stage.unit * stage.random.between(0.055, 0.1);
    Path body = night ? crescent(stage.light, radius, stage.random.between(-0.2, 0.55))
                      : disc(stage.light, radius);
    stage.drawing.fill(std::move(body), with_alpha(p.light, clear ? 1 : 0.7));
  }
  add_clouds(stage);
}

void compose_space(Stage& stage) {
  stage.drawing.fill(whole_frame(stage),
                     LinearGradient{{0, 0},
                                    {stage.width, stage.height},
                                    {{0, rgb(0x04060F)},
                                     {0.5, mix(rgb(0x0A0F24), stage.palette.sky_middle, 0.25)},
                                     {1, rgb(0x05040D)}}});
  for (int i = 0; i < 4; ++i) {  // nebulae
    const Point at{stage.random.between(0, stage.width), stage.random.between(0, stage.height)};
    const double radius = stage.unit * stage.random.between(0.4, 0.9);
    const Colour colour = i % 2 == 0 ? stage.palette.sky_middle : stage.palette.sky_low;
    stage.drawing.fill(
        disc(at, radius),
        RadialGradient{at, radius, {{0, with_alpha(colour, 0.26)}, {1, with_alpha(colour, 0)}}});
  }
  add_stars(stage, 320, stage.height);
  const double radius = stage.unit * stage.random.between(0.22, 0.34);
  const Point at{stage.width * (stage.random.chance(0.5) ? 0.34 : 0.66), stage.height * 0.44};
  add_glow(stage, at, radius * 1.7, 0.4);
  stage.drawing.fill(disc(at, radius), RadialGradient{{at.x - radius * 0.45, at.y - radius * 0.45},
                                                      radius * 1.75,
                                                      {{0, stage.palette.light},
                                                       {0.35, stage.palette.sky_low},
                                                       {0.65, stage.palette.sky_middle},
                                                       {1, rgb(0x05060E)}}});
  const Point moon{at.x + radius * 1.7, at.y - radius * 0.75};
  stage.drawing.fill(disc(moon, radius * 0.16), mix(stage.palette.light, stage.palette.far, 0.35));
  if (stage.scene.figures > 0) {  // ground to stand on
    Path ground;
    ground.add_ellipse({stage.width / 2, stage.height * 1.56}, stage.width, stage.height * 0.86);
    stage.drawing.fill(
        std::move(ground),
        LinearGradient{{0, stage.height * 0.7},
                       {0, stage.height},
                       {{0, mix(stage.palette.far, rgb(0x05060E), 0.35)}, {1, rgb(0x05060E)}}});
  }
}

void compose_weather(Stage& stage) {
  if (stage.scene.weather == Weather::rain || stage.scene.weather == Weather::snow) {
    Path drops;
    const bool rain = stage.scene.weather == Weather::rain;
    const int count = static_cast<int>(140 * std::min(stage.width / stage.unit, 6.0));
    for (int i = 0; i < count; ++i) {
      const Point at{stage.random.between(0, stage.width), stage.random.between(0, stage.height)};
      const double size = std::max(stage.unit * stage.random.between(0.0015, 0.005), 0.4);
      if (rain) {
        const double length = stage.unit * stage.random.between(0.03, 0.07);
        const double thick = std::max(stage.unit * 0.0011, 0.3);
        drops.add_polygon({{at.x, at.y},
                           {at.x + thick, at.y},
                           {at.x + thick - length * 0.22, at.y + length},
                           {at.x - length * 0.22, at.y + length}});
      } else {
        drops.add_ellipse(at, size, size);
      }
    }
    stage.drawing.fill(std::move(drops), rgb(0xFFFFFF, rain ? 0.28 : 0.8));
  }
  if (stage.scene.weather == Weather::fog) {
    const Colour fog = stage.palette.sky_low;
    stage.drawing.fill(whole_frame(stage), LinearGradient{{0, stage.horizon * 0.6},
                                                          {0, stage.height},
                                                          {{0, with_alpha(fog, 0)},
                                                           {0.3, with_alpha(fog, 0.5)},
                                                           {1, with_alpha(fog, 0.1)}}});
  }
}

}  // namespace storyboard
