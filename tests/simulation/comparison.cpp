// SPDX-License-Identifier: Apache-2.0
#include "comparison.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace weft::simulation {

void check_slots(const engine::Slots& slots, const route::ServiceTable& table,
                 std::vector<std::uint32_t>& used_before, bool may_be_overtaken, Scene& scene,
                 const Rules& rules) {
  used_before.resize(table.classes.size() + table.services.size(), 0);
  const auto look = [&](std::size_t index, std::uint32_t used, std::uint32_t limit) {
    const std::uint32_t before = std::exchange(used_before[index], used);
    if (limit == 0 || used <= limit) return;
    if (may_be_overtaken) return static_cast<void>(++scene.counts.overtaken_slots);
    rules.require(used <= before, "slots", "more slots are taken than there are", RunId{});
  };
  for (std::uint32_t i = 0; i < table.classes.size(); ++i)
    look(i, slots.used_of_class(i), table.classes[i].slots);
  for (std::uint32_t i = 0; i < table.services.size(); ++i)
    look(table.classes.size() + i, slots.used_of_service(i), table.services[i].limits.concurrency);
}

void Comparison::count_slots(ModelStore& store) const {
  std::vector<std::uint32_t> of_class(table.classes.size()), of_service(table.services.size());
  const auto count = [&](const engine::Claim& claim) {
    if (claim.service != engine::Claim::none) {
      of_class[table.services[claim.service].slot_class] += table.services[claim.service].slots;
      ++of_service[claim.service];
    }
    if (core.slots().takes_own(claim)) ++of_class[claim.concurrency];
  };
  for (const RunId id : store.order()) {
    const engine::Run* run = core.find(id);
    if (!run) continue;
    for (const auto& [task, active] : run->active) count(active.claim);
    for (const engine::Node& node : run->nodes) count(node.claim);
  }
  for (std::uint32_t i = 0; i < of_class.size(); ++i)
    rules.require(of_class[i] == core.slots().used_of_class(i), "slots",
                  "slots of a class are held by nobody, or twice", RunId{});
  for (std::uint32_t i = 0; i < of_service.size(); ++i)
    rules.require(of_service[i] == core.slots().used_of_service(i), "slots",
                  "slots of a service are held by nobody, or twice", RunId{});
}

void Comparison::compare(const StoredRunRows& stored) const {
  const engine::Run* run = core.find(stored.row.id);
  if (!run || run->record.epoch != stored.row.epoch) return;
  ++scene.counts.compared;
  const RunId id = stored.row.id;
  rules.require(
      run->record.state == stored.row.state && run->record.cancelling == stored.row.cancelling &&
          run->record.deadline == stored.row.deadline && run->record.limit == stored.row.limit &&
          run->record.degraded == stored.row.degraded,
      "one truth", "the core thinks otherwise of a run than the store", id);
  rules.require(run->run_seq == stored.last_run_seq, "one truth",
                "the core counts events otherwise than the store", id);
  rules.require(run->gathering == 0, "no task lost",
                "a task waits for an answer to what it stands for that never comes", id);
  rules.require(run->nodes.size() == stored.tasks.size(), "one truth",
                "the core has other nodes than the store", id);
  look_at_limits(stored);
  for (TaskNo no = 0; no < run->nodes.size(); ++no) {
    if (!stored.tasks[no].exists) continue;
    if (run->nodes[no].state == TaskState::pending) look_at_pending(*run, no);
    compare_task(*run, stored, no);
    look_at_clock(*run, stored, no);
    if (run->nodes[no].state == TaskState::ready) look_at_ready(*run, no);
  }
  compare_money(*run, stored);
}

// What would be remembered after a crash is what the core knows.
void Comparison::compare_services(const ModelStore& store) const {
  for (route::ServiceIndex i = 0; i < table.services.size(); ++i) {
    const ServiceHealth known = core.service_states().record(i);
    const auto found = store.health().find(known.service);
    const ServiceHealth row = found == store.health().end() ? ServiceHealth{} : found->second;
    rules.require(known.state == row.state && known.reason == row.reason &&
                      known.changed_at == row.changed_at && known.open_until == row.open_until &&
                      known.account == row.account && known.times_opened == row.times_opened &&
                      known.paused_until == row.paused_until &&
                      known.rate_mark_us == row.rate_mark_us && known.taken_out == row.taken_out,
                  "one truth", "the core thinks otherwise of a service than the store", RunId{});
  }
}

