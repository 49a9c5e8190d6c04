// SPDX-License-Identifier: Apache-2.0
// A folder with a configuration, definitions and a state folder, in which `weft` is used.
#pragma once
#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "program.hpp"
#include "temp_folder.hpp"

namespace weft::testing {

class Place {
 public:
  // `services`: TOML that follows the [classes] of the configuration.
  explicit Place(std::string_view services = {});

  const std::filesystem::path& folder() const noexcept { return folder_.path(); }
  std::filesystem::path state() const { return folder() / "state"; }
  std::filesystem::path config() const { return folder() / "weft.toml"; }
  // Answers the file's path.
  std::string write(const std::string& name, std::string_view text) const;

  // `weft` with this state folder, and this configuration or another one.
  std::vector<std::string> command(const std::vector<std::string>& arguments) const;
  std::vector<std::string> command(const std::vector<std::string>& arguments,
                                   const std::string& other_config) const;
  Program start(const std::vector<std::string>& arguments) const;
  Finished weft(const std::vector<std::string>& arguments) const;

  // The log of a run, or of all: what `weft events --json` prints.
  std::vector<json::object> events(const std::string& run = {}) const;
  // What `weft runs --json` prints, newest first.
  json::array runs() const;
  json::object run(const std::string& id) const;
  // The one run of this place, or the newest.
  std::string newest_run() const;

 private:
  TempFolder folder_;
};

// Is `member` this text?
bool has(const json::object& object, std::string_view member, std::string_view text);
// How many events are of `type`, and of `task` unless that is "".
int count_events(const std::vector<json::object>& events, std::string_view type,
                 std::string_view task = {});
// The tasks that succeeded more than once, or were started again after they had succeeded.
std::vector<std::string> tasks_done_again(const std::vector<json::object>& events);

// What ffprobe says about a film; a picture is one of one frame that takes no time.
struct Film {
  std::string codec;
  std::string pixel_format;
  std::string frame_rate;  // "24/1"
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t frames = 0;  // decoded one by one
  double duration_seconds = 0;
  bool operator==(const Film&) const = default;
};
Film probe(const std::filesystem::path& file, const std::filesystem::path& folder);

// The digest in hex.
std::string sha256_of(const std::filesystem::path& file);

}  // namespace weft::testing
