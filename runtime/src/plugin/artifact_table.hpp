// SPDX-License-Identifier: Apache-2.0
// The artifacts that plugins of this process have names for.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/digest.hpp"
#include "model/artifact.hpp"

namespace weft::plugin {

// Gives each content of one media type one id, for as long as the process lives (abi.h, law 3). Any
// thread.
class ArtifactTable {
 public:
  // `last_id` is the source of all ids of the host; it must outlive the table.
  explicit ArtifactTable(std::atomic<std::uint64_t>& last_id) : last_id_(last_id) {}
  std::uint64_t id_of(const ArtifactInfo& artifact);
  std::optional<ArtifactInfo> find(std::uint64_t id) const;

 private:
  mutable std::mutex mutex_;
  std::atomic<std::uint64_t>& last_id_;
  std::map<std::pair<Digest, std::string>, std::uint64_t> ids_;
  std::unordered_map<std::uint64_t, ArtifactInfo> artifacts_;
};

}  // namespace weft::plugin
