// SPDX-License-Identifier: Apache-2.0
// What people do: hand in runs, command, help what is stuck, and break things.
#include <algorithm>
#include <array>

#include "world.hpp"

namespace weft::simulation {
namespace {

template <class Tag>
Id<Tag> made_id(std::uint64_t number) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[15 - i] = static_cast<std::uint8_t>(number >> (i * 8));
  return {Uuid::from_bytes(bytes)};
}

MaybeMoney random_limit(Random& random) {
  if (!random.chance(500)) return std::nullopt;
  return Money{10'000 * random.between(5, 300), random.chance(30) ? "EUR" : "USD"};
}

}  // namespace

void World::tick_later() {
  scene_.timeline.after(Duration{1 + scene_.random.below(2 * tempo_ms_)}, [this] {
    if (!scene_.calm) tick();
    tick_later();
  });
}

void World::tick() {
  forget_old_runs();
  adopt();
  const Troubles& may = scene_.options.troubles;
  const std::array<std::uint32_t, 8> weights{400,
                                             180,
                                             may.commands ? 120u : 0u,
                                             may.crashes ? 30u : 0u,
                                             may.fencing ? 25u : 0u,
                                             may.shutdowns ? 4u : 0u,
                                             may.service_changes ? 12u : 0u,
                                             20};
  switch (scene_.random.weighted(weights)) {
    case 0:
      return submit();
    case 1:
      return help();
    case 2:
      return any_command();
    case 3:
      return crash();
    case 4:
      return fence();
    case 5:
      return shut_down();
    case 6:
      return change_services();
    default:
      return landscape_.change_moods(scene_.random);
  }
}

std::size_t World::unfinished() const {
  return store_.unfinished().size();
}

void World::submit() {
  if (next_id_ > scene_.options.runs_at_most) return;
  if (unfinished() >= scene_.options.together_at_most) return help();
  RunRecord run;
  run.id = made_id<RunTag>(next_id_++);
  run.pipeline_name = "p";
  run.created_at = scene_.now();
  run.limit = random_limit(scene_.random);
  run.fresh = scene_.random.chance(100);
  if (scene_.random.chance(300))
    run.priority = static_cast<std::int32_t>(scene_.random.between(-50, 50));
  auto plan = pipelines_.plan(scene_.random);
  if (process_ && !process_->is_shutting_down() && scene_.random.chance(850)) {
    process_->submit(run, plan);
    if (scene_.random.chance(20)) process_->submit(run, plan);  // asked twice with one id
    return;
  }
  store_.insert(run, std::move(plan));
  if (process_) process_->look_around();
}

// ---------------------------------------------------------------- commands

void World::give(Command command) {
  command.id = made_id<CommandTag>(next_id_++);
  ++scene_.counts.commands;
  store_.commands()[command.id].command = command;
  if (process_) process_->look_around();
}

Command World::command_for(const StoredRunRows& run, CommandKind kind) {
  Command command;
  command.run = run.row.id;
  command.kind = kind;
  return command;
}

// Somebody takes a service out of use, or puts one back that may be.
void World::service_command() {
  Command command;
  command.kind = scene_.random.chance(500)   ? CommandKind::drain
                 : scene_.random.chance(800) ? CommandKind::enable
                                             : CommandKind::reopen;
  command.service = scene_.random.pick(landscape_.services()).service.name;
  give(std::move(command));
}

void World::enable_all_services() {
  for (const std::string& name : landscape_.names()) {
    Command command;
    command.kind = CommandKind::enable;
    command.service = name;
    const auto known = store_.health().find(name);
    const bool drains =
        std::any_of(store_.commands().begin(), store_.commands().end(), [&](const auto& entry) {
          return !entry.second.answer && entry.second.command.service == name;
        });
    if (drains || (known != store_.health().end() && !known->second.taken_out.empty()))
      give(std::move(command));
  }
}

void World::any_command() {
  if (scene_.options.troubles.drains && scene_.random.chance(60)) return service_command();
  if (store_.order().empty()) return;
  const StoredRunRows& run = *store_.find(scene_.random.pick(store_.order()));
  if (scene_.options.troubles.answers && scene_.random.chance(100)) return any_answer(run);
  const Troubles& may = scene_.options.troubles;
  const std::array<std::uint32_t, 6> weights{may.pauses ? 30u : 0u,  20,
                                             may.cancels ? 18u : 0u, may.retries ? 15u : 0u,
                                             may.skips ? 15u : 0u,   may.settles ? 5u : 0u};
  Command command = command_for(run, static_cast<CommandKind>(scene_.random.weighted(weights)));
  if (command.kind >= CommandKind::retry && scene_.random.chance(900))
    command.task = scene_.random.below(run.tasks.size());
  if (command.kind == CommandKind::retry) command.rebuy = scene_.random.chance(300);
  if (command.kind == CommandKind::settle) settle(run, command);
  if (command.kind == CommandKind::resume && scene_.random.chance(300))
    command.limit = random_limit(scene_.random);
  give(std::move(command));
}

// To whatever task, whether it asks or not.
void World::any_answer(const StoredRunRows& run) {
  Random& random = scene_.random;
  Command command = command_for(run, random.chance(400)   ? CommandKind::approve
                                     : random.chance(500) ? CommandKind::reject
                                                          : CommandKind::give);
  command.task = random.below(run.tasks.size());
  if (random.chance(600)) command.choice = random.below(4);
  if (random.chance(800)) command.given["value"] = random.between(-3, 9);
  if (random.chance(50)) command.given["valu"] = 1;
  give(command);
  if (!random.chance(100)) return;
  if (command.kind == CommandKind::approve) command.choice = random.below(3);
  give(std::move(command));  // somebody else, at the same time
}

// The answer to a task that waits for people.
Command World::answer_for(const StoredRunRows& run, const TaskRecord& task) {
  Random& random = scene_.random;
  if (task.wait_reason == WaitReason::input) {
    Command command = command_for(run, CommandKind::give);
    command.given["value"] = random.between(scene_.calm ? 0 : -2, 9);
    return command;
  }
  const bool no = !scene_.calm && random.chance(300);
  Command command = command_for(run, no ? CommandKind::reject : CommandKind::approve);
  if (run.plan->definition(task.no).wait->choices)
    command.choice = random.below(scene_.calm ? 3 : 4);
  return command;
}

void World::settle(const StoredRunRows&, Command& command) {
  command.bought = scene_.random.chance(600);
  if (!command.bought || !scene_.random.chance(600)) return;
  ArtifactInfo file;
  file.media_type = "image/png";
  file.name = "mended.png";
  file.size_bytes = 1;
  command.artifact = file;
}

void World::help() {
  std::vector<RunId> stuck;
  for (const RunId id : store_.order()) {
    const StoredRunRows& run = *store_.find(id);
    const bool waits = run.count[static_cast<std::size_t>(TaskState::waiting)] > 0;
    if (run.row.state == RunState::paused || run.row.state == RunState::failed || waits)
      stuck.push_back(id);
  }
  if (!stuck.empty()) help(*store_.find(scene_.random.pick(stuck)));
}

void World::help(StoredRunRows& run) {
  Random& random = scene_.random;
  if (run.row.state == RunState::paused) {
    Command command = command_for(run, CommandKind::resume);
    if (scene_.calm || random.chance(700)) {
      const Currency currency = run.row.limit ? run.row.limit->currency : "USD";
      const std::int64_t old = run.row.limit ? run.row.limit->micros : 0;
      command.limit =
          Money{old + (scene_.calm ? 1'000'000'000 : 10'000 * random.between(10, 300)), currency};
    }
    if (!run.row.limit && !scene_.calm) command.limit.reset();
    return give(std::move(command));
  }
  for (const StoredTask& task : run.tasks) {
    if (task.row.state != TaskState::waiting) continue;
    if (task.row.wait_reason != WaitReason::unknown_outcome) {
      Command command = answer_for(run, task.row);
      command.task = task.row.no;
      give(std::move(command));
      if (!scene_.calm) return;
      continue;
    }
    Command command = command_for(run, CommandKind::settle);
    command.task = task.row.no;
    settle(run, command);
    if (scene_.calm) command.bought = false, command.artifact.reset();
    if (!scene_.calm && random.chance(300)) {
      command = command_for(run, CommandKind::retry);
      command.rebuy = true;
    }
    give(std::move(command));
    if (!scene_.calm) return;
  }
  if (run.row.state != RunState::failed || !random.chance(500)) return;
  Command command = command_for(run, random.chance(600) ? CommandKind::retry : CommandKind::skip);
  for (const StoredTask& task : run.tasks)
    if (task.row.state == TaskState::failed &&
        (command.kind == CommandKind::skip || random.chance(500)))
      command.task = task.row.no;
  if (random.chance(200)) command = command_for(run, CommandKind::cancel);
  give(std::move(command));
}

}  // namespace weft::simulation
