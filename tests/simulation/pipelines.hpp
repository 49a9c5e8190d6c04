// SPDX-License-Identifier: Apache-2.0
// Random definitions, as people could write them: read and expanded by the real reader and planner.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "model/definition.hpp"
#include "model/plan.hpp"
#include "random.hpp"

namespace weft::simulation {

// sim.step: numbers in, a number out. sim.draw: a file out. sim.look: a file in, a number out.
inline constexpr const char* step_operation = "sim.step";
inline constexpr const char* draw_operation = "sim.draw";
inline constexpr const char* look_operation = "sim.look";

// Names that definitions may use.
inline const std::vector<std::string> class_names{"cpu", "gpu", "own"};

class Pipelines {
 public:
  // `services`: what `route.degrade` may name.
  Pipelines(std::vector<std::string> services, std::uint32_t tasks_at_most);

  // A plan of some definition: mostly one that was made before, because reading is what costs.
  std::shared_ptr<const Plan> plan(Random& random);
  const OperationCatalog& operations() const noexcept { return operations_; }

 private:
  std::shared_ptr<const Plan> make(Random& random);

  OperationCatalog operations_;
  std::vector<std::string> services_;
  std::uint32_t tasks_at_most_;
  std::vector<std::shared_ptr<const Plan>> known_;
};

}  // namespace weft::simulation
