// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: what is to be removed (Runtime::clean).
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

struct Cleaning {
  std::optional<std::chrono::milliseconds> runs_older_than;  // unset: no run is removed
  bool paid = false;                                         // also runs that cost money
  bool yes = false;                                          // false: only tell
};
struct CleaningReport {
  std::vector<std::string> runs;
  std::vector<std::string> runs_kept_for_paid;
  std::uint64_t results = 0;  // of the cache, which are too old or too many
  std::uint64_t blobs = 0;
  std::uint64_t blob_bytes = 0;
};

}  // namespace weft
