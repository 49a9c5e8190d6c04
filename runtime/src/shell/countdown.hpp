// SPDX-License-Identifier: Apache-2.0
// Waiting for several things to happen, which somebody may cut short.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace weft::shell {

// Any thread.
class Countdown {
 public:
  explicit Countdown(std::size_t count = 0) : left_(count) {}

  void start(std::size_t count) {
    const std::lock_guard lock(mutex_);
    left_ = count;
  }
  void count_down() {
    const std::lock_guard lock(mutex_);
    if (left_ > 0) --left_;
    changed_.notify_all();
  }
  // Every wait() returns from now on.
  void hasten() {
    const std::lock_guard lock(mutex_);
    hastened_ = true;
    changed_.notify_all();
  }
  // Until nothing is left, until hasten(), or for so long.
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over(); });
  }
  void wait_for(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [this] { return over(); });
  }

 private:
  bool over() const { return left_ == 0 || hastened_; }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t left_;
  bool hastened_ = false;
};

}  // namespace weft::shell
