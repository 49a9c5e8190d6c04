// SPDX-License-Identifier: Apache-2.0
// A wish to stop that a thread in poll() hears.
#pragma once
#include "base/result.hpp"

namespace weft::plugin {

class StopSignal {
 public:
  // Kind machine when the process has no descriptor left.
  static result<StopSignal> create();
  ~StopSignal();
  StopSignal(StopSignal&& other) noexcept;
  StopSignal& operator=(StopSignal&&) = delete;

  // Any thread, as often as you like.
  void request() const noexcept;
  // Readable once it was requested.
  int descriptor() const noexcept { return descriptor_; }

 private:
  explicit StopSignal(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace weft::plugin
