// SPDX-License-Identifier: Apache-2.0
// A camera that moves over a still picture.
//
// ffmpeg's zoompan and crop cut at whole pixels, which makes slow moves tremble. Here every frame
// is resampled with the filter `perspective`, whose corners lie anywhere between pixels, from a
// picture somewhat larger than the result, so that the closest view still has a pixel for a pixel.
#pragma once
#include <string>
#include <string_view>

namespace media {

struct Size {
  int width = 0, height = 0;
  bool operator==(const Size&) const = default;
};

// What the camera sees, in parts of the picture: its side, and its upper left corner.
struct View {
  double left = 0, top = 0, side = 1;
};
struct CameraMove {
  View from, to;
};

// How much larger than the result the picture is that the camera moves over. The closest view still
// shows the middle 90 %, the title-safe area.
constexpr double camera_range = 1.1;

// `motion` is one of zoom_in, zoom_out, pan_left, pan_right, pan_up, pan_down.
CameraMove camera_move(std::string_view motion);

// The filter that renders `frames` views of `move`, gently starting and stopping.
std::string camera_filter(const CameraMove& move, int frames);

}  // namespace media
