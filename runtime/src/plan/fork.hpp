// SPDX-License-Identifier: Apache-2.0
// What a new run may take over from another one: the results of tasks that still mean the same and
// hang on nothing that does not. Pure.
//
// A task means the same when it asks for the same operation with the same params and the same
// artifacts, as bound in both runs; texts of expressions, retries, timeouts, priorities and budgets
// may differ. So what was paid for is bought again only where something else is asked for. What was
// skipped stays so, and what reads it is skipped. Made anew are tasks that come into the plan only
// in the run, rounds, tasks that use a pipeline, and those that run when nothing else does.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "model/binding.hpp"
#include "model/plan.hpp"
#include "model/records.hpp"

namespace weft {

// The run that is forked.
struct FormerRun {
  const Plan& plan;
  const json::object& run;               // what the variable `run` held
  const std::vector<TaskRecord>& tasks;  // all of them, by no
  const OutputsOf& outputs;
};

struct ForkStep {
  bool keep = false;
  TaskNo former = 0;   // of one that is kept: which task it was
  std::string reason;  // why it is made anew; "" of one that is kept, and of a group
};

// One for each node of `plan`. `anew`: tasks of the plan that are not kept in any case, by the
// names that people see: "video[3]", or "video" for all of its items.
std::vector<ForkStep> decide_fork(const Plan& plan, const FormerRun& former,
                                  const std::set<std::string, std::less<>>& anew);

}  // namespace weft
