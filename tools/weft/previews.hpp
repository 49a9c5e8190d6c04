// SPDX-License-Identifier: Apache-2.0
// Previews of a run as files that anybody's viewer can show: the newest of each task.
#pragma once
#include <weft/runtime.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace weft::cli {

// "scene[2]/shot[5]" of "image/jpeg": "scene[2]_shot[5].jpg".
std::string preview_file_name(const Preview& preview);

// Writes them from a thread of its own, as long as it lives. A file is replaced as a whole, so that
// nobody ever sees half of one.
class PreviewFiles {
 public:
  // Makes the folder.
  static result<std::unique_ptr<PreviewFiles>> start(Runtime& runtime, const std::string& run,
                                                     const std::filesystem::path& folder);

 private:
  PreviewFiles(std::unique_ptr<PreviewWatch> watch, std::filesystem::path folder);
  void write(const Preview& preview) const;

  std::unique_ptr<PreviewWatch> watch_;
  std::filesystem::path folder_;
  std::jthread thread_;
};

}  // namespace weft::cli
