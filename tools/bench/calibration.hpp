// SPDX-License-Identifier: Apache-2.0
// How quiet the machine is: without this beside them, durable figures say nothing.
#pragma once
#include <filesystem>

namespace weft::bench {

struct Calibration {
  double fdatasync_p50_us = 0;  // of 8 KiB written over itself
  double cpu_share = 0;         // of two threads that spin for 0.4 s: 1 when both cores are ours
  // What peers.md counts as a quiet moment.
  bool is_quiet() const noexcept { return fdatasync_p50_us <= 300 && cpu_share >= 0.9; }
};

Calibration calibrate(const std::filesystem::path& folder);

}  // namespace weft::bench
