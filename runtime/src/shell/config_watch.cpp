// SPDX-License-Identifier: Apache-2.0
#include "shell/config_watch.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>

namespace weft::shell {

ConfigWatch::ConfigWatch(const std::vector<std::filesystem::path>& files) {
  for (const auto& file : files) folders_.push_back(std::filesystem::absolute(file).parent_path());
  std::ranges::sort(folders_);
  folders_.erase(std::ranges::unique(folders_).begin(), folders_.end());
  told_ = last_ = look();
}

bool ConfigWatch::changed() {
  Stamps now = look();
  const bool settled = now == last_;
  last_ = std::move(now);
  if (!settled || last_ == told_) return false;
  told_ = last_;
  return true;
}

ConfigWatch::Stamps ConfigWatch::look() const {
  Stamps stamps;
  for (const auto& folder : folders_) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
      struct stat status {};
      if (entry.path().extension() != ".toml" || ::stat(entry.path().c_str(), &status) != 0)
        continue;
      stamps.emplace_back(entry.path().string(), status.st_ino, status.st_size,
                          status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    }
  }
  std::ranges::sort(stamps);
  return stamps;
}

}  // namespace weft::shell
