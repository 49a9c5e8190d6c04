// SPDX-License-Identifier: Apache-2.0
// The plugin in a fake host, with the real ffmpeg, and what tests need to make and measure media.
#pragma once
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>
#include <weft/testing.hpp>

#include "catch.hpp"

namespace media_test {

using nlohmann::json;
using weft::testing::stored;

inline const weft_entry& entry() {
  static const weft::testing::library opened(MEDIA_PLUGIN);
  return opened.entry();
}

// What a shell command writes to its stdout.
inline std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string text;
  std::array<char, 65536> buffer;
  for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;) {
    text.append(buffer.data(), got);
  }
  return text;
}

// The video stream of a file as ffprobe tells it.
inline json stream_of(const stored& video) {
  return json::parse(
      output_of("ffprobe -v error -count_frames -select_streams v:0 -show_streams -of json " +
                video.path))["streams"][0];
}

struct Fixture {
  weft::testing::fake_host host;
  weft::testing::instance media = host.create(entry(), "media", {{"preset", "ultrafast"}});

  // What ffmpeg makes of "-f lavfi -i <source> <arguments>".
  stored make(const std::string& source, const std::string& arguments,
              const std::string& media_type) {
    const std::string format = media_type == "image/png"    ? "image2pipe -c:v png"
                               : media_type == "video/webm" ? "webm"
                                                            : "matroska";
    return host.store(output_of("ffmpeg -v error -f lavfi -i '" + source + "' " + arguments +
                                " -f " + format + " -"),
                      media_type);
  }
  stored picture(int width = 64, int height = 36) {
    return make("testsrc=s=" + std::to_string(width) + "x" + std::to_string(height), "-frames:v 1",
                "image/png");
  }
  // Two seconds' worth at most; without sound.
  stored clip(int width, int height, int fps, int frames) {
    return make(
        "testsrc2=s=" + std::to_string(width) + "x" + std::to_string(height) +
            ":r=" + std::to_string(fps),
        "-frames:v " + std::to_string(frames) + " -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
        "video/x-matroska");
  }
  // A clip as video.from_image of this plugin makes it.
  stored own_clip(double seconds = 0.5) {
    auto job =
        media.run({.operation = "video.from_image",
                   .params = {{"seconds", seconds}, {"fps", 12}, {"width", 64}, {"height", 36}},
                   .inputs = {{"image", picture()}}});
    return job.outputs().at(0).content;
  }
};

inline void check_video(const stored& video, int width, int height, const std::string& fps,
                        int frames) {
  const json stream = stream_of(video);
  CHECK(stream["codec_name"] == "h264");
  CHECK(stream["pix_fmt"] == "yuv420p");
  CHECK(stream["width"] == width);
  CHECK(stream["height"] == height);
  CHECK(stream["r_frame_rate"] == fps);
  CHECK(stream["avg_frame_rate"] == fps);
  CHECK(stream["nb_read_frames"] == std::to_string(frames));
}

}  // namespace media_test
