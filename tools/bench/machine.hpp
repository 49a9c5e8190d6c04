// SPDX-License-Identifier: Apache-2.0
// What the kernel and the allocator say about memory.
#pragma once
#include <sys/types.h>

#include <cstddef>

namespace weft::bench {

// Bytes that this process has allocated and not freed: no noise, no page rounding.
std::size_t heap_bytes();
// Proportional share of memory of a process, in bytes; throws std::runtime_error when it has gone.
std::size_t pss_bytes(pid_t process);
// Resident memory of this process.
std::size_t resident_bytes();

}  // namespace weft::bench
