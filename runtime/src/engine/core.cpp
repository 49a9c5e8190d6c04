// SPDX-License-Identifier: Apache-2.0
// Steps, and the life of runs.
#include "engine/core.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace weft::engine {
namespace {

std::string_view end_event(RunState state) {
  switch (state) {
    case RunState::succeeded:
      return "run.succeeded";
    case RunState::degraded:
      return "run.degraded";
    case RunState::cancelled:
      return "run.cancelled";
    default:
      return "run.failed";
  }
}

}  // namespace

Core::Core(std::shared_ptr<const route::ServiceTable> services)
    : services_(std::move(services)),
      slots_(services_),
      states_(services_),
      lanes_(*services_),
      watched_(services_->services.size()) {}

void Core::step(Event&& event, const Moment& moment) {
  moment_ = moment;
  std::visit([this](auto& happened) { on(std::move(happened)); }, event);
  for (std::size_t i = 0; i < touched_.size(); ++i)
    if (Run* run = loaded(touched_[i]); run && !run->held.empty()) decide_held(*run);
  do {
    see_groups();
    if (states_.take_broken_changed()) requeue_all();
    if (!shutting_down_) fill_slots();
    if (!groups_to_see_.empty()) continue;  // before anything comes to rest
    for (std::size_t i = 0; i < touched_.size(); ++i)
      if (Run* run = loaded(touched_[i])) run->touched = false, settle(*run);
    touched_.clear();
  } while (std::exchange(look_again_, false) || !groups_to_see_.empty());
}

void Core::take_asks(std::vector<Ask>& asks) {
  asks.clear();
  asks.swap(asks_);
}

void Core::take_outputs(std::vector<NewOutputs>& outputs) {
  outputs.clear();
  outputs.swap(outputs_);
}

void Core::take_results(std::vector<FoundResult>& results) {
  results.clear();
  results.swap(results_);
}

Effects Core::take() {
  for (const RunId id : changed_) {
    Run* run = loaded(id);
    if (!run) continue;
    for (const TaskNo no : run->dirty_nodes) {
      Node& node = run->nodes[no];
      const PlanNode& planned = run->plan->nodes[no];
      node.dirty = false;
      write<UpdateTask>(
          *run, id,
          TaskRecord{no, planned.definition, planned.item, planned.group, planned.item_count,
                     node.state, node.wait_reason, node.degraded, node.attempt,
                     node.attempts_counted, node.ready_at, node.retry_at, node.ended_at});
    }
    run->dirty_nodes.clear();
    if (std::exchange(run->dirty, false)) write<UpdateRun>(*run, run->record);
    run->in_batch = false;
    const bool at_rest = is_final(run->record.state) || run->record.state == RunState::failed;
    if (at_rest) drop(*run);
  }
  changed_.clear();
  states_.hand_over(effects_.batch);
  Effects taken = std::exchange(effects_, {});
  // The next turn will be about as large, and both are dear to move.
  constexpr std::size_t kept_ready = 1024;
  effects_.batch.writes.reserve(std::min(taken.batch.writes.size(), kept_ready));
  effects_.acts.reserve(std::min(taken.acts.size(), kept_ready));
  return taken;
}

bool Core::idle() const noexcept {
  return runs_.empty();
}

bool Core::may_stop() const noexcept {
  if (!shutting_down_) return false;
  for (const auto& [id, run] : runs_)
    for (const auto& [task, attempt] : run->active)
      if (attempt.local && !attempt.record.ended_at) return false;
  return true;
}

const Run* Core::find(RunId run) const {
  const auto found = runs_.find(run);
  return found == runs_.end() ? nullptr : found->second.get();
}

Run* Core::loaded(RunId run) {
  if (recent_ && recent_->record.id == run) return recent_;
  const auto found = runs_.find(run);
  return recent_ = found == runs_.end() ? nullptr : found->second.get();
}

void Core::drop(Run& run) {
  recent_ = nullptr;
  runs_.erase(RunId(run.record.id));
}

void Core::note(Run& run) {
  if (std::exchange(run.in_batch, true)) return;
  effects_.batch.epochs.emplace_back(run.record.id, run.record.epoch);
  changed_.push_back(run.record.id);
}

// ---------------------------------------------------------------- runs come in

