// SPDX-License-Identifier: Apache-2.0
#include "engine/output_cache.hpp"

#include <algorithm>

namespace weft::engine {

void OutputCache::put(RunId run, TaskNo task, json::value outputs, BatchNo durable_with) {
  if (runs_[run].insert_or_assign(task, Entry{std::move(outputs), durable_with}).second) ++size_;
}

const json::value* OutputCache::get(RunId run, const Plan& plan, TaskNo task,
                                    std::vector<TaskNo>& missing) {
  Entries& entries = runs_[run];
  if (const auto found = entries.find(task); found != entries.end()) return &found->second.outputs;
  if (plan.nodes[task].group) return group(entries, plan.nodes[task], task, missing);
  missing.push_back(task);
  return nullptr;
}

const json::value* OutputCache::group(Entries& entries, const PlanNode& node, TaskNo task,
                                      std::vector<TaskNo>& missing) {
  json::array list;
  list.reserve(node.item_count);
  BatchNo durable_with = 0;
  const std::size_t missing_before = missing.size();
  for (std::uint32_t i = 1; i <= node.item_count; ++i) {
    const auto item = entries.find(task + i);
    if (item == entries.end()) {
      missing.push_back(task + i);
    } else {
      list.push_back(item->second.outputs);
      durable_with = std::max(durable_with, item->second.durable_with);
    }
  }
  if (missing.size() != missing_before) return nullptr;
  ++size_;
  return &entries.emplace(task, Entry{std::move(list), durable_with}).first->second.outputs;
}

void OutputCache::forget(RunId run) {
  const auto found = runs_.find(run);
  if (found == runs_.end()) return;
  size_ -= found->second.size();
  runs_.erase(found);
}

void OutputCache::committed(BatchNo last) {
  if (size_ <= entries_at_most_) return;
  for (auto& [run, entries] : runs_)
    size_ -= std::erase_if(entries,
                           [last](const auto& entry) { return entry.second.durable_with <= last; });
}

}  // namespace weft::engine
