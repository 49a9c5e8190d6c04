// SPDX-License-Identifier: Apache-2.0
#include "plugin/stop_signal.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace weft::plugin {

result<StopSignal> StopSignal::create() {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) return machine(std::string("eventfd: ") + std::strerror(errno));
  return StopSignal(descriptor);
}

StopSignal::StopSignal(StopSignal&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

StopSignal::~StopSignal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void StopSignal::request() const noexcept {
  (void)::eventfd_write(descriptor_, 1);
}

}  // namespace weft::plugin
