// SPDX-License-Identifier: Apache-2.0
// A pipeline expanded for particular inputs: a concrete DAG. Pure data, no side effects; equal
// definitions and inputs give equal plans.
//
// What is known only in a run (a for_each over what a task gives, the inputs of a pipeline that a
// task uses) comes into the plan when it is known: model/growth.hpp.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "model/pipeline.hpp"

namespace weft {

// A node is a task, an item of a for_each task, or a node that stands for others: the *group* of
// all items of a task, or a task whose work is a pipeline of its own (its *body*). It ends well
// when all that it stands for has, and is what a reference to the whole depends on, so edges grow
// with items, never with items x items.
struct PlanNode {
  static constexpr std::uint32_t no_item = UINT32_MAX;
  std::uint32_t definition = 0;  // index into the tasks of its scope's pipeline
  std::uint32_t item = no_item;  // position in for_each's list, or number of the round
  bool group = false;
  std::uint32_t item_count = 0;  // of a group: those from Plan::first_item_of
  std::uint32_t scope = 0;       // index into Plan::scopes
  bool unexpanded = false;       // what it stands for is not in the plan yet
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
  json::object inputs;    // by the operation's input: a list of what plan/make calls input_record
};

// One pipeline with its inputs: the run's own, or one that a task uses.
struct PlanScope {
  static constexpr TaskNo no_parent = UINT32_MAX;
  std::shared_ptr<const Pipeline> pipeline;
  json::object inputs;       // complete: defaults filled in, artifacts as artifact objects
  expr::Value input_values;  // the same for expressions, made once and shared by all that read it
  // Per definition: what for_each goes over, in order; empty for other tasks. `keys` only when that
  // is a table.
  std::vector<std::vector<json::value>> items;
  std::vector<std::vector<std::string>> keys;
  std::vector<TaskNo> first;       // per definition: the node of the task, or of its group
  std::vector<TaskNo> first_item;  // per definition: of a group
  TaskNo parent = no_parent;       // the node whose body it is
  // What the names of its nodes begin with, "scene[2]/"; none: nothing.
  std::shared_ptr<const std::string> prefix;
};

struct Plan {
  std::vector<PlanScope> scopes = std::vector<PlanScope>(1);  // the first is the run's pipeline
  std::vector<PlanNode> nodes;                                // by TaskNo
  // Sorted by `from`, then `to`, up to those that a run has added; an item's edge to its group is
  // among them.
  std::vector<PlanEdge> edges;
  std::unordered_map<TaskNo, std::uint32_t> bodies;  // by node: the scope that is its body
  // Of a plan that was made for the products of a project; not made again from what is stored.
  std::string project;
  std::vector<PlannedProduct> products;

  const PlanScope& root() const noexcept { return scopes.front(); }
  PlanScope& root() noexcept { return scopes.front(); }
  const PlanScope& scope_of(TaskNo task) const noexcept { return scopes[nodes[task].scope]; }
  const TaskDefinition& definition(TaskNo task) const noexcept {
    return scope_of(task).pipeline->tasks[nodes[task].definition];
  }
  // Of a group that is expanded.
  TaskNo first_item_of(TaskNo group) const noexcept {
    return scope_of(group).first_item[nodes[group].definition];
  }
  TaskNo group_of(TaskNo item) const noexcept {
    return scope_of(item).first[nodes[item].definition];
  }
  // It has no work of its own.
  bool stands_for_others(TaskNo task) const noexcept {
    return nodes[task].group || definition(task).body != nullptr;
  }
};

// "video", "video[3]", "scene[2]/video[3]"; of a group without its own index.
std::string display_name(const Plan& plan, TaskNo task);
// Of one in a body: what it does, beside its name; "" when that is a body, too.
struct InnerName {
  std::string label;  // "scene[2]/shot[5]"
  std::string operation;
};
InnerName inner_name(const Plan& plan, TaskNo task);

std::string display_name(const std::string* prefix, const TaskDefinition& task, std::uint32_t item);

}  // namespace weft
