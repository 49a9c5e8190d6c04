// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "palette.hpp"
#include "random.hpp"
#include "scene.hpp"
#include "staging.hpp"

namespace storyboard {
namespace {

constexpr double pi = std::numbers::pi;

// A line of ground as a sum of waves, each finer and lower than the one before.
class Ridge {
 public:
  // `wave_px` is the length of the longest wave, `height_px` the greatest height above the base;
  // `roughness` says how much of a wave's height the next finer one keeps.
  Ridge(Random& random, double wave_px, double height_px, double roughness, bool peaked)
      : wave_px_(wave_px), height_px_(height_px), roughness_(roughness), peaked_(peaked) {
    for (double& phase : phases_) phase = random.between(0, 2 * pi);
  }

  double height_at(double x) const {
    double sum = 0, most = 0, amplitude = 1, frequency = 2 * pi / wave_px_;
    for (const double phase : phases_) {
      const double wave = std::sin(x * frequency + phase);
      sum += amplitude * (peaked_ ? 1 - 2 * std::abs(wave) : wave);
      most += amplitude;
      amplitude *= roughness_;
      frequency *= 2.17;  // not a whole number, so the sum never repeats within a frame
    }
    return height_px_ * (0.5 + 0.5 * sum / most);
  }

 private:
  double wave_px_, height_px_, roughness_;
  bool peaked_;
  std::array<double, 5> phases_{};
};

void fill_ridge(Stage& stage, const Ridge& ridge, double base, Colour colour) {
  constexpr int ridge_steps = 360;
  std::vector<Point> outline;
  double highest = base;
  for (int i = 0; i <= ridge_steps; ++i) {
    const double x = stage.width * i / ridge_steps;
    outline.push_back({x, base - ridge.height_at(x)});
    highest = std::min(highest, outline.back().y);
  }
  outline.push_back({stage.width, stage.height + 1});
  outline.push_back({0, stage.height + 1});
  Path path;
  path.add_polygon(outline);
  // Haze gathers at the foot of a ridge and makes it stand off from the next.
  const Colour foot = mix(colour, stage.palette.sky_low, 0.28);
  const double depth = std::max(base - highest, 1.0);
  stage.drawing.fill(
      std::move(path),
      LinearGradient{{0, highest}, {0, base + depth * 0.9}, {{0, colour}, {1, foot}}});
}

struct RidgeStyle {
  int count;
  double wave, height;  // in units of the stage, of the farthest ridge
  double roughness;
  bool peaked;
};

void add_ridges(Stage& stage, const RidgeStyle& style) {
  for (int i = 0; i < style.count; ++i) {
    const double depth = (i + 0.35) / style.count;
    const double base = stage.horizon + (stage.height - stage.horizon) * 0.72 * i / style.count;
    const Ridge ridge(stage.random, style.wave * stage.unit * (0.7 + 0.6 * depth),
                      style.height * stage.unit * (1 - 0.45 * depth), style.roughness,
                      style.peaked && i < style.count - 1);
    fill_ridge(stage, ridge, base, stage.palette.ground(std::pow(depth, 0.85)));
  }
}

void add_conifers(Stage& stage, double base, double height, Colour colour) {
  Path path;
  for (double x = -height * 0.2; x < stage.width + height * 0.2;
       x += height * stage.random.between(0.12, 0.34)) {
    const double tall = height * stage.random.between(0.55, 1.0);
    const double wide = tall * stage.random.between(0.15, 0.2);
    const double foot = base + stage.random.between(0, height * 0.06);
    for (int tier = 0; tier < 4; ++tier) {
      const double top = foot - tall * (1 - 0.2 * tier);
      const double half = wide * (0.4 + 0.2 * tier);
      path.add_polygon({{x, top}, {x + half, top + tall * 0.36}, {x - half, top + tall * 0.36}});
    }
    path.add_rectangle(x - wide * 0.12, foot - tall * 0.1, wide * 0.24, tall * 0.2);
  }
  path.add_rectangle(0, base - height * 0.17, stage.width, stage.height - base + height * 0.17);
  const Colour foot = mix(colour, stage.palette.sky_low, 0.22);
  stage.drawing.fill(
      std::move(path),
      LinearGradient{{0, base - height}, {0, base + height * 0.5}, {{0, colour}, {1, foot}}});
}

void compose_forest(Stage& stage) {
  add_ridges(stage, {2, 1.6, 0.16, 0.5, false});
  for (int i = 0; i < 3; ++i) {
    const double depth = (i + 1) / 3.0;
    add_conifers(stage, stage.horizon + (stage.height - stage.horizon) * (0.12 + 0.24 * i),
                 stage.unit * (0.16 + 0.14 * i), stage.palette.ground(0.3 + 0.6 * depth));
  }
}

void add_windows(Stage& stage, double left, double top, double width, double height, Path& lit) {
  const double cell = std::max(width / 5, stage.unit * 0.016);
  for (double y = top + cell * 0.7; y < top + height - cell; y += cell * 1.3) {
    for (double x = left + cell * 0.45; x + cell * 0.6 < left + width; x += cell) {
      if (stage.random.chance(0.34)) lit.add_rectangle(x, y, cell * 0.5, cell * 0.6);
    }
  }
}

void compose_city(Stage& stage) {
  const bool dark = stage.scene.hour == Hour::night || stage.scene.hour == Hour::dusk;
  for (int row = 0; row < 3; ++row) {
    const double depth = (row + 0.6) / 3;
    const double base = stage.horizon + (stage.height - stage.horizon) * 0.3 * row;
    Path blocks, lit;
    double highest = base;
    for (double x = -stage.unit * 0.05; x < stage.width;) {
      const double width = stage.unit * stage.random.between(0.06, 0.14) * (0.7 + 0.5 * row);
      const double height = stage.unit * stage.random.between(0.1, 0.44) * (1 - 0.12 * row);
      const double top = base - height;
      highest = std::min(highest, top);
      blocks.add_rectangle(x, top, width, stage.height - top);
      if (stage.random.chance(0.3)) {  // a mast
        blocks.add_rectangle(x + width * 0.47, top - height * 0.16, width * 0.06, height * 0.2);
      } else if (stage.random.chance(0.4)) {  // a setback
        blocks.add_rectangle(x + width * 0.2, top - height * 0.08, width * 0.6, height * 0.1);
      }
      if (row > 0) add_windows(stage, x, top, width, height * 0.9, lit);
      x += width * stage.random.between(0.95, 1.25);
    }
    const Colour colour = stage.palette.ground(depth);
    stage.drawing.fill(
        std::move(blocks),
        LinearGradient{{0, highest},
                       {0, base + stage.unit * 0.1},
                       {{0, colour}, {1, mix(colour, stage.palette.sky_low, 0.25)}}});
    stage.drawing.fill(std::move(lit), dark ? rgb(0xFFD58A, 0.35 + 0.2 * row)
                                            : with_alpha(stage.palette.sky_low, 0.16));
  }
  const double street = stage.horizon + (stage.height - stage.horizon) * 0.62;
  Path ground;
  ground.add_rectangle(0, street, stage.width, stage.height - street);
  stage.drawing.fill(std::move(ground), stage.palette.near);
}

void add_glitter(Stage& stage) {
  Path glitter;
  const double depth = stage.height - stage.horizon;
  for (int i = 0; i < 70; ++i) {
    const double at = std::pow(stage.random.unit(), 1.6);
    const double spread = stage.unit * (0.02 + 0.22 * at);
    const double x = stage.light.x + stage.random.between(-spread, spread);
    const double width = stage.unit * stage.random.between(0.01, 0.05) * (0.4 + 1.6 * at);
    glitter.add_ellipse({x, stage.horizon + depth * (0.01 + at * 0.8)}, width,
                        stage.unit * (0.0012 + 0.003 * at));
  }
  stage.drawing.fill(std::move(glitter), with_alpha(stage.palette.light, 0.5));
}

void add_sailing_boat(Stage& stage, Point at, double height) {
  Path hull, sails;
  const double half = height * 0.42;
  hull.move_to({at.x - half, at.y - height * 0.12});
  hull.line_to({at.x + half * 1.1, at.y - height * 0.14});
  hull.curve_to({at.x + half * 0.8, at.y}, {at.x + half * 0.5, at.y}, {at.x + half * 0.3, at.y});
  hull.line_to({at.x - half * 0.6, at.y});
  hull.close();
  sails.move_to({at.x, at.y - height});
  sails.curve_to({at.x - half * 0.3, at.y - height * 0.6}, {at.x - half * 0.8, at.y - height * 0.3},
                 {at.x - half * 0.9, at.y - height * 0.19});
  sails.line_to({at.x, at.y - height * 0.19});
  sails.close();
  sails.move_to({at.x + half * 0.1, at.y - height * 0.9});
  sails.curve_to({at.x + half * 0.5, at.y - height * 0.6},
                 {at.x + half * 0.9, at.y - height * 0.35}, {at.x + half, at.y - height * 0.2});
  sails.line_to({at.x + half * 0.1, at.y - height * 0.2});
  sails.close();
  stage.drawing.fill(std::move(sails), mix(stage.palette.light, stage.palette.near, 0.2));
  stage.drawing.fill(std::move(hull), stage.palette.near);
}

void compose_sea(Stage& stage) {
  const Ridge coast(stage.random, stage.unit * 1.3, stage.unit * 0.11, 0.55, false);
  fill_ridge(stage, coast, stage.horizon, stage.palette.ground(0.15));
  Path water;
  water.add_rectangle(0, stage.horizon, stage.width, stage.height - stage.horizon);
  stage.drawing.fill(
      std::move(water),
      LinearGradient{{0, stage.horizon},
                     {0, stage.height},
                     {{0, mix(stage.palette.sky_low, stage.palette.far, 0.45)},
                      {0.35, mix(stage.palette.sky_middle, stage.palette.near, 0.45)},
                      {1, stage.palette.near}}});
  add_glitter(stage);
  for (int i = 0; i < 4; ++i) {
    const double at = (i + 1) / 5.0;
    const Ridge wave(stage.random, stage.unit * (0.25 + 0.5 * at), stage.unit * (0.008 + 0.03 * at),
                     0.4, false);
    const double base = stage.horizon + (stage.height - stage.horizon) * (0.2 + 0.7 * at * at);
    fill_ridge(stage, wave, base, with_alpha(stage.palette.near, 0.28));
  }
  if (stage.scene.figures == 0) {
    const double x = stage.width * (stage.light.x < stage.width / 2 ? 0.68 : 0.3);
    add_sailing_boat(stage, {x, stage.horizon + stage.unit * 0.04}, stage.unit * 0.17);
  }
}

void add_cactus(Stage& stage, Point foot, double height) {
  Path path;
  const double w = height * 0.13;
  path.add_rounded_rectangle(foot.x - w / 2, foot.y - height, w, height, w / 2);
  for (const double side : {-1.0, 1.0}) {
    const double at = height * (side < 0 ? 0.62 : 0.5), reach = side * height * 0.24;
    path.add_rounded_rectangle(std::min(foot.x, foot.x + reach), foot.y - at, std::abs(reach),
                               w * 0.8, w * 0.4);
    path.add_rounded_rectangle(foot.x + reach - w * 0.4, foot.y - at - height * 0.22, w * 0.8,
                               height * 0.22 + w * 0.8, w * 0.4);
  }
  stage.drawing.fill(std::move(path), mix(stage.palette.near, stage.palette.far, 0.1));
}

void compose_desert(Stage& stage) {
  add_ridges(stage, {4, 1.9, 0.17, 0.22, false});
  for (int i = 0; i < 3; ++i) {
    const double height = stage.unit * stage.random.between(0.09, 0.2);
    add_cactus(stage,
               {stage.width * stage.random.between(0.06, 0.94),
                stage.horizon + stage.unit * 0.04 + height * 0.55},
               height);
  }
}

}  // namespace

void compose_land(Stage& stage) {
  switch (stage.scene.place) {
    case Place::mountains:
      return add_ridges(stage, {4, 1.05, 0.38, 0.42, true});
    case Place::sea:
      return compose_sea(stage);
    case Place::city:
      return compose_city(stage);
    case Place::forest:
      return compose_forest(stage);
    case Place::desert:
      return compose_desert(stage);
    default:
      return add_ridges(stage, {4, 1.4, 0.2, 0.38, false});
  }
}

}  // namespace storyboard
