// SPDX-License-Identifier: Apache-2.0
// The plugin `media`: video and picture work on this machine, done by ffmpeg.
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <string>
#include <weft/plugin.hpp>

#include "commands.hpp"
#include "reports.hpp"
#include "weft_manifest.h"

namespace media {
namespace {

constexpr const char* mp4 = "video/mp4";
constexpr double default_fps = 24, default_seconds = 3, default_fade_seconds = 0.5;
constexpr Size default_cell{320, 180};
// Upscaling a shorter clip takes less time than asking how many frames it has.
constexpr std::uint64_t worth_probing_bytes = 4 << 20;

// Runs one program; its stdout goes to `on_stdout`. Throws what its failure means.
void run_program(weft::work& work, const Arguments& arguments, const NamedPaths& files,
                 const std::function<void(std::string_view)>& on_stdout) {
  LastWords last_words;
  const weft::line_sink hear = [&](std::string_view line, std::uint32_t stream) {
    if (stream == WEFT_STDOUT) {
      on_stdout(line);
    } else {
      last_words.hear(line);
    }
  };
  const weft::exit_status exit = [&] {
    try {
      return work.process(weft::command(arguments), hear);
    } catch (const weft::error& failure) {
      if (failure.status() != WEFT_UNSUPPORTED) throw;
      throw weft::error(WEFT_UNSUPPORTED,
                        arguments.front() +
                            " was not found; install it (apt install ffmpeg), or set "
                            "config.ffmpeg and config.ffprobe to where it is");
    }
  }();
  if (!exit.ok()) throw explain_failure(exit, arguments.front(), last_words.text(files));
}

// Runs ffmpeg and follows its progress; returns the frames it wrote. `frames` 0: not known before.
int render(weft::work& work, const Arguments& arguments, const NamedPaths& files, int frames) {
  int written = 0;
  run_program(work, arguments, files, [&](std::string_view line) {
    const int now = frames_of_progress(line);
    if (now < 0) return;
    written = now;
    work.progress(frames > 0 ? static_cast<double>(now) / frames : -1.0,
                  "frame " + std::to_string(now));
  });
  if (frames > 0 && written != frames) {
    throw weft::error(WEFT_BAD_OUTPUT, "ffmpeg wrote " + std::to_string(written) + " of " +
                                           std::to_string(frames) + " frames");
  }
  return written;
}

Probe probe_file(weft::work& work, const Tools& tools, const std::string& name,
                 const std::string& path) {
  std::string report;
  run_program(work, probe_command(tools, path), {{name, path}},
              [&](std::string_view line) { report += line; });
  return read_probe(nlohmann::json::parse(report));
}

nlohmann::json video_meta(Size size, const FrameRate& fps, int frames) {
  return {{"width", size.width},
          {"height", size.height},
          {"fps", fps.per_second()},
          {"frames", frames},
          {"duration_ms", std::lround(1000 * frames / fps.per_second())}};
}

Size asked_size(const nlohmann::json& params) {
  return {params.value("width", 0), params.value("height", 0)};
}

// What `asked` leaves open follows from `natural`.
Size complete(Size asked, Size natural) {
  const double aspect = static_cast<double>(natural.width) / natural.height;
  if (asked.width > 0 && asked.height > 0) return asked;
  if (asked.width > 0) return even(asked.width, asked.width / aspect);
  if (asked.height > 0) return even(asked.height * aspect, asked.height);
  return even(natural.width, natural.height);
}

Scaling scaling_of(const weft::work& work, const std::string& input, const std::string& output) {
  const auto& params = work.params();
  Scaling what{input, output, params.value("factor", 0.0), asked_size(params), "lanczos"};
  what.method = params.value("method", what.method);
  return what;
}

class Media final : public weft::executor<Media> {
 public:
  static constexpr std::string_view name = "media";

  explicit Media(const weft::context& context) : executor(context) {
    const auto& config = context.config();
    tools_.ffmpeg = config.value("ffmpeg", tools_.ffmpeg);
    tools_.ffprobe = config.value("ffprobe", tools_.ffprobe);
    tools_.preset = config.value("preset", tools_.preset);
    tools_.crf = config.value("crf", tools_.crf);
    tools_.threads = config.value("threads", tools_.threads);
  }

  void run(weft::work& work) override {
    using Operation = void (Media::*)(weft::work&) const;
    struct Named {
      std::string_view name;
      Operation operation;
    };
    static constexpr std::array operations = std::to_array<Named>({
        {"video.from_image", &Media::from_image},
        {"video.upscale", &Media::upscale_video},
        {"video.interpolate", &Media::interpolate},
        {"video.concat", &Media::concat},
        {"image.upscale", &Media::upscale_image},
        {"image.contact_sheet", &Media::contact_sheet},
        {"media.probe", &Media::probe},
    });
    for (const Named& named : operations) {
      if (named.name == work.operation()) {
        (this->*named.operation)(work);
        work.cost(weft::cost::billed(0, "USD"));
        return;
      }
    }
    throw weft::error(WEFT_UNSUPPORTED, "media has no operation " + work.operation());
  }

 private:
  void from_image(weft::work& work) const {
    const auto& params = work.params();
    StillMotion what{work.input("image").path(), work.reserve(mp4), "", asked_size(params), {}, 1};
    what.motion = params.value("motion", "zoom_in");
    what.fps = FrameRate::of(params.value("fps", default_fps));
    what.frames = what.fps.frames_in(params.value("seconds", default_seconds));
    if (what.size.width == 0 || what.size.height == 0) {
      const Probe picture = probe_file(work, tools_, "image", what.image);
      if (!picture.size) throw weft::error(WEFT_BAD_INPUT, "the input 'image' has no picture");
      what.size = complete(what.size, *picture.size);
    }
    render(work, from_image_command(tools_, what), {{"image", what.image}}, what.frames);
    work.output_file("video", what.video, mp4, video_meta(what.size, what.fps, what.frames));
  }

