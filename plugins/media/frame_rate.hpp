// SPDX-License-Identifier: Apache-2.0
// Frames per second as the fraction that containers keep: 23.976 is 24000/1001, not a rounded
// number.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace media {

struct FrameRate {
  std::int64_t numerator = 25, denominator = 1;

  // What a person means: a whole rate, an NTSC rate (24, 30, ... * 1000/1001), or else thousandths.
  static FrameRate of(double per_second);
  // What time stamps mean that were rounded: the nearest whole or NTSC rate within `tolerance`.
  static FrameRate measured(double per_second, double tolerance);
  // From "30000/1001"; none when it is not a positive fraction ("0/0" is ffprobe's "unknown").
  static std::optional<FrameRate> parse(std::string_view fraction);

  double per_second() const {
    return static_cast<double>(numerator) / static_cast<double>(denominator);
  }
  std::string text() const { return std::to_string(numerator) + "/" + std::to_string(denominator); }
  // Length of one frame, as a time base.
  std::string frame_text() const {
    return std::to_string(denominator) + "/" + std::to_string(numerator);
  }
  // Frames that fill `seconds`, at least one.
  int frames_in(double seconds) const;

  bool operator==(const FrameRate&) const = default;
};

// Frames that `frames` at `from` become at `to`, at least one.
int resampled_frames(int frames, const FrameRate& from, const FrameRate& to);

}  // namespace media
