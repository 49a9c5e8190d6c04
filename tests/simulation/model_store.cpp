// SPDX-License-Identifier: Apache-2.0
#include "model_store.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>

#include "plan/expand.hpp"
#include "rules.hpp"

namespace weft::simulation {
namespace {

RunId run_of(const UpdateRun& write) {
  return write.run.id;
}
RunId run_of(const PutCheckpoint& write) {
  return write.attempt.run;
}
template <class T>
RunId run_of(const T& write) {
  return write.run;
}

void fill_row(TaskRecord& row, TaskNo no, const PlanNode& node) {
  row.no = no;
  row.definition = node.definition;
  row.item = node.item;
  row.group = node.group;
  row.item_count = node.item_count;
}

}  // namespace

// Carries the writes of one batch to the runs that are the writer's, and keeps account of the rest.
class ModelStore::BatchScope {
 public:
  BatchScope(ModelStore& store, const Batch& batch) : store_(store), batch_(batch) {}

  void apply(const InsertRun& insert) {
    if (!store_.insert(insert)) fence(insert.run.id);
  }
  void apply(const InsertAttempt& insert) {
    StoredRunRows* run = own(insert.run);
    if (run) begun_.push_back({insert.run, insert.attempt.task, insert.attempt.attempt});
    // What is known of services stands last in a batch: as it was before.
    const auto known = store_.health_.find(insert.attempt.service);
    if (run && known != store_.health_.end() && !known->second.taken_out.empty())
      asked_out_of_use_.push_back(insert.attempt.service);
    if (run && !store_.insert_attempt(*run, insert))
      report_.refused.push_back({insert.run, insert.attempt.task, insert.attempt.attempt});
  }
  void apply(const PutLateResult& put) { store_.put_late(put); }
  void apply(const PutServiceHealth& put) {
    ServiceHealth& row = store_.health_[put.health.service];
    store_.rules_.health_row(row, put.health);
    row = put.health;
  }
  void apply(const AppendServiceEvent& event) {
    store_.rules_.service_event(event);
    enabled_ = enabled_ || event.type == "service.enabled";
  }
  void apply(const AnswerCommand& answer) {
    if (!answer.run.uuid.is_nil()) {
      if (StoredRunRows* run = own(answer.run)) store_.write(*run, answer);
    } else if (const auto found = store_.commands_.find(answer.answer.id);
               found != store_.commands_.end() && !found->second.answer) {
      found->second.answer = answer.answer;
      store_.rules_.service_command_answered(found->second);
    }
  }
  void apply(const EndAttempt& end) {
    if (StoredRunRows* run = own(end.run)) return store_.write(*run, end);
    if (end.attempt.outcome != Outcome::unknown && end.attempt.outcome < Outcome::deadline)
      late_.push_back({{end.run, end.attempt.task, end.attempt.attempt},
                       end.attempt.outcome,
                       end.attempt.message,
                       {}});
  }
  void apply(const PutOutputs& put) {
    if (StoredRunRows* run = own(put.run)) return store_.write(*run, put);
    for (PutLateResult& late : late_)
      if (late.attempt.run == put.run && late.attempt.task == put.task) late.outputs = put.outputs;
  }
  template <class T>
  void apply(const T& write) {
    if (StoredRunRows* run = own(run_of(write))) store_.write(*run, write);
  }
  void finish() {
    for (const RunId id : owned_)
      if (StoredRunRows* run = store_.find(id)) store_.rules_.batch_applied(*run);
    for (const PutLateResult& late : late_) store_.put_late(late);
    for (const AttemptRef& ref : begun_) store_.rules_.service_asked(store_, ref);
    for (const std::string& service : asked_out_of_use_)
      store_.rules_.require(enabled_ || store_.health_.at(service).taken_out.empty(), "out of use",
                            "a service that was taken out of use is asked", RunId{});
  }
  Report take_report() { return std::move(report_); }

 private:
  StoredRunRows* own(RunId id) {
    StoredRunRows* run = store_.find(id);
    if (run && owned_.contains(id)) return run;
    if (std::find(report_.fenced.begin(), report_.fenced.end(), id) != report_.fenced.end())
      return nullptr;
    for (const auto& [of, epoch] : batch_.epochs)
      if (run && of == id && epoch == run->row.epoch) return owned_.insert(id), run;
    return fence(id);
  }
  StoredRunRows* fence(RunId run) {
    report_.fenced.push_back(run);
    return nullptr;
  }

