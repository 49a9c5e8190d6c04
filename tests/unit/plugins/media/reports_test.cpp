// SPDX-License-Identifier: Apache-2.0
#include "reports.hpp"

#include "catch.hpp"
#include "commands.hpp"
#include "probe.hpp"

namespace media {
namespace {

TEST_CASE("a frame rate is kept as the fraction that containers use") {
  CHECK(FrameRate::of(24) == FrameRate{24, 1});
  CHECK(FrameRate::of(23.976) == FrameRate{24000, 1001});
  CHECK(FrameRate::of(29.97) == FrameRate{30000, 1001});
  CHECK(FrameRate::of(12.5) == FrameRate{25, 2});
  CHECK(FrameRate::of(11.988) == FrameRate{2997, 250});
  CHECK(FrameRate::of(0.1) == FrameRate{1, 10});
  CHECK(FrameRate::parse("30000/1001") == FrameRate{30000, 1001});
  CHECK(FrameRate::parse("50/2") == FrameRate{25, 1});
}

TEST_CASE("a rate measured from rounded time stamps is the whole or NTSC rate they mean") {
  CHECK(FrameRate::measured(11.9904, 0.06) == FrameRate{12, 1});
  CHECK(FrameRate::measured(23.983, 0.06) == FrameRate{24000, 1001});
  CHECK(FrameRate::measured(12.5, 0.01) == FrameRate{25, 2});
}

TEST_CASE("a frame rate that ffprobe does not know is none") {
  CHECK_FALSE(FrameRate::parse("0/0"));
  CHECK_FALSE(FrameRate::parse("25"));
  CHECK_FALSE(FrameRate::parse("-25/1"));
  CHECK_FALSE(FrameRate::parse(""));
}

TEST_CASE("a frame rate that cannot be is brought to the nearest that can") {
  CHECK(FrameRate::of(1e300) == FrameRate{1'000'000, 1});
  CHECK(FrameRate::of(-5) == FrameRate{1, 1000});
  CHECK(FrameRate::measured(1e300, 1) == FrameRate{1'000'000, 1});
}

TEST_CASE("numbers of a report that cannot be are passed over") {
  const auto report = nlohmann::json::parse(R"({"streams": [{"codec_type": "video",
      "width": 1e300, "height": -3, "nb_read_packets": "99999999999"}]})");
  CHECK_FALSE(read_probe(report).size);
  CHECK_FALSE(read_probe(report).frames);
  ClipReader reader;
  reader.read("#media_type 99999999999999: video");
  reader.read("#media_type -1: video");
  reader.read("-1, 0, 0, 1, 1, 0x0");
  CHECK(reader.clips().empty());
  CHECK(frames_of_progress("frame=-5") == -1);
}

TEST_CASE("time stamps at both ends of their range make no clip fail") {
  ClipReader reader;
  reader.read("#tb 0: 1/25");
  reader.read("#media_type 0: video");
  reader.read("0, 0, -9223372036854775808, 1, 1, 0x0");
  reader.read("0, 0, 9223372036854775807, 1, 1, 0x0");
  REQUIRE(reader.clips().size() == 1);
  CHECK(reader.clips().front().fps.per_second() > 0);
}

TEST_CASE("a length in seconds becomes the nearest number of frames, at least one") {
  CHECK(FrameRate{24, 1}.frames_in(3) == 72);
  CHECK(FrameRate{12, 1}.frames_in(0.5) == 6);
  CHECK(FrameRate{24000, 1001}.frames_in(1) == 24);
  CHECK(FrameRate{24, 1}.frames_in(0.001) == 1);
  CHECK(resampled_frames(6, {12, 1}, {24, 1}) == 12);
  CHECK(resampled_frames(5, {25, 1}, {30000, 1001}) == 6);
}

TEST_CASE("progress is read from the lines that tell frames and from no other") {
  CHECK(frames_of_progress("frame=12") == 12);
  CHECK(frames_of_progress("frame=  7") == 7);
  CHECK(frames_of_progress("fps=25.0") == -1);
  CHECK(frames_of_progress("frame=N/A") == -1);
  CHECK(frames_of_progress("") == -1);
}

TEST_CASE("ffmpeg's last words name the inputs of the task in place of paths") {
  LastWords words;
  for (int i = 0; i < 10; ++i) words.hear("noise " + std::to_string(i));
  words.hear("file:/store/ab/cdef: Invalid data found when processing input");
  const std::string text = words.text({{"image", "/store/ab/cdef"}});
  CHECK(text.find("'image': Invalid data found") != std::string::npos);
  CHECK(text.find("/store") == std::string::npos);
  CHECK(text.find("noise 0") == std::string::npos);
}

