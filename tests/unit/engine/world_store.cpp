// SPDX-License-Identifier: Apache-2.0
// What the world makes durable, and how it is found again.
#include <stdexcept>

#include "world.hpp"

namespace weft::engine::testing {

bool World::commit_one() {
  if (pending_.empty()) return false;
  const Pending next = std::move(pending_.front());
  pending_.pop_front();
  if (fail_commits) {
    driver_->commit_failed(machine("the disk is full"));
    return true;
  }
  ++commits;
  Committed committed{next.no, {}, {}};
  std::set<RunId> without;
  for (const auto& [run, epoch] : next.batch.epochs) {
    const auto known = runs_.find(run);
    const bool stale =
        fence.contains(run) || (known != runs_.end() && known->second.run.epoch != epoch);
    if (stale && known != runs_.end()) without.insert(run), committed.fenced.push_back(run);
  }
  for (const Write& write : next.batch.writes) apply(write, without, committed.refused);
  driver_->committed(committed);
  return true;
}

void World::apply(const Write& write, const std::set<RunId>& without,
                  std::vector<AttemptRef>& refused) {
  const auto into = [&](RunId run) -> DurableRun* {
    return without.contains(run) ? nullptr : &runs_[run];
  };
  const auto attempt_row = [](DurableRun& run, TaskNo task, AttemptNo no) -> AttemptRecord* {
    for (AttemptRecord& row : run.attempts)
      if (row.task == task && row.attempt == no) return &row;
    return nullptr;
  };
  if (const auto* w = std::get_if<InsertRun>(&write)) {
    DurableRun& run = runs_[w->run.id];
    run.run = w->run;
    run.plan = w->plan;
    for (TaskNo no = 0; no < w->plan->nodes.size(); ++no) {
      const PlanNode& node = w->plan->nodes[no];
      TaskRecord& task = run.tasks[no];
      task.no = no;
      task.definition = node.definition;
      task.item = node.item;
      task.group = node.group;
      task.item_count = node.item_count;
    }
  } else if (const auto* u = std::get_if<UpdateRun>(&write)) {
    if (auto* run = into(u->run.id)) run->run = u->run;
  } else if (const auto* t = std::get_if<UpdateTask>(&write)) {
    if (auto* run = into(t->run); run && run->tasks.contains(t->task.no))
      run->tasks[t->task.no] = t->task;
  } else if (const auto* x = std::get_if<PutExpansion>(&write)) {
    if (auto* run = into(x->run)) insert(*run, *x);
  } else if (const auto* g = std::get_if<InsertTasks>(&write)) {
    if (auto* run = into(g->run)) insert(*run, *g->tasks);
  } else if (const auto* o = std::get_if<PutOutputs>(&write)) {
    if (auto* run = into(o->run)) run->outputs[o->task] = o->outputs;
  } else if (const auto* ro = std::get_if<PutRunOutputs>(&write)) {
    if (auto* run = into(ro->run)) run->run_outputs = ro->outputs;
  } else if (const auto* a = std::get_if<InsertAttempt>(&write)) {
    decisions.push_back(*a->decision);
    if (auto* run = into(a->run); run && !insert_attempt(*run, *a))
      refused.push_back({a->run, a->attempt.task, a->attempt.attempt});
  } else if (const auto* c = std::get_if<PutCheckpoint>(&write)) {
    if (auto* run = into(c->attempt.run))
      if (auto* row = attempt_row(*run, c->attempt.task, c->attempt.attempt)) row->token = c->token;
  } else if (const auto* e = std::get_if<EndAttempt>(&write)) {
    if (e->usage) usage.push_back(*e->usage);
    if (auto* run = into(e->run))
      if (auto* row = attempt_row(*run, e->attempt.task, e->attempt.attempt)) *row = e->attempt;
  } else if (const auto* k = std::get_if<PutResultKey>(&write)) {
    if (auto* run = into(k->run)) run->keys[k->task] = *k;
  } else if (const auto* taken = std::get_if<TakeResult>(&write)) {
    if (auto* run = into(taken->run)) run->taken[taken->task] = *taken;
  } else if (const auto* f = std::get_if<KeepResult>(&write)) {
    if (into(f->run)) kept[f->key->digest] = {f->key, f->origin, f->outputs};
  } else if (const auto* h = std::get_if<PutServiceHealth>(&write)) {
    health_[h->health.service] = h->health;
  } else if (const auto* s = std::get_if<AppendServiceEvent>(&write)) {
    service_events.push_back(std::string(s->type) + " " + s->data);
  } else if (const auto* l = std::get_if<PutLateResult>(&write)) {
    runs_[l->attempt.run].late.push_back(*l);
  } else if (const auto* v = std::get_if<AppendEvent>(&write)) {
    if (auto* run = into(v->run))
      run->events.push_back({0, v->run, v->run_seq, v->at, std::string(v->type), v->task,
                             parse_json(json_text(v->data)).value().as_object()});
  }
}

void World::insert(DurableRun& run, const PutExpansion& put) {
  run.expansions.push_back({put.task, put.first, parse_json(*put.detail).value(), 0});
  run.run.task_count = put.task_count;
  run.tasks.at(put.task).item_count = put.item_count;
  StoredRun all;  // as if nothing had ended: with every edge
  all.expansions = run.expansions;
  for (const auto& [no, task] : run.tasks) all.unfinished.push_back(task);
  auto plan = expand_again(run.plan->root().pipeline, all);
  if (!plan) throw std::logic_error(plan.error().to_string());
  run.plan = std::make_shared<const Plan>(std::move(*plan));
}

void World::insert(DurableRun& run, const GrownTasks& grown) {
  TaskNo no = grown.first;
  most_inserted = std::max(most_inserted, grown.nodes.size());
  for (const PlanNode& node : grown.nodes) {
    TaskRecord& task = run.tasks[no];
    task.no = no++;
    task.definition = node.definition;
    task.item = node.item;
    task.group = node.group;
    task.item_count = node.item_count;
  }
  for (auto one = run.expansions.rbegin(); one != run.expansions.rend(); ++one)
    if (one->first <= grown.first) {
      one->rows = no - one->first;
      break;
    }
}

// As the store does it: in the order of the batch, against the limit as it stands in the row.
bool World::insert_attempt(DurableRun& run, const InsertAttempt& insert) {
  AttemptRecord row = insert.attempt;
  bool refused = refuse_reservation.erase(row.task) > 0;
  if (row.reserved && row.reserved->micros > 0 && run.run.limit) {
    std::int64_t used = row.reserved->micros;
    for (const AttemptRecord& other : run.attempts)
      for (const MaybeMoney& part : {other.cost, other.reserved})
        if (part && part->currency == run.run.limit->currency) used += part->micros;
    refused = refused || used > run.run.limit->micros;
  }
  if (refused) {
    row.reserved.reset();
    row.ended_at = row.started_at;
    row.outcome = Outcome::budget;
  }
  run.attempts.push_back(row);
  return !refused;
}

StoredRun World::load(const DurableRun& durable) const {
  StoredRun stored;
  stored.run = durable.run;
  stored.expansions = durable.expansions;
  for (const auto& [no, task] : durable.tasks)
    if (is_unfinished(task.state) || durable.plan->definition(no).occasion != Occasion::ordinary)
      stored.unfinished.push_back(task);
  for (const AttemptRecord& attempt : durable.attempts) {
    if (attempt.cost) stored.spent.push_back(*attempt.cost);
    const TaskRecord& task = durable.tasks.at(attempt.task);
    if (!is_unfinished(task.state)) continue;
    const bool open =
        !attempt.ended_at || (attempt.outcome == Outcome::unknown &&
                              task.state == TaskState::waiting && task.attempt == attempt.attempt);
    (open ? stored.open : stored.ended).push_back(attempt);
    for (const PutLateResult& late : durable.late)
      if (!attempt.ended_at && late.attempt.task == attempt.task &&
          late.attempt.attempt == attempt.attempt)
        stored.late.push_back(late);
  }
  for (const AttemptRecord& open : stored.open)
    if (const auto key = durable.keys.find(open.task);
        !open.ended_at && key != durable.keys.end() && key->second.attempt == open.attempt)
      stored.keys.emplace_back(open.task, key->second.key);
  if (!durable.events.empty()) stored.last_run_seq = durable.events.back().run_seq;
  return stored;
}

}  // namespace weft::engine::testing
