// SPDX-License-Identifier: Apache-2.0
// What ffprobe and ffmpeg report.
#include <algorithm>
#include <string>

#include "probe.hpp"
#include "reports.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

void check_probe(std::string_view input) {
  const auto report = nlohmann::json::parse(input, nullptr, false);
  if (!report.is_object()) return;  // the plugin ends a task whose report is no JSON, or no object
  const media::Probe probe = media::read_probe(report);
  expect(!probe.fps || probe.fps->per_second() > 0, "a frame rate is positive");
  expect(!probe.size || probe.size->width > 0, "a picture has a width");
  (void)media::probe_outputs(probe, input.size());
}

void check_lines(std::string_view input) {
  media::ClipReader reader;
  media::LastWords words;
  for (std::size_t begin = 0; begin <= input.size();) {
    const std::size_t end = std::min(input.find('\n', begin), input.size());
    const std::string_view line = input.substr(begin, end - begin);
    expect(media::frames_of_progress(line) >= -1, "frames are counted from 0");
    reader.read(line);
    words.hear(line);
    begin = end + 1;
  }
  (void)words.text({{"a.mp4", "/state/artifacts/aa"}});
  const auto clips = reader.clips();
  for (const media::Clip& clip : clips) {
    expect(clip.frames >= 0, "frames are counted from 0");
    expect(clip.fps.per_second() > 0, "a frame rate is positive");
  }
  if (!clips.empty()) (void)media::can_be_copied(clips);
}

}  // namespace

void media_reports(std::string_view input) {
  check_probe(input);
  check_lines(input);
  if (const auto rate = media::FrameRate::parse(input)) {
    expect(rate->per_second() > 0, "a frame rate is positive");
    expect(media::FrameRate::parse(rate->text()) == *rate, "a frame rate reads back to the same");
  }
}

}  // namespace weft::fuzz
