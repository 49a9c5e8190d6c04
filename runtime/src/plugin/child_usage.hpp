// SPDX-License-Identifier: Apache-2.0
// How much of the machine a child process takes.
#pragma once
#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "model/usage.hpp"

namespace weft::plugin {

// wait4 tells it at the end, but for two things, for which the child is looked at now and then
// while it lives. What it holds of graphics cards (gpu_memory.hpp). And its peak of memory: Linux
// counts into that what a process held before exec (setmax_mm_hiwater_rss in exec_mmap), which
// after a fork is as much as the runtime held. So that peak is believed only where it is beyond the
// runtime's own; below, the last VmHWM of proc(5) that was seen is.
class ChildUsage {
 public:
  using Clock = std::chrono::steady_clock;

  // Right after its exec. `proc`: where processes are told of.
  explicit ChildUsage(pid_t process, std::filesystem::path proc = "/proc");

  Clock::time_point next_look() const noexcept { return next_look_; }
  // Looks if it is time.
  void look(Clock::time_point now);
  // Of the child, which has been waited for, and what it waited for itself.
  Usage total(const rusage& waited) const;

 private:
  const pid_t process_;
  const std::filesystem::path proc_;
  const std::uint64_t inherited_bytes_;  // at most
  const Clock::time_point begun_ = Clock::now();
  Clock::time_point next_look_ = begun_;
  std::uint64_t seen_bytes_ = 0;
  std::uint64_t gpu_bytes_ = 0;  // the most seen
};

}  // namespace weft::plugin
