// SPDX-License-Identifier: Apache-2.0
// What a plan comes to, for people: one row per task of the definition, in the order in which they
// can run.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/plan.hpp"

namespace weft {

struct PlannedTask {
  std::string name;
  std::string operation;
  std::uint32_t attempts_planned = 0;  // services asked if all goes well: 1, or the number of items
  bool for_each = false;
  bool conditional = false;            // has an `if`, so it may be skipped
  std::vector<std::string> waits_for;  // names of the tasks it reads or needs, each once, sorted
  std::uint32_t depth = 0;  // the longest way to it: tasks of one depth can run at the same time
};

struct PlanSummary {
  std::string pipeline;
  std::vector<PlannedTask> tasks;
  std::uint32_t nodes = 0;  // rows of the run: tasks, groups and items
  std::uint32_t edges = 0;
  std::uint32_t attempts_planned = 0;  // of all tasks
  std::vector<std::string> outputs;    // of the run
};

PlanSummary describe(const Plan& plan);

}  // namespace weft
