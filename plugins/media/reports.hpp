// SPDX-License-Identifier: Apache-2.0
// What ffmpeg says while it runs.
#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/plugin.hpp>

namespace media {

// The number of frames written so far, from a line of `-progress` ("frame=12"); -1 from any other.
int frames_of_progress(std::string_view line);

// Files by the name under which the task gave them: what people know them by.
using NamedPaths = std::vector<std::pair<std::string, std::string>>;  // name, path

// The last lines of stderr, with names in place of paths.
class LastWords {
 public:
  void hear(std::string_view line);
  std::string text(const NamedPaths& files) const;

 private:
  std::deque<std::string> lines_;
};

// Why a program of ffmpeg's failed, as an outcome: the disk, the build, the machine, or else the
// input.
weft::error explain_failure(const weft::exit_status& exit, const std::string& program,
                            const std::string& last_words);

}  // namespace media
