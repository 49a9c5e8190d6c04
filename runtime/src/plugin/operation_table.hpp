// SPDX-License-Identifier: Apache-2.0
// What a plugin started and gets events about: requests, timers, files on their way, children.
#pragma once
#include <weft/abi.h>

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace weft::plugin {

// One of them. Its functions run in the io thread, begin() once and first; it tells its end through
// Core::finish, possibly from within them.
class Operation {
 public:
  virtual ~Operation() = default;
  virtual void begin() = 0;
  // A wish; may come more than once, and before begin().
  virtual void cancel() = 0;
};

// The operations of one instance by the ids that the plugin gave them. Any thread.
class OperationTable {
 public:
  // False when the id is 0 or in use. `job` 0: for the instance.
  bool add(weft_id op, weft_id job, std::shared_ptr<Operation> operation) {
    const std::lock_guard lock(mutex_);
    return op != 0 && entries_.try_emplace(op, Entry{job, std::move(operation)}).second;
  }
  // Null when there is none.
  std::shared_ptr<Operation> find(weft_id op) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(op);
    return found == entries_.end() ? nullptr : found->second.operation;
  }
  // True for the one who removes it: the end of an operation is told once (law 4).
  bool remove(weft_id op) {
    const std::lock_guard lock(mutex_);
    return entries_.erase(op) > 0;
  }
  std::vector<std::shared_ptr<Operation>> of_job(weft_id job) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Operation>> found;
    for (const auto& [op, entry] : entries_)
      if (entry.job == job) found.push_back(entry.operation);
    return found;
  }
  std::vector<std::shared_ptr<Operation>> take_all() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Operation>> found;
    for (auto& [op, entry] : entries_) found.push_back(std::move(entry.operation));
    entries_.clear();
    return found;
  }

 private:
  struct Entry {
    weft_id job;
    std::shared_ptr<Operation> operation;
  };
  mutable std::mutex mutex_;
  std::unordered_map<weft_id, Entry> entries_;
};

}  // namespace weft::plugin
