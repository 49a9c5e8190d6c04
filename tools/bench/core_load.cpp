// SPDX-License-Identifier: Apache-2.0
#include "core_load.hpp"

#include "synthetic.hpp"

namespace weft::bench {

CoreLoad::CoreLoad(std::uint32_t slots)
    : core_(null_services(slots)), bound_(std::make_shared<const BoundTask>()) {
  moment_.now = from_unix_ms(1'700'000'000'000);
  decision_.candidates.emplace_back().estimate = Money{0, "USD"};
  decision_.chosen = 0;
  decision_.estimate = Money{0, "USD"};
}

void CoreLoad::submit(const std::shared_ptr<const Plan>& plan) {
  step(engine::SubmitRun{run_of(*plan, next_run_++), plan});
  turn();
}

std::uint64_t CoreLoad::run() {
  std::uint64_t ended = 0;
  while (!running_.empty()) {
    for (const AttemptRef& attempt : std::exchange(running_, {})) {
      step(engine::JobEnded{attempt, {}});
      ++ended;
    }
    turn();
  }
  return ended;
}

void CoreLoad::step(engine::Event&& event) {
  ++moment_.random[0];
  core_.step(std::move(event), moment_);
  core_.take_outputs(outputs_);
  for (core_.take_asks(asks_); !asks_.empty(); core_.take_asks(asks_))
    for (const engine::Ask& ask : asks_) answer(ask);
}

void CoreLoad::answer(const engine::Ask& ask) {
  if (const auto* binding = std::get_if<engine::AskBinding>(&ask))
    core_.step(
        engine::TaskBound{binding->run, binding->task, binding->ticket, Binding{true, bound_}},
        moment_);
  if (const auto* choice = std::get_if<engine::AskChoice>(&ask))
    core_.step(engine::ServiceChosen{choice->run, choice->task, choice->ticket, bound_, decision_},
               moment_);
  if (const auto* outputs = std::get_if<engine::AskRunOutputs>(&ask))
    core_.step(engine::RunOutputsBound{outputs->run, BoundOutputs{}}, moment_);
}

void CoreLoad::turn() {
  const engine::Effects effects = core_.take();
  for (const engine::Act& act : effects.acts)
    if (const auto* dispatch = std::get_if<engine::DispatchJob>(&act))
      running_.push_back(dispatch->job.attempt);
}

}  // namespace weft::bench
