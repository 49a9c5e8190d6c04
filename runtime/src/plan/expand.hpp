// SPDX-License-Identifier: Apache-2.0
// From a pipeline and its inputs to a plan. Pure: equal definitions and inputs give equal plans.
#pragma once
#include <memory>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/plan.hpp"

namespace weft {

// Checks the inputs against their declarations (all mistakes together, kind `invalid`), fills in
// defaults, and expands every for_each. Nodes are numbered in the order of Pipeline::tasks; a group
// stands before its items. Costs O(nodes + edges).
result<Plan> expand(std::shared_ptr<const Pipeline> pipeline, json::object inputs);

}  // namespace weft