void Comparison::compare_task(const engine::Run& run, const StoredRunRows& stored,
                              TaskNo task) const {
  const engine::Node& node = run.nodes[task];
  const TaskRecord& row = stored.tasks[task].row;
  const RunId id = stored.row.id;
  if (!is_unfinished(row.state))
    return rules.require(!is_unfinished(node.state), "one truth",
                         "the core thinks that a task goes on that has ended", id);
  rules.require(node.state == row.state && node.wait_reason == row.wait_reason &&
                    node.attempt == row.attempt && node.attempts_counted == row.attempts_counted &&
                    node.ready_at == row.ready_at && node.retry_at == row.retry_at,
                "one truth", "the core thinks otherwise of a task than the store", id);
  const auto active = run.active.find(task);
  const bool has_attempt =
      row.state == TaskState::running ||
      (row.state == TaskState::waiting && row.wait_reason == WaitReason::unknown_outcome);
  rules.require((active != run.active.end()) == has_attempt, "one truth",
                "the core has lost or invented an attempt", id);
  if (active == run.active.end()) return;
  const StoredAttempt& last = stored.tasks[task].attempts.back();
  rules.require(active->second.record.attempt == last.row.attempt &&
                    active->second.record.token == last.row.token,
                "one truth", "the core thinks otherwise of an attempt than the store", id);
}

void Comparison::compare_money(const engine::Run& run, const StoredRunRows& stored) const {
  if (!stored.row.limit) return;
  const auto found = stored.money.find(stored.row.limit->currency);
  const LedgerTotals totals = found == stored.money.end() ? LedgerTotals{} : found->second;
  const std::int64_t left = std::max<std::int64_t>(
      0, stored.row.limit->micros - totals.spent_micros - totals.reserved_micros);
  rules.require(run.ledger.left()->micros == left, "one truth",
                "the core's ledger says otherwise than the store's", stored.row.id);
}

// By the definition as it was submitted. What is inside an item is under way with it.
void Comparison::look_at_limits(const StoredRunRows& stored) const {
  std::map<TaskNo, std::set<TaskNo>> under_way;
  for (const StoredTask& task : stored.tasks) {
    if (!task.exists || !is_under_way(task.row.state)) continue;
    for (TaskNo at = task.row.no; at != PlanScope::no_parent;
         at = stored.plan->scope_of(at).parent) {
      const std::uint32_t limit = stored.plan->definition(at).limit;
      if (limit == 0 || stored.plan->nodes[at].item == PlanNode::no_item) continue;
      std::set<TaskNo>& items = under_way[stored.plan->group_of(at)];
      items.insert(at);
      rules.require(items.size() <= limit, "limits",
                    "a group has more items under way than its limit says", stored.row.id);
    }
  }
}

// A pending task waits for something that has not ended well, or for a place in a group: its own,
// or one that it is inside an item of.
void Comparison::look_at_pending(const engine::Run& run, TaskNo task) const {
  if (run.open_dependencies[task] != 0) return;
  bool held = false;
  for (TaskNo at = task; at != PlanScope::no_parent && !held; at = run.plan->scope_of(at).parent) {
    const std::uint32_t limit = run.definition(at).limit;
    if (limit == 0 || run.plan->nodes[at].item == PlanNode::no_item) continue;
    const auto gate = run.gates.find(run.plan->group_of(at));
    held = gate != run.gates.end() && gate->second.under_way == limit &&
           gate->second.held.contains(at);
  }
  rules.require(held, "no task lost", "a task is pending, and nothing holds it back",
                run.record.id);
}

