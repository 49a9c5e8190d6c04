// SPDX-License-Identifier: Apache-2.0
#include "engine/driver.hpp"

#include <algorithm>

namespace weft::engine {
namespace {

constexpr std::size_t cached_outputs_at_most = 100'000;
// Progress is written at most twice a second per task, one commit for all tasks.
constexpr Duration progress_every{500};

bool contains(const std::vector<RunId>& runs, RunId run) {
  return std::find(runs.begin(), runs.end(), run) != runs.end();
}

json::object run_variable(const Run& run) {
  return {{"id", run.record.id.to_string()},
          {"name", run.record.pipeline_name},
          {"failed", json::array()}};
}

// What runs once nothing else moves may ask what has failed.
json::object run_variable(const Run& run, TaskNo task) {
  json::object variable = run_variable(run);
  if (run.definition(task).occasion == Occasion::ordinary) return variable;
  for (TaskNo no = 0; no < run.nodes.size(); ++no)
    if (run.nodes[no].state == TaskState::failed)
      variable["failed"].as_array().emplace_back(display_name(*run.plan, no));
  return variable;
}

}  // namespace

Driver::Driver(Ports ports, std::shared_ptr<const route::ServiceTable> services)
    : ports_(ports),
      core_(services),
      outputs_(cached_outputs_at_most),
      services_(std::move(services)) {}

// ---------------------------------------------------------------- a turn

void Driver::turn() {
  if (failed_) return;
  now_ = ports_.clock.now();
  run_steps();
  Effects effects = core_.take();
  if (now_ - progress_written_at_ >= progress_every) add_progress(effects.batch);
  if (!effects.empty()) commit(std::move(effects));
}

void Driver::run_steps() {
  std::vector<Event> events = std::exchange(inbox_, {});
  for (Event& event : events) {
    if (const auto* load = std::get_if<LoadRun>(&event)) forget(load->stored.run.id);
    if (const auto* changed = std::get_if<ServicesChanged>(&event)) services_ = changed->table;
    std::optional<RunId> lost;
    if (const auto* fenced = std::get_if<RunFenced>(&event); fenced && core_.find(fenced->run))
      lost = fenced->run;
    step(std::move(event));
    if (lost) ports_.callers.fenced(*lost);
    answer_all();
  }
  if (core_.next_wake().reached(now_)) step(Tick{});
  answer_all();
}

void Driver::step(Event&& event) {
  core_.step(std::move(event), Moment{now_, {ports_.random.next(), ports_.random.next()}});
  // At hand for its dependents before it is durable: their intent shares its commit.
  core_.take_outputs(given_);
  for (NewOutputs& given : given_)
    outputs_.put(given.run, given.task, std::move(given.outputs), last_no_ + 1);
  if (!core_.has_results()) return;
  core_.take_results(made_);
  for (FoundResult& made : made_) fresh_.put(std::move(made), last_no_ + 1);
}

// What is known of an earlier life of the run in this process.
void Driver::forget(RunId run) {
  outputs_.forget(run);
  std::erase_if(loading_, [&](const Loading& loading) { return loading.run == run; });
  std::erase_if(lookups_, [&](const auto& lookup) { return lookup.second.run == run; });
}

// Gives every answer that can be given at once. A loop, not recursion: one answer may lead to the
// next without end.
void Driver::answer_all() {
  for (core_.take_asks(asked_); !asked_.empty(); core_.take_asks(asked_))
    for (Ask& ask : asked_) answer(std::move(ask));
}

void Driver::commit(Effects effects) {
  if (!effects.batch.writes.empty()) {
    const bool events = std::any_of(effects.batch.writes.begin(), effects.batch.writes.end(),
                                    [](const Write& write) {
                                      return std::holds_alternative<AppendEvent>(write) ||
                                             std::holds_alternative<AppendServiceEvent>(write) ||
                                             std::holds_alternative<PutProgress>(write);
                                    });
    waiting_.push_back({++last_no_, std::move(effects.acts), events, rested_in(effects.batch)});
    ports_.store.commit(last_no_, std::move(effects.batch));
  } else if (!waiting_.empty()) {
    auto& acts = waiting_.back().acts;  // they follow from what is not durable yet
    acts.insert(acts.end(), effects.acts.begin(), effects.acts.end());
  } else {
    for (const Act& ready : effects.acts) act(ready);
  }
}

std::vector<RunId> Driver::rested_in(const Batch& batch) const {
  std::vector<RunId> rested;
  for (const auto& [id, epoch] : batch.epochs) {
    const Run* run = core_.find(id);  // null: it has ended
    const bool waits = run && run->record.state == RunState::paused;
    if (!run ||
        (run->in_state(TaskState::running) == 0 && (waits || run->in_state(TaskState::ready) == 0)))
      rested.push_back(id);
  }
  return rested;
}

void Driver::committed(const Committed& committed) {
  if (waiting_.empty() || waiting_.front().no != committed.no) return;
  const Waiting done = std::move(waiting_.front());
  waiting_.pop_front();
  for (const RunId run : committed.fenced) {
    deliver(RunFenced{run});
    forget(run);
  }
  for (const AttemptRef& attempt : committed.refused) deliver(ReservationRefused{attempt});
  for (const Act& ready : done.acts) {
    if (contains(committed.fenced, run_of(ready))) continue;
    const auto* dispatch = std::get_if<DispatchJob>(&ready);
    const bool refused = dispatch && std::find(committed.refused.begin(), committed.refused.end(),
                                               dispatch->job.attempt) != committed.refused.end();
    if (!refused) act(ready);
  }
  outputs_.committed(committed.no);
  last_durable_ = committed.no;
  if (lookups_.empty() && !fresh_.empty()) fresh_.forget_durable(last_durable_);
  if (done.events) ports_.callers.published();
  for (const RunId run : done.rested) ports_.callers.rested(run);
}

void Driver::commit_failed(const Error& error) {
  if (std::exchange(failed_, true)) return;
  waiting_.clear();
  ports_.callers.store_failed(error);
}

void Driver::act(const Act& act) {
  struct {
    Ports& ports;
    void operator()(const DispatchJob& a) const { ports.services.submit(a.job); }
    void operator()(const AttachJob& a) const { ports.services.attach(a.job, a.token); }
    void operator()(const CancelJob& a) const { ports.services.cancel(a.attempt); }
    void operator()(const InterruptJob& a) const { ports.services.interrupt(a.attempt); }
    void operator()(const ConfirmCheckpoint& a) const {
      ports.services.checkpointed(a.attempt, a.op);
    }
    void operator()(const ProbeService& a) const { ports.services.probe(a.service); }
    void operator()(const AnswerCaller& a) const { ports.callers.answered(a.answer); }
    void operator()(const AcceptRun& a) const { ports.callers.accepted(a.run); }
  } perform{ports_};
  std::visit(perform, act);
}

// ---------------------------------------------------------------- progress

void Driver::progressed(JobProgress progress) {
  const Run* run = core_.find(progress.attempt.run);
  if (!run) return;
  const auto active = run->active.find(progress.attempt.task);
  if (active == run->active.end() || active->second.record.attempt != progress.attempt.attempt)
    return;  // of an attempt that has been given up
  if (!active->second.alive || active->second.in_question)
    deliver(JobStarted{progress.attempt, true});
  progress_.insert_or_assign(TaskRef{progress.attempt.run, progress.attempt.task},
                             std::move(progress));
}

void Driver::add_progress(Batch& batch) {
  for (auto& [task, progress] : progress_) {
    const Run* run = core_.find(task.run);
    if (!run || run->nodes[task.task].state != TaskState::running) continue;
    const bool known =
        std::any_of(batch.epochs.begin(), batch.epochs.end(),
                    [&](const auto& entry) { return entry.first == run->record.id; });
    if (!known) batch.epochs.emplace_back(task.run, run->record.epoch);
    batch.writes.push_back(
        PutProgress{task.run, {task.task, progress.permille, std::move(progress.stage)}});
  }
  progress_.clear();
  progress_written_at_ = now_;
}

Deadline Driver::next_wake() const {
  const Deadline flush =
      progress_.empty() ? Deadline::never() : Deadline{progress_written_at_ + progress_every};
  return core_.next_wake().earlier(flush);
}

// ---------------------------------------------------------------- answers

void Driver::answer(Ask&& ask) {
  if (const auto* binding = std::get_if<AskBinding>(&ask)) answer_binding(*binding);
  if (auto* lookup = std::get_if<AskResult>(&ask)) answer_result(std::move(*lookup));
  if (auto* choice = std::get_if<AskChoice>(&ask)) answer_choice(std::move(*choice));
  if (const auto* outputs = std::get_if<AskRunOutputs>(&ask)) answer_run_outputs(*outputs);
  if (const auto* expansion = std::get_if<AskExpansion>(&ask)) answer_expansion(*expansion);
  if (const auto* body = std::get_if<AskBodyOutputs>(&ask)) answer_body_outputs(*body);
}

// Outputs that at_hand() has found.
auto Driver::outputs_of(RunId run, const Plan& plan) {
  return [this, run, &plan](TaskNo task) -> const json::value& {
    std::vector<TaskNo> missing;
    return *outputs_.get(run, plan, task, missing);
  };
}

void Driver::answer_binding(const AskBinding& ask) {
  const Run* run = core_.find(ask.run);
  if (!run) return;
  const Plan& plan = *run->plan;
  if (!at_hand(ask.run, plan, nodes_read_by(plan, ask.task), ask)) return;
  step(TaskBound{ask.run, ask.task, ask.ticket,
                 bind(plan, ask.task, run_variable(*run, ask.task), outputs_of(ask.run, plan))});
  if (plan.definition(ask.task).occasion != Occasion::ordinary)
    outputs_.forget_made_up(ask.run, plan);
}

void Driver::answer_expansion(const AskExpansion& ask) {
  const Run* run = core_.find(ask.run);
  if (!run) return;
  const Plan& plan = *run->plan;
  if (!at_hand(ask.run, plan, nodes_read_by_expansion(plan, ask.task), ask)) return;
  step(NodeExpanded{
      ask.run, ask.task, ask.ticket,
      evaluate_expansion(plan, ask.task, run_variable(*run), outputs_of(ask.run, plan))});
}

void Driver::answer_body_outputs(const AskBodyOutputs& ask) {
  const Run* run = core_.find(ask.run);
  if (!run) return;
  const Plan& plan = *run->plan;
  const auto body = plan.bodies.find(ask.task);
  if (body == plan.bodies.end()) return;
  const PlanScope& scope = plan.scopes[body->second];
  if (!at_hand(ask.run, plan, nodes_read_by_outputs(plan, scope), ask)) return;
  step(BodyOutputsBound{ask.run, ask.task, ask.ticket,
                        bind_outputs(plan, scope, run_variable(*run), outputs_of(ask.run, plan))});
}

void Driver::answer_result(AskResult&& ask) {
  std::vector<Digest> keys;
  for (const auto& key : ask.keys) {
    if (const FoundResult* fresh = fresh_.find(key->digest, ask.made_after))
      return answer_result(std::move(ask), *fresh);
    keys.push_back(key->digest);
  }
  ports_.store.find_result(++last_lookup_, std::move(keys), ask.made_after);
  lookups_.emplace(last_lookup_, std::move(ask));
}

void Driver::answer_result(AskResult&& ask, std::optional<FoundResult> found) {
  step(ResultLookedUp{ask.run, ask.task, ask.ticket, std::move(ask.bound), std::move(ask.keys),
                      std::move(found)});
}

void Driver::result_found(LookupNo no, result<std::optional<FoundResult>> found) {
  auto lookup = lookups_.extract(no);
  if (failed_ || lookup.empty()) return;
  now_ = ports_.clock.now();
  AskResult ask = std::move(lookup.mapped());
  std::optional<FoundResult> answer;
  if (found && *found) answer = std::move(**found);
  for (const auto& key : ask.keys) {
    if (answer && answer->key->digest == key->digest) {
      answer->key = key;
      break;
    }
    // Somebody may have made it since the store was asked.
    if (const FoundResult* fresh = fresh_.find(key->digest, ask.made_after)) {
      answer = *fresh;
      break;
    }
  }
  answer_result(std::move(ask), std::move(answer));
  answer_all();
  if (lookups_.empty() && !fresh_.empty()) fresh_.forget_durable(last_durable_);
  deliver(Tick{});  // what came out waits for a turn
}

void Driver::answer_choice(AskChoice&& ask) {
  const Run* run = core_.find(ask.run);
  if (!run) return;
  const TaskDefinition& definition = run->definition(ask.task);
  route::Request request;
  request.operation = definition.operation->name;
  request.params = &ask.bound->params;
  request.adapt = definition.route.adapt;
  request.degrade = definition.route.degrade;
  request.excluded = ask.excluded;
  request.task_budget_left = ask.task_budget_left;
  request.run_budget_left = ask.run_budget_left;
  step(ServiceChosen{ask.run, ask.task, ask.ticket, std::move(ask.bound),
                     route::choose(*services_, request)});
}

void Driver::answer_run_outputs(const AskRunOutputs& ask) {
  const Run* run = core_.find(ask.run);
  if (!run) return;
  const Plan& plan = *run->plan;
  if (!at_hand(ask.run, plan, nodes_read_by_outputs(plan, plan.root()), ask)) return;
  step(RunOutputsBound{
      ask.run, bind_outputs(plan, plan.root(), run_variable(*run), outputs_of(ask.run, plan))});
  outputs_.forget(ask.run);
}

bool Driver::at_hand(RunId run, const Plan& plan, const std::vector<TaskNo>& tasks,
                     const Ask& ask) {
  std::vector<TaskNo> missing;
  const Run* loaded = core_.find(run);
  // What was skipped has none; nor, for what runs once nothing else moves, what has not come to it.
  const auto gave_nothing = [&](TaskNo task) {
    return loaded->nodes[task].state != TaskState::succeeded;
  };
  for (const TaskNo task : tasks) {
    if (plan.nodes[task].group && plan.nodes[task].unexpanded) outputs_.put(run, task, nullptr, 0);
    outputs_.get(run, plan, task, missing);
  }
  std::erase_if(missing, [&](TaskNo task) {
    if (!gave_nothing(task)) return false;
    outputs_.put(run, task, nullptr, 0);
    return true;
  });
  if (missing.empty()) {
    for (const TaskNo task : tasks)
      outputs_.get(run, plan, task, missing);  // groups whose last items were skipped
    return true;
  }
  ports_.store.load_outputs(run, missing);
  loading_.push_back({run, {missing.begin(), missing.end()}, ask});
  return false;
}

void Driver::outputs_loaded(RunId run, const std::vector<TaskNo>& tasks,
                            result<std::vector<json::value>> outputs) {
  if (!outputs) return commit_failed(outputs.error());
  if (!core_.find(run)) return;
  for (std::size_t i = 0; i < tasks.size(); ++i)
    outputs_.put(run, tasks[i], std::move((*outputs)[i]), 0);
  now_ = ports_.clock.now();
  std::vector<Ask> loaded;
  for (auto it = loading_.begin(); it != loading_.end();) {
    if (it->run == run)
      for (const TaskNo task : tasks) it->missing.erase(task);
    if (it->run == run && it->missing.empty()) {
      loaded.push_back(std::move(it->ask));
      it = loading_.erase(it);
    } else {
      ++it;
    }
  }
  for (Ask& ask : loaded) answer(std::move(ask));
  answer_all();
  deliver(Tick{});  // what came out waits for a turn
}

}  // namespace weft::engine
