// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include "plan/expand.hpp"

#include "comparison.hpp"

namespace weft::simulation {

Process::Process(World world, std::shared_ptr<const route::ServiceTable> table,
                 std::uint64_t number)
    : world_(world),
      table_(std::move(table)),
      random_(world.scene.options.seed * 1'000'003 + number) {
  world_.rules.process_began(number);
  world_.services.connect({[this](engine::Event event) { deliver(std::move(event)); },
                           [this](engine::JobProgress progress) {
                             driver_->progressed(std::move(progress));
                             want_turn();
                           },
                           [this](const AttemptRef& attempt, const engine::JobResult& result) {
                             world_.rules.answer_heard(world_.store, attempt, result);
                             deliver(engine::JobEnded{attempt, result});
                           }});
  driver_ = std::make_unique<engine::Driver>(
      engine::Driver::Ports{*this, *this, *this, *this, *this}, table_);
  world_.scene.journal.note("a process begins", RunId{});
}

Process::~Process() {
  *alive_ = false;
  world_.services.disconnect();
}

void Process::later(Duration after, std::function<void()> happening) {
  world_.scene.timeline.after(after, [alive = alive_, happening = std::move(happening)] {
    if (*alive) happening();
  });
}

std::uint64_t Process::next() {  // the driver asks twice for each step of the core
  if (half_step_) ++world_.scene.counts.steps;
  half_step_ = !half_step_;
  return random_.next();
}

// ---------------------------------------------------------------- from outside

void Process::begin() {
  engine::RestoreServices restore;
  for (const auto& [service, health] : world_.store.health()) {
    restore.known.push_back(health);
    if (health.state == HealthState::open && health.open_until > now())
      ++world_.scene.counts.restarts_with_open;
  }
  world_.scene.fault->restored(restore.known);
  deliver(std::move(restore));
  for (const RunId run : world_.store.unfinished()) take_over(run, {});
  look_around();
  want_turn();
}

void Process::submit(const RunRecord& run, std::shared_ptr<const Plan> plan) {
  world_.rules.submitting(run.id, plan);
  world_.rules.given(run.id, 1);
  deliver(engine::SubmitRun{run, std::move(plan)});
}

void Process::look_around() {
  if (shutting_down_) return;
  for (const RunId run : world_.store.order())
    if (world_.store.find(run)->row.epoch == 0) take_over(run, {});
  std::vector<Command> open;
  for (const auto& [id, stored] : world_.store.commands())
    if (!stored.answer && open_commands_.emplace(id, stored.command.run).second)
      open.push_back(stored.command);
  for (const Command& command : open) give(command);
}

void Process::give(const Command& command) {
  if (!command.service.empty()) return deliver(engine::GiveCommand{command});
  if (driver_->core().find(command.run)) return deliver(engine::GiveCommand{command});
  StoredRunRows* run = world_.store.find(command.run);
  if (!run) return;
  if (!is_final(run->row.state)) return take_over(command.run, command);
  Batch batch;
  batch.epochs.emplace_back(command.run, run->row.epoch);
  batch.writes.push_back(AnswerCommand{command.run, {command.id, false, "the run is over"}});
  order({0, std::move(batch), {}, {}});
}

void Process::take_over(RunId run, std::optional<Command> command) {
  if (driver_->core().find(run) || !claiming_.insert(run).second) {
    if (command) open_commands_.erase(command->id);
    return;
  }
  order({0, {}, run, std::move(command)});
}

void Process::claimed(RunId run, StoredRun stored, const std::optional<Command>& command) {
  if (StoredRunRows* rows = world_.store.find(run);
      rows && !world_.scene.fault->skip_load(world_.scene.random)) {
    world_.rules.loaded(*rows);
    world_.rules.given(run, stored.run.epoch);
    world_.scene.fault->loaded(stored);
    slots_may_be_overtaken_ = true;
    auto plan = expand_again(rows->plan->root().pipeline, stored).value();
    deliver(engine::LoadRun{std::move(stored), std::make_shared<const Plan>(std::move(plan))});
    if (command) deliver(engine::GiveCommand{*command});
  }
  later(Duration{world_.scene.random.below(3)}, [this, run] {  // after the turn that loads it
    if (turn_wanted_) turn();
    claiming_.erase(run);
    look_around();
  });
}

void Process::change_services(std::shared_ptr<const route::ServiceTable> table) {
  table_ = std::move(table);
  slots_may_be_overtaken_ = true;
  deliver(engine::ServicesChanged{table_});
}

void Process::shut_down() {
  shutting_down_ = true;
  world_.rules.process_shuts_down();
  deliver(engine::ShutDown{});
}

// ---------------------------------------------------------------- the store

void Process::commit(engine::BatchNo no, Batch batch) {
  Fault& fault = *world_.scene.fault;
  fault.batch(batch);
  if (fault.takes_any_epoch())
    for (auto& [run, epoch] : batch.epochs)
      if (const StoredRunRows* rows = world_.store.find(run)) epoch = rows->row.epoch;
  world_.rules.handed_over(batch, world_.store);
  if (fault.lose(batch, world_.scene.random))
    return acknowledge([this, no] { driver_->committed({no, {}, {}}); });
  if (fault.acknowledge_at_once(batch))
    acknowledge([this, no] { driver_->committed({no, {}, {}}); });
  order({no, std::move(batch), {}, {}});
}

void Process::order(Order order) {
  queue_.push_back(std::move(order));
  if (std::exchange(carrying_out_, true)) return;
  Random& random = world_.scene.random;
  later(Duration{random.chance(500) ? 0 : random.below(random.chance(30) ? 2'000 : 20)},
        [this] { carry_out_orders(); });
}

// One transaction: one order, or all that have come.
void Process::carry_out_orders() {
  Scene& scene = world_.scene;
  if (scene.may(scene.options.troubles.store_failures) && scene.random.chance(1)) {
    ++scene.counts.commit_failures;
    queue_.clear();
    return driver_->commit_failed(machine("the disk is full"));
  }
  std::size_t count = scene.random.chance(500) ? queue_.size() : 1;
  for (; count > 0; --count) {
    Order next = std::move(queue_.front());
    queue_.pop_front();
    carry_out(std::move(next));
  }
  carrying_out_ = !queue_.empty();
  if (carrying_out_) later(Duration{scene.random.below(10)}, [this] { carry_out_orders(); });
}

void Process::carry_out(Order order) {
  if (order.claim) {
    if (!world_.store.find(*order.claim)) return static_cast<void>(claiming_.erase(*order.claim));
    auto stored = std::make_shared<StoredRun>(world_.store.claim(*order.claim));
    return acknowledge([this, run = *order.claim, stored, command = std::move(order.command)] {
      claimed(run, std::move(*stored), command);
    });
  }
  ModelStore::Report report = world_.store.apply(order.batch);
  if (order.no == 0) return;
  acknowledge([this, no = order.no, report = std::move(report)] {
    engine::Committed committed{no, report.fenced, report.refused};
    world_.scene.fault->committed(committed);
    driver_->committed(committed);
    for (const AttemptRef& refused : report.refused)
      world_.scene.journal.note("its reservation is refused", refused);
    if (driver_->has_events()) want_turn();
  });
}

// What the store's thread says arrives in order.
void Process::acknowledge(std::function<void()> tell) {
  Random& random = world_.scene.random;
  last_acknowledged_ = std::max(last_acknowledged_, world_.scene.now() + Duration{random.below(4)});
  ++acknowledging_;
  later(last_acknowledged_ - world_.scene.now(), [this, tell = std::move(tell)] {
    --acknowledging_;
    tell();
  });
}

void Process::load_outputs(RunId run, std::vector<TaskNo> tasks) {
  ++loads_;
  later(Duration{world_.scene.random.below(30)}, [this, run, tasks = std::move(tasks)] {
    --loads_;
    std::vector<json::value> outputs;
    outputs.reserve(tasks.size());
    for (const TaskNo task : tasks) outputs.push_back(world_.store.outputs(run, task));
    driver_->outputs_loaded(run, tasks, std::move(outputs));
    want_turn();
  });
}

// What is there when it is asked; it answers when it will.
void Process::find_result(engine::LookupNo no, std::vector<Digest> keys, Timestamp made_after) {
  ++world_.scene.counts.lookups;
  auto found = world_.store.find_result(keys, made_after);
  if (!world_.scene.fault->found(found, world_.scene.random)) return;
  ++loads_;
  later(Duration{world_.scene.random.below(30)}, [this, no, found = std::move(found)] {
    --loads_;
    driver_->result_found(no, found);
    want_turn();
  });
}

// ---------------------------------------------------------------- services and callers

void Process::submit(engine::Job job) {
  world_.rules.dispatched(world_.store, job);
  world_.services.submit(
      *world_.store.find(job.attempt.run)->attempt(job.attempt.task, job.attempt.attempt), job);
}

void Process::attach(engine::Job job, std::string token) {
  if (world_.services.has_open(job.attempt)) return;  // as the shell: it has gone on meanwhile
  world_.rules.attached(world_.store, job, token);
  world_.services.attach(
      *world_.store.find(job.attempt.run)->attempt(job.attempt.task, job.attempt.attempt), job);
}

void Process::cancel(AttemptRef attempt) {
  if (!world_.scene.fault->cancel(attempt)) return;
  world_.rules.cancelled(world_.store, attempt);
  world_.services.cancel(attempt);
}

void Process::interrupt(AttemptRef attempt) {
  world_.rules.interrupted(world_.store, attempt);
  world_.services.interrupt(attempt);
}

void Process::checkpointed(AttemptRef attempt, std::uint64_t op) {
  world_.rules.checkpoint_confirmed(world_.store, attempt, op);
}

void Process::probe(const std::string& service) {
  world_.rules.require(probed_.insert(service).second, "probes",
                       "a service is probed that has not answered the probe before", RunId{});
  ++world_.scene.counts.probes;
  later(world_.scene.random.span(0, 10'000), [this, service] {
    probed_.erase(service);
    deliver(world_.services.probed(service));
  });
}

void Process::accepted(RunId run) {
  world_.rules.require(world_.store.find(run), "commit, then act",
                       "a run is accepted that is not in the store", run);
}

void Process::answered(const CommandAnswer& answer) {
  open_commands_.erase(answer.id);
  world_.rules.answered(world_.store, answer, world_.store.commands());
}

void Process::fenced(RunId run) {
  world_.scene.journal.note("lost to another runtime", run);
  fenced_.push_back(run);
  std::erase_if(open_commands_, [run](const auto& entry) { return entry.second == run; });
  later(Duration{0}, [this] { look_around(); });
}

// ---------------------------------------------------------------- turns

void Process::deliver(engine::Event event) {
  if (!world_.scene.fault->event(event, world_.scene.random)) return;
  driver_->deliver(std::move(event));
  want_turn();
}

// Events that arrive close together share a turn, and so a commit.
void Process::want_turn() {
  if (std::exchange(turn_wanted_, true)) return;
  Random& random = world_.scene.random;
  later(Duration{random.chance(700) ? 0 : random.below(5)}, [this] {
    if (turn_wanted_) turn();
  });
}

void Process::turn() {
  turn_wanted_ = false;
  Scene& scene = world_.scene;
  if (scene.fault->skip_turn(scene.random)) return;
  ++scene.counts.turns;
  const std::vector<RunId> lost = std::exchange(fenced_, {});
  driver_->turn();
  for (const RunId run : lost)
    if (!driver_->core().find(run)) world_.rules.lost(run);
  check_slots(driver_->core().slots(), *table_, used_before_, slots_may_be_overtaken_, scene,
              world_.rules);
  slots_may_be_overtaken_ = false;
  if (is_quiet()) look_closely();
  arm_alarm();
}

void Process::look_closely() {
  Scene& scene = world_.scene;
  if (!scene.random.chance(60) || world_.store.order().empty()) return;
  const auto& order = world_.store.order();
  const Comparison comparison{scene, world_.rules, driver_->core(), *table_, shutting_down_};
  comparison.compare_services(world_.store);
  for (int i = 0; i < 3; ++i)
    comparison.compare(*world_.store.find(order[scene.random.below(order.size())]));
  if (scene.random.chance(150)) comparison.count_slots(world_.store);
}

void Process::arm_alarm() {
  const Deadline wake = world_.scene.fault->alarm(driver_->next_wake(), world_.scene.random);
  if (wake == armed_for_) return;
  armed_for_ = wake;
  if (!wake.is_set()) return;
  later(std::max(Duration{0}, wake.at() - world_.scene.now()), [this, wake] {
    if (armed_for_ != wake) return;
    armed_for_ = Deadline::never();
    deliver(engine::Tick{});
  });
}

}  // namespace weft::simulation
