// SPDX-License-Identifier: Apache-2.0
// Binding: from the outputs of a task's dependencies to the concrete params and inputs of an
// attempt. Pure, so binding again after a restart gives the same values.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "model/artifact.hpp"
#include "model/plan_reads.hpp"

namespace weft {

struct BoundInput {
  std::string name;
  std::vector<ArtifactInfo> artifacts;  // one, unless the operation takes a list
};

struct BoundTask {
  json::object params;  // valid against the operation's schema
  std::vector<BoundInput> inputs;
};

// What binding one task reads: the outputs object of each of these nodes. A group stands for all
// its items.
std::vector<TaskNo> nodes_read_by(const Plan& plan, TaskNo task);
// The same for the outputs of a scope.
std::vector<TaskNo> nodes_read_by_outputs(const Plan& plan, const PlanScope& scope);

struct Binding {
  bool run = true;                        // false: `if` said no
  std::shared_ptr<const BoundTask> task;  // only when `run`
};
// Evaluates `if`, params and inputs. `run` is what the variable `run` holds: {"id": ..., "name":
// ..., "failed": [...]}. An error is kind invalid and speaks to the author of the definition.
result<Binding> bind(const Plan& plan, TaskNo task, const json::object& run,
                     const OutputsOf& outputs);

struct BoundValues {
  bool run = true;      // false: `if` said no
  std::string chosen;   // of a body with cases: which
  json::object inputs;  // only when `run`
};
// The same for a task with a body: its inputs as written, not judged yet.
result<BoundValues> bind_values(const Plan& plan, TaskNo task, const json::object& run,
                                const OutputsOf& outputs);
struct BoundOutputs {
  json::object values;                                // of those that can be evaluated
  std::vector<std::pair<std::string, Error>> errors;  // of the others, by name
};
// The outputs of a scope: of the run, or of a body.
BoundOutputs bind_outputs(const Plan& plan, const PlanScope& scope, const json::object& run,
                          const OutputsOf& outputs);

}  // namespace weft
