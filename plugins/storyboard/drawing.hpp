// SPDX-License-Identifier: Apache-2.0
// A picture as a value: a list of filled shapes, painted one over the other. Whoever composes adds
// shapes; whoever rasterises reads them, band by band, so no step has to hold the whole picture.
#pragma once
#include <cstdint>
#include <variant>
#include <vector>

namespace storyboard {

// Pixels; y grows downwards.
struct Point {
  double x = 0, y = 0;
};

struct Colour {
  double red = 0, green = 0, blue = 0, alpha = 1;
};
// From 0xRRGGBB.
Colour rgb(std::uint32_t hex, double alpha = 1);
// `from` at 0, `to` at 1.
Colour mix(Colour from, Colour to, double at);
Colour with_alpha(Colour colour, double alpha);

// Closed outlines of lines and cubic curves. Overlapping outlines unite (non-zero winding).
class Path {
 public:
  enum class Verb : std::uint8_t { move, line, curve, close };
  struct Segment {
    Verb verb;
    Point points[3];  // move and line use the first; a curve's last is where it ends
  };

  void move_to(Point to);
  void line_to(Point to);
  void curve_to(Point control1, Point control2, Point to);
  void close();

  void add_rectangle(double left, double top, double width, double height);
  void add_rounded_rectangle(double left, double top, double width, double height, double radius);
  void add_ellipse(Point centre, double radius_x, double radius_y);
  void add_polygon(const std::vector<Point>& corners);

  const std::vector<Segment>& segments() const noexcept { return segments_; }
  bool empty() const noexcept { return segments_.empty(); }
  // Rows that the outline can touch (its control points' hull).
  double top() const noexcept { return top_; }
  double bottom() const noexcept { return bottom_; }

 private:
  void add(const Segment& segment, int points);
  std::vector<Segment> segments_;
  double top_ = 1e9, bottom_ = -1e9;
};

struct Stop {
  double at;  // 0..1
  Colour colour;
};
struct LinearGradient {
  Point from, to;
  std::vector<Stop> stops;
};
struct RadialGradient {
  Point centre;
  double radius = 0;
  std::vector<Stop> stops;  // from the centre outwards
};
using Paint = std::variant<Colour, LinearGradient, RadialGradient>;

struct Shape {
  Path path;
  Paint paint;
};

struct Drawing {
  int width = 0, height = 0;
  std::vector<Shape> shapes;

  void fill(Path path, Paint paint);
};

}  // namespace storyboard
