// SPDX-License-Identifier: Apache-2.0
// Plans made of numbers, without a definition's text, and what surrounds them.
#pragma once
#include <cstdint>
#include <memory>

#include "model/plan.hpp"
#include "model/records.hpp"
#include "route/services.hpp"

namespace weft::bench {

// One operation, one free service "null" that offers it, and room for this many attempts.
std::shared_ptr<const route::ServiceTable> null_services(std::uint32_t slots);

// Nodes of one definition without params, each waiting for the one before.
std::shared_ptr<const Plan> chain_plan(std::uint32_t length);
// Each node waits for one to three of those before it, chosen by a fixed rule.
std::shared_ptr<const Plan> random_plan(std::uint32_t size);
// The same with edges as given: from lower to higher numbers.
std::shared_ptr<const Plan> plan_with(std::uint32_t size, std::vector<PlanEdge> edges);

// A task that gives a list, and one with an item for each element of it.
std::shared_ptr<const Plan> expanding_plan();

// The n-th run of a plan.
RunRecord run_of(const Plan& plan, std::uint64_t n);

}  // namespace weft::bench
