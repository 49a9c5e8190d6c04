// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: what work took.
#pragma once
#include <cstdint>

namespace weft {

// What attempts took of machines, as far as anybody knows; 0: not known.
struct UsageView {
  std::int64_t cpu_ms = 0;             // of processors of this machine
  std::uint64_t memory_bytes = 0;      // of this machine: the most of one process
  std::uint64_t gpu_memory_bytes = 0;  // in use on the fullest device, by whomever: the most seen
  std::uint32_t queue_place = 0;       // when the service accepted it; 1: first in line
};

}  // namespace weft
