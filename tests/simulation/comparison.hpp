// SPDX-License-Identifier: Apache-2.0
// Looks from outside at a core that is quiet: it must know what the store says, hold the slots of
// what runs and no others, and leave nothing lying about that could move.
#pragma once
#include <vector>

#include "engine/core.hpp"
#include "model_store.hpp"
#include "rules.hpp"

namespace weft::simulation {

// After a turn: nobody takes slots that are not there, but for attempts that were running before.
void check_slots(const engine::Slots& slots, const route::ServiceTable& table,
                 std::vector<std::uint32_t>& used_before, bool may_be_overtaken, Scene& scene,
                 const Rules& rules);

class Comparison {
 public:
  Scene& scene;
  const Rules& rules;
  const engine::Core& core;
  const route::ServiceTable& table;
  bool shutting_down = false;

  // The loaded run against its rows, and both against the clock.
  void compare(const StoredRunRows& stored) const;
  void compare_services(const ModelStore& store) const;
  // The slots in use are those of what runs and of what is on its way there.
  void count_slots(ModelStore& store) const;

 private:
  void compare_task(const engine::Run& run, const StoredRunRows& stored, TaskNo task) const;
  void compare_money(const engine::Run& run, const StoredRunRows& stored) const;
  bool has_room(const engine::Claim& claim) const;
  void look_at_limits(const StoredRunRows& stored) const;
  void look_at_pending(const engine::Run& run, TaskNo task) const;
  void look_at_follower(const engine::Run& run, TaskNo task) const;
  void look_at_ready(const engine::Run& run, TaskNo task) const;
  void look_at_clock(const engine::Run& run, const StoredRunRows& stored, TaskNo task) const;
};

}  // namespace weft::simulation
