// SPDX-License-Identifier: Apache-2.0
// How nodes come into a plan: those of its pipeline when it is made, and those that a group or a
// body stands for as soon as that is known, if need be in the middle of a run. Pure, and the same
// at both times: a run that is loaded again gets the nodes that it had, with their numbers.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/binding.hpp"
#include "model/plan.hpp"

namespace weft {

// What a node stands for, in values: the items of a group, or the inputs of a body.
struct Expansion {
  std::vector<json::value> items;
  std::vector<std::string> keys;  // only when for_each goes over a table
  std::string chosen;             // of a body with cases: which
  json::object inputs;            // complete
};
json::object to_json(const Expansion& expansion);
result<Expansion> expansion_from_json(const json::value& value);

// A plan with a million nodes is served well; more in one group is a mistake of whatever gave it.
inline constexpr std::size_t items_at_most = 1'000'000;

// The nodes whose outputs its expansion reads.
std::vector<TaskNo> nodes_read_by_expansion(const Plan& plan, TaskNo task);
// For an unexpanded node; nothing: its `if` is false. An error is kind invalid and speaks to the
// author of the definition.
result<std::optional<Expansion>> evaluate_expansion(const Plan& plan, TaskNo task,
                                                    const json::object& run,
                                                    const OutputsOf& outputs);

// Nodes are appended, those of one group side by side, and are without edges yet.
// The nodes of a scope that has its pipeline and inputs, and of its groups that hang on nothing
// else.
result<> add_nodes(Plan& plan, std::uint32_t scope);
// Those of an unexpanded node; after an error the plan is as it was.
result<> grow(Plan& plan, TaskNo task, Expansion expansion);
// What to make of a read of an item that a group does not have: a mistake in the definition, as
// long as nothing runs; then the task waits for the whole group, and fails when it is bound.
enum class MissingItem : std::uint8_t { is_mistake, means_group };
// Appends the edges between the nodes [from, to) and what they wait for or belong to: each pair of
// ends once, those of one node side by side.
result<> find_edges(const Plan& plan, TaskNo from, TaskNo to, MissingItem missing,
                    std::vector<PlanEdge>& edges);

}  // namespace weft
