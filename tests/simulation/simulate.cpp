// SPDX-License-Identifier: Apache-2.0
#include "simulate.hpp"

#include <algorithm>
#include <memory>

#include "world.hpp"

namespace weft::simulation {
namespace {

std::vector<std::string> lines_of(const Journal& journal, RunId run) {
  std::vector<std::string> lines;
  for (const Journal::Line& line : journal.lines())
    if (run == RunId{} || line.where.run == run || line.where.run == RunId{})
      lines.push_back(line.to_string());
  return lines;
}

Result simulate_chapter(const Options& options) {
  const auto world = std::make_unique<World>(options);
  Result result;
  try {
    world->run();
  } catch (const Violation& violation) {
    Failure& failure = result.failure.emplace();
    failure.options = options;
    failure.rule = violation.rule;
    failure.what = violation.what();
    failure.step = world->scene().counts.steps;
    failure.run = violation.run;
    if (const StoredRunRows* run = world->store().find(violation.run))
      failure.definition = run->plan->root().pipeline->source;
  }
  result.counts = world->scene().counts;
  result.hash = world->scene().journal.hash();
  result.lines = lines_of(world->scene().journal, result.failure ? result.failure->run : RunId{});
  return result;
}

}  // namespace

Result simulate(const Options& options) {
  constexpr std::uint64_t steps_of_a_chapter = 50'000;
  Options chapter = options;
  Result result;
  for (std::uint64_t left = options.steps;; ++chapter.chapter) {
    chapter.steps = std::min(left, steps_of_a_chapter);
    left -= chapter.steps;
    Result part = simulate_chapter(chapter);
    result.counts.add(part.counts);
    result.hash = result.hash * 0x100000001b3u ^ part.hash;
    result.lines.insert(result.lines.end(), part.lines.begin(), part.lines.end());
    result.failure = std::move(part.failure);
    if (result.failure || left == 0) return result;
  }
}

}  // namespace weft::simulation
