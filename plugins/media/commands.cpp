// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace media {
namespace {

// An artifact is foreign: it must not make ffmpeg open other files or the network, as playlists do.
constexpr const char* picture_formats =
    "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,gif,gif_pipe,qoi_pipe,ppm_pipe,pgm_pipe,"
    "jpegxl_pipe";
constexpr const char* video_formats =
    "mov,matroska,webm,avi,mpegts,mpeg,flv,ogg,gif,asf,mxf,apng,yuv4mpegpipe";
constexpr const char* sound_formats = "wav,mp3,flac,aac,ogg,w64,aiff,ac3,caf";

void append(Arguments& to, const Arguments& more) {
  to.insert(to.end(), more.begin(), more.end());
}

Arguments begin(const Tools& tools) {
  return {tools.ffmpeg,
          "-hide_banner",
          "-nostdin",
          "-loglevel",
          "error",
          "-y",
          "-progress",
          "pipe:1",
          "-nostats",
          "-stats_period",
          "0.25",
          "-filter_threads",
          std::to_string(tools.threads),
          "-filter_complex_threads",
          std::to_string(tools.threads)};
}

Arguments input(const Tools& tools, const std::string& path, const std::string& formats) {
  return {"-protocol_whitelist",         "file", "-format_whitelist", formats, "-threads",
          std::to_string(tools.threads), "-i",   "file:" + path};
}

Arguments file(const std::string& path) {
  return {"-fflags",   "+bitexact",     "-flags:v", "+bitexact",     "-flags:a",
          "+bitexact", "-map_metadata", "-1",       "-map_chapters", "-1",
          "-movflags", "+faststart",    "-f",       "mp4",           "file:" + path};
}

Arguments picture(const Tools& tools, const std::string& path) {
  return {"-frames:v",
          "1",
          "-c:v",
          "png",
          "-threads",
          std::to_string(tools.threads),
          "-fflags",
          "+bitexact",
          "-flags:v",
          "+bitexact",
          "-map_metadata",
          "-1",
          "-f",
          "image2",
          "-update",
          "1",
          "file:" + path};
}

Arguments encoding(const Tools& tools) {
  return {"-c:v",     "libx264",
          "-preset",  tools.preset,
          "-crf",     std::to_string(tools.crf),
          "-pix_fmt", "yuv420p",
          "-threads", std::to_string(tools.threads),
          "-c:a",     "aac",
          "-b:a",     "192k"};
}

std::string decimal(double value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(12);
  text << value;
  return text.str();
}

std::string pair(Size size) {
  return std::to_string(size.width) + ":" + std::to_string(size.height);
}

// Fills `size` with the picture; what sticks out is cut off on both sides alike.
std::string cover(Size size) {
  return "scale=" + pair(size) +
         ":force_original_aspect_ratio=increase:flags=lanczos+accurate_rnd:out_color_matrix=bt709:"
         "out_range=tv,crop=" +
         pair(size) + ",setsar=1,format=yuv420p";
}

// Width and height for the filter scale; `multiple` is what both sides must be divisible by.
std::string scaled(const Scaling& what, int multiple) {
  const std::string m = std::to_string(multiple);
  if (what.factor > 0) {
    const std::string f = decimal(what.factor);
    return m + "*round(iw*" + f + "/" + m + "):" + m + "*round(ih*" + f + "/" + m + ")";
  }
  const auto side = [&](int pixels) { return pixels > 0 ? std::to_string(pixels) : "-" + m; };
  return side(what.size.width) + ":" + side(what.size.height);
}

// One clip in the size, shape and rate of the result, of exactly as many frames as it shall have.
std::string normalised_video(const Concatenation& what, std::size_t i) {
  const std::string n = std::to_string(i), size = pair(what.size);
  std::string chain = "[" + n + ":v:0]";
  if (what.clips[i].sample_aspect != "1/1") chain += "scale=iw*sar:ih,setsar=1,";
  chain += "scale=" + size +
           ":force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bicubic,pad=" + size +
           ":-1:-1,setsar=1,format=yuv420p,fps=" + what.fps.text() +
           ",tpad=stop=2:stop_mode=clone,trim=end_frame=" + std::to_string(what.frames_of(i)) +
           ",settb=" + what.fps.frame_text() + ",setpts=N[v" + n + "];";
  return chain;
}

// Its sound, exactly as long; silence where it has none.
std::string normalised_audio(const Concatenation& what, std::size_t i) {
  const std::string n = std::to_string(i);
  const std::string seconds = decimal(what.frames_of(i) / what.fps.per_second());
  const std::string source =
      what.clips[i].audio
          ? "[" + n + ":a:0]aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo,apad"
          : "anullsrc=r=48000:cl=stereo";
  return source + ",atrim=end=" + seconds + ",asetpts=N/SR/TB[a" + n + "];";
}

std::string joined_by_cuts(std::size_t clips, bool audio) {
  std::string chain;
  for (std::size_t i = 0; i < clips; ++i) {
    chain += "[v" + std::to_string(i) + "]";
    if (audio) chain += "[a" + std::to_string(i) + "]";
  }
  return chain + "concat=n=" + std::to_string(clips) + ":v=1:a=" + (audio ? "1[v][a]" : "0[v]");
}

std::string joined_by_fades(const Concatenation& what, bool audio) {
  std::string chain, video = "v0", sound = "a0";
  const double fade_seconds = what.fade_frames() / what.fps.per_second();
  int frames = what.frames_of(0);
  for (std::size_t i = 1; i < what.clips.size(); ++i) {
    const bool last = i + 1 == what.clips.size();
    const std::string n = std::to_string(i), next = last ? "v" : "x" + n;
    frames -= what.fade_frames();
    chain += "[" + video + "][v" + n + "]xfade=transition=fade:duration=" + decimal(fade_seconds) +
             ":offset=" + decimal(frames / what.fps.per_second()) + "[" + next + "];";
    video = next;
    frames += what.frames_of(i);
    if (audio) {
      const std::string next_sound = last ? "a" : "y" + n;
      chain += "[" + sound + "][a" + n + "]acrossfade=d=" + decimal(fade_seconds) + "[" +
               next_sound + "];";
      sound = next_sound;
    }
  }
  chain.pop_back();
  return chain;
}

}  // namespace

