// SPDX-License-Identifier: Apache-2.0
// The engine's core without a driver: its questions are answered with the same values every time,
// what it wants durable is thrown away, and every job ends in the next turn.
#pragma once
#include <memory>
#include <vector>

#include "engine/core.hpp"

namespace weft::bench {

class CoreLoad {
 public:
  // `slots`: how many tasks run at a time, and so end in one turn.
  explicit CoreLoad(std::uint32_t slots);

  // Submits a run and lets its first tasks start.
  void submit(const std::shared_ptr<const Plan>& plan);
  // Until every task has ended; how many have.
  std::uint64_t run();

  const engine::Core& core() const noexcept { return core_; }

 private:
  void step(engine::Event&& event);
  void answer(const engine::Ask& ask);
  // Ends the turn: what was dispatched ends in the next one.
  void turn();

  engine::Core core_;
  engine::Moment moment_;
  std::shared_ptr<const BoundTask> bound_;
  route::Decision decision_;
  std::vector<AttemptRef> running_;
  std::vector<engine::Ask> asks_;
  std::vector<engine::NewOutputs> outputs_;
  std::uint64_t next_run_ = 1;
};

}  // namespace weft::bench
