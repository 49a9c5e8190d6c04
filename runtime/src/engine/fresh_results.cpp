// SPDX-License-Identifier: Apache-2.0
#include "engine/fresh_results.hpp"

namespace weft::engine {

void FreshResults::put(FoundResult result, BatchNo durable_with) {
  const Digest key = result.key->digest;
  results_.insert_or_assign(key, Entry{std::move(result), durable_with});
}

const FoundResult* FreshResults::find(const Digest& key, Timestamp made_after) const {
  const auto found = results_.find(key);
  if (found == results_.end() || found->second.result.origin.made_at < made_after) return nullptr;
  return &found->second.result;
}

void FreshResults::forget_durable(BatchNo last_durable) {
  std::erase_if(results_,
                [&](const auto& entry) { return entry.second.durable_with <= last_durable; });
}

}  // namespace weft::engine