Run& Core::add_run(RunRecord record, std::shared_ptr<const Plan> plan) {
  auto owned = std::make_unique<Run>();
  Run& run = *owned;
  run.record = std::move(record);
  run.plan = std::move(plan);
  prepare_growth(run);
  run.ledger = route::Ledger(run.record.limit);
  run.nodes.resize(run.plan->nodes.size());
  run.open_dependencies.assign(run.nodes.size(), 0);
  run.first_edge.assign(run.nodes.size() + 1, 0);
  for (const PlanEdge& edge : run.plan->edges) ++run.first_edge[edge.from + 1];
  for (std::size_t i = 1; i < run.first_edge.size(); ++i)
    run.first_edge[i] += run.first_edge[i - 1];
  runs_.insert_or_assign(run.record.id, std::move(owned));
  return run;
}

void Core::on(SubmitRun&& event) {
  if (loaded(event.run.id)) {  // asked twice with one id: the first one stands
    effects_.acts.push_back(AcceptRun{event.run.id});
    return;
  }
  Run& run = add_run(std::move(event.run), event.plan);
  run.record.epoch = 1;
  run.record.task_count = static_cast<std::uint32_t>(run.nodes.size());
  write<InsertRun>(run, run.record, std::move(event.plan));
  effects_.acts.push_back(AcceptRun{run.record.id});
  for (Node& node : run.nodes) node.state = TaskState::pending;
  run.count[static_cast<std::size_t>(TaskState::pending)] = run.record.task_count;
  for (const PlanEdge& edge : run.plan->edges) ++run.open_dependencies[edge.to];
  for (const TaskNo no : run.late) ++run.open_dependencies[no];
  begin_run(run);
}

void Core::begin_run(Run& run) {
  std::uint32_t others = 0;  // that stand for tasks, or for what is not known yet
  for (TaskNo no = 0; no < run.nodes.size(); ++no)
    if (run.plan->stands_for_others(no)) ++others;
  write_run_event(
      run, "run.submitted",
      {{"pipeline", run.record.pipeline_name}, {"tasks", run.record.task_count - others}});
  if (const auto timeout = run.plan->root().pipeline->timeout) {
    run.record.deadline = Deadline{moment_.now + *timeout};
    mark_dirty(run);
  }
  arm_run(run);
  touch(run);
  // What waits for nothing is found first: making one ready may satisfy others.
  std::vector<TaskNo> first;
  for (TaskNo no = 0; no < run.nodes.size(); ++no)
    if (run.open_dependencies[no] == 0 && run.nodes[no].state == TaskState::pending)
      first.push_back(no);  // the others were taken over from another run
  for (const TaskNo no : first) make_ready(run, no);
}

void Core::on(const LoadRun& event) {
  const StoredRun& stored = event.stored;
  if (loaded(stored.run.id)) return;
  Run& run = add_run(stored.run, event.plan);
  load_nodes(run, stored);
  if (stored.last_run_seq == 0)
    return begin_run(run);  // a client put it in, and nobody has had it yet
  arm_run(run);
  for (const auto& [task, key] : stored.keys) begin_flight(run, task, key);
  for (const AttemptRecord& attempt : stored.open) take_up(run, attempt, stored);
  for (const TaskRecord& task : stored.unfinished) {
    if (run.nodes[task.no].state == TaskState::running && !run.active.contains(task.no))
      reservation_refused(run, task.no);           // its attempt has ended as that
    if (task.state != TaskState::ready) continue;  // else it has found its way already
    if (task.retry_at && *task.retry_at > moment_.now)
      delay(run, task.no, *task.retry_at);
    else
      enqueue(run, task.no);
  }
  go_on_growing(run, stored);
  touch(run);
}

void Core::load_nodes(Run& run, const StoredRun& stored) {
  run.run_seq = stored.last_run_seq;
  for (const Money& spent : stored.spent) run.ledger.spend(spent);
  for (const TaskRecord& task : stored.unfinished) {
    Node& node = run.nodes[task.no];
    node.state = task.state;
    node.wait_reason = task.wait_reason;
    node.degraded = task.degraded;
    node.attempt = task.attempt;
    node.attempts_counted = task.attempts_counted;
    node.ready_at = task.ready_at;
    node.retry_at = task.retry_at;
    node.ended_at = task.ended_at;
    ++run.count[static_cast<std::size_t>(task.state)];
    arm_task(run, task.no);
  }
  load_growth(run, stored);
  for (const PlanEdge& edge : run.plan->edges)
    if (!ended_well(run.nodes[edge.from].state)) ++run.open_dependencies[edge.to];
  if (run.has_special_groups) load_groups(run, stored);
  remember_failures(run, stored.ended);
}

