// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <stdexcept>

namespace weft::engine::testing {
namespace {

constexpr std::string_view test_operation = R"(
[operations."test.step"]
summary = "adds one"
[operations."test.step".params]
properties.value = { type = "integer" }
[operations."test.step".outputs.value]
schema = { type = "integer" }
)";

}  // namespace

World::World(std::vector<ServiceSpec> services, std::uint32_t cpu_slots)
    : operations_(OperationCatalog::canonical()) {
  if (auto added = operations_.add_toml(test_operation, "test_operation"); !added)
    throw std::logic_error(added.error().to_string());
  table_ = table(services, cpu_slots);
  start();
}

std::shared_ptr<const route::ServiceTable> World::table(const std::vector<ServiceSpec>& specs,
                                                        std::uint32_t cpu_slots) const {
  auto table = std::make_shared<route::ServiceTable>();
  table->classes = {{"cpu", cpu_slots}, {"gpu", 1}};
  for (const ServiceSpec& spec : specs) {
    route::Service& service = table->services.emplace_back();
    service.name = spec.name;
    for (const std::string& operation : spec.operations)
      service.operations.push_back(
          {operation, Schema::compile(parse_json(spec.params).value()).value()});
    service.slot_class = *table->find_class(spec.slot_class);
    service.slots = spec.slots;
    service.limits = spec.limits;
    service.limits.concurrency = spec.concurrency;
    service.health = spec.health;
    if (!spec.price.empty())
      service.price.emplace().rows.push_back(
          {std::nullopt, Money::parse(spec.price, "USD").value()});
    service.recover = spec.recover;
    service.local = spec.local;
    service.placeholder = spec.placeholder;
    service.enabled = spec.enabled;
    service.unavailable = spec.unavailable;
  }
  return table;
}

void World::start() {
  driver_ = std::make_unique<Driver>(Driver::Ports{*this, *this, *this, *this, *this}, table_);
}

// ---------------------------------------------------------------- people

RunId World::submit(const std::string& tasks, const std::string& max_cost,
                    const std::string& pipeline_keys) {
  const std::string text = "[pipeline]\nname = \"p\"\n" + pipeline_keys + "\n" + tasks;
  const std::vector<std::string> classes{"cpu", "gpu"};
  std::vector<std::string> services;
  for (const route::Service& service : table_->services) services.push_back(service.name);
  auto read =
      read_pipeline(text, "p.toml", DefinitionContext{operations_, classes, services, "USD"});
  if (!read) throw std::logic_error(read.error().to_string());
  auto plan = expand(read->pipeline, {});
  if (!plan) throw std::logic_error(plan.error().to_string());
  RunRecord run;
  std::array<std::uint8_t, 16> bytes{};
  bytes[15] = next_id_++;
  run.id = RunId{Uuid::from_bytes(bytes)};
  run.pipeline_name = "p";
  run.created_at = now_;
  if (!max_cost.empty()) run.limit = Money::parse(max_cost, "USD").value();
  driver_->deliver(SubmitRun{run, std::make_shared<const Plan>(std::move(*plan))});
  settle();
  return run.id;
}

CommandAnswer World::command(RunId run, CommandKind kind, const std::string& task, bool flag) {
  return give(command_of(run, kind, task, flag));
}

Command World::command_of(RunId run, CommandKind kind, const std::string& task, bool flag) {
  Command command;
  command.run = run;
  command.kind = kind;
  if (!task.empty()) command.task = number(run, task);
  command.rebuy = command.bought = flag;
  std::array<std::uint8_t, 16> bytes{};
  bytes[0] = 0xff;
  bytes[15] = next_id_++;
  command.id = CommandId{Uuid::from_bytes(bytes)};
  return command;
}

CommandAnswer World::tell(CommandKind kind, const std::string& service, const std::string& reason) {
  Command command;
  command.kind = kind;
  command.service = service;
  command.reason = reason;
  std::array<std::uint8_t, 16> bytes{};
  bytes[0] = 0xff;
  bytes[15] = next_id_++;
  command.id = CommandId{Uuid::from_bytes(bytes)};
  return give(command);
}

CommandAnswer World::give(Command command) {
  hand_in(command);
  return answers_.at(command.id);
}

void World::hand_in(const Command& command) {
  // As the shell does: a run at rest is loaded for a command.
  if (command.service.empty() && !driver_->core().find(command.run)) take_up(command.run);
  driver_->deliver(GiveCommand{command});
  settle();
}

std::optional<CommandAnswer> World::answer(CommandId command) const {
  const auto found = answers_.find(command);
  return found == answers_.end() ? std::nullopt : std::optional(found->second);
}

void World::change_services(std::vector<ServiceSpec> services, bool configuration_read,
                            std::uint32_t cpu_slots) {
  table_ = table(services, cpu_slots);
  driver_->deliver(ServicesChanged{table_, configuration_read});
  settle();
}

