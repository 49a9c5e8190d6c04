// SPDX-License-Identifier: Apache-2.0
#include "shell/executor.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <mutex>
#include <random>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "shell/plugin_state.hpp"
#include "shell/submission.hpp"

namespace weft::shell {
namespace {

namespace asio = boost::asio;

constexpr Duration poll_every{100};
constexpr Duration local_end_limit =
    std::chrono::seconds{12};  // what executors have to end, and a little
constexpr Duration drain_limit = std::chrono::seconds{5};

class SystemClock final : public engine::ClockPort {
 public:
  Timestamp now() override { return shell::now(); }
};

class SystemRandom final : public engine::RandomPort {
 public:
  std::uint64_t next() override { return engine_(); }

 private:
  static std::seed_seq seed() {
    std::random_device device;
    return std::seed_seq{device(), device(), device(), device(),
                         device(), device(), device(), device()};
  }
  static std::mt19937_64 seeded() {
    std::seed_seq sequence = seed();
    return std::mt19937_64(sequence);
  }
  std::mt19937_64 engine_ = seeded();
};

}  // namespace

class Executor::Impl final : public engine::StorePort,
                             public engine::Callers,
                             public ServiceEvents {
 public:
  Impl(std::shared_ptr<const Environment> environment, Duty duty, std::function<void()> published)
      : environment_(std::move(environment)), duty_(duty), published_(std::move(published)) {}

  ~Impl() override { stop(true); }

  result<> start() {
    store::Options options;
    options.folder = environment_->state;
    if (const auto hook = environment_->options.commit_hook)
      options.commit_hook = [hook](store::CommitPoint point, std::uint64_t nth) {
        hook(point == store::CommitPoint::after, nth);
      };
    auto store = store::Store::open(options);
    if (!store) return std::move(store).error();
    store_ = std::move(*store);
    auto queries = store::Queries::open(options);
    if (!queries) return std::move(queries).error();
    queries_ = std::move(*queries);
    auto artifacts = artifact::ArtifactStore::open(environment_->state / "artifacts");
    if (!artifacts) return std::move(artifacts).error();
    artifacts_.emplace(std::move(*artifacts));
    if (auto cleaned = artifacts_->clean_tmp(); !cleaned) return std::move(cleaned).error();
    plugin_state_.emplace(*store_, *queries_);
    auto board = ServiceBoard::open(
        {environment_, *artifacts_, *plugin_state_, environment_->state / "work", *this});
    if (!board) return std::move(board).error();
    board_ = std::move(*board);
    driver_.emplace(engine::Driver::Ports{*this, *board_, clock_, random_, *this}, board_->table());
    if (duty_ == Duty::commands) driver_->deliver(engine::ShutDown{});
    thread_ = std::jthread([this] { io_.run(); });
    asio::post(io_, [this] { begin(); });
    return {};
  }

  // ---------------------------------------------------------------- callers, any thread

  result<RunId> submit(RunRecord run, std::shared_ptr<const Plan> plan) {
    auto promise = std::make_shared<std::promise<result<RunId>>>();
    auto future = promise->get_future();
    asio::post(io_, [this, promise, run = std::move(run), plan = std::move(plan)]() mutable {
      if (failure_) return promise->set_value(*failure_);
      submitters_[run.id].push_back(promise);
      deliver(engine::SubmitRun{std::move(run), std::move(plan)});
    });
    return future.get();
  }

  result<> submit(const Command& command) {
    auto promise = std::make_shared<std::promise<result<>>>();
    auto future = promise->get_future();
    store_->submit(command, [promise](result<> done) { promise->set_value(std::move(done)); });
    auto done = future.get();
    if (done) asio::post(io_, [this] { look_around(); });
    return done;
  }

  std::optional<Error> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }
  bool lost(RunId run) const {
    const std::lock_guard lock(mutex_);
    return lost_.contains(run);
  }

  void stop(bool at_once) {
    if (std::exchange(stopped_, true) || !thread_.joinable()) return;
    if (!at_once) {
      auto promise = std::make_shared<std::promise<void>>();
      auto future = promise->get_future();
      asio::post(io_, [this, promise] {
        at_rest_ = promise;
        deliver(engine::ShutDown{});
      });
      future.wait_for(local_end_limit);
    }
    board_->drain(at_once ? Duration{} : drain_limit);
    io_.stop();
    thread_.join();
    driver_.reset();
    board_.reset();
    store_.reset();  // makes durable what was handed over, and frees the lock
  }

  Duty duty() const noexcept { return duty_; }
  const ServiceBoard& board() const noexcept { return *board_; }
  artifact::ArtifactStore& artifacts() noexcept { return *artifacts_; }
  store::Store& store() noexcept { return *store_; }

  // ---------------------------------------------------------------- what services say, any thread

