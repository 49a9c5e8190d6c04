// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "model/plan.hpp"

namespace weft::bench {

// A pool of one thread with a mutex and a queue, and a counter per node: what runs a graph of empty
// tasks when nothing has to be durable, bound, routed or told.
class RawPool {
 public:
  explicit RawPool(const Plan& plan);
  ~RawPool();
  RawPool(const RawPool&) = delete;
  RawPool& operator=(const RawPool&) = delete;

  // Runs every node once.
  void run();

 private:
  void post(TaskNo node);
  void execute(TaskNo node);
  void loop();

  std::vector<std::uint32_t> first_edge_;
  std::vector<TaskNo> dependents_;
  std::vector<std::uint32_t> in_degree_;
  std::vector<std::uint32_t> open_;
  std::size_t left_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  std::queue<std::function<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weft::bench
