// SPDX-License-Identifier: Apache-2.0
// What the expressions of a task refer to in a plan: the same answer for its edges and for its
// binding.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "expr/program.hpp"
#include "model/plan.hpp"

namespace weft {

// The variables that a node's expressions may use before anything has run: inputs, and item, index
// and key of an item.
expr::Bindings bindings_of(const Plan& plan, TaskNo task);
// The same for what belongs to no node: the outputs of a scope, and for_each.
expr::Bindings bindings_of_scope(const PlanScope& scope);

// The node that a read in this scope means. tasks.x[i] with a known i is that item; any other use
// of a for_each task, or of one whose items are not known yet, is its group. Nothing when i lies
// outside the list in an expression that may never come to evaluate it; an error when it is certain
// to.
result<std::optional<TaskNo>> resolve_read(const Plan& plan, const PlanScope& scope,
                                           const TaskRead& read, const expr::Bindings& bindings);

// Those that these reads mean, each once, those of one task side by side, a group before its items.
std::vector<TaskNo> nodes_of(const Plan& plan, const PlanScope& scope,
                             const std::vector<TaskRead>& reads, const expr::Bindings& bindings);

// The outputs of a node that ended well: an object of artifacts and plain values; null when the
// node was skipped. Of a group: the array of its items' outputs in item order, or the outputs of
// the last of its rounds.
using OutputsOf = std::function<const json::value&(TaskNo)>;

// The variable `tasks`, with what is read of it.
expr::Value tasks_value(const Plan& plan, const PlanScope& scope,
                        const std::vector<TaskRead>& reads, const expr::Bindings& bindings,
                        const OutputsOf& outputs);

}  // namespace weft
