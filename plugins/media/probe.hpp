// SPDX-License-Identifier: Apache-2.0
// What a file is made of, read from the reports of ffprobe and ffmpeg. Pure.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "camera.hpp"
#include "frame_rate.hpp"

namespace media {

struct Probe {
  std::string format;  // "mov,mp4,m4a,3gp,3g2,mj2", "png_pipe"
  bool is_picture = false;
  std::optional<double> duration_seconds;
  std::optional<Size> size;
  std::optional<FrameRate> fps;
  std::optional<int> frames;
  std::optional<std::string> codec, pix_fmt, audio_codec;
  std::optional<int> sample_rate;
};

// From `ffprobe -count_packets -show_streams -show_format -of json`.
Probe read_probe(const nlohmann::json& report);

// The plain outputs of media.probe; null for what the medium does not have.
nlohmann::json probe_outputs(const Probe& probe, std::uint64_t bytes);

// One clip of a concatenation.
struct Clip {
  Size size;
  std::string sample_aspect = "1/1";
  std::string codec, time_base, extradata;
  FrameRate fps;
  int frames = 0;
  bool steady = true;  // all frames are equally long
  bool audio = false;
};

// Reads the report of the muxer framecrc about several clips, copied without decoding: a video
// stream each, an audio stream behind it where there is one. Feed it line by line.
class ClipReader {
 public:
  void read(std::string_view line);
  // Call once, after the last line.
  std::vector<Clip> clips() const;

 private:
  struct Stream {
    bool video = false;
    Clip clip;
    std::vector<std::int64_t> times;  // of the packets, in units of the time base
    std::int64_t last_duration = 0;   // of a packet
  };
  static void read_header(std::string_view key, Stream& stream, std::string_view value);
  // Null when it cannot be the number of a stream.
  Stream* find(std::string_view number);
  static Clip timed(const Stream& stream);
  std::vector<Stream> streams_;
};

// Can the clips be joined as they are, without encoding anything anew?
bool can_be_copied(const std::vector<Clip>& clips);

}  // namespace media
