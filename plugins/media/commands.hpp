// SPDX-License-Identifier: Apache-2.0
// The command lines of ffmpeg and ffprobe, as values. Pure; media.cpp runs them.
//
// Every video is H.264 in 4:2:0 with the index in front, and equal inputs give equal bytes: a fixed
// number of threads, no time stamps, no version texts.
#pragma once
#include <string>
#include <vector>

#include "camera.hpp"
#include "frame_rate.hpp"
#include "probe.hpp"

namespace media {

using Arguments = std::vector<std::string>;

struct Tools {
  std::string ffmpeg = "ffmpeg", ffprobe = "ffprobe";
  std::string preset = "veryfast";
  int crf = 18;
  int threads = 1;
};

struct StillMotion {
  std::string image, video;  // paths
  std::string motion;        // "none", or as camera_move has it
  Size size;
  FrameRate fps;
  int frames = 1;
};
Arguments from_image_command(const Tools& tools, const StillMotion& what);

// Exactly one of: a factor, a size whose 0 follows from the other side.
struct Scaling {
  std::string input, output;
  double factor = 0;
  Size size;
  std::string method = "lanczos";
};
Arguments video_upscale_command(const Tools& tools, const Scaling& what);
Arguments image_upscale_command(const Tools& tools, const Scaling& what);

// Pictures in rows, from the left, each whole within its cell.
struct ContactSheet {
  std::vector<std::string> images;
  std::string output;
  Size cell;
  int columns = 1;
};
Arguments contact_sheet_command(const Tools& tools, const ContactSheet& what);

struct Interpolation {
  std::string input, output;
  FrameRate fps;
  int frames = 1;
  bool follow_motion = false;
};
Arguments interpolate_command(const Tools& tools, const Interpolation& what);

struct Concatenation {
  std::vector<std::string> paths;
  std::vector<Clip> clips;  // of these paths
  std::string output;
  Size size;
  FrameRate fps;
  double fade_seconds = 0;  // 0: cuts

  int fade_frames() const { return fade_seconds > 0 ? fps.frames_in(fade_seconds) : 0; }
  // Of clip `i` at the rate of the result.
  int frames_of(std::size_t i) const {
    return resampled_frames(clips[i].frames, clips[i].fps, fps);
  }
  int total_frames() const;
};
Arguments concat_command(const Tools& tools, const Concatenation& what);
// Joins without encoding; for clips that can_be_copied. `list` is the path of a file with
// concat_list.
Arguments concat_copy_command(const Tools& tools, const std::string& list,
                              const std::string& output);
std::string concat_list(const std::vector<std::string>& paths);

Arguments probe_command(const Tools& tools, const std::string& path);
// Makes the report that ClipReader reads.
Arguments scan_command(const Tools& tools, const std::vector<std::string>& paths);

// The nearest size with even sides, which 4:2:0 colour needs; at least 2 x 2.
Size even(double width, double height);

}  // namespace media
