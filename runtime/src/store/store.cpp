// SPDX-License-Identifier: Apache-2.0
#include "store/store.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "store/collect.hpp"
#include "store/lock.hpp"
#include "store/schema.hpp"
#include "store/writes.hpp"

namespace weft::store {
namespace {

// Rows: about half a millisecond of statements, of the order of a commit's fsync.
constexpr std::size_t rows_made_here = 64;

bool is_small(const Batch& batch) {
  std::size_t rows = batch.writes.size();
  for (const Write& write : batch.writes)
    if (const auto* insert = std::get_if<InsertRun>(&write))
      rows += insert->plan->nodes.size() + insert->plan->edges.size();
  return rows <= rows_made_here;
}

// Something that waits for its transaction: what to write, and whom to answer.
class Job {
 public:
  virtual ~Job() = default;
  virtual void work(Writes& writes) = 0;
  // `failure`: why the transaction did not happen; null when it is durable.
  virtual void answer(const Error* failure) = 0;
};

template <class T, class Work>
class WorkJob final : public Job {
 public:
  WorkJob(Work work, Store::Done<T> done) : work_(std::move(work)), done_(std::move(done)) {}
  void work(Writes& writes) override { outcome_.emplace(work_(writes)); }
  void answer(const Error* failure) override {
    done_(failure ? result<T>(*failure) : *std::move(outcome_));
  }

 private:
  Work work_;
  Store::Done<T> done_;
  std::optional<result<T>> outcome_;
};

}  // namespace

class Store::Writer {
 public:
  Writer(FileLock lock, std::unique_ptr<Connection> connection, const Options& options)
      : lock_(std::move(lock)),
        connection_(std::move(connection)),
        writes_(*connection_, options),
        hook_(options.commit_hook),
        thread_([this] { loop(); }) {}

