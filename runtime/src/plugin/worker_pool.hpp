// SPDX-License-Identifier: Apache-2.0
// Threads for work that blocks: plugins' executors, file copies, waiting for child processes.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace weft::plugin {

// Grows by a thread whenever work comes and none is idle, so that work never waits behind work that
// blocks; how much runs at a time is for those to limit who post. Threads live as long as the pool.
class WorkerPool {
 public:
  WorkerPool() = default;
  // Runs what was posted, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Any thread. `work` must not throw.
  void post(std::function<void()> work);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weft::plugin
