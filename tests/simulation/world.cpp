// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

namespace weft::simulation {
namespace {

constexpr std::uint64_t calm_every_steps = 6'000;

}  // namespace

World::World(const Options& options)
    : scene_(options),
      landscape_(scene_.random),
      pipelines_(landscape_.names(), options.tasks_at_most),
      rules_(scene_, landscape_),
      store_(scene_, rules_),
      services_(scene_, landscape_),
      table_(landscape_.whole_table()),
      next_calm_(calm_every_steps),
      tempo_ms_(static_cast<std::uint32_t>(scene_.random.between(50, 1'000))) {}

void World::run() {
  start_process();
  tick_later();
  // Nothing can happen any more in some worlds that were shrunk: they end before their steps.
  constexpr int idle_at_most = 10'000;
  for (int idle = 0; scene_.counts.steps < scene_.options.steps && idle < idle_at_most; ++idle) {
    const auto steps_before = scene_.counts.steps;
    run_one();
    if (scene_.counts.steps > steps_before) idle = 0;
    if (scene_.counts.steps < next_calm_) continue;
    calm_down();
    next_calm_ = scene_.counts.steps + calm_every_steps;
  }
  finish_everything();
}

void World::run_one() {
  scene_.timeline.run_next();
  if (process_ && process_->has_failed()) crash();
}

void World::pass(Duration span) {
  const Timestamp until = scene_.now() + span;
  bool over = false;
  scene_.timeline.at(until, [&over] { over = true; });
  while (!over) run_one();
}

// ---------------------------------------------------------------- the process

void World::start_process() {
  if (process_) return;
  process_ = std::make_unique<Process>(Process::World{scene_, store_, rules_, services_}, table_,
                                       ++processes_);
  process_->begin();
}

void World::crash() {
  if (!process_) return;
  ++scene_.counts.crashes;
  scene_.counts.lost_batches += process_->batches_in_flight();
  if (services_.open_jobs() > 0) ++scene_.counts.crashes_with_work;
  scene_.journal.note("the process dies", RunId{});
  process_.reset();
  scene_.timeline.after(
      scene_.random.chance(700) ? scene_.random.span(0, 1'000) : scene_.random.span(1'000, 40'000),
      [this] { start_process(); });
}

void World::shut_down() {
  if (!process_ || process_->is_shutting_down()) return;
  ++scene_.counts.shutdowns;
  scene_.journal.note("the process is asked to end", RunId{});
  process_->shut_down();
  constexpr int seconds_of_patience = 12;
  end_if_shut_down(processes_, seconds_of_patience);
}

void World::end_if_shut_down(std::uint64_t number, int patience) {
  scene_.timeline.after(Duration{1'000}, [this, number, patience] {
    if (!process_ || number != processes_) return;
    if (!process_->may_end() && patience > 0) return end_if_shut_down(number, patience - 1);
    scene_.journal.note("the process ends", RunId{});
    process_.reset();
    scene_.timeline.after(scene_.random.span(0, 5'000), [this] { start_process(); });
  });
}

// Another runtime takes a run, does nothing with it, and goes.
void World::fence() {
  if (!process_ || store_.order().empty()) return;
  const RunId id = scene_.random.pick(store_.order());
  StoredRunRows& run = *store_.find(id);
  if (run.row.epoch == 0 || is_final(run.row.state) || !process_->driver().core().find(id)) return;
  ++run.row.epoch;
  ++scene_.counts.fencings;
  held_by_another_[id] = scene_.now() + scene_.random.span(0, 20'000);
  scene_.journal.note("another runtime takes it", id);
}

// What nobody holds any more is taken up again.
void World::adopt() {
  if (!process_ || process_->is_shutting_down()) return;
  for (const RunId id : store_.unfinished()) {
    const auto held = held_by_another_.find(id);
    if (held != held_by_another_.end() && held->second > scene_.now()) continue;
    if (process_->driver().core().find(id)) continue;
    if (held == held_by_another_.end()) continue;
    held_by_another_.erase(held);
    process_->take_over(id, {});
  }
}

void World::change_services() {
  ++scene_.counts.services_changed;
  table_ = scene_.random.chance(400) || scene_.calm ? landscape_.whole_table()
                                                    : landscape_.changed_table(scene_.random);
  if (process_) process_->change_services(table_);
}

void World::forget_old_runs() {
  constexpr Duration kept{60'000}, failed_kept{240'000};
  const std::vector<RunId> order = store_.order();
  for (const RunId id : order) {
    const StoredRunRows& run = *store_.find(id);
    const bool over = is_final(run.row.state) || run.row.state == RunState::failed;
    if (!over || !run.row.ended_at) continue;
    if (*run.row.ended_at + (is_final(run.row.state) ? kept : failed_kept) > scene_.now()) continue;
    if (process_ && !process_->is_quiet()) return;
    if (process_ && process_->driver().core().find(id)) continue;
    for (const StoredTask& task : run.tasks)
      for (const StoredAttempt& attempt : task.attempts)
        rules_.require(attempt.row.ended_at.has_value(), "one end", "an attempt has never ended",
                       id);
    ++scene_.counts.archived;
    held_by_another_.erase(id);
    store_.forget(id);
  }
}

// ---------------------------------------------------------------- rest

// For a while nothing breaks and nobody interferes. Then everything must have come to rest.
void World::calm_down() {
  ++scene_.counts.calms;
  scene_.calm = true;
  scene_.journal.note("calm", RunId{});
  table_ = landscape_.whole_table();
  for (auto& [run, until] : held_by_another_) until = scene_.now();
  if (process_ && process_->is_shutting_down()) process_.reset();
  if (!process_) start_process();
  process_->change_services(table_);
  enable_all_services();
  services_.be_well();
  constexpr int seconds_at_most = 900;
  for (int second = 0; second < seconds_at_most; second += 10) {
    adopt();
    pass(Duration{10'000});
    const auto moving = [&](RunId id) {
      const auto& count = store_.find(id)->count;
      return store_.find(id)->row.state == RunState::active &&
             (count[1] + count[2] > 0 || count[3] == 0);
    };
    const auto unfinished = store_.unfinished();
    if (process_->is_quiet() && std::none_of(unfinished.begin(), unfinished.end(), moving)) break;
  }
  require_rest();
  scene_.calm = false;
}

void World::require_rest() {
  for (const RunId id : store_.unfinished()) {
    const StoredRunRows& run = *store_.find(id);
    const auto in = [&](TaskState state) { return run.count[static_cast<std::size_t>(state)]; };
    rules_.require(in(TaskState::running) == 0, "no task lost",
                   "nothing disturbs, and an attempt never ends", id);
    if (run.row.state == RunState::paused) continue;
    rules_.require(in(TaskState::ready) == 0, "no task lost",
                   "nothing disturbs, and a ready task is never dispatched", id);
    rules_.require(in(TaskState::waiting) > 0, "no task lost",
                   "nothing disturbs, and a run never comes to rest", id);
  }
}

// With the help of people everything comes to its end.
void World::finish_everything() {
  constexpr int rounds_at_most = 40;
  for (int round = 0; round < rounds_at_most; ++round) {
    calm_down();
    const std::vector<RunId> left = store_.unfinished();
    if (left.empty()) return;
    scene_.calm = true;
    for (const RunId id : left) help(*store_.find(id));
    scene_.calm = false;
  }
  rules_.broken("no task lost", "people help, and a run never ends", store_.unfinished().front());
}

}  // namespace weft::simulation
