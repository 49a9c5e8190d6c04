// SPDX-License-Identifier: Apache-2.0
// How the values of a job get into a workflow: the expressions of its binding, compiled.
#pragma once
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>
#include <weft/plugin/expression.hpp>

#include "workflow.hpp"

namespace comfyui {

// Variables: `params`, null where one was not given; `inputs.NAME`, what a Load node is given for
// that input, or null; `attempt.key` and `attempt.seed`.
class Binding {
 public:
  // Throws WEFT_BAD_INPUT with the file, the place in it and what is wrong there.
  Binding(const Workflow& workflow, weft::expressions& language);

  // The inputs of the operation that stand in it.
  const std::set<std::string>& inputs() const noexcept { return inputs_; }
  // The values of a job, in the form of the variables: everything that is not there is null.
  nlohmann::json params_of(const nlohmann::json& given) const;

  // Whether the workflow is for what stands in the scope.
  bool applies(const weft::expression_scope& scope) const;
  // A value that is null leaves the graph's own.
  void fill(nlohmann::json& graph, const weft::expression_scope& scope) const;

 private:
  std::string file_;
  std::set<std::string> params_, inputs_;
  weft::expression when_;
  std::vector<std::pair<std::string, weft::expression>> values_;
};

}  // namespace comfyui
