// SPDX-License-Identifier: Apache-2.0
#include "drawing.hpp"

#include <algorithm>
#include <utility>

namespace storyboard {

Colour rgb(std::uint32_t hex, double alpha) {
  const auto channel = [hex](unsigned shift) { return ((hex >> shift) & 0xffU) / 255.0; };
  return {channel(16), channel(8), channel(0), alpha};
}

Colour mix(Colour from, Colour to, double at) {
  const auto between = [at](double a, double b) { return a + (b - a) * at; };
  return {between(from.red, to.red), between(from.green, to.green), between(from.blue, to.blue),
          between(from.alpha, to.alpha)};
}

Colour with_alpha(Colour colour, double alpha) {
  colour.alpha = alpha;
  return colour;
}

void Path::add(const Segment& segment, int points) {
  for (int i = 0; i < points; ++i) {
    top_ = std::min(top_, segment.points[i].y);
    bottom_ = std::max(bottom_, segment.points[i].y);
  }
  segments_.push_back(segment);
}

void Path::move_to(Point to) {
  add({Verb::move, {to}}, 1);
}
void Path::line_to(Point to) {
  add({Verb::line, {to}}, 1);
}
void Path::curve_to(Point control1, Point control2, Point to) {
  add({Verb::curve, {control1, control2, to}}, 3);
}
void Path::close() {
  add({Verb::close, {}}, 0);
}

void Path::add_rectangle(double left, double top, double width, double height) {
  add_polygon(
      {{left, top}, {left + width, top}, {left + width, top + height}, {left, top + height}});
}

namespace {
// The control distance with which four cubics come within 0.03 % of a circle.
constexpr double circle_control = 0.5522847498;
}  // namespace

void Path::add_rounded_rectangle(double left, double top, double width, double height,
                                 double radius) {
  const double r = std::min({radius, width / 2, height / 2});
  const double k = r * (1 - circle_control);
  const double right = left + width, bottom = top + height;
  move_to({left + r, top});
  line_to({right - r, top});
  curve_to({right - k, top}, {right, top + k}, {right, top + r});
  line_to({right, bottom - r});
  curve_to({right, bottom - k}, {right - k, bottom}, {right - r, bottom});
  line_to({left + r, bottom});
  curve_to({left + k, bottom}, {left, bottom - k}, {left, bottom - r});
  line_to({left, top + r});
  curve_to({left, top + k}, {left + k, top}, {left + r, top});
  close();
}

void Path::add_ellipse(Point centre, double radius_x, double radius_y) {
  const auto [x, y] = centre;
  const double kx = radius_x * circle_control, ky = radius_y * circle_control;
  move_to({x + radius_x, y});
  curve_to({x + radius_x, y + ky}, {x + kx, y + radius_y}, {x, y + radius_y});
  curve_to({x - kx, y + radius_y}, {x - radius_x, y + ky}, {x - radius_x, y});
  curve_to({x - radius_x, y - ky}, {x - kx, y - radius_y}, {x, y - radius_y});
  curve_to({x + kx, y - radius_y}, {x + radius_x, y - ky}, {x + radius_x, y});
  close();
}

void Path::add_polygon(const std::vector<Point>& corners) {
  for (std::size_t i = 0; i < corners.size(); ++i) {
    if (i == 0) {
      move_to(corners[i]);
    } else {
      line_to(corners[i]);
    }
  }
  close();
}

void Drawing::fill(Path path, Paint paint) {
  if (!path.empty()) shapes.push_back({std::move(path), std::move(paint)});
}

}  // namespace storyboard
