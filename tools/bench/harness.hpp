// SPDX-License-Identifier: Apache-2.0
// Measuring on a machine that others use too: the raw loop and the runtime's path run in one
// program, in short slices that take turns, and only the ratio within a round counts.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::bench {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin);
// CPU time of this process so far, over all threads.
double cpu_seconds();

// Does operations until the moment has come, finishes what it began, and answers how many it did.
using Work = std::function<std::uint64_t(Clock::time_point until)>;

struct Slice {
  std::uint64_t operations = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  double rate() const { return static_cast<double>(operations) / seconds; }
  double us() const { return seconds * 1e6 / static_cast<double>(operations); }
  double cpu_us() const { return cpu_seconds * 1e6 / static_cast<double>(operations); }
};

struct Budget {
  int rounds = 9;
  std::chrono::milliseconds slice{400};
};

Slice run_slice(const Work& work, std::chrono::milliseconds budget);

struct Statistics {
  double median = 0;
  double min = 0;
  double max = 0;
};
Statistics statistics(std::vector<double> values);

// Rounds of a raw slice and one of ours; who goes first changes with each round. A first, uncounted
// round warms up.
struct Comparison {
  std::vector<Slice> raw;
  std::vector<Slice> ours;
};
Comparison compare(const Budget& budget, const Work& raw, const Work& ours);

// What a figure should reach. The best round decides whether it does: noise only ever makes it
// worse.
struct Goal {
  enum class Direction { none, at_least, at_most };
  Direction direction = Direction::none;
  double limit = 0;
};
constexpr Goal at_least(double limit) {
  return {Goal::Direction::at_least, limit};
}
constexpr Goal at_most(double limit) {
  return {Goal::Direction::at_most, limit};
}

// One line of the table.
struct Figure {
  std::string row;
  std::string unit;
  Goal goal;
  Statistics value;
  std::string note;                                         // of noise, or of what is counted
  std::vector<std::pair<std::string, double>> calibration;  // what was measured beside it

  std::optional<bool> holds() const;
};

Figure figure(std::string row, std::string unit, Goal goal, const std::vector<double>& rounds);
// ours ÷ raw by rate, with the raw rate, our rate and the CPU of both beside it, and a note when
// the raw slices spread more than twofold.
Figure rate_ratio(std::string row, Goal goal, const Comparison& comparison);
// ours ÷ raw by time for each operation.
Figure time_ratio(std::string row, Goal goal, const Comparison& comparison);
// The same by CPU time, for what touches no disk and no other thread.
Figure cpu_ratio(std::string row, Goal goal, const Comparison& comparison);

}  // namespace weft::bench
