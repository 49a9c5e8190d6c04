// SPDX-License-Identifier: Apache-2.0
// When to try again.
#pragma once
#include <cstdint>

#include "base/time.hpp"
#include "model/pipeline.hpp"

namespace weft::route {

// Exponential backoff with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog,
// 2015): a wait drawn evenly from [0, min(max_backoff, backoff * 2^(failures-1))]. `failures`
// counts from 1; `random` is any 64 even bits.
Duration backoff_delay(const RetryPolicy& policy, std::uint32_t failures,
                       std::uint64_t random) noexcept;

}  // namespace weft::route
