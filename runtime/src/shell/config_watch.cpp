// SPDX-License-Identifier: Apache-2.0
#include "shell/config_watch.hpp"

#include <utility>

namespace weft::shell {

ConfigWatch::ConfigWatch(const Configuration& config) {
  for (const auto& [path, stamp] : config.read_from) {
    paths_.push_back(path);
    told_.push_back(stamp);
  }
  last_ = told_;
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
  for (const auto& path : paths_) stamps.push_back(stamp_of(path));
  return stamps;
}

}  // namespace weft::shell