  void upscale_video(weft::work& work) const {
    const weft::artifact& video = work.input("video");
    const Scaling what = scaling_of(work, video.path(), work.reserve(mp4));
    int frames = 0;
    if (video.length() > worth_probing_bytes) {
      frames = probe_file(work, tools_, "video", what.input).frames.value_or(0);
    }
    frames = render(work, video_upscale_command(tools_, what), {{"video", what.input}}, frames);
    work.output_file("video", what.output, mp4, {{"frames", frames}});
  }

  void upscale_image(weft::work& work) const {
    const Scaling what = scaling_of(work, work.input("image").path(), work.reserve("image/png"));
    render(work, image_upscale_command(tools_, what), {{"image", what.input}}, 1);
    work.output_file("image", what.output, "image/png");
  }

  void contact_sheet(weft::work& work) const {
    const auto& params = work.params();
    ContactSheet what;
    NamedPaths files;
    for (const weft::artifact& image : work.inputs("images")) {
      what.images.push_back(image.path());
      files.emplace_back("images[" + std::to_string(files.size()) + "]", what.images.back());
    }
    if (what.images.empty())
      throw weft::error(WEFT_BAD_INPUT, "image.contact_sheet needs at least one picture");
    what.cell = {params.value("width", default_cell.width),
                 params.value("height", default_cell.height)};
    const auto square = static_cast<int>(std::ceil(std::sqrt(what.images.size())));
    what.columns = params.value("columns", square);
    what.output = work.reserve("image/png");
    render(work, contact_sheet_command(tools_, what), files, 1);
    work.output_file("image", what.output, "image/png");
  }

  void interpolate(weft::work& work) const {
    const auto& params = work.params();
    const std::string input = work.input("video").path();
    const Probe video = probe_file(work, tools_, "video", input);
    if (!video.frames || !video.fps || !video.size) {
      throw weft::error(WEFT_BAD_INPUT, "the input 'video' has no frames to interpolate");
    }
    Interpolation what{input, work.reserve(mp4), FrameRate::of(params.at("fps").get<double>()), 1,
                       params.value("method", "blend") == "motion"};
    what.frames = resampled_frames(*video.frames, *video.fps, what.fps);
    render(work, interpolate_command(tools_, what), {{"video", input}}, what.frames);
    work.output_file("video", what.output, mp4, video_meta(*video.size, what.fps, what.frames));
  }

  void concat(weft::work& work) const {
    const auto& params = work.params();
    Concatenation what;
    NamedPaths files;
    for (const weft::artifact& clip : work.inputs("clips")) {
      what.paths.push_back(clip.path());
      files.emplace_back("clips[" + std::to_string(files.size()) + "]", what.paths.back());
    }
    if (what.paths.empty())
      throw weft::error(WEFT_BAD_INPUT, "video.concat needs at least one clip");
    what.clips = scan(work, what.paths, files);
    what.output = work.reserve(mp4);
    const Clip& first = what.clips.front();
    what.size = complete(asked_size(params), first.size);
    what.fps = params.contains("fps") ? FrameRate::of(params["fps"].get<double>()) : first.fps;
    if (params.value("transition", "cut") == "fade") {
      what.fade_seconds = params.value("transition_seconds", default_fade_seconds);
      require_longer_than_fade(what);
    }
    const bool as_they_are = can_be_copied(what.clips) && what.fade_seconds == 0 &&
                             what.size == first.size && what.fps == first.fps;
    if (as_they_are) {
      const std::string list = work.reserve("text/plain");
      std::ofstream(list) << concat_list(what.paths);
      render(work, concat_copy_command(tools_, list, what.output), files, what.total_frames());
    } else {
      render(work, concat_command(tools_, what), files, what.total_frames());
    }
    work.output_file("video", what.output, mp4,
                     video_meta(what.size, what.fps, what.total_frames()));
  }

  std::vector<Clip> scan(weft::work& work, const std::vector<std::string>& paths,
                         const NamedPaths& files) const {
    ClipReader reader;
    run_program(work, scan_command(tools_, paths), files,
                [&](std::string_view line) { reader.read(line); });
    std::vector<Clip> clips = reader.clips();
    if (clips.size() != paths.size()) {
      throw weft::error(WEFT_BAD_OUTPUT, "ffmpeg told of " + std::to_string(clips.size()) + " of " +
                                             std::to_string(paths.size()) + " clips");
    }
    return clips;
  }

  static void require_longer_than_fade(const Concatenation& what) {
    for (std::size_t i = 0; i < what.clips.size(); ++i) {
      if (what.frames_of(i) > what.fade_frames()) continue;
      throw weft::error(WEFT_BAD_INPUT, "clips[" + std::to_string(i) +
                                            "] is not longer than the fade; shorten "
                                            "params.transition_seconds");
    }
  }

  void probe(weft::work& work) const {
    const weft::artifact& medium = work.input("media");
    const std::string path = medium.path();
    work.result(probe_outputs(probe_file(work, tools_, "media", path), medium.length()));
  }

  Tools tools_;
};

}  // namespace
}  // namespace media

WEFT_PLUGIN(media::Media);
