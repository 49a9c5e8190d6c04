// SPDX-License-Identifier: Apache-2.0
// Kills the process groups of child processes when the runtime dies, however it dies.
#pragma once
#include <sys/types.h>

#include <mutex>

#include "base/result.hpp"

namespace weft::plugin {

// PDEATHSIG kills a child with its parent, but not the child's children. So a small process of its
// own, forked when the first child is started, reads the ids of process groups from a pipe that
// only the runtime can write to. Its end of file means that the runtime is gone: then it kills
// every group that was announced and not taken back, and goes too.
class Guardian {
 public:
  Guardian() = default;
  ~Guardian();
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;

  // The pipe's end to write to, made the first time. Kind machine.
  result<int> descriptor();

  // One message. Async-signal-safe: a child announces its own group between fork and exec, so none
  // is ever missed.
  static void announce(int descriptor, pid_t group) noexcept;
  static void take_back(int descriptor, pid_t group) noexcept;

 private:
  std::mutex mutex_;
  int descriptor_ = -1;
  pid_t process_ = -1;
};

}  // namespace weft::plugin