Size even(double width, double height) {
  const auto side = [](double pixels) {
    return std::max(2, 2 * static_cast<int>(std::lround(pixels / 2)));
  };
  return {side(width), side(height)};
}

Arguments from_image_command(const Tools& tools, const StillMotion& what) {
  const bool still = what.motion == "none";
  std::string filter =
      still ? cover(what.size)
            : cover(even(what.size.width * camera_range, what.size.height * camera_range));
  // Decoded and scaled once, then repeated: reading the file again for every frame costs most.
  filter += ",loop=loop=-1:size=1:start=0,settb=" + what.fps.frame_text() + ",setpts=N";
  if (!still) {
    filter += "," + camera_filter(camera_move(what.motion), what.frames) +
              ",scale=" + pair(what.size) + ":flags=bicubic";
  }
  Arguments command = begin(tools);
  append(command, input(tools, what.image, picture_formats));
  append(command, {"-vf", filter, "-frames:v", std::to_string(what.frames), "-r", what.fps.text()});
  append(command, encoding(tools));
  append(command, {"-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"});
  append(command, file(what.video));
  return command;
}

Arguments video_upscale_command(const Tools& tools, const Scaling& what) {
  Arguments command = begin(tools);
  append(command, input(tools, what.input, video_formats));
  append(command, {"-map", "0:v:0", "-map", "0:a:0?", "-vf",
                   "scale=" + scaled(what, 2) + ":flags=" + what.method + ",setsar=1"});
  append(command, encoding(tools));
  append(command, file(what.output));
  return command;
}

Arguments image_upscale_command(const Tools& tools, const Scaling& what) {
  Arguments command = begin(tools);
  append(command, input(tools, what.input, picture_formats));
  append(command, {"-vf", "scale=" + scaled(what, 1) + ":flags=lanczos+accurate_rnd"});
  append(command, picture(tools, what.output));
  return command;
}

