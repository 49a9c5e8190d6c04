// SPDX-License-Identifier: Apache-2.0
// From a command to a running child: fork and exec.
#pragma once
#include <sys/types.h>

#include <memory>

#include "plugin/child_process.hpp"

namespace weft::plugin {

// Closes what it owns.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  void reset() noexcept;

 private:
  int number_ = -1;
};

struct StartedChild {
  pid_t process = -1;  // also its process group
  Descriptor exited;   // a pidfd
  Descriptor out;      // its stdout and stderr; not blocking
  Descriptor error;
};

// Either a child or why there is none.
struct ChildStart {
  std::optional<StartedChild> child;
  ChildExit failure;
};
ChildStart start_child(const ChildCommand& command, int guardian);

}  // namespace weft::plugin
