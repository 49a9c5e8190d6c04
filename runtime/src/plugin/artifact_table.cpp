// SPDX-License-Identifier: Apache-2.0
#include "plugin/artifact_table.hpp"

namespace weft::plugin {

std::uint64_t ArtifactTable::id_of(const ArtifactInfo& artifact) {
  const std::lock_guard lock(mutex_);
  auto& id = ids_[{artifact.digest, artifact.media_type}];
  if (id == 0) {
    id = ++last_id_;
    artifacts_.emplace(id, artifact);
  }
  return id;
}

std::optional<ArtifactInfo> ArtifactTable::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = artifacts_.find(id);
  if (found == artifacts_.end()) return std::nullopt;
  return found->second;
}

}  // namespace weft::plugin
