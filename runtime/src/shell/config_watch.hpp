// SPDX-License-Identifier: Apache-2.0
// Whether the files of a configuration have changed: those that were read, and which files there
// are in their folders, since `include` takes what it finds. Looks at the names and stamps of
// files, not into them. For one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

namespace weft::shell {

class ConfigWatch {
 public:
  // No files: never changes.
  explicit ConfigWatch(const std::vector<std::filesystem::path>& files);
  // Since the last call, or since it was made. A change is told once two looks have found the same:
  // whoever writes several files, or a long one, is given the time between them.
  bool changed();

 private:
  // Name, inode, size and time of change.
  using Stamp = std::tuple<std::string, std::uint64_t, std::int64_t, std::int64_t, std::int64_t>;
  using Stamps = std::vector<Stamp>;
  Stamps look() const;

  std::vector<std::filesystem::path> folders_;
  Stamps told_;  // of the configuration as its user knows it
  Stamps last_;
};

}  // namespace weft::shell
