// SPDX-License-Identifier: Apache-2.0
// A pipeline expanded for particular inputs: a concrete DAG. Pure data, no side effects; equal
// definitions and inputs give equal plans.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "model/pipeline.hpp"

namespace weft {

// A node is a task, an item of a for_each task, or the group that stands for all its items: the
// group ends well when every item has, and is what a reference to the whole list depends on, so
// edges grow with items, never with items x items.
struct PlanNode {
  static constexpr std::uint32_t no_item = UINT32_MAX;
  std::uint32_t definition = 0;  // index into Pipeline::tasks
  std::uint32_t item = no_item;  // position in for_each's list
  bool group = false;
  std::uint32_t item_count = 0;  // of a group: its items are the nodes right after it
};

// `to` waits for `from`.
struct PlanEdge {
  TaskNo from = 0;
  TaskNo to = 0;
  bool carries_skip = false;  // `to` reads an output of `from` and does not ask whether it is null
  auto operator<=>(const PlanEdge&) const = default;
};

// A node that makes a product of a project.
struct PlannedProduct {
  TaskNo task = 0;
  std::string name;       // "shot/3/video"
  std::string output;     // of the task: the artifact that is the product
  json::object settings;  // what it depends on beside its inputs
  json::object inputs;  // by the operation's input: a list of digests, and of TaskNos of this plan
};

struct Plan {
  std::shared_ptr<const Pipeline> pipeline;
  json::object inputs;       // complete: defaults filled in, artifacts as artifact objects
  expr::Value input_values;  // the same for expressions, made once and shared by all that read it
  // Per definition: what for_each goes over, in order; empty for other tasks. `keys` only when that
  // is a table.
  std::vector<std::vector<json::value>> items;
  std::vector<std::vector<std::string>> keys;
  std::vector<TaskNo> first;    // per definition: the node of the task, or of its group
  std::vector<PlanNode> nodes;  // by TaskNo
  std::vector<PlanEdge>
      edges;  // sorted by `from`, then `to`; an item's edge to its group is among them
  // Of a plan that was made for the products of a project; not made again from what is stored.
  std::string project;
  std::vector<PlannedProduct> products;
};

// "video", "video[3]"; of a group the bare name.
std::string display_name(const Pipeline& pipeline, const PlanNode& node);

}  // namespace weft
