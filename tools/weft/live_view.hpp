// SPDX-License-Identifier: Apache-2.0
// What a run looks like while it goes on: a pure function from its state to lines.
#pragma once
#include <weft/runtime.hpp>

#include <string>
#include <vector>

namespace weft::cli {

struct LiveState {
  RunView run;
  std::vector<TaskView> running;  // by number; may be only the first of them
  std::vector<TaskView> waiting;  // likewise
  TimePoint now{};
  bool color = false;
};

// At most `height` lines of at most `width` columns each (colour sequences take none):
//
//   three_shot_film 0192f0c1-abcd  2m 5s  1.20 USD of 5.00 USD
//   ━━━━━━━━━━━━━━────────────── 12/30  2 running  1 failed  15 pending
//     video[3]  comfy-a  ━━━━━━━━────  62%  denoise  41s  0.04 USD
//     video[4]  comfy-b  ────────────       queued   12s
//     approve   waits for an approval
//
// A narrow terminal loses the bars first, then stage, cost and service. What does not fit in height
// is counted in a last line.
std::vector<std::string> render(const LiveState& state, int width, int height);

// The tasks of a run that have ended well, and all of them.
struct Completion {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};
Completion completion_of(const RunView& run);

}  // namespace weft::cli