// ---------------------------------------------------------------- services

void World::submit(Job job) {
  submitted.push_back(job);
  const std::pair key{job.attempt.run, job.attempt.task};
  live_.insert_or_assign(key, std::move(job));
}

void World::attach(Job job, std::string token) {
  attached.emplace_back(job, std::move(token));
  const std::pair key{job.attempt.run, job.attempt.task};
  live_.insert_or_assign(key, std::move(job));
}

bool World::running(RunId run, const std::string& task) const {
  return live_.contains({run, number(run, task)});
}
const Job& World::job(RunId run, const std::string& task) const {
  return live_.at({run, number(run, task)});
}

void World::end(const AttemptRef& attempt, JobResult result) {
  driver_->deliver(JobEnded{attempt, std::move(result)});
  settle();
}

void World::succeed(RunId run, const std::string& task, std::int64_t value, MaybeMoney cost) {
  const AttemptRef attempt = job(run, task).attempt;
  live_.erase({run, attempt.task});
  end(attempt, {Outcome::ok, {}, {}, std::move(cost), false, {{"value", value}}});
}

void World::end(RunId run, const std::string& task, Outcome outcome, const std::string& message,
                Duration retry_after) {
  const AttemptRef attempt = job(run, task).attempt;
  live_.erase({run, attempt.task});
  end(attempt, {outcome, message, retry_after, {}, false, {}});
}

void World::checkpoint(RunId run, const std::string& task, const std::string& token) {
  driver_->deliver(JobCheckpointed{job(run, task).attempt, 7, token});
  settle();
}

void World::answer_probe(const std::string& service, Outcome outcome, bool vouched) {
  driver_->deliver(ServiceProbed{service, outcome, "it does not answer", vouched});
  settle();
}

void World::report(RunId run, const std::string& task, std::int32_t permille) {
  driver_->progressed({job(run, task).attempt, permille, "working"});
  settle();
}

// ---------------------------------------------------------------- time

void World::settle() {
  for (;;) {
    driver_->turn();
    if (!loads_.empty()) {
      const Load load = std::move(loads_.front());
      loads_.pop_front();
      std::vector<json::value> outputs;
      for (const TaskNo task : load.tasks) {
        const auto& known = runs_.at(load.run).outputs;
        outputs.push_back(known.contains(task) ? known.at(task) : json::value(nullptr));
      }
      driver_->outputs_loaded(load.run, load.tasks, std::move(outputs));
      continue;
    }
    if (commit_one() || driver_->has_events()) continue;
    return;
  }
}

void World::advance(Duration span) {
  now_ += span;
  settle();
}

void World::load_outputs(RunId run, std::vector<TaskNo> tasks) {
  ++outputs_loads;
  loads_.push_back({run, std::move(tasks)});
}

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
    if (auto* run = into(t->run)) run->tasks[t->task.no] = t->task;
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
  for (const auto& [no, task] : durable.tasks)
    if (is_unfinished(task.state)) stored.unfinished.push_back(task);
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
  if (!durable.events.empty()) stored.last_run_seq = durable.events.back().run_seq;
  return stored;
}

void World::crash() {
  restart();
  settle();
}

void World::take_up(RunId run) {
  DurableRun& durable = runs_.at(run);
  ++durable.run.epoch;
  driver_->deliver(LoadRun{load(durable), durable.plan});
}

void World::restart() {
  pending_.clear();
  loads_.clear();
  start();
  RestoreServices restore;
  for (const auto& [name, health] : health_) restore.known.push_back(health);
  driver_->deliver(std::move(restore));
  for (auto& [id, durable] : runs_) {
    if (durable.run.state != RunState::active && durable.run.state != RunState::paused) continue;
    take_up(id);
  }
}

// ---------------------------------------------------------------- looking

TaskNo World::number(RunId run, const std::string& task) const {
  const DurableRun& durable = runs_.at(run);
  for (TaskNo no = 0; no < durable.plan->nodes.size(); ++no)
    if (display_name(*durable.plan->pipeline, durable.plan->nodes[no]) == task) return no;
  throw std::logic_error("no task " + task);
}

const TaskRecord& World::row(RunId run, const std::string& task) const {
  return runs_.at(run).tasks.at(number(run, task));
}
TaskState World::state(RunId run, const std::string& task) const {
  return row(run, task).state;
}
RunState World::state(RunId run) const {
  return runs_.at(run).run.state;
}

std::vector<std::string> World::event_types(RunId run) const {
  std::vector<std::string> types;
  for (const EventRecord& event : runs_.at(run).events) types.push_back(event.type);
  return types;
}

std::vector<AttemptRecord> World::attempts(RunId run, const std::string& task) const {
  std::vector<AttemptRecord> rows;
  for (const AttemptRecord& attempt : runs_.at(run).attempts)
    if (attempt.task == number(run, task)) rows.push_back(attempt);
  return rows;
}

}  // namespace weft::engine::testing
