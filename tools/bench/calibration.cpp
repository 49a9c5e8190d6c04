// SPDX-License-Identifier: Apache-2.0
#include "calibration.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "harness.hpp"
#include "raw_disk.hpp"

namespace weft::bench {
namespace {

constexpr int spinning_threads = 2;
constexpr std::chrono::milliseconds spin_for{400};
constexpr int syncs = 201;

double cpu_share() {
  const double cpu = cpu_seconds();
  const auto begin = Clock::now();
  std::vector<std::jthread> threads;
  for (int i = 0; i < spinning_threads; ++i)
    threads.emplace_back([until = begin + spin_for] {
      while (Clock::now() < until) {
      }
    });
  threads.clear();
  return (cpu_seconds() - cpu) / (seconds_since(begin) * spinning_threads);
}

double fdatasync_p50_us(const std::filesystem::path& folder) {
  RawDisk disk(folder / "calibration");
  std::vector<double> took_us;
  for (int i = 0; i < syncs; ++i) {
    const auto begin = Clock::now();
    disk.overwrite();
    took_us.push_back(seconds_since(begin) * 1e6);
  }
  return statistics(took_us).median;
}

}  // namespace

Calibration calibrate(const std::filesystem::path& folder) {
  return {fdatasync_p50_us(folder), cpu_share()};
}

}  // namespace weft::bench
