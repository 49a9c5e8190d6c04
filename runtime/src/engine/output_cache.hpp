// SPDX-License-Identifier: Apache-2.0
// Outputs of ended nodes, as binding reads them. A cache before the store: what is durable may be
// thrown away any time and is loaded again; what is not durable yet stays.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "engine/ports.hpp"
#include "model/plan.hpp"

namespace weft::engine {

class OutputCache {
 public:
  explicit OutputCache(std::size_t entries_at_most) : entries_at_most_(entries_at_most) {}

  // `durable_with`: the batch that makes it durable; 0 when it came from the store.
  void put(RunId run, TaskNo task, json::value outputs, BatchNo durable_with);
  // The outputs of a node; of a group, the array of its items' outputs, or the outputs of the last
  // of its rounds. Null when some are not here: those are added to `missing`.
  const json::value* get(RunId run, const Plan& plan, TaskNo task, std::vector<TaskNo>& missing);
  void forget(RunId run);
  // Nulls, and what groups give: it may be otherwise when what has failed is tried again.
  void forget_made_up(RunId run, const Plan& plan);
  // Everything up to `last` is durable now.
  void committed(BatchNo last);

 private:
  struct Entry {
    json::value outputs;
    BatchNo durable_with = 0;
  };
  using Entries = std::unordered_map<TaskNo, Entry>;
  const json::value* group(Entries& entries, const Plan& plan, TaskNo task,
                           std::vector<TaskNo>& missing);

  std::unordered_map<RunId, Entries> runs_;
  std::size_t size_ = 0;
  std::size_t entries_at_most_;
};

}  // namespace weft::engine
