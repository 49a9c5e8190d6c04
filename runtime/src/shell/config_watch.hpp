// SPDX-License-Identifier: Apache-2.0
// Whether the files of a configuration have changed: those that were read, and the folders that
// `include` looks into, where files may come and go. Looks at their stamps, not into them. For one
// thread at a time.
#pragma once
#include <filesystem>
#include <vector>

#include "base/file_stamp.hpp"
#include "model/config.hpp"

namespace weft::shell {

class ConfigWatch {
 public:
  // A configuration that was not read from files never changes.
  explicit ConfigWatch(const Configuration& config);
  // Since the last call, or since the configuration was read. A change is told once two looks have
  // found the same: whoever writes several files, or a long one, is given the time between them.
  bool changed();

 private:
  using Stamps = std::vector<FileStamp>;
  Stamps look() const;

  std::vector<std::filesystem::path> paths_;
  Stamps told_;  // of the configuration as its user knows it
  Stamps last_;
};

}  // namespace weft::shell
