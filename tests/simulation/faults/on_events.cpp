// SPDX-License-Identifier: Apache-2.0
#include "faults/on_events.hpp"

#include <algorithm>

namespace weft::simulation {

bool AnswerLost::event(engine::Event& event, Random& random) {
  return !std::holds_alternative<engine::JobEnded>(event) || !random.chance(20);
}

bool AnswerTakenTwice::event(engine::Event& event, Random&) {
  if (const auto* ended = std::get_if<engine::JobEnded>(&event)) {
    last_.insert_or_assign(TaskRef{ended->attempt.run, ended->attempt.task}, *ended);
  } else if (const auto* started = std::get_if<engine::JobStarted>(&event)) {
    const auto last = last_.find(TaskRef{started->attempt.run, started->attempt.task});
    if (last != last_.end() && last->second.attempt.attempt < started->attempt.attempt)
      event = engine::JobEnded{started->attempt, last->second.result};
  }
  return true;
}

bool UnknownRetried::event(engine::Event& event, Random&) {
  auto* ended = std::get_if<engine::JobEnded>(&event);
  if (ended && ended->result.outcome == Outcome::unknown)
    ended->result.outcome = Outcome::transient;
  return true;
}

bool RejectionIgnored::event(engine::Event& event, Random&) {
  auto* given = std::get_if<engine::GiveCommand>(&event);
  if (given && given->command.kind == CommandKind::reject)
    given->command.kind = CommandKind::approve;
  return true;
}

bool CancelForgotten::cancel(const AttemptRef&) {
  return false;
}

bool ReleasedEarly::event(engine::Event& event, Random& random) {
  auto* submit = std::get_if<engine::SubmitRun>(&event);
  if (!submit || submit->plan->edges.empty()) return true;
  auto plan = std::make_shared<Plan>(*submit->plan);
  plan->edges.erase(plan->edges.begin() + random.below(plan->edges.size()));
  submit->plan = std::move(plan);
  return true;
}

namespace {

// The run is submitted with another definition than it has in the store.
template <class Change>
bool with_changed_tasks(engine::Event& event, const Change& change) {
  auto* submit = std::get_if<engine::SubmitRun>(&event);
  if (!submit) return true;
  auto pipeline = std::make_shared<Pipeline>(*submit->plan->root().pipeline);
  for (TaskDefinition& task : pipeline->tasks) change(task);
  auto plan = std::make_shared<Plan>(*submit->plan);
  plan->root().pipeline = std::move(pipeline);
  submit->plan = std::move(plan);
  return true;
}

}  // namespace

bool DeadlineIgnored::event(engine::Event& event, Random&) {
  return with_changed_tasks(event, [](TaskDefinition& task) { task.timeouts = {}; });
}

bool LimitIgnored::event(engine::Event& event, Random&) {
  return with_changed_tasks(event, [](TaskDefinition& task) { task.limit = 0; });
}

bool LastComesFirst::event(engine::Event& event, Random&) {
  return with_changed_tasks(event,
                            [](TaskDefinition& task) { task.occasion = Occasion::ordinary; });
}

bool PriceForgotten::event(engine::Event& event, Random&) {
  auto* changed = std::get_if<engine::ServicesChanged>(&event);
  if (!changed) return true;
  auto table = std::make_shared<route::ServiceTable>(*changed->table);
  for (route::Service& service : table->services) {
    service.price.emplace();
    service.price->rows.push_back({std::nullopt, Money{0, "USD"}});
  }
  changed->table = std::move(table);
  return true;
}

bool SlotWithheld::event(engine::Event& event, Random&) {
  auto* changed = std::get_if<engine::ServicesChanged>(&event);
  if (!changed) return true;
  auto table = std::make_shared<route::ServiceTable>(*changed->table);
  for (SlotClass& slots : table->classes) slots.slots -= std::min(slots.slots, 1u);
  changed->table = std::move(table);
  return true;
}

Deadline AlarmLost::alarm(Deadline wake, Random& random) {
  return random.chance(300) ? Deadline::never() : wake;
}

bool WakeupLost::skip_turn(Random& random) {
  return random.chance(50);
}

}  // namespace weft::simulation
