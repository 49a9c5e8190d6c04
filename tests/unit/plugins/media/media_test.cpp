// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "catch.hpp"
#include "fixture.hpp"

namespace media_test {
namespace {

TEST_CASE("a picture becomes a video of exactly the size, rate and length asked for") {
  Fixture f;
  auto job = f.media.run({.operation = "video.from_image",
                          .params = {{"seconds", 0.5}, {"fps", 12}, {"width", 64}, {"height", 36}},
                          .inputs = {{"image", f.picture(100, 80)}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 64, 36, "12/1", 6);
  CHECK(job.outputs()[0].meta["frames"] == 6);
  CHECK(job.outputs()[0].meta["duration_ms"] == 500);
  CHECK(job.record().cost_basis == WEFT_COST_BILLED);
  CHECK(job.record().cost_micros == 0);
  CHECK(f.host.violations().empty());
}

TEST_CASE("every motion and the still picture give the same number of frames") {
  Fixture f;
  const stored picture = f.picture();
  for (const char* motion :
       {"none", "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down"}) {
    INFO(motion);
    auto job = f.media.run(
        {.operation = "video.from_image",
         .params =
             {{"seconds", 0.25}, {"fps", 12}, {"motion", motion}, {"width", 64}, {"height", 36}},
         .inputs = {{"image", picture}}});
    REQUIRE(job.status() == WEFT_OK);
    check_video(job.outputs().at(0).content, 64, 36, "12/1", 3);
  }
}

TEST_CASE("an NTSC rate comes out as its fraction") {
  Fixture f;
  auto job =
      f.media.run({.operation = "video.from_image",
                   .params = {{"seconds", 0.5}, {"fps", 23.976}, {"width", 64}, {"height", 36}},
                   .inputs = {{"image", f.picture()}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 64, 36, "24000/1001", 12);
}

TEST_CASE("a video takes the size of its picture, made even, when none is asked for") {
  Fixture f;
  auto job = f.media.run({.operation = "video.from_image",
                          .params = {{"seconds", 0.25}, {"fps", 12}},
                          .inputs = {{"image", f.picture(75, 51)}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 76, 52, "12/1", 3);
}

TEST_CASE("equal inputs give equal bytes") {
  Fixture f;
  CHECK(f.own_clip().bytes() == f.own_clip().bytes());
}

TEST_CASE("progress follows the frames that ffmpeg has written") {
  Fixture f;
  auto job = f.media.run({.operation = "video.from_image",
                          .params = {{"seconds", 1}, {"fps", 24}, {"width", 64}, {"height", 36}},
                          .inputs = {{"image", f.picture()}}});
  REQUIRE_FALSE(job.progress().empty());
  CHECK(job.progress().back().permille == 1000);
  CHECK(job.progress().back().stage == "frame 24");
}

TEST_CASE("a video is upscaled by a factor, keeping its frames and rate") {
  Fixture f;
  auto job = f.media.run({.operation = "video.upscale",
                          .params = {{"factor", 2.5}},
                          .inputs = {{"video", f.clip(64, 36, 12, 7)}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 160, 90, "12/1", 7);
}

TEST_CASE("an uncompressed video is taken as well") {
  Fixture f;
  const stored video = f.host.store(
      "YUV4MPEG2 W16 H16 F12:1 C420jpeg\nFRAME\n" + std::string(384, '\x50'), "video/x-yuv4mpeg");
  auto job = f.media.run(
      {.operation = "video.upscale", .params = {{"factor", 2}}, .inputs = {{"video", video}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 32, 32, "12/1", 1);
}

TEST_CASE("the other side follows when a video is upscaled to a width") {
  Fixture f;
  auto job = f.media.run({.operation = "video.upscale",
                          .params = {{"width", 128}, {"method", "bicubic"}},
                          .inputs = {{"video", f.clip(64, 36, 12, 3)}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 128, 72, "12/1", 3);
}

TEST_CASE("a picture is upscaled to a PNG of the exact size") {
  Fixture f;
  auto job = f.media.run({.operation = "image.upscale",
                          .params = {{"factor", 1.5}},
                          .inputs = {{"image", f.picture(63, 35)}}});
  REQUIRE(job.status() == WEFT_OK);
  const json stream = stream_of(job.outputs().at(0).content);
  CHECK(stream["codec_name"] == "png");
  CHECK(stream["width"] == 95);
  CHECK(stream["height"] == 53);
}

TEST_CASE("a contact sheet shows each picture whole in its cell, row by row") {
  Fixture f;
  const stored red = f.make("color=red:s=64x36", "-frames:v 1", "image/png");
  const stored tall = f.make("color=white:s=20x60", "-frames:v 1", "image/png");
  auto job = f.media.run({.operation = "image.contact_sheet",
                          .params = {{"columns", 2}, {"width", 32}, {"height", 18}},
                          .inputs = {{"images", red}, {"images", tall}, {"images", red}}});
  REQUIRE(job.status() == WEFT_OK);
  const stored& sheet = job.outputs().at(0).content;
  const json stream = stream_of(sheet);
  CHECK(stream["codec_name"] == "png");
  CHECK(stream["width"] == 64);
  CHECK(stream["height"] == 36);
  const auto pixel = [&](int x, int y) {
    return output_of("ffmpeg -v error -i " + sheet.path + " -vf crop=1:1:" + std::to_string(x) +
                     ":" + std::to_string(y) + " -f rawvideo -pix_fmt rgb24 -");
  };
  CHECK(pixel(48, 9) == "\xff\xff\xff");
  CHECK(pixel(34, 9) == std::string(3, '\0'));   // beside the tall one
  CHECK(pixel(48, 27) == std::string(3, '\0'));  // there is no fourth
  CHECK(pixel(16, 27) == pixel(16, 9));
}

TEST_CASE("one picture alone is a contact sheet, and none is refused") {
  Fixture f;
  auto job = f.media.run({.operation = "image.contact_sheet", .inputs = {{"images", f.picture()}}});
  REQUIRE(job.status() == WEFT_OK);
  CHECK(stream_of(job.outputs().at(0).content)["width"] == 320);
  CHECK(f.media.run({.operation = "image.contact_sheet"}).status() == WEFT_BAD_INPUT);
}

TEST_CASE("interpolation reaches the exact number of frames at the new rate") {
  Fixture f;
  for (const char* method : {"blend", "motion"}) {
    INFO(method);
    auto job = f.media.run({.operation = "video.interpolate",
                            .params = {{"fps", 30}, {"method", method}},
                            .inputs = {{"video", f.own_clip()}}});
    REQUIRE(job.status() == WEFT_OK);
    check_video(job.outputs().at(0).content, 64, 36, "30/1", 15);
  }
}

TEST_CASE("clips of one kind are joined without loss of a frame") {
  Fixture f;
  const stored clip = f.own_clip();
  auto job =
      f.media.run({.operation = "video.concat",
                   .inputs = {{"clips", clip}, {"clips", f.own_clip(0.75)}, {"clips", clip}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 64, 36, "12/1", 6 + 9 + 6);
  CHECK(job.outputs()[0].meta["frames"] == 21);
}

TEST_CASE("clips of different size and rate are joined in the form of the first") {
  Fixture f;
  auto job = f.media.run({.operation = "video.concat",
                          .inputs = {{"clips", f.clip(64, 36, 12, 6)},
                                     {"clips", f.clip(50, 50, 25, 25)},
                                     {"clips", f.clip(128, 72, 30, 10)}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 64, 36, "12/1", 6 + 12 + 4);
}

TEST_CASE("a film keeps its sound, and clips without sound are silent in it") {
  Fixture f;
  const stored loud =
      f.make("testsrc2=s=64x36:r=12",
             "-f lavfi -i sine -t 0.5 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac",
             "video/x-matroska");
  auto job = f.media.run(
      {.operation = "video.concat", .inputs = {{"clips", f.clip(64, 36, 12, 6)}, {"clips", loud}}});
  REQUIRE(job.status() == WEFT_OK);
  const stored film = job.outputs().at(0).content;
  check_video(film, 64, 36, "12/1", 12);
  auto probe = f.media.run({.operation = "media.probe", .inputs = {{"media", film}}});
  CHECK(probe.result()["audio_codec"] == "aac");
  CHECK(probe.result()["duration_seconds"].get<double>() == Approx(1.0).margin(0.05));
}

TEST_CASE("clips fade into each other over the time asked for") {
  Fixture f;
  const stored clip = f.own_clip(1);
  auto job = f.media.run({.operation = "video.concat",
                          .params = {{"transition", "fade"}, {"transition_seconds", 0.5}},
                          .inputs = {{"clips", clip}, {"clips", clip}, {"clips", clip}}});
  REQUIRE(job.status() == WEFT_OK);
  check_video(job.outputs().at(0).content, 64, 36, "12/1", 36 - 12);
}

TEST_CASE("a fade that is longer than a clip is refused by the clip's name") {
  Fixture f;
  auto job = f.media.run({.operation = "video.concat",
                          .params = {{"transition", "fade"}, {"transition_seconds", 2}},
                          .inputs = {{"clips", f.own_clip()}, {"clips", f.own_clip()}}});
  CHECK(job.status() == WEFT_BAD_INPUT);
  CHECK(job.message().find("clips[0]") != std::string::npos);
}

TEST_CASE("a probe tells what a video is made of, as plain outputs") {
  Fixture f;
  const stored clip = f.own_clip();
  auto job = f.media.run({.operation = "media.probe", .inputs = {{"media", clip}}});
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.result()["width"] == 64);
  CHECK(job.result()["fps"] == 12.0);
  CHECK(job.result()["frames"] == 6);
  CHECK(job.result()["duration_seconds"].get<double>() == Approx(0.5));
  CHECK(job.result()["codec"] == "h264");
  CHECK(job.result()["audio_codec"].is_null());
  CHECK(job.result()["bytes"] == clip.length);
}

TEST_CASE("a picture that is none is bad input, with ffmpeg's own words and the input's name") {
  Fixture f;
  auto job = f.media.run({.operation = "video.from_image",
                          .params = {{"width", 64}, {"height", 36}},
                          .inputs = {{"image", f.host.store("hello", "image/png")}}});
  CHECK(job.status() == WEFT_BAD_INPUT);
  CHECK(job.message().find("'image'") != std::string::npos);
  CHECK(job.message().find("Format not on whitelist") != std::string::npos);
}

TEST_CASE("a picture that breaks off is bad input, with ffmpeg's own words") {
  Fixture f;
  const std::string whole = f.picture().bytes();
  auto job = f.media.run({.operation = "image.upscale",
                          .params = {{"factor", 2}},
                          .inputs = {{"image", f.host.store(whole.substr(0, 90), "image/png")}}});
  CHECK(job.status() == WEFT_BAD_INPUT);
  CHECK(job.message().find("Invalid data found when processing input") != std::string::npos);
  CHECK(job.outputs().empty());
}

TEST_CASE("a playlist in place of a video cannot make ffmpeg open other files") {
  Fixture f;
  const stored other = f.own_clip();
  const stored list =
      f.host.store("ffconcat version 1.0\nfile '" + other.path + "'\n", "video/mp4");
  auto job = f.media.run(
      {.operation = "video.upscale", .params = {{"factor", 2}}, .inputs = {{"video", list}}});
  CHECK(job.status() == WEFT_BAD_INPUT);
  CHECK(job.outputs().empty());
}

TEST_CASE("a missing ffmpeg is named together with its remedy") {
  Fixture f;
  auto elsewhere = f.host.create(entry(), "media", {{"ffmpeg", "/nowhere/ffmpeg"}});
  auto job = elsewhere.run({.operation = "video.from_image",
                            .params = {{"width", 64}, {"height", 36}},
                            .inputs = {{"image", f.picture()}}});
  CHECK(job.status() == WEFT_UNSUPPORTED);
  CHECK(job.message().find("/nowhere/ffmpeg was not found") != std::string::npos);
  CHECK(job.message().find("apt install ffmpeg") != std::string::npos);
  CHECK(job.message().find("config.ffmpeg") != std::string::npos);
}

TEST_CASE("a cancel ends ffmpeg in the middle of its work") {
  Fixture f;
  auto job =
      f.media.start({.operation = "video.from_image",
                     .params = {{"seconds", 600}, {"fps", 60}, {"width", 640}, {"height", 360}},
                     .inputs = {{"image", f.picture()}}});
  f.host.wait_until([&] { return !job.record().progress.empty(); });
  job.cancel();
  job.wait();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(f.host.violations().empty());
  f.media.drain();
  CHECK(f.host.violations().empty());
}

TEST_CASE("an operation that media does not have is unsupported") {
  Fixture f;
  CHECK(f.media.run({.operation = "video.generate"}).status() == WEFT_UNSUPPORTED);
}

TEST_CASE("a missing input is named") {
  Fixture f;
  auto job = f.media.run({.operation = "video.from_image"});
  CHECK(job.status() == WEFT_BAD_INPUT);
  CHECK(job.message().find("'image'") != std::string::npos);
}

}  // namespace
}  // namespace media_test
