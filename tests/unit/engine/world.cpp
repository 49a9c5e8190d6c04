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
[operations."test.list"]
summary = "gives a list"
[operations."test.list".outputs.values]
schema = { type = "array" }
[operations."test.draw"]
summary = "chooses a number"
reuse   = "same_seed"
[operations."test.draw".params]
properties.value = { type = "integer" }
properties.seed  = { type = "integer" }
[operations."test.draw".outputs.value]
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
    service.component = spec.component;
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
  run.fresh = fresh;
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

void World::give_list(RunId run, const std::string& task, json::array values) {
  const AttemptRef attempt = job(run, task).attempt;
  live_.erase({run, attempt.task});
  end(attempt, {Outcome::ok, {}, {}, {}, false, {{"values", std::move(values)}}});
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
    if (answer_lookups && !lookups_.empty()) {
      Lookup lookup = std::move(lookups_.front());
      lookups_.pop_front();
      driver_->result_found(lookup.no, std::move(lookup.found));
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

// What is there when it is asked, whenever it answers.
void World::find_result(LookupNo no, std::vector<Digest> keys, Timestamp made_after) {
  ++lookups;
  std::optional<FoundResult> found;
  for (const Digest& key : keys)
    if (const auto one = kept.find(key);
        !found && one != kept.end() && one->second.origin.made_at >= made_after)
      found = one->second;
  lookups_.push_back({no, std::move(found)});
}

void World::crash() {
  restart();
  settle();
}

void World::take_up(RunId run) {
  DurableRun& durable = runs_.at(run);
  ++durable.run.epoch;
  StoredRun stored = load(durable);
  auto plan = expand_again(durable.plan->root().pipeline, stored);
  if (!plan) throw std::logic_error(plan.error().to_string());
  driver_->deliver(LoadRun{std::move(stored), std::make_shared<const Plan>(std::move(*plan))});
}

void World::restart() {
  pending_.clear();
  loads_.clear();
  lookups_.clear();
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
    if (display_name(*durable.plan, no) == task) return no;
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

std::string World::why_failed(RunId run) const {
  std::string message;
  for (const EventRecord& event : runs_.at(run).events)
    if (event.type == "task.failed") message = std::string(event.data.at("message").as_string());
  return message;
}

std::vector<AttemptRecord> World::attempts(RunId run, const std::string& task) const {
  std::vector<AttemptRecord> rows;
  for (const AttemptRecord& attempt : runs_.at(run).attempts)
    if (attempt.task == number(run, task)) rows.push_back(attempt);
  return rows;
}

}  // namespace weft::engine::testing
