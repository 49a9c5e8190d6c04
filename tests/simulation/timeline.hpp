// SPDX-License-Identifier: Apache-2.0
// Virtual time: a queue of things that will happen. What is due at one moment happens in the order
// in which it was planned.
#pragma once
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace weft::simulation {

class Timeline {
 public:
  using Happening = std::function<void()>;

  Timestamp now() const noexcept { return now_; }
  void at(Timestamp moment, Happening happening) {
    queue_.push_back({std::max(moment, now_), next_++, std::move(happening)});
    std::push_heap(queue_.begin(), queue_.end(), Later{});
  }
  void after(Duration span, Happening happening) { at(now_ + span, std::move(happening)); }
  bool empty() const noexcept { return queue_.empty(); }
  // The next thing happens.
  void run_next() {
    std::pop_heap(queue_.begin(), queue_.end(), Later{});
    const Planned next = std::move(queue_.back());
    queue_.pop_back();
    now_ = next.at;
    next.happening();
  }

 private:
  struct Planned {
    Timestamp at{};
    std::uint64_t order = 0;
    Happening happening;
  };
  struct Later {
    bool operator()(const Planned& a, const Planned& b) const noexcept {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  std::vector<Planned> queue_;
  std::uint64_t next_ = 0;
  Timestamp now_ = from_unix_ms(1'700'000'000'000);
};

}  // namespace weft::simulation
