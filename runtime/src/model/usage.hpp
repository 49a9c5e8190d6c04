// SPDX-License-Identifier: Apache-2.0
// What an attempt took of machines, as far as anybody knows.
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace weft {

// Zero: not known. Of GPU memory it is the most that was seen on the device on which it was most:
// of a service what was in use there, by whomever, and of child processes what they held
// themselves.
struct Usage {
  Duration cpu{};                  // of processors of this machine, user and system together
  std::uint64_t memory_bytes = 0;  // of this machine, resident: the most of one process
  std::uint64_t gpu_memory_bytes = 0;
  std::uint32_t queue_place = 0;  // when the service accepted it; 1: it was the first

  // Of several parts, or attempts: what was spent adds up, of the rest the most counts.
  void add(const Usage& other) {
    cpu += other.cpu;
    memory_bytes = std::max(memory_bytes, other.memory_bytes);
    gpu_memory_bytes = std::max(gpu_memory_bytes, other.gpu_memory_bytes);
    queue_place = std::max(queue_place, other.queue_place);
  }
  bool operator==(const Usage&) const = default;
};

}  // namespace weft
