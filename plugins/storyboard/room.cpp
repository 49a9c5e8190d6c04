// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "staging.hpp"

namespace storyboard {
namespace {

struct Frame {
  double left, top, width, height;
};

void fill_rectangle(Stage& stage, const Frame& r, Paint paint) {
  Path path;
  path.add_rectangle(r.left, r.top, r.width, r.height);
  stage.drawing.fill(std::move(path), std::move(paint));
}

// The window shows the sky of the hour; bars divide it.
void add_window(Stage& stage, const Frame& window, Colour bars) {
  const double edge = stage.unit * 0.012;
  fill_rectangle(
      stage,
      {window.left - edge, window.top - edge, window.width + 2 * edge, window.height + 2 * edge},
      bars);
  const Palette& p = stage.palette;
  fill_rectangle(stage, window,
                 LinearGradient{{0, window.top},
                                {0, window.top + window.height},
                                {{0, p.sky_top}, {0.6, p.sky_middle}, {1, p.sky_low}}});
  fill_rectangle(
      stage, {window.left + window.width / 2 - edge / 2, window.top, edge, window.height}, bars);
  fill_rectangle(stage, {window.left, window.top + window.height * 0.42, window.width, edge}, bars);
}

// Light falls from the window over the floor, each pane a bright field.
void add_light_on_floor(Stage& stage, const Frame& window, double floor, double drift) {
  Path fields;
  for (const double part : {0.02, 0.52}) {
    const double left = window.left + window.width * part, width = window.width * 0.46;
    fields.add_polygon({{left, floor + stage.unit * 0.04},
                        {left + width, floor + stage.unit * 0.04},
                        {left + width * 1.06 + drift, stage.height},
                        {left + drift, stage.height}});
  }
  const Colour light = stage.palette.light;
  stage.drawing.fill(std::move(fields),
                     LinearGradient{{0, floor},
                                    {0, stage.height},
                                    {{0, with_alpha(light, 0.42)}, {1, with_alpha(light, 0.04)}}});
}

void add_table_and_lamp(Stage& stage, double centre, double floor) {
  const Colour dark = mix(stage.palette.near, rgb(0x000000), 0.25);
  const double u = stage.unit, top = floor - u * 0.02;
  Path table;
  table.add_rounded_rectangle(centre - u * 0.24, top, u * 0.48, u * 0.028, u * 0.008);
  for (const double side : {-1.0, 1.0}) {
    table.add_rectangle(centre + side * u * 0.2 - u * 0.01, top, u * 0.02, u * 0.24);
  }
  table.add_rectangle(centre - u * 0.006, top - u * 0.13, u * 0.012, u * 0.13);
  table.add_ellipse({centre, top}, u * 0.045, u * 0.01);
  const Point bulb{centre, top - u * 0.15};
  Path shade, glow;
  shade.add_polygon({{centre - u * 0.035, top - u * 0.21},
                     {centre + u * 0.035, top - u * 0.21},
                     {centre + u * 0.075, top - u * 0.12},
                     {centre - u * 0.075, top - u * 0.12}});
  glow.add_ellipse(bulb, u * 0.34, u * 0.34);
  stage.drawing.fill(
      std::move(glow),
      RadialGradient{bulb, u * 0.34, {{0, rgb(0xFFD79A, 0.55)}, {1, rgb(0xFFD79A, 0)}}});
  stage.drawing.fill(std::move(table), dark);
  stage.drawing.fill(std::move(shade), rgb(0xFFE2B0));
}

}  // namespace

void compose_room(Stage& stage) {
  const double floor = stage.height * 0.64;
  const bool left = stage.random.chance(0.5);
  const Colour wall = mix(stage.palette.far, stage.palette.near, 0.45);
  const double lit = stage.width * (left ? 0.32 : 0.68);
  fill_rectangle(stage, {0, 0, stage.width, floor},
                 RadialGradient{{lit, floor * 0.5},
                                stage.width * 0.75,
                                {{0, mix(wall, stage.palette.light, 0.22)},
                                 {1, mix(wall, stage.palette.near, 0.6)}}});
  fill_rectangle(stage, {0, floor, stage.width, stage.height - floor},
                 LinearGradient{{0, floor},
                                {0, stage.height},
                                {{0, mix(wall, stage.palette.near, 0.75)},
                                 {1, mix(stage.palette.near, rgb(0x000000), 0.3)}}});
  fill_rectangle(stage, {0, floor - stage.unit * 0.018, stage.width, stage.unit * 0.018},
                 mix(wall, stage.palette.near, 0.85));
  const Frame window{lit - stage.unit * 0.21, stage.height * 0.13, stage.unit * 0.42,
                     stage.height * 0.36};
  add_window(stage, window, mix(stage.palette.near, wall, 0.25));
  add_light_on_floor(stage, window, floor, stage.unit * (left ? 0.2 : -0.2));
  add_table_and_lamp(stage, stage.width * (left ? 0.72 : 0.28), floor);
  stage.light = {lit, stage.height * 0.3};
}

}  // namespace storyboard
