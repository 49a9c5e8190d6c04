// SPDX-License-Identifier: Apache-2.0
#include "shell/executor.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "shell/countdown.hpp"
#include "shell/intake.hpp"
#include "shell/kept_results.hpp"
#include "shell/plugin_state.hpp"
#include "shell/service_history.hpp"
#include "shell/system_ports.hpp"

namespace weft::shell {
namespace {

namespace asio = boost::asio;

constexpr Duration local_end_limit =
    std::chrono::seconds{12};  // what executors have to end, and a little
constexpr Duration drain_limit = std::chrono::seconds{5};
// What a crash loses of the history of services at most; it is none of what happened to a run.
constexpr Duration history_every = std::chrono::seconds{5};
// Kept results may take more room than they should for so long.
constexpr Duration trim_every = std::chrono::minutes{1};

}  // namespace

class Executor::Impl final : public engine::StorePort,
                             public engine::Callers,
                             public ServiceEvents {
 public:
  Impl(std::shared_ptr<const Environment> environment, Duty duty, News& news)
      : environment_(std::move(environment)), duty_(duty), news_(news) {}

  ~Impl() override { stop(true); }

  result<> start(const BoardSource& services) {
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
    history_.open(random_.next());
    auto board = services();
    if (!board) return std::move(board).error();
    board_ = std::move(*board);
    if (auto moved =
            board_->move_in({*artifacts_, *plugin_state_, environment_->state / "work", *this});
        !moved)
      return moved;
    driver_.emplace(engine::Driver::Ports{*this, *board_, clock_, random_, *this}, board_->table());
    auto known = queries_->service_health();
    if (!known) return std::move(known).error();
    driver_->deliver(engine::RestoreServices{std::move(*known)});
    if (duty_ == Duty::commands) driver_->deliver(engine::ShutDown{});
    intake_.emplace(Intake::Parts{io_, *store_, *queries_, *environment_, *board_, *driver_,
                                  duty_ == Duty::everything, [this] { want_turn(); }, news_});
    thread_ = std::jthread([this] { io_.run(); });
    asio::post(io_, [this] { begin(); });
    return {};
  }

  // ---------------------------------------------------------------- callers, any thread

  result<RunId> submit(RunRecord run, std::shared_ptr<const Plan> plan) {
    auto promise = std::make_shared<std::promise<result<RunId>>>();
    auto future = promise->get_future();
    arrive([this, promise, run = std::move(run), plan = std::move(plan)]() mutable {
      if (failure_) return promise->set_value(*failure_);
      // Submitted before under the same id. As a new run it would keep the one that is being loaded
      // out of the engine, be fenced by its claim, and leave it to nobody.
      if (intake_->is_taking_over(run.id)) return promise->set_value(run.id);
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
    if (done) asio::post(io_, [this] { intake_->look_around(); });
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
    if (at_once) hasten();
    const std::lock_guard lock(stop_mutex_);
    if (std::exchange(stopped_, true) || !thread_.joinable()) return;
    if (!at_once) {
      asio::post(io_, [this] {
        stopping_ = true;
        intake_->close();
        deliver(engine::ShutDown{});
      });
      at_rest_.wait_for(local_end_limit);
    }
    board_->drain(at_once ? Duration{} : drain_limit);
    io_.stop();
    thread_.join();
    write_history();
    store_.reset();  // makes durable what was handed over, answers it, and frees the lock
    intake_.reset();
    driver_.reset();
  }

  Duty duty() const noexcept { return duty_; }
  std::shared_ptr<const ServiceBoard> board() const noexcept { return board_; }
  artifact::ArtifactStore& artifacts() noexcept { return *artifacts_; }
  store::Store& store() noexcept { return *store_; }

  // ---------------------------------------------------------------- what services say, any thread

  void happened(engine::Event event) override {
    arrive([this, event = std::move(event)]() mutable { deliver(std::move(event)); });
  }
  void progressed(engine::JobProgress progress) override {
    arrive([this, progress = std::move(progress)]() mutable {
      driver_->progressed(std::move(progress));
      want_turn();
    });
  }

  // ---------------------------------------------------------------- store port, engine's thread

  void commit(engine::BatchNo no, Batch batch) override {
    history_.add(batch);
    const auto answer = [this, no](result<store::CommitReport> done) {
      asio::post(io_, [this, no, done = std::move(done)]() mutable {
        if (!done) return driver_->commit_failed(done.error());
        driver_->committed({no, std::move(done->fenced), std::move(done->refused)});
        if (driver_->has_events()) want_turn();
        tell_if_at_rest();
      });
    };
    // A lone step does not wait for another thread; where many arrive, this one has to go on.
    if (arriving_ == 0)
      if (auto done = store_->commit_here(batch)) return answer(std::move(*done));
    store_->commit(std::move(batch), answer);
  }

  void load_outputs(RunId run, std::vector<TaskNo> tasks) override {
    asio::post(io_, [this, run, tasks = std::move(tasks)] {
      driver_->outputs_loaded(run, tasks, queries_->outputs(run, tasks));
      want_turn();
    });
  }

  void find_result(engine::LookupNo no, std::vector<Digest> keys, Timestamp made_after) override {
    asio::post(io_, [this, no, keys = std::move(keys), made_after] {
      driver_->result_found(no, find_kept_result(*queries_, *artifacts_, environment_->config.cache,
                                                 keys, made_after, clock_.now()));
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
    intake_->answered(answer.id);
    news_.published();
  }
  void published() override { news_.published(); }
  void rested(RunId run) override { news_.rested(run); }
  void fenced(RunId run) override {
    if (submitters_.contains(run))
      return accepted(run);  // the store had it: submitted before under the same id
    {
      const std::lock_guard lock(mutex_);
      lost_.insert(run);
    }
    intake_->fenced(run);
    environment_->log->warn("another runtime has taken over a run", {{"run", run.to_string()}});
    news_.published();
    news_.rested(run);
  }
  void store_failed(const Error& error) override {
    environment_->log->error(on_one_line(error));
    intake_->close();
    board_->interrupt_all();  // nothing that comes of it could be kept
    {
      const std::lock_guard lock(mutex_);
      failure_ = error;
    }
    for (auto& [run, promises] : std::exchange(submitters_, {}))
      for (const auto& promise : promises) promise->set_value(error);
    tell_if_at_rest();
    news_.published();
    news_.rested(std::nullopt);
  }

 private:
  // Brings something to the engine's thread, any thread.
  template <class Work>
  void arrive(Work work) {
    ++arriving_;
    asio::post(io_, [this, work = std::move(work)]() mutable {
      --arriving_;
      work();
    });
  }

  // ---------------------------------------------------------------- the engine's thread

  void begin() {
    if (auto begun = intake_->begin(); !begun) return store_failed(begun.error());
    write_history_later();
    if (duty_ == Duty::everything) trim_results();
    want_turn();
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

  void write_history() {
    if (auto minutes = history_.take(); !minutes.empty() && !failure_)
      store_->put_use(std::move(minutes), [](const result<>&) {});
  }
  void trim_results() {
    if (!failure_)
      store_->trim_results(environment_->config.cache, [](const result<std::size_t>&) {});
    trim_timer_.expires_after(trim_every);
    trim_timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) trim_results();
    });
  }
  void write_history_later() {
    history_timer_.expires_after(history_every);
    history_timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      write_history();
      write_history_later();
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
    if (!stopping_) return;
    if (failure_ || (driver_->quiet() && driver_->core().may_stop())) at_rest_.count_down();
  }

  void hasten() {
    at_rest_.hasten();
    if (board_) board_->hasten();
  }

  const std::shared_ptr<const Environment> environment_;
  const Duty duty_;
  News& news_;
  SystemClock clock_;
  SystemRandom random_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::steady_timer alarm_{io_};
  asio::steady_timer history_timer_{io_};
  asio::steady_timer trim_timer_{io_};
  ServiceHistory history_;
  Deadline armed_for_ = Deadline::never();
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Queries> queries_;
  std::optional<artifact::ArtifactStore> artifacts_;
  std::optional<StoredPluginState> plugin_state_;
  std::shared_ptr<ServiceBoard> board_;  // stays until the end: hasten() may come at any time
  std::optional<engine::Driver> driver_;
  std::optional<Intake> intake_;

  // What callers and services brought, and the engine's thread has not got to yet.
  std::atomic<std::size_t> arriving_ = 0;
  // The engine's thread only.
  std::unordered_map<RunId, std::vector<std::shared_ptr<std::promise<result<RunId>>>>> submitters_;
  bool stopping_ = false;
  bool turn_wanted_ = false;

  mutable std::mutex mutex_;  // of the two below; the engine's thread reads them without
  std::optional<Error> failure_;
  std::unordered_set<RunId> lost_;

  Countdown at_rest_{1};
  std::mutex stop_mutex_;
  bool stopped_ = false;
  std::jthread thread_;
};

Executor::Executor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Executor::~Executor() = default;

result<std::unique_ptr<Executor>> Executor::start(std::shared_ptr<const Environment> environment,
                                                  const BoardSource& services, Duty duty,
                                                  News& news) {
  auto impl = std::make_unique<Impl>(std::move(environment), duty, news);
  if (auto started = impl->start(services); !started) return std::move(started).error();
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
std::shared_ptr<const ServiceBoard> Executor::board() const noexcept {
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
