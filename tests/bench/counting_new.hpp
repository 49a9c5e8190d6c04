// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace weft::bench {

// How often this program has called operator new so far, over all threads.
std::uint64_t allocations() noexcept;

}  // namespace weft::bench
