// SPDX-License-Identifier: Apache-2.0
// Definitions that child processes submit.
#pragma once
#include <weft/runtime.hpp>

namespace weft::bench {

constexpr int steps_of_a_pipeline = 10;

// W4: pipeline `n`, ten steps one after the other, each a purchase at the file service.
Submission stepping_pipeline(int n);
// W5: one task that waits for a slot; the one that has it sleeps an hour.
Submission waiting_pipeline();

}  // namespace weft::bench
