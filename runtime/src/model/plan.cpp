// SPDX-License-Identifier: Apache-2.0
#include "model/plan.hpp"

namespace weft {

std::string display_name(const Pipeline& pipeline, const PlanNode& node) {
  const std::string& name = pipeline.tasks[node.definition].name;
  return node.item == PlanNode::no_item ? name : name + "[" + std::to_string(node.item) + "]";
}

}  // namespace weft