// A ready task of an active run is on its way, or something holds it up that can be named.
void Comparison::look_at_ready(const engine::Run& run, TaskNo task) const {
  if (run.record.state != RunState::active || shutting_down) return;
  const engine::Node& node = run.nodes[task];
  const RunId id = run.record.id;
  rules.require(!run.record.cancelling, "no task lost", "a task of a cancelled run is ready", id);
  rules.require(node.stage != engine::Stage::none, "no task lost", "a ready task is in no queue",
                id);
  rules.require(!engine::is_on_its_way(node.stage), "no task lost",
                "a task holds a slot and waits for an answer that never comes", id);
  if (node.stage == engine::Stage::following) return look_at_follower(run, task);
  if (node.stage == engine::Stage::delayed)
    return rules.require(node.retry_at && *node.retry_at >= scene.now(), "no task lost",
                         "a task waits past its retry time", id);
  const TaskDefinition& definition = run.definition(task);
  route::Request request;
  request.operation = definition.operation->name;
  request.degrade = definition.route.degrade;
  std::vector<route::Exclusion> excluded;
  if (const auto found = run.trouble.find(task); found != run.trouble.end()) {
    for (const auto* failures : {&found->second.barred, &found->second.tried})
      for (const auto& failure : *failures)
        if (const auto service = table.find(failure.service))
          excluded.push_back({*service, failure.reason});
  }
  request.excluded = excluded;
  if (node.stage == engine::Stage::homeless) {
    const route::Decision decision = route::choose(table, request);
    const bool hope = std::any_of(
        decision.candidates.begin(), decision.candidates.end(),
        [](const route::Candidate& one) { return one.obstacle == route::Obstacle::unavailable; });
    return rules.require(hope || !decision.chosen, "no task lost",
                         "a task has no service, and one could take it", id);
  }
  const auto own = table.find_class(definition.concurrency);
  bool room = true;  // at every service that could take it
  for (std::uint32_t i = 0; i < table.services.size(); ++i) {
    if (!table.services[i].offers(request.operation)) continue;
    room = room && has_room({i, own.value_or(engine::Claim::none)});
  }
  rules.require(!room, "no task lost", "a task queues, and there is room at every service", id);
}

// Somebody makes what it waits for.
void Comparison::look_at_follower(const engine::Run& run, TaskNo task) const {
  const auto waits_for = run.following.find(task);
  const bool made = waits_for != run.following.end() && core.any_run([&](const engine::Run& other) {
    return std::any_of(other.keys.begin(), other.keys.end(), [&](const auto& key) {
      return key.second->digest == waits_for->second->digest &&
             other.nodes[key.first].state == TaskState::running;
    });
  });
  rules.require(made, "no task lost", "a task waits for work that nobody does", run.record.id);
}

// Slots by the table as it is, not as the core was told; whether a service is closed, as the core
// has it.
bool Comparison::has_room(const engine::Claim& claim) const {
  const engine::Slots& slots = core.slots();
  const route::Service& service = table.services[claim.service];
  const auto fits = [&](std::uint32_t slot_class, std::uint32_t more) {
    return slots.used_of_class(slot_class) + more <= table.classes[slot_class].slots;
  };
  if (!fits(service.slot_class, service.slots)) return false;
  const auto closure = core.service_states().closure(
      claim.service, slots.used_of_service(claim.service), scene.now());
  if (closure.why != route::Closed::no) return false;
  return !slots.takes_own(claim) || fits(claim.concurrency, 1);
}

void Comparison::look_at_clock(const engine::Run& run, const StoredRunRows& stored,
                               TaskNo task) const {
  constexpr Duration grace{13'000};  // what a service has after a cancel, and commits on the way
  const TaskRecord& row = stored.tasks[task].row;
  if (stored.row.state != RunState::active || row.group) return;
  if (row.state != TaskState::running && row.state != TaskState::ready) return;
  const RunId id = stored.row.id;
  const TaskDefinition& definition = stored.plan->definition(row.no);
  const Timeouts& timeouts = definition.timeouts;
  const bool comes_last = definition.occasion != Occasion::ordinary;
  Deadline deadline = comes_last ? Deadline::never() : stored.row.deadline;
  if (timeouts.total && row.ready_at)
    deadline = deadline.earlier(Deadline{*row.ready_at + *timeouts.total});
  const Timestamp now = scene.now();
  const Duration up = now - rules.process_began_at();
  if (up < grace) return;
  if (row.state == TaskState::ready)
    return rules.require(!deadline.delayed(Duration{3'000}).reached(now), "deadlines",
                         "a task is ready though its deadline has passed", id);
  const StoredAttempt& attempt = stored.tasks[task].attempts.back();
  Deadline end = deadline;
  if (timeouts.run) end = end.earlier(Deadline{attempt.row.started_at + *timeouts.run});
  const auto active = run.active.find(task);
  const Duration paused = stored.row.paused_for;
  rules.require(!end.delayed(grace + paused).reached(now) || active == run.active.end(),
                "deadlines", "an attempt runs though its deadline has passed", id);
}

}  // namespace weft::simulation
