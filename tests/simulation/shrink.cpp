// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "simulate.hpp"

namespace weft::simulation {
namespace {

struct Switch {
  const char* name;
  bool Troubles::*member;
};
constexpr std::array switches{
    Switch{"crashes", &Troubles::crashes},
    Switch{"store_failures", &Troubles::store_failures},
    Switch{"fencing", &Troubles::fencing},
    Switch{"shutdowns", &Troubles::shutdowns},
    Switch{"service_changes", &Troubles::service_changes},
    Switch{"failures", &Troubles::failures},
    Switch{"hangs", &Troubles::hangs},
    Switch{"duplicates", &Troubles::duplicates},
    Switch{"commands", &Troubles::commands},
    Switch{"drains", &Troubles::drains},
    Switch{"pauses", &Troubles::pauses},
    Switch{"cancels", &Troubles::cancels},
    Switch{"retries", &Troubles::retries},
    Switch{"skips", &Troubles::skips},
    Switch{"settles", &Troubles::settles},
    Switch{"answers", &Troubles::answers},
};

// The same words but for numbers.
bool is_alike(const Failure& a, const Failure& b) {
  const auto words = [](std::string text) {
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return text;
  };
  return a.rule == b.rule && words(a.what) == words(b.what);
}

// Whether `smaller` breaks the same rule; it then stops where that happens.
bool still_breaks(Options& smaller, const Failure& failure) {
  const Result result = simulate(smaller);
  if (!result.failure || !is_alike(*result.failure, failure)) return false;
  smaller.steps = std::min(smaller.steps, result.failure->step + 1);
  return true;
}

// One pass over everything that can be made smaller; true when something was.
bool shrink_once(Options& options, const Failure& failure, void (*tell)(const Options&)) {
  bool shrunk = false;
  const auto attempt = [&](Options smaller) {
    if (!still_breaks(smaller, failure)) return false;
    options = smaller;
    tell(options);
    return shrunk = true;
  };
  for (const Switch& one : switches) {
    if (!(options.troubles.*one.member)) continue;
    Options smaller = options;
    smaller.troubles.*one.member = false;
    attempt(smaller);
  }
  for (std::uint32_t Options::*size : {&Options::together_at_most, &Options::tasks_at_most}) {
    Options smaller = options;
    while (smaller.*size > 1) {
      smaller.*size = smaller.*size / 2;
      if (!attempt(smaller)) break;
      smaller = options;
    }
  }
  constexpr std::uint32_t few_runs = 64;
  for (std::uint32_t runs = std::min(options.runs_at_most, few_runs); runs > 1; runs /= 2) {
    Options smaller = options;
    smaller.runs_at_most = runs - 1;
    if (!attempt(smaller)) break;
  }
  return shrunk;
}

}  // namespace

Options shrink(const Failure& failure, void (*tell)(const Options&)) {
  const Options& options = failure.options;
  Options smallest = options;
  smallest.steps = failure.step + 1;
  // Other seeds may show the same with less.
  constexpr std::uint64_t other_seeds = 20, short_steps = 500;
  for (std::uint64_t more = 0; more < other_seeds && smallest.steps > short_steps; ++more) {
    Options other = options;
    other.seed = options.seed + more;
    other.steps = short_steps;
    if (still_breaks(other, failure)) smallest = other;
  }
  constexpr int passes_at_most = 4;
  for (int pass = 0; pass < passes_at_most && shrink_once(smallest, failure, tell); ++pass) {
  }
  return smallest;
}

std::string command_line(const Options& options) {
  const Options usual;
  std::string text =
      "--seed " + std::to_string(options.seed) + " --steps " + std::to_string(options.steps);
  if (options.chapter != 0) text += " --chapter " + std::to_string(options.chapter);
  if (!options.fault.empty()) text += " --fault " + options.fault;
  if (options.runs_at_most != usual.runs_at_most)
    text += " --runs " + std::to_string(options.runs_at_most);
  if (options.together_at_most != usual.together_at_most)
    text += " --together " + std::to_string(options.together_at_most);
  if (options.tasks_at_most != usual.tasks_at_most)
    text += " --tasks " + std::to_string(options.tasks_at_most);
  for (const Switch& one : switches)
    if (!(options.troubles.*one.member)) text += std::string(" --no ") + one.name;
  return text;
}

bool switch_off(Options& options, const std::string& trouble) {
  for (const Switch& one : switches)
    if (trouble == one.name) return options.troubles.*one.member = false, true;
  return false;
}

}  // namespace weft::simulation