  void happened(engine::Event event) override {
    asio::post(io_, [this, event = std::move(event)]() mutable { deliver(std::move(event)); });
  }
  void progressed(engine::JobProgress progress) override {
    asio::post(io_, [this, progress = std::move(progress)]() mutable {
      driver_->progressed(std::move(progress));
      want_turn();
    });
  }

  // ---------------------------------------------------------------- store port, engine's thread

  void commit(engine::BatchNo no, Batch batch) override {
    store_->commit(std::move(batch), [this, no](result<store::CommitReport> done) {
      asio::post(io_, [this, no, done = std::move(done)]() mutable {
        if (!done) return driver_->commit_failed(done.error());
        driver_->committed({no, std::move(done->fenced), std::move(done->refused)});
        if (driver_->has_events()) want_turn();
        tell_if_at_rest();
      });
    });
  }

  void load_outputs(RunId run, std::vector<TaskNo> tasks) override {
    asio::post(io_, [this, run, tasks = std::move(tasks)] {
      driver_->outputs_loaded(run, tasks, queries_->outputs(run, tasks));
      want_turn();
    });
  }

  // ---------------------------------------------------------------- callers port, engine's thread

  void accepted(RunId run) override {
    const auto waiting = submitters_.extract(run);
    if (waiting.empty()) return;
    for (const auto& promise : waiting.mapped()) promise->set_value(run);
  }
  void answered(const CommandAnswer& answer) override {
    open_commands_.erase(answer.id);
    published_();
  }
  void published() override { published_(); }
  void fenced(RunId run) override {
    if (submitters_.contains(run)) return accepted(run);  // the store had it: submitted before under the same id
    {
      const std::lock_guard lock(mutex_);
      lost_.insert(run);
    }
    environment_->log->warn("another runtime has taken over a run", {{"run", run.to_string()}});
    published_();
  }
  void store_failed(const Error& error) override {
    environment_->log->error(error.to_string());
    {
      const std::lock_guard lock(mutex_);
      failure_ = error;
    }
    for (auto& [run, promises] : std::exchange(submitters_, {}))
      for (const auto& promise : promises) promise->set_value(error);
    published_();
  }

 private:
  // ---------------------------------------------------------------- the engine's thread

  void begin() {
    if (duty_ == Duty::everything) {
      auto runs = queries_->unfinished_runs();
      if (!runs) return store_failed(runs.error());
      for (const RunId run : *runs) take_over(run, {});
    }
    look_around();
    want_turn();
    poll_later();
  }

  void deliver(engine::Event event) {
    driver_->deliver(std::move(event));
    want_turn();
  }

  // Events that arrive close together share a turn, and so a commit.
  void want_turn() {
    if (std::exchange(turn_wanted_, true)) return;
    asio::post(io_, [this] {
      turn_wanted_ = false;
      driver_->turn();
      tell_if_at_rest();
      arm_alarm();
    });
  }

