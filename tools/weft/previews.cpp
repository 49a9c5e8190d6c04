// SPDX-License-Identifier: Apache-2.0
#include "previews.hpp"

#include <algorithm>
#include <fstream>

namespace weft::cli {
namespace {

constexpr std::chrono::milliseconds look_every{200};

}  // namespace

std::string preview_file_name(const Preview& preview) {
  std::string name = preview.task;
  std::ranges::replace(name, '/', '_');
  const std::string kind = preview.media_type.substr(preview.media_type.find('/') + 1);
  return name + "." + (kind == "jpeg" ? "jpg" : kind == "png" || kind == "webp" ? kind : "bin");
}

result<std::unique_ptr<PreviewFiles>> PreviewFiles::start(Runtime& runtime, const std::string& run,
                                                          const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return machine("the folder " + folder.string() + " cannot be made: " + error.message(),
                   "name another one for --previews");
  auto watch = runtime.watch_previews(run);
  if (!watch) return std::move(watch).error();
  return std::unique_ptr<PreviewFiles>(new PreviewFiles(std::move(*watch), folder));
}

PreviewFiles::PreviewFiles(std::unique_ptr<PreviewWatch> watch, std::filesystem::path folder)
    : watch_(std::move(watch)), folder_(std::move(folder)) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested())
      for (const Preview& preview : watch_->take(look_every)) write(preview);
    for (const Preview& preview : watch_->take({})) write(preview);
  });
}

// What cannot be written is not shown; the run is none the worse for it.
void PreviewFiles::write(const Preview& preview) const {
  const std::filesystem::path file = folder_ / preview_file_name(preview);
  std::filesystem::path half = file;
  half += ".part";
  std::ofstream(half, std::ios::binary) << *preview.bytes;
  std::error_code ignored;
  std::filesystem::rename(half, file, ignored);
}

}  // namespace weft::cli
