// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: what work took.
#pragma once
#include <cstdint>

namespace weft {

// What attempts took of machines, as far as anybody knows; 0: not known. Of GPU memory it is the
// most that was seen on the device on which it was most: of a service what was in use there, by
// whomever, and of programs that the runtime ran what they held themselves.
struct UsageView {
  std::int64_t cpu_ms = 0;         // of processors of this machine
  std::uint64_t memory_bytes = 0;  // of this machine: the most of one process
  std::uint64_t gpu_memory_bytes = 0;
  std::uint32_t queue_place = 0;  // when the service accepted it; 1: first in line
};

}  // namespace weft