  void arm_alarm() {
    const Deadline wake = driver_->next_wake();
    if (wake == armed_for_) return;
    armed_for_ = wake;
    alarm_.cancel();
    if (!wake.is_set()) return;
    const Duration span = std::max(Duration{0}, wake.at() - clock_.now());
    alarm_.expires_after(span);
    alarm_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      armed_for_ = Deadline::never();
      deliver(engine::Tick{});
    });
  }

  void tell_if_at_rest() {
    if (!at_rest_ || !driver_->quiet()) return;
    if (!failure_ && !driver_->core().may_stop()) return;
    std::exchange(at_rest_, nullptr)->set_value();
  }

  // ---------------------------------------------------------------- what other processes hand in

  void poll_later() {
    poll_.expires_after(poll_every);
    poll_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled || failure_) return;
      store_->poll([this](const result<bool>& changed) {
        if (changed && *changed) asio::post(io_, [this] { look_around(); });
      });
      poll_later();
    });
  }

  void look_around() {
    if (failure_ || at_rest_) return;
    if (duty_ == Duty::everything)
      if (const auto runs = queries_->unclaimed_runs())
        for (const RunId run : *runs) take_over(run, {});
    if (const auto commands = queries_->open_commands())
      for (const Command& command : *commands)
        if (open_commands_.insert(command.id).second) give(command);
  }

  void give(const Command& command) {
    if (driver_->core().find(command.run)) return deliver(engine::GiveCommand{command});
    const auto run = queries_->run(command.run);
    if (!run) return environment_->log->error(run.error().to_string());
    if (is_final(run->run.state))
      return answer(command, run->run,
                    conflict("the run is over: " + std::string(to_string(run->run.state)),
                             "submit the definition again to run it anew"));
    take_over(command.run, command);
  }

  // Without the engine: the run cannot move.
  void answer(const Command& command, const RunRecord& run, const Error& error) {
    Batch batch;
    batch.epochs.emplace_back(run.id, run.epoch);
    batch.writes.push_back(AnswerCommand{command.run, {command.id, false, error.to_string()}});
    store_->commit(std::move(batch), [this](const result<store::CommitReport>&) {
      asio::post(io_, [this] { published_(); });
    });
  }

  // Loads a run, and then gives it `command`, if any.
  void take_over(RunId run, std::optional<Command> command) {
    if (driver_->core().find(run) || !claiming_.insert(run).second) {
      if (command) open_commands_.erase(command->id);  // seen again at the next look
      return;
    }
    store_->claim_run(run, [this, run,
                            command = std::move(command)](result<StoredRun> stored) mutable {
      asio::post(io_, [this, run, command = std::move(command),
                       stored = std::move(stored)]() mutable {
        claiming_.erase(run);
        if (!stored)
          return environment_->log->error(stored.error().to_string(), {{"run", run.to_string()}});
        load(std::move(*stored), command);
      });
    });
  }

  void load(StoredRun stored, const std::optional<Command>& command) {
    auto plan = plan_again(stored, *environment_, *board_->table());
    if (!plan) return refuse(stored, plan.error(), command);
    deliver(engine::LoadRun{std::move(stored), std::move(*plan)});
    if (command) deliver(engine::GiveCommand{*command});
    asio::post(io_, [this] { look_around(); });  // for commands that came while it was being loaded
  }

  // A run that this configuration cannot carry. One that has never run fails, so that its owner
  // hears of it; one that has is left as it is for a configuration that can.
  void refuse(const StoredRun& stored, const Error& error, const std::optional<Command>& command) {
    environment_->log->error(error.to_string(), {{"run", stored.run.id.to_string()}});
    if (command) answer(*command, stored.run, error);
    const bool never_ran = stored.ended.empty() && stored.open.empty() &&
                           stored.unfinished.size() == stored.run.task_count;
    if (!never_ran || stored.run.state != RunState::active) return;
    RunRecord run = stored.run;
    run.state = RunState::failed;
    run.ended_at = clock_.now();
    EventRecord event;
    event.run = run.id;
    event.run_seq = stored.last_run_seq + 1;
    event.at = *run.ended_at;
    event.type = "run.failed";
    event.data = {{"message", error.to_string()}};
    Batch batch;
    batch.epochs.emplace_back(run.id, run.epoch);
    batch.writes.push_back(UpdateRun{std::move(run)});
    batch.writes.push_back(AppendEvent{std::move(event)});
    store_->commit(std::move(batch), [this](const result<store::CommitReport>&) {
      asio::post(io_, [this] { published_(); });
    });
  }

  const std::shared_ptr<const Environment> environment_;
  const Duty duty_;
  const std::function<void()> published_;
  SystemClock clock_;
  SystemRandom random_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::steady_timer alarm_{io_};
  asio::steady_timer poll_{io_};
  Deadline armed_for_ = Deadline::never();
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Queries> queries_;
  std::optional<artifact::ArtifactStore> artifacts_;
  std::optional<StoredPluginState> plugin_state_;
  std::unique_ptr<ServiceBoard> board_;
  std::optional<engine::Driver> driver_;

  // The engine's thread only.
  std::unordered_map<RunId, std::vector<std::shared_ptr<std::promise<result<RunId>>>>> submitters_;
  std::unordered_set<CommandId> open_commands_;  // given to the engine, not answered yet
  std::unordered_set<RunId> claiming_;
  std::shared_ptr<std::promise<void>> at_rest_;
  bool turn_wanted_ = false;

  mutable std::mutex mutex_;  // of the two below; the engine's thread reads them without
  std::optional<Error> failure_;
  std::unordered_set<RunId> lost_;
  bool stopped_ = false;
  std::jthread thread_;
};

Executor::Executor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Executor::~Executor() = default;

result<std::unique_ptr<Executor>> Executor::start(std::shared_ptr<const Environment> environment,
                                                  Duty duty, std::function<void()> published) {
  auto impl = std::make_unique<Impl>(std::move(environment), duty, std::move(published));
  if (auto started = impl->start(); !started) return std::move(started).error();
  return std::unique_ptr<Executor>(new Executor(std::move(impl)));
}

Duty Executor::duty() const noexcept {
  return impl_->duty();
}
result<RunId> Executor::submit(RunRecord run, std::shared_ptr<const Plan> plan) {
  return impl_->submit(std::move(run), std::move(plan));
}
result<> Executor::submit(const Command& command) {
  return impl_->submit(command);
}
std::optional<Error> Executor::failure() const {
  return impl_->failure();
}
bool Executor::lost(RunId run) const {
  return impl_->lost(run);
}
const ServiceBoard& Executor::board() const noexcept {
  return impl_->board();
}
artifact::ArtifactStore& Executor::artifacts() noexcept {
  return impl_->artifacts();
}
store::Store& Executor::store() noexcept {
  return impl_->store();
}
void Executor::stop(bool at_once) {
  impl_->stop(at_once);
}

}  // namespace weft::shell