  ModelStore& store_;
  const Batch& batch_;
  std::set<RunId> owned_;
  std::vector<PutLateResult> late_;
  std::vector<AttemptRef> begun_;
  std::vector<std::string> asked_out_of_use_;  // before this batch, at least
  bool enabled_ = false;                       // by it, some service is in use again
  Report report_;
};

ModelStore::Report ModelStore::apply(const Batch& batch) {
  ++scene_.counts.commits;
  BatchScope scope(*this, batch);
  for (const Write& write : batch.writes)
    std::visit([&](const auto& one) { scope.apply(one); }, write);
  scope.finish();
  return scope.take_report();
}

// ---------------------------------------------------------------- writes

bool ModelStore::insert(const InsertRun& insert) {
  if (runs_.contains(insert.run.id)) return false;
  this->insert(insert.run, rules_.submitted_plan(insert.run.id, insert.plan));
  return true;
}

void ModelStore::insert(const RunRecord& record, std::shared_ptr<const Plan> plan) {
  StoredRunRows& run = runs_[record.id];
  run.row = record;
  run.plan = std::move(plan);
  run.row.task_count = static_cast<std::uint32_t>(run.plan->nodes.size());
  run.tasks.resize(run.plan->nodes.size());
  run.needs.resize(run.tasks.size());
  for (const PlanEdge& edge : run.plan->edges) run.needs[edge.to].push_back(edge.from);
  for (TaskNo no = 0; no < run.tasks.size(); ++no) {
    fill_row(run.tasks[no].row, no, run.plan->nodes[no]);
  }
  run.count[0] = run.row.task_count;
  order_.push_back(record.id);
  ++scene_.counts.submitted;
  scene_.journal.note("the run is in the store", record.id);
}

void ModelStore::write(StoredRunRows& run, const UpdateRun& update) {
  rules_.run_row(run, update.run);
  const std::uint64_t epoch = run.row.epoch;
  const std::uint32_t tasks = run.row.task_count;
  run.row = update.run;
  run.first_deadline = run.first_deadline.earlier(update.run.deadline);
  run.row.epoch = epoch;
  run.row.task_count = tasks;
}

void ModelStore::write(StoredRunRows& run, const PutExpansion& put) {
  rules_.require(put.first == run.tasks.size(), "growth", "new nodes leave a gap in the plan",
                 run.row.id);
  run.expansions.push_back({put.task, put.first, parse_json(*put.detail).value(), 0});
  StoredRun all;  // as if nothing had ended: with every edge
  all.expansions = run.expansions;
  for (const StoredTask& task : run.tasks) all.unfinished.push_back(task.row);
  auto plan = expand_again(run.plan->root().pipeline, all);
  if (!plan) throw std::logic_error(plan.error().to_string());
  rules_.require(plan->nodes.size() == put.task_count, "growth",
                 "what is stored of a plan gives another one", run.row.id);
  run.plan = std::make_shared<const Plan>(std::move(*plan));
  run.row.task_count = put.task_count;
  run.tasks.at(put.task).row.item_count = put.item_count;
  run.tasks.resize(put.task_count);
  run.needs.assign(put.task_count, {});
  for (const PlanEdge& edge : run.plan->edges) run.needs[edge.to].push_back(edge.from);
  for (TaskNo no = put.first; no < put.task_count; ++no) {
    run.tasks[no].row.no = no;
    run.tasks[no].exists = false;
  }
}

void ModelStore::write(StoredRunRows& run, const InsertTasks& insert) {
  TaskNo no = insert.tasks->first;
  for (const PlanNode& node : insert.tasks->nodes) {
    StoredTask& task = run.tasks.at(no);
    rules_.require(!task.exists, "growth", "a node is taken up twice", run.row.id);
    task.exists = true;
    fill_row(task.row, no++, node);
  }
  run.count[0] += static_cast<std::uint32_t>(insert.tasks->nodes.size());
  scene_.counts.grown += static_cast<std::uint32_t>(insert.tasks->nodes.size());
  for (auto one = run.expansions.rbegin(); one != run.expansions.rend(); ++one)
    if (one->first <= insert.tasks->first && one->first < no) {
      one->rows = no - one->first;
      break;
    }
}

void ModelStore::write(StoredRunRows& run, const UpdateTask& update) {
  StoredTask& task = run.tasks.at(update.task.no);
  rules_.require(task.exists, "growth", "a task moves that has not been taken up", run.row.id);
  const bool anew = task.row.state == TaskState::succeeded &&
                    update.task.state != TaskState::succeeded && task.has_outputs;
  rules_.task_row(run, task, update.task);
  --run.count[static_cast<std::size_t>(task.row.state)];
  task.row = update.task;
  if (anew) {  // what comes last comes once more, and is bought once more
    task.has_outputs = false;
    for (StoredAttempt& attempt : task.attempts) attempt.truth.permitted = true;
  }
  ++run.count[static_cast<std::size_t>(task.row.state)];
}

void ModelStore::write(StoredRunRows& run, const PutOutputs& put) {
  StoredTask& task = run.tasks.at(put.task);
  rules_.outputs(run, task);
  task.outputs = put.outputs;
  task.has_outputs = true;
}

void ModelStore::write(StoredRunRows& run, const PutRunOutputs&) {
  rules_.require(!run.has_outputs, "one end", "the outputs of a run are written twice", run.row.id);
  run.has_outputs = true;
}

bool ModelStore::insert_attempt(StoredRunRows& run, const InsertAttempt& insert) {
  rules_.attempt_inserted(run, insert.attempt);
  StoredAttempt& attempt = run.tasks[insert.attempt.task].attempts.emplace_back();
  attempt.row = insert.attempt;
  rules_.know(attempt);
  if (!insert.attempt.reserved) return true;
  const Money amount = *insert.attempt.reserved;
  LedgerTotals& totals = run.money[amount.currency];
  const MaybeMoney& limit = run.row.limit;
  const bool fits = !limit || amount.micros == 0 ||
                    (limit->currency == amount.currency &&
                     totals.spent_micros + totals.reserved_micros + amount.micros <= limit->micros);
  rules_.require(fits, "budget", "an attempt is dispatched over the limit of its run", run.row.id);
  if (scene_.may(scene_.options.troubles.store_failures) && scene_.random.chance(3)) {
    ++scene_.counts.refused_reservations;
    attempt.refused = true;
    attempt.row.reserved.reset();
    attempt.row.ended_at = attempt.row.started_at;
    attempt.row.outcome = Outcome::budget;
    ++scene_.counts.outcomes[Outcome::budget];
    return false;
  }
  totals.reserved_micros += amount.micros;
  return true;
}

void ModelStore::write(StoredRunRows& run, const PutCheckpoint& put) {
  if (StoredAttempt* attempt = run.attempt(put.attempt.task, put.attempt.attempt)) {
    attempt->row.token = put.token;
    ++scene_.counts.checkpoints;
    attempt->truth.checkpoint = rules_.checkpoint_number(put.token);
  }
}

void ModelStore::write(StoredRunRows& run, const EndAttempt& end) {
  StoredAttempt* attempt = run.attempt(end.attempt.task, end.attempt.attempt);
  if (!attempt) return rules_.broken("one end", "an attempt that is not there ends", run.row.id);
  rules_.attempt_ended(run, *attempt, end);
  const MaybeMoney reserved = attempt->row.reserved;
  const std::string token = attempt->row.token;
  attempt->row = end.attempt;
  attempt->row.token = token;
  attempt->row.reserved = reserved;
  if (!end.settle) return;
  if (reserved) run.money[reserved->currency].reserved_micros -= reserved->micros;
  attempt->row.reserved.reset();
  if (end.attempt.cost)
    run.money[end.attempt.cost->currency].spent_micros += end.attempt.cost->micros;
}

void ModelStore::write(StoredRunRows& run, const AppendEvent& event) {
  rules_.event(run, event);
  run.last_run_seq = event.run_seq;
  if (!event.task) run.last_run_event = event.type;
}

void ModelStore::write(StoredRunRows& run, const AnswerCommand& answer) {
  const auto found = commands_.find(answer.answer.id);
  if (found == commands_.end() || found->second.answer) return;
  found->second.answer = answer.answer;
  run.commanded = true;
  rules_.command_answered(run, found->second);
}

void ModelStore::write(StoredRunRows& run, const PutResultKey& put) {
  run.tasks.at(put.task).key = put;
}

void ModelStore::write(StoredRunRows&, const KeepResult& keep) {
  // There is not room for all of them.
  if (!kept_.empty() && scene_.random.chance(150))
    kept_.erase(
        std::next(kept_.begin(), static_cast<std::ptrdiff_t>(scene_.random.below(kept_.size()))));
  kept_.insert_or_assign(keep.key->digest, FoundResult{keep.key, keep.origin, keep.outputs});
}

void ModelStore::write(StoredRunRows& run, const TakeResult& take) {
  rules_.result_taken(run, take);
}

std::optional<FoundResult> ModelStore::find_result(const std::vector<Digest>& keys,
                                                   Timestamp made_after) const {
  for (const Digest& key : keys)
    if (const auto found = kept_.find(key);
        found != kept_.end() && found->second.origin.made_at >= made_after)
      return found->second;
  return std::nullopt;
}

void ModelStore::put_late(const PutLateResult& put) {
  StoredRunRows* run = find(put.attempt.run);
  if (!run) return;
  ++scene_.counts.late_results;
  std::erase_if(run->late, [&](const LateRow& row) { return row.attempt == put.attempt; });
  run->late.push_back({put.attempt, {put.outcome, put.message, {}, {}, false, put.outputs}});
}

// ---------------------------------------------------------------- loading

StoredRun ModelStore::claim(RunId id) {
  StoredRunRows& run = runs_.at(id);
  ++run.row.epoch;
  StoredRun stored;
  stored.run = run.row;
  stored.last_run_seq = run.last_run_seq;
  stored.expansions = run.expansions;
  for (const auto& [currency, totals] : run.money)
    if (totals.spent_micros > 0) stored.spent.push_back({totals.spent_micros, currency});
  for (StoredTask& task : run.tasks) {
    const bool may_come_anew = run.plan->definition(task.row.no).occasion != Occasion::ordinary;
    if (task.exists && (is_unfinished(task.row.state) || may_come_anew))
      stored.unfinished.push_back(task.row);
    for (const StoredAttempt& attempt : task.attempts)
      if (!attempt.row.ended_at) stored.open.push_back(attempt.row);
  }
  for (StoredTask& task : run.tasks)
    for (const StoredAttempt& attempt : task.attempts)
      if (attempt.row.ended_at &&
          (is_unfinished(task.row.state) ||
           run.plan->definition(task.row.no).occasion != Occasion::ordinary)) {
        const bool open = attempt.row.outcome == Outcome::unknown &&
                          task.row.state == TaskState::waiting &&
                          task.row.attempt == attempt.row.attempt;
        (open ? stored.open : stored.ended).push_back(attempt.row);
      }
  for (const StoredTask& task : run.tasks)
    if (task.key && !task.attempts.empty() && !task.attempts.back().row.ended_at &&
        task.attempts.back().row.attempt == task.key->attempt)
      stored.keys.emplace_back(task.row.no, task.key->key);
  for (const LateRow& late : run.late) {
    const StoredAttempt* attempt = run.attempt(late.attempt.task, late.attempt.attempt);
    if (attempt && !attempt->row.ended_at)
      stored.late.push_back(
          {late.attempt, late.result.outcome, late.result.message, late.result.outputs});
  }
  return stored;
}

json::value ModelStore::outputs(RunId run, TaskNo task) const {
  const auto found = runs_.find(run);
  return found == runs_.end() ? json::value() : found->second.tasks[task].outputs;
}

std::vector<RunId> ModelStore::unfinished() const {
  std::vector<RunId> runs;
  for (const RunId id : order_) {
    const RunState state = runs_.at(id).row.state;
    if (state == RunState::active || state == RunState::paused) runs.push_back(id);
  }
  return runs;
}

void ModelStore::forget(RunId run) {
  runs_.erase(run);
  std::erase(order_, run);
  std::erase_if(commands_, [&](const auto& entry) { return entry.second.command.run == run; });
}

}  // namespace weft::simulation
