// SPDX-License-Identifier: Apache-2.0
#include "probe.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace media {
namespace {

using nlohmann::json;

// ffprobe writes most numbers as strings, and leaves out what it does not know.
template <class Number>
std::optional<Number> number(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  // A number may be written beyond what fits, as it may in a string.
  const std::string text = found->is_string()   ? found->get<std::string>()
                           : found->is_number() ? found->dump()
                                                : std::string();
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> text(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// Picture files come through demuxers named "png_pipe", "jpeg_pipe", ..., or "image2".
bool is_picture_format(std::string_view format) {
  return format.ends_with("_pipe") || format == "image2";
}

void read_video(const json& stream, Probe& probe) {
  probe.codec = text(stream, "codec_name");
  probe.pix_fmt = text(stream, "pix_fmt");
  const auto width = number<int>(stream, "width"), height = number<int>(stream, "height");
  if (width && height && *width > 0 && *height > 0) probe.size = Size{*width, *height};
  if (probe.is_picture) return;
  probe.fps = FrameRate::parse(text(stream, "avg_frame_rate").value_or(""));
  if (!probe.fps) probe.fps = FrameRate::parse(text(stream, "r_frame_rate").value_or(""));
  probe.frames = number<int>(stream, "nb_read_packets");
}

template <class Value>
json nullable(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

std::int64_t integer(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(separator, begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

}  // namespace

Probe read_probe(const json& report) {
  Probe probe;
  const json format = report.value("format", json::object());
  probe.format = text(format, "format_name").value_or("");
  probe.is_picture = is_picture_format(probe.format);
  if (!probe.is_picture) probe.duration_seconds = number<double>(format, "duration");
  for (const json& stream : report.value("streams", json::array())) {
    const std::string type = text(stream, "codec_type").value_or("");
    if (type == "video" && !probe.codec) read_video(stream, probe);
    if (type == "audio" && !probe.audio_codec) {
      probe.audio_codec = text(stream, "codec_name");
      probe.sample_rate = number<int>(stream, "sample_rate");
    }
  }
  return probe;
}

json probe_outputs(const Probe& probe, std::uint64_t bytes) {
  json outputs = {{"format", probe.format},
                  {"bytes", bytes},
                  {"duration_seconds", nullable(probe.duration_seconds)},
                  {"frames", nullable(probe.frames)},
                  {"codec", nullable(probe.codec)},
                  {"pix_fmt", nullable(probe.pix_fmt)},
                  {"audio_codec", nullable(probe.audio_codec)},
                  {"sample_rate", nullable(probe.sample_rate)}};
  outputs["width"] = probe.size ? json(probe.size->width) : json(nullptr);
  outputs["height"] = probe.size ? json(probe.size->height) : json(nullptr);
  outputs["fps"] = probe.fps ? json(probe.fps->per_second()) : json(nullptr);
  return outputs;
}

ClipReader::Stream* ClipReader::find(std::string_view number) {
  constexpr std::int64_t streams_at_most = 1 << 16;  // a number beyond is none of ffmpeg's
  const std::int64_t index = integer(number);
  if (index < 0 || index >= streams_at_most) return nullptr;
  const auto place = static_cast<std::size_t>(index);
  if (place >= streams_.size()) streams_.resize(place + 1);
  return &streams_[place];
}

// Lines are "#key stream: value", or, for each packet, "stream, dts, pts, duration, size,
// checksum".
void ClipReader::read(std::string_view line) {
  if (line.starts_with('#')) {
    const std::size_t space = line.find(' '), colon = line.find(": ");
    if (space == std::string_view::npos || colon == std::string_view::npos || colon < space) return;
    std::string_view value = line.substr(colon + 2);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (Stream* stream = find(line.substr(space)))
      read_header(line.substr(1, space - 1), *stream, value);
    return;
  }
  const auto fields = split(line, ',');
  if (fields.size() < 4) return;
  Stream* stream = find(fields[0]);
  if (!stream) return;
  stream->times.push_back(integer(fields[2]));
  stream->last_duration = integer(fields[3]);
}

void ClipReader::read_header(std::string_view key, Stream& stream, std::string_view value) {
  Clip& clip = stream.clip;
  if (key == "media_type") stream.video = value == "video";
  if (key == "tb") clip.time_base = value;
  if (key == "codec_id") clip.codec = value;
  if (key == "sar") clip.sample_aspect = value;
  if (key == "extradata") clip.extradata = value;
  if (key == "dimensions") {
    const std::size_t by = value.find('x');
    clip.size = {static_cast<int>(integer(value.substr(0, by))),
                 static_cast<int>(integer(value.substr(std::min(by, value.size() - 1) + 1)))};
  }
}

// The rate follows from the span of all frames, since a container may round each time stamp.
Clip ClipReader::timed(const Stream& stream) {
  Clip clip = stream.clip;
  std::vector<std::int64_t> times = stream.times;
  std::sort(times.begin(), times.end());
  clip.frames = static_cast<int>(times.size());
  const auto ticks = FrameRate::parse(clip.time_base);
  if (!ticks || times.empty()) return clip;
  const double seconds_per_tick = ticks->per_second();
  const auto steps = std::max<std::size_t>(times.size() - 1, 1);
  // As doubles: the distance of two time stamps may be beyond int64.
  const auto distance = [](std::int64_t from, std::int64_t to) {
    return static_cast<double>(to) - static_cast<double>(from);
  };
  const double span = times.size() > 1 ? distance(times.front(), times.back())
                                       : static_cast<double>(stream.last_duration);
  if (span <= 0) return clip;
  const double step = span / static_cast<double>(steps);
  const double per_second = 1 / (step * seconds_per_tick);
  clip.fps = FrameRate::measured(per_second, per_second * 2 / span);
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (std::abs(distance(times[i - 1], times[i]) - step) > 1) clip.steady = false;
  }
  return clip;
}

std::vector<Clip> ClipReader::clips() const {
  std::vector<Clip> clips;
  for (const Stream& stream : streams_) {
    if (!stream.video) {
      if (!clips.empty()) clips.back().audio = true;
      continue;
    }
    clips.push_back(timed(stream));
    if (clips.back().sample_aspect == "0/1") clips.back().sample_aspect = "1/1";  // not said
  }
  return clips;
}

bool can_be_copied(const std::vector<Clip>& clips) {
  const Clip& first = clips.front();
  return std::all_of(clips.begin(), clips.end(), [&](const Clip& clip) {
    // Equal extradata means equal codec parameters: the same decoder takes one after the other.
    return clip.codec == "h264" && !clip.extradata.empty() && clip.extradata == first.extradata &&
           clip.steady && !clip.audio && clip.size == first.size &&
           clip.sample_aspect == first.sample_aspect && clip.time_base == first.time_base &&
           clip.fps == first.fps;
  });
}

}  // namespace media
