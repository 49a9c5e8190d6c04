// SPDX-License-Identifier: Apache-2.0
// The plugin `storyboard`: image.generate drawn on this machine, from the words of the prompt.
#include <fstream>
#include <optional>
#include <string>
#include <weft/plugin.hpp>

#include "frame.hpp"
#include "raster.hpp"
#include "weft_manifest.h"

namespace storyboard {
namespace {

// What a slice may draw before it lets others have the strand: well under the 5 ms of law 6.
constexpr int slice_pixels = 16'384;

FrameRequest request_of(const weft::job& job, bool guides) {
  const auto& params = job.params();
  FrameRequest request;
  request.prompt = params.at("prompt").get<std::string>();
  request.style = params.value("style", "");
  request.seed = params.value("seed", std::uint64_t{0});
  request.width = params.value("width", 1280);
  request.height = params.value("height", 720);
  request.guides = job.options().value("guides", guides);
  if (const auto shot = params.find("shot"); shot != params.end()) {
    request.shot = shot->is_string() ? shot->get<std::string>() : shot->dump();
  } else {
    request.shot = shot_of_label(job.request().label());
  }
  return request;
}

class Storyboard final : public weft::adapter<Storyboard> {
 public:
  static constexpr std::string_view name = "storyboard";
  static constexpr std::string_view recover = "none";
  static constexpr std::string_view operations = R"([{
    "name": "image.generate",
    "params": {"type": "object", "required": ["prompt"], "properties": {
      "prompt": {"type": "string", "minLength": 1},
      "negative_prompt": {"type": "string"},
      "style": {"type": "string"},
      "width": {"type": "integer", "minimum": 16, "maximum": 8192, "default": 1280},
      "height": {"type": "integer", "minimum": 16, "maximum": 8192, "default": 720},
      "seed": {"type": "integer", "minimum": 0, "default": 0},
      "shot": {"type": ["string", "integer"]}}},
    "options": {"type": "object", "additionalProperties": false, "properties": {
      "guides": {"type": "boolean", "description": "show safe areas and thirds"}}},
    "outputs": {"image": {"media_types": ["image/png"], "list": false}},
    "tags": ["placeholder", "local"]}])";

  explicit Storyboard(const weft::context& context)
      : adapter(context),
        text_font_(context.config().value("font", font_folder + "DejaVuSans.ttf")),
        bold_font_(context.config().value("bold_font", font_folder + "DejaVuSans-Bold.ttf")),
        guides_(context.config().value("guides", true)) {}

  weft::task<> run(weft::job& job) override {
    const FrameRequest request = request_of(job, guides_);
    const Fonts& fonts = load_fonts();
    co_await job.sleep(0);
    const Drawing drawing = compose_frame(request, fonts);

    const std::string path = job.reserve("image/png");
    std::ofstream file(path, std::ios::binary);
    PngEncoder encoder(request.width, request.height);
    const int slice_rows = std::max(1, slice_pixels / request.width);
    for (int row = 0; row < request.height; row += slice_rows) {
      co_await job.sleep(0);
      const int rows = std::min(slice_rows, request.height - row);
      file << encoder.add_rows(rasterise(drawing, row, rows));
      job.progress(static_cast<double>(row + rows) / request.height, "drawing");
    }
    file.close();
    if (!file) {
      throw weft::error(WEFT_TRANSIENT, "cannot write " + path + ": is there space on the disk?");
    }
    const nlohmann::json meta = {
        {"width", request.width}, {"height", request.height}, {"seed", request.seed}};
    co_await job.output_file("image", path, "image/png", meta);
    job.cost(weft::cost::billed(0, "USD"));
  }

  weft::task<nlohmann::json> probe(weft::call&) override {
    load_fonts();
    co_return nlohmann::json::object();
  }

 private:
  static inline const std::string font_folder = "/usr/share/fonts/truetype/dejavu/";

  // Once, when first needed: creating an instance has to be quick.
  const Fonts& load_fonts() {
    try {
      if (!fonts_) fonts_.emplace(Fonts{Font(text_font_), Font(bold_font_)});
    } catch (const std::runtime_error& failure) {
      throw weft::error(
          WEFT_UNSUPPORTED,
          std::string(failure.what()) +
              "; install one (apt install fonts-dejavu-core), or name a TrueType file "
              "in config.font and config.bold_font");
    }
    return *fonts_;
  }

  std::string text_font_, bold_font_;
  bool guides_;
  std::optional<Fonts> fonts_;
};

}  // namespace
}  // namespace storyboard

WEFT_PLUGIN(storyboard::Storyboard);
