// SPDX-License-Identifier: Apache-2.0
#include "shell/config_watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace weft::shell {

ConfigWatch::ConfigWatch(const Configuration& config) : paths_(config.files) {
  paths_.insert(paths_.end(), config.include_folders.begin(), config.include_folders.end());
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
  for (const auto& path : paths_) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0)
      stamps.emplace_back(status.st_ino, status.st_size, status.st_mtim.tv_sec,
                          status.st_mtim.tv_nsec);
    else
      stamps.emplace_back();
  }
  return stamps;
}

}  // namespace weft::shell
