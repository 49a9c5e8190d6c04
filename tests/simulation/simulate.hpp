// SPDX-License-Identifier: Apache-2.0
// One simulation from its options: what happened, and which rule broke, if any.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "journal.hpp"
#include "options.hpp"

namespace weft::simulation {

struct Failure {
  Options options;  // of the chapter that broke the rule
  std::string rule;
  std::string what;
  std::uint64_t step = 0;
  RunId run;               // nil: of no run in particular
  std::string definition;  // of that run, as written
};

struct Result {
  Counts counts;
  std::uint64_t hash = 0;  // of the whole history
  std::optional<Failure> failure;
  std::vector<std::string> lines;  // the newest of the history, when the options keep them: those
                                   // of the failure's run, if there is one
};

// Stops at the first rule that breaks.
Result simulate(const Options& options);

// Smaller options that break the same rule: fewer steps, runs, tasks, kinds of trouble. `tell`
// hears of each that does.
Options shrink(const Failure& failure, void (*tell)(const Options&));

// Switches one kind of trouble off, by its name in Troubles; false when there is none of that name.
bool switch_off(Options& options, const std::string& trouble);
// The options as arguments of the program.
std::string command_line(const Options& options);

}  // namespace weft::simulation