void Core::touch(Run& run) {
  if (std::exchange(run.touched, true)) return;
  touched_.push_back(run.record.id);
}

void Core::on(const RunFenced& event) {
  Run* run = loaded(event.run);
  if (!run) return;
  // Another runtime owns it now: stop local work, leave what is remote to the new owner, write
  // nothing more. What this turn has decided before it heard of that is not done either.
  for (Act& act : std::exchange(effects_.acts, {}))
    if (run_of(act) != event.run) effects_.acts.push_back(std::move(act));
  for (const auto& [task, attempt] : run->active) {
    tell_service(*run, attempt, {Outcome::interrupted, "its run was lost", {}, {}, false, {}});
    slots_.give_back(attempt.claim);
    if (attempt.local)
      effects_.acts.push_back(InterruptJob{{event.run, task, attempt.record.attempt}});
  }
  for (TaskNo no = 0; no < run->nodes.size(); ++no) leave_queue(*run, no);
  while (!run->keys.empty()) end_flight(*run, run->keys.begin()->first, nullptr);
  drop(*run);
}

void Core::on(const ShutDown&) {
  shutting_down_ = true;
  for (const auto& [id, run] : runs_) {
    for (TaskNo no = 0; no < run->nodes.size(); ++no)
      if (is_on_its_way(run->nodes[no].stage)) leave_queue(*run, no);
    for (auto& [task, attempt] : run->active) {
      if (!attempt.local || attempt.record.ended_at) continue;
      attempt.stop = StopCause::shutdown;
      effects_.acts.push_back(InterruptJob{{id, task, attempt.record.attempt}});
    }
  }
}

// ---------------------------------------------------------------- runs come to rest

void Core::settle(Run& run) {
  if (run.record.state != RunState::active && run.record.state != RunState::paused) return;
  if (run.in_state(TaskState::ready) + run.in_state(TaskState::running) +
          run.in_state(TaskState::waiting) >
      0)
    return;
  if (!run.growths.empty() || run.gathering > 0) return;
  if (run.record.cancelling) return finish(run, RunState::cancelled, {});
  if (!run.late.empty() && !run.late_begun) return begin_late(run);
  if (run.in_state(TaskState::failed) > 0) {
    std::uint32_t pending = 0;  // a group is no task beside its items
    for (TaskNo no = 0; no < run.nodes.size(); ++no)
      if (run.nodes[no].state == TaskState::pending && !run.plan->stands_for_others(no)) ++pending;
    return finish(run, RunState::failed,
                  {{"failed", run.in_state(TaskState::failed)}, {"pending", pending}});
  }
  if (std::exchange(run.binding_outputs, true)) return;
  asks_.push_back(AskRunOutputs{run.record.id});
}

void Core::on(const RunOutputsBound& event) {
  Run* run = loaded(event.run);
  if (!run || !run->binding_outputs || is_final(run->record.state)) return;
  const RunState state = run->record.degraded ? RunState::degraded : RunState::succeeded;
  json::object errors;
  for (const auto& [name, error] : event.outputs.errors) errors[name] = error.in_one_line();
  write<PutRunOutputs>(*run, event.run, event.outputs.values, errors);
  const std::string outputs = json::serialize(event.outputs.values);
  if (errors.empty()) return finish(*run, state, {{"outputs", JsonText{outputs}}});
  const std::string why = json::serialize(errors);
  finish(*run, state, {{"outputs", JsonText{outputs}}, {"output_errors", JsonText{why}}});
}

void Core::finish(Run& run, RunState state, JsonMembers data) {
  run.record.state = state;
  run.record.pause_reason = PauseReason::none;
  run.record.paused_at.reset();
  run.record.ended_at = moment_.now;
  mark_dirty(run);
  write_run_event(run, end_event(state), data);
}

}  // namespace weft::engine
