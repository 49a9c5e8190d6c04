// SPDX-License-Identifier: Apache-2.0
#include "camera.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace media {
namespace {

constexpr double closest = 1 / camera_range;  // the side of the smallest view
constexpr double slack = 1 - closest;         // what lies outside of it
constexpr View whole{0, 0, 1};
constexpr View centre{slack / 2, slack / 2, closest};

struct Named {
  std::string_view motion;
  CameraMove move;
};
constexpr std::array moves = std::to_array<Named>({
    {"zoom_in", {whole, centre}},
    {"zoom_out", {centre, whole}},
    {"pan_left", {{slack, slack / 2, closest}, {0, slack / 2, closest}}},
    {"pan_right", {{0, slack / 2, closest}, {slack, slack / 2, closest}}},
    {"pan_up", {{slack / 2, slack, closest}, {slack / 2, 0, closest}}},
    {"pan_down", {{slack / 2, 0, closest}, {slack / 2, slack, closest}}},
});

// "(from + (to - from) * way)", where `way` runs from 0 to 1.
std::string between(double from, double to, const std::string& way) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(10);
  text << '(' << from << '+' << to - from << '*' << way << ')';
  return text.str();
}

}  // namespace

CameraMove camera_move(std::string_view motion) {
  const auto found = std::find_if(moves.begin(), moves.end(),
                                  [&](const Named& named) { return named.motion == motion; });
  return found == moves.end() ? moves.front().move : found->move;
}

std::string camera_filter(const CameraMove& move, int frames) {
  // `on` counts frames from 1. The smoothstep 3t^2 - 2t^3 begins and ends without a jerk.
  const std::string t = "((on-1)/" + std::to_string(std::max(1, frames - 1)) + ")";
  const std::string way = "(" + t + "*" + t + "*(3-2*" + t + "))";
  const std::string side = between(move.from.side, move.to.side, way);
  const std::string left = between(move.from.left, move.to.left, way);
  const std::string top = between(move.from.top, move.to.top, way);
  const std::string right = "(" + left + "+" + side + ")", bottom = "(" + top + "+" + side + ")";
  return "perspective=sense=source:eval=frame:interpolation=cubic:x0=W*" + left + ":y0=H*" + top +
         ":x1=W*" + right + ":y1=H*" + top + ":x2=W*" + left + ":y2=H*" + bottom + ":x3=W*" +
         right + ":y3=H*" + bottom;
}

}  // namespace media
