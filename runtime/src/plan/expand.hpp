// SPDX-License-Identifier: Apache-2.0
// From a pipeline and its inputs to a plan. Pure: equal definitions and inputs give equal plans.
#pragma once
#include <memory>

#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/batch.hpp"
#include "model/plan.hpp"

namespace weft {

// Checks the inputs against their declarations (all mistakes together, kind `invalid`), fills in
// defaults, and expands everything that does not hang on what a run brings. Nodes are numbered in
// the order of Pipeline::tasks; a group stands before its items, and what a task's body holds comes
// after all that. Costs O(nodes + edges).
result<Plan> expand(std::shared_ptr<const Pipeline> pipeline, json::object inputs);
// The plan of a run that is loaded, with what it has expanded since. Edges into what is not among
// its unfinished tasks are left out: nothing waits there any more, and of a run that is nearly done
// these are nearly all.
result<Plan> expand_again(std::shared_ptr<const Pipeline> pipeline, const StoredRun& stored);

}  // namespace weft
