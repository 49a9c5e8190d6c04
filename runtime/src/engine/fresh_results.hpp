// SPDX-License-Identifier: Apache-2.0
// Results that the store may not know yet, for tasks that ask for the same: those that are not
// durable, and those that have become so since somebody looked.
#pragma once
#include <unordered_map>

#include "base/digest.hpp"
#include "engine/ports.hpp"
#include "model/result_key.hpp"

namespace weft::engine {

class FreshResults {
 public:
  // `durable_with`: the batch that makes it durable.
  void put(FoundResult result, BatchNo durable_with);
  // Null when there is none, or when it was made before `made_after`.
  const FoundResult* find(const Digest& key, Timestamp made_after) const;
  // What is durable by now can be found in the store by whoever looks from now on.
  void forget_durable(BatchNo last_durable);
  bool empty() const noexcept { return results_.empty(); }

 private:
  struct Entry {
    FoundResult result;
    BatchNo durable_with = 0;
  };
  std::unordered_map<Digest, Entry> results_;
};

}  // namespace weft::engine
