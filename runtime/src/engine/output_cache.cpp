// SPDX-License-Identifier: Apache-2.0
#include "engine/output_cache.hpp"

#include <algorithm>

namespace weft::engine {
namespace {

// Of rounds: those after it were not needed.
json::value last_of(const json::array& rounds) {
  json::value last;
  for (const json::value& round : rounds)
    if (!round.is_null()) last = round;
  return last;
}

}  // namespace

void OutputCache::put(RunId run, TaskNo task, json::value outputs, BatchNo durable_with) {
  if (runs_[run].insert_or_assign(task, Entry{std::move(outputs), durable_with}).second) ++size_;
}

const json::value* OutputCache::get(RunId run, const Plan& plan, TaskNo task,
                                    std::vector<TaskNo>& missing) {
  Entries& entries = runs_[run];
  if (const auto found = entries.find(task); found != entries.end()) return &found->second.outputs;
  if (plan.nodes[task].group) return group(entries, plan, task, missing);
  missing.push_back(task);
  return nullptr;
}

const json::value* OutputCache::group(Entries& entries, const Plan& plan, TaskNo task,
                                      std::vector<TaskNo>& missing) {
  const std::uint32_t count = plan.nodes[task].item_count;
  const TaskNo first = count == 0 ? 0 : plan.first_item_of(task);
  json::array list;
  list.reserve(count);
  BatchNo durable_with = 0;
  const std::size_t missing_before = missing.size();
  for (TaskNo no = first; no < first + count; ++no) {
    const auto item = entries.find(no);
    if (item == entries.end()) {
      missing.push_back(no);
    } else {
      list.push_back(item->second.outputs);
      durable_with = std::max(durable_with, item->second.durable_with);
    }
  }
  if (missing.size() != missing_before) return nullptr;
  json::value outputs = plan.definition(task).repeat_until ? last_of(list) : json::value(list);
  ++size_;
  return &entries.emplace(task, Entry{std::move(outputs), durable_with}).first->second.outputs;
}

void OutputCache::forget(RunId run) {
  const auto found = runs_.find(run);
  if (found == runs_.end()) return;
  size_ -= found->second.size();
  runs_.erase(found);
}

void OutputCache::forget_made_up(RunId run, const Plan& plan) {
  const auto found = runs_.find(run);
  if (found == runs_.end()) return;
  size_ -= std::erase_if(found->second, [&](const auto& entry) {
    return entry.second.outputs.is_null() || plan.nodes[entry.first].group;
  });
}

void OutputCache::committed(BatchNo last) {
  if (size_ <= entries_at_most_) return;
  for (auto& [run, entries] : runs_)
    size_ -= std::erase_if(entries,
                           [last](const auto& entry) { return entry.second.durable_with <= last; });
}

}  // namespace weft::engine
