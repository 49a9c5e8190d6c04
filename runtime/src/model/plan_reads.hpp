// SPDX-License-Identifier: Apache-2.0
// What the expressions of a task refer to in a plan: the same answer for its edges and for its
// binding.
#pragma once
#include <optional>

#include "expr/program.hpp"
#include "model/plan.hpp"

namespace weft {

// The variables that a node's expressions may use before anything has run: inputs, and item, index
// and key of an item.
expr::Bindings bindings_of(const Plan& plan, TaskNo task);
// The same for the pipeline's outputs.
expr::Bindings bindings_of_outputs(const Plan& plan);

// The node that a read means. tasks.x[i] with a known i is that item; any other use of a for_each
// task is its group. Nothing when i lies outside the list in an expression that may never come to
// evaluate it; an error when it is certain to.
result<std::optional<TaskNo>> resolve_read(const Plan& plan, const TaskRead& read,
                                           const expr::Bindings& bindings);

}  // namespace weft