Arguments contact_sheet_command(const Tools& tools, const ContactSheet& what) {
  Arguments command = begin(tools);
  std::string cells, sheet, layout;
  for (std::size_t i = 0; i < what.images.size(); ++i) {
    append(command, input(tools, what.images[i], picture_formats));
    const std::string n = std::to_string(i), size = pair(what.cell);
    cells += "[" + n + ":v:0]scale=" + size +
             ":force_original_aspect_ratio=decrease:flags=lanczos+accurate_rnd,pad=" + size +
             ":-1:-1,setsar=1,format=rgb24,trim=end_frame=1[c" + n + "];";
    sheet += "[c" + n + "]";
    const int at = static_cast<int>(i);
    layout += (i == 0 ? "" : "|") + std::to_string(at % what.columns * what.cell.width) + "_" +
              std::to_string(at / what.columns * what.cell.height);
  }
  const bool alone = what.images.size() == 1;  // xstack asks for two at least
  sheet += alone ? "null[s]"
                 : "xstack=inputs=" + std::to_string(what.images.size()) + ":layout=" + layout +
                       ":fill=black[s]";
  append(command, {"-filter_complex", cells + sheet, "-map", "[s]"});
  append(command, picture(tools, what.output));
  return command;
}

Arguments interpolate_command(const Tools& tools, const Interpolation& what) {
  // The last frame has no successor to be blended with: it is held until its time is over.
  const std::string filter =
      "tpad=stop=2:stop_mode=clone,minterpolate=fps=" + what.fps.text() +
      (what.follow_motion ? ":mi_mode=mci:mc_mode=aobmc:vsbmc=1" : ":mi_mode=blend");
  Arguments command = begin(tools);
  append(command, input(tools, what.input, video_formats));
  append(command, {"-map", "0:v:0", "-map", "0:a:0?", "-vf", filter, "-frames:v",
                   std::to_string(what.frames), "-r", what.fps.text()});
  append(command, encoding(tools));
  append(command, file(what.output));
  return command;
}

int Concatenation::total_frames() const {
  int frames = 0;
  for (std::size_t i = 0; i < clips.size(); ++i) frames += frames_of(i);
  return frames - fade_frames() * (static_cast<int>(clips.size()) - 1);
}

Arguments concat_command(const Tools& tools, const Concatenation& what) {
  const bool audio = std::any_of(what.clips.begin(), what.clips.end(),
                                 [](const Clip& clip) { return clip.audio; });
  Arguments command = begin(tools);
  std::string graph;
  for (std::size_t i = 0; i < what.paths.size(); ++i) {
    append(command, input(tools, what.paths[i], video_formats));
    graph += normalised_video(what, i);
    if (audio) graph += normalised_audio(what, i);
  }
  const bool fades = what.fade_seconds > 0 && what.clips.size() > 1;
  graph += fades ? joined_by_fades(what, audio) : joined_by_cuts(what.clips.size(), audio);
  append(command, {"-filter_complex", graph, "-map", "[v]"});
  if (audio) append(command, {"-map", "[a]"});
  append(command, {"-frames:v", std::to_string(what.total_frames()), "-r", what.fps.text()});
  append(command, encoding(tools));
  append(command, file(what.output));
  return command;
}

Arguments concat_copy_command(const Tools& tools, const std::string& list,
                              const std::string& output) {
  Arguments command = begin(tools);
  append(command, {"-f", "concat", "-safe", "0"});
  append(command, input(tools, list, std::string("concat,") + video_formats));
  append(command, {"-map", "0:v:0", "-c", "copy"});
  append(command, file(output));
  return command;
}

std::string concat_list(const std::vector<std::string>& paths) {
  std::string list = "ffconcat version 1.0\n";
  for (const std::string& path : paths) {
    list += "file '";
    for (const char c : path) list += c == '\'' ? std::string("'\\''") : std::string(1, c);
    list += "'\n";
  }
  return list;
}

Arguments probe_command(const Tools& tools, const std::string& path) {
  return {tools.ffprobe,
          "-v",
          "error",
          "-protocol_whitelist",
          "file",
          "-format_whitelist",
          std::string(picture_formats) + "," + video_formats + "," + sound_formats,
          "-count_packets",
          "-show_streams",
          "-show_format",
          "-of",
          "json=compact=1",
          "file:" + path};
}

Arguments scan_command(const Tools& tools, const std::vector<std::string>& paths) {
  Arguments command{tools.ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error"};
  Arguments maps;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    append(command, input(tools, paths[i], video_formats));
    const std::string n = std::to_string(i);
    append(maps, {"-map", n + ":v:0", "-map", n + ":a:0?"});
  }
  append(command, maps);
  append(command, {"-c", "copy", "-f", "framecrc", "pipe:1"});
  return command;
}

}  // namespace media