TEST_CASE("why ffmpeg failed decides what the runtime does next") {
  const weft::exit_status failed(1, 0, "");
  CHECK(explain_failure(failed, "ffmpeg", "x: Invalid data found").status() == WEFT_BAD_INPUT);
  CHECK(explain_failure(failed, "ffmpeg", "Unknown encoder 'libx264'").status() ==
        WEFT_UNSUPPORTED);
  CHECK(explain_failure(weft::exit_status(-1, 9, ""), "ffmpeg", "").status() == WEFT_TRANSIENT);
  const weft::error full = explain_failure(failed, "ffmpeg", "av_write: No space left on device");
  CHECK(full.status() == WEFT_TRANSIENT);
  CHECK(std::string(full.what()).find("the disk is full") != std::string::npos);
}

TEST_CASE("a picture has neither duration nor frames nor a frame rate") {
  const auto report = nlohmann::json::parse(R"({"format": {"format_name": "png_pipe"}, "streams": [
      {"codec_type": "video", "codec_name": "png", "width": 64, "height": 36, "pix_fmt": "rgb24",
       "avg_frame_rate": "25/1", "nb_read_packets": "1"}]})");
  const auto outputs = probe_outputs(read_probe(report), 123);
  CHECK(outputs["width"] == 64);
  CHECK(outputs["codec"] == "png");
  CHECK(outputs["bytes"] == 123);
  CHECK(outputs["fps"].is_null());
  CHECK(outputs["frames"].is_null());
  CHECK(outputs["duration_seconds"].is_null());
  CHECK(outputs["audio_codec"].is_null());
}

constexpr std::string_view two_clips =
    "#extradata 0:       46, 0x24aa0e2c\n#extradata 2:       46, 0x24aa0e2c\n#software: Lavf\n"
    "#tb 0: 1/12288\n#media_type 0: video\n#codec_id 0: h264\n#dimensions 0: 160x90\n#sar 0: 1/1\n"
    "#tb 1: 1/48000\n#media_type 1: audio\n#codec_id 1: aac\n"
    "#tb 2: 1/12288\n#media_type 2: video\n#codec_id 2: h264\n#dimensions 2: 160x90\n#sar 2: 0/1\n"
    "0,      -2048,          0,     1024,     2541, 0x2a240ad2\n"
    "1,          0,          0,     1024,      341, 0x00000000\n"
    "0,      -1024,       1024,     1024,     2541, 0x2a240ad2\n"
    "2,          0,          0,     1024,     2541, 0x2a240ad2\n";

std::vector<Clip> read_clips(std::string_view report) {
  ClipReader reader;
  for (std::size_t at = 0; at < report.size();) {
    const std::size_t end = report.find('\n', at);
    reader.read(report.substr(at, end - at));
    at = end + 1;
  }
  return reader.clips();
}

TEST_CASE("one report tells the size, rate, frames and sound of every clip") {
  const auto clips = read_clips(two_clips);
  REQUIRE(clips.size() == 2);
  CHECK(clips[0].size == Size{160, 90});
  CHECK(clips[0].fps == FrameRate{12, 1});
  CHECK(clips[0].frames == 2);
  CHECK(clips[0].steady);
  CHECK(clips[0].audio);
  CHECK(clips[1].frames == 1);
  CHECK_FALSE(clips[1].audio);
  CHECK(clips[1].sample_aspect == "1/1");
}

TEST_CASE("clips are joined without encoding only if one decoder takes them all") {
  auto clips = read_clips(two_clips);
  CHECK_FALSE(can_be_copied(clips));
  clips[0].audio = false;
  CHECK(can_be_copied(clips));
  clips[1].fps = {25, 1};
  CHECK_FALSE(can_be_copied(clips));
  clips[1].fps = clips[0].fps;
  clips[1].extradata = "46, 0x0";
  CHECK_FALSE(can_be_copied(clips));
}

TEST_CASE("the list for the concat demuxer survives quotes in a path") {
  CHECK(concat_list({"/a/b", "/it's"}) == "ffconcat version 1.0\nfile '/a/b'\nfile '/it'\\''s'\n");
}

TEST_CASE("fades shorten a film by their length at each joint") {
  Concatenation film;
  film.clips.assign(3, Clip{});
  for (Clip& clip : film.clips) clip.fps = {12, 1}, clip.frames = 12;
  film.fps = {24, 1};
  CHECK(film.total_frames() == 72);
  film.fade_seconds = 0.5;
  CHECK(film.total_frames() == 72 - 2 * 12);
}

TEST_CASE("sizes for 4:2:0 colour have even sides") {
  CHECK(even(161, 90) == Size{162, 90});
  CHECK(even(159.2, 89.4) == Size{160, 90});
  CHECK(even(0.2, 1) == Size{2, 2});
}

}  // namespace
}  // namespace media
