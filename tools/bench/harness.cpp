// SPDX-License-Identifier: Apache-2.0
#include "harness.hpp"

#include <algorithm>
#include <ctime>

namespace weft::bench {
namespace {

constexpr double noisy_spread = 2;

std::vector<double> each(const std::vector<Slice>& slices, double (Slice::*measure)() const) {
  std::vector<double> values;
  for (const Slice& slice : slices) values.push_back((slice.*measure)());
  return values;
}

void calibrate(Figure& figure, const Comparison& comparison) {
  const Statistics raw = statistics(each(comparison.raw, &Slice::rate));
  figure.calibration = {{"raw_per_s", raw.median},
                        {"ours_per_s", statistics(each(comparison.ours, &Slice::rate)).median},
                        {"raw_cpu_us", statistics(each(comparison.raw, &Slice::cpu_us)).median},
                        {"ours_cpu_us", statistics(each(comparison.ours, &Slice::cpu_us)).median}};
  if (raw.max > noisy_spread * raw.min) figure.note = "noisy";
}

// Of each round its own two slices.
Figure ratio(std::string row, Goal goal, const Comparison& comparison,
             double (Slice::*measure)() const) {
  std::vector<double> ratios = each(comparison.ours, measure);
  const std::vector<double> raw = each(comparison.raw, measure);
  for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] /= raw[i];
  Figure made = figure(std::move(row), "x raw", goal, ratios);
  calibrate(made, comparison);
  return made;
}

}  // namespace

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Slice run_slice(const Work& work, std::chrono::milliseconds budget) {
  Slice slice;
  const double cpu = cpu_seconds();
  const auto begin = Clock::now();
  slice.operations = work(begin + budget);
  slice.seconds = seconds_since(begin);
  slice.cpu_seconds = cpu_seconds() - cpu;
  return slice;
}

Statistics statistics(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, values.front(), values.back()};
}

Comparison compare(const Budget& budget, const Work& raw, const Work& ours) {
  run_slice(raw, budget.slice);
  run_slice(ours, budget.slice);
  Comparison comparison;
  for (int round = 0; round < budget.rounds; ++round) {
    const bool raw_first = round % 2 == 0;
    if (raw_first) comparison.raw.push_back(run_slice(raw, budget.slice));
    comparison.ours.push_back(run_slice(ours, budget.slice));
    if (!raw_first) comparison.raw.push_back(run_slice(raw, budget.slice));
  }
  return comparison;
}

std::optional<bool> Figure::holds() const {
  switch (goal.direction) {
    case Goal::Direction::at_least:
      return value.max >= goal.limit;
    case Goal::Direction::at_most:
      return value.min <= goal.limit;
    case Goal::Direction::none:
      break;
  }
  return std::nullopt;
}

Figure figure(std::string row, std::string unit, Goal goal, const std::vector<double>& rounds) {
  return {std::move(row), std::move(unit), goal, statistics(rounds), {}, {}};
}

Figure rate_ratio(std::string row, Goal goal, const Comparison& comparison) {
  return ratio(std::move(row), goal, comparison, &Slice::rate);
}
Figure time_ratio(std::string row, Goal goal, const Comparison& comparison) {
  return ratio(std::move(row), goal, comparison, &Slice::us);
}
Figure cpu_ratio(std::string row, Goal goal, const Comparison& comparison) {
  return ratio(std::move(row), goal, comparison, &Slice::cpu_us);
}

}  // namespace weft::bench