  ~Writer() {
    {
      const std::lock_guard guard(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  template <class T, class Work>
  void enqueue(Work work, Done<T> done) {
    auto job = std::make_unique<WorkJob<T, Work>>(std::move(work), std::move(done));
    arrives([&] { queue_.jobs.push_back(std::move(job)); });
  }

  void enqueue_poll(Done<bool> done) {
    arrives([&] { queue_.polls.push_back(std::move(done)); });
  }

  std::optional<result<CommitReport>> commit_here(const Batch& batch) {
    if (!is_small(batch)) return std::nullopt;
    {
      const std::lock_guard guard(mutex_);
      if (at_work_ || !queue_.empty()) return std::nullopt;
      at_work_ = true;
    }
    result<CommitReport> report = CommitReport{};
    if (!failure_) transaction([&] { report = writes_.apply(batch); });
    if (failure_) report = *failure_;
    {
      const std::lock_guard guard(mutex_);
      at_work_ = false;
      if (queue_.empty()) return report;
    }
    wake_.notify_one();
    return report;
  }

  std::uint64_t commit_count() const noexcept { return commits_; }

 private:
  struct Queue {
    std::vector<std::unique_ptr<Job>> jobs;
    std::vector<Done<bool>> polls;
    bool empty() const noexcept { return jobs.empty() && polls.empty(); }
  };

  void loop() {
    for (Queue taken = wait(); !taken.empty(); taken = wait()) {
      if (!taken.polls.empty()) answer_polls(taken.polls);
      if (!taken.jobs.empty()) answer_jobs(taken.jobs);
      const std::lock_guard guard(mutex_);
      at_work_ = false;
    }
  }

  // Who is at work looks into the queue before it leaves, and need not be woken.
  template <class Put>
  void arrives(Put put) {
    {
      const std::lock_guard guard(mutex_);
      put();
      if (at_work_) return;
    }
    wake_.notify_one();
  }

  // Everything that has arrived; empty when the store closes.
  Queue wait() {
    std::unique_lock guard(mutex_);
    wake_.wait(guard, [this] { return !at_work_ && (stopping_ || !queue_.empty()); });
    at_work_ = true;
    return std::exchange(queue_, Queue{});
  }

  void answer_polls(const std::vector<Done<bool>>& polls) {
    std::int64_t version = 0;
    if (!failure_) {
      version = connection_->value(version, "PRAGMA data_version");
      if (!connection_->ok()) failure_ = connection_->take_error();
    }
    const bool changed = version != std::exchange(data_version_, version);
    for (const Done<bool>& done : polls) done(failure_ ? result<bool>(*failure_) : changed);
  }

  void answer_jobs(const std::vector<std::unique_ptr<Job>>& jobs) {
    if (!failure_) commit(jobs);
    for (const auto& job : jobs) job->answer(failure_ ? &*failure_ : nullptr);
  }

  void commit(const std::vector<std::unique_ptr<Job>>& jobs) {
    transaction([&] {
      for (const auto& job : jobs) {
        if (!connection_->ok()) break;
        job->work(writes_);
      }
    });
  }

  template <class Body>
  void transaction(Body body) {
    connection_->run("BEGIN IMMEDIATE");
    writes_.begin();
    if (connection_->ok()) body();
    const std::uint64_t number = commits_ + 1;
    if (hook_ && connection_->ok()) hook_(CommitPoint::before, number);
    connection_->run("COMMIT");
    if (connection_->ok()) {
      commits_ = number;
      if (hook_) hook_(CommitPoint::after, number);
    } else {
      failure_ = connection_->take_error();
      connection_->roll_back();
    }
  }

  const FileLock lock_;
  const std::unique_ptr<Connection> connection_;
  // Of whoever is at work.
  Writes writes_;
  const std::function<void(CommitPoint, std::uint64_t)> hook_;
  std::optional<Error> failure_;
  std::int64_t data_version_ = -1;

  std::atomic<std::uint64_t> commits_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool at_work_ = false;  // a thread uses the connection
  Queue queue_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

Store::Store(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
Store::~Store() = default;

result<std::unique_ptr<Store>> Store::open(const Options& options) {
  auto connection = Connection::open(options, Connection::Mode::write);
  if (!connection) return connection.error();
  auto lock = lock_runtime(options.folder);
  if (!lock) return lock.error();
  if (auto migrated = migrate(**connection); !migrated) return migrated.error();
  return std::unique_ptr<Store>(
      new Store(std::make_unique<Writer>(*std::move(lock), *std::move(connection), options)));
}

void Store::commit(Batch batch, Done<CommitReport> done) {
  writer_->enqueue<CommitReport>(
      [batch = std::move(batch)](Writes& writes) -> result<CommitReport> {
        return writes.apply(batch);
      },
      std::move(done));
}

std::optional<result<CommitReport>> Store::commit_here(const Batch& batch) {
  return writer_->commit_here(batch);
}

void Store::claim_run(RunId run, Done<StoredRun> done) {
  writer_->enqueue<StoredRun>([run](Writes& writes) { return writes.claim(run); }, std::move(done));
}

void Store::submit(InsertRun run, Done<> done) {
  writer_->enqueue<void>(
      [run = std::move(run)](Writes& writes) -> result<> {
        writes.insert(run);
        return {};
      },
      std::move(done));
}

void Store::submit(Command command, Done<> done) {
  writer_->enqueue<void>(
      [command = std::move(command)](Writes& writes) { return writes.insert(command); },
      std::move(done));
}

void Store::poll(Done<bool> done) {
  writer_->enqueue_poll(std::move(done));
}

void Store::put_state(std::string service, std::string key, std::string value, Done<> done) {
  writer_->enqueue<void>(
      [service = std::move(service), key = std::move(key),
       value = std::move(value)](Writes& writes) -> result<> {
        writes.put_state(service, key, value);
        return {};
      },
      std::move(done));
}

void Store::put_use(std::vector<ServiceMinute> minutes, Done<> done) {
  writer_->enqueue<void>(
      [minutes = std::move(minutes)](Writes& writes) -> result<> {
        writes.put_use(minutes);
        return {};
      },
      std::move(done));
}

void Store::trim_results(CacheLimits limits, Done<std::size_t> done) {
  writer_->enqueue<std::size_t>(
      [limits](Writes& writes) -> result<std::size_t> { return writes.trim_results(limits); },
      std::move(done));
}

void Store::clear_results(std::string operation, Done<std::size_t> done) {
  writer_->enqueue<std::size_t>(
      [operation = std::move(operation)](Writes& writes) -> result<std::size_t> {
        return writes.clear_results(operation);
      },
      std::move(done));
}

void Store::remove_runs(RemoveRuns what, Done<RemovedRuns> done) {
  writer_->enqueue<RemovedRuns>(
      [what](Writes& writes) -> result<RemovedRuns> {
        return store::remove_runs(writes.connection(), what);
      },
      std::move(done));
}

void Store::forget_artifacts(std::vector<Digest> digests, Done<std::vector<Digest>> done) {
  writer_->enqueue<std::vector<Digest>>(
      [digests = std::move(digests)](Writes& writes) -> result<std::vector<Digest>> {
        return store::forget_artifacts(writes.connection(), digests);
      },
      std::move(done));
}

std::uint64_t Store::commit_count() const noexcept {
  return writer_->commit_count();
}

}  // namespace weft::store
