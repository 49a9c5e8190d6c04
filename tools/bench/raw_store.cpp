// SPDX-License-Identifier: Apache-2.0
#include "raw_store.hpp"

#include <sqlite3.h>

#include <array>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "store/store.hpp"
#include "synthetic.hpp"

namespace weft::bench {
namespace {

// What the store writes for a step, in its order. ?1 is the run, ?2 the task that ends, ?3 the one
// that begins, ?4 the number of the first of the two events.
constexpr std::array<const char*, 11> statements{
    "SELECT key, epoch FROM run WHERE key = ?1",
    "UPDATE attempt SET ended_at = 1700000000000, outcome = 0, message = '', cost_micros = 0, "
    "cost_currency = 'USD', cost_estimated = 1 WHERE run = ?1 AND no = ?2 AND attempt = 1",
    "SELECT currency, spent_micros, reserved_micros FROM ledger WHERE run = ?1 AND no = ?2 AND "
    "attempt = 1",
    "DELETE FROM progress WHERE run = ?1 AND no = ?2",
    "INSERT OR REPLACE INTO task_payload (run, no, outputs) VALUES (?1, ?2, '{\"value\":12345}')",
    "INSERT INTO event (run, run_seq, at, type, no, data) VALUES (?1, ?4, 1700000000000, "
    "'task.succeeded', ?2, '{\"attempt\":1,\"service\":\"null\",\"duration_ms\":0,\"cost\":\"0 "
    "USD\"}')",
    "INSERT INTO attempt (run, no, attempt, service, idempotency_key, token, started_at, ended_at, "
    "outcome, message, cost_micros, cost_currency, cost_estimated) VALUES (?1, ?3, 1, 'null', "
    "x'000102030405060708090a0b0c0d0e0f', '', 1700000000000, NULL, 0, '', NULL, NULL, 0)",
    "INSERT INTO decision (run, no, attempt, chosen, detail) VALUES (?1, ?3, 1, 'null', "
    "'{\"candidates\":[{\"service\":\"null\"}],\"degraded\":false}')",
    "INSERT INTO event (run, run_seq, at, type, no, data) VALUES (?1, ?4 + 1, 1700000000000, "
    "'task.started', ?3, '{\"attempt\":1,\"service\":\"null\"}')",
    "UPDATE task SET state = 4, wait_reason = 0, degraded = 0, attempt = 1, attempts_counted = 0, "
    "ready_at = 1700000000000, retry_at = NULL, ended_at = 1700000000000 WHERE run = ?1 AND no = "
    "?2",
    "UPDATE task SET state = 2, wait_reason = 0, degraded = 0, attempt = 1, attempts_counted = 0, "
    "ready_at = 1700000000000, retry_at = NULL, ended_at = NULL WHERE run = ?1 AND no = ?3"};

// A database with the store's own tables and `runs` chains in it.
void make_database(const std::filesystem::path& folder, std::uint32_t runs, std::uint32_t length) {
  store::Options options;
  options.folder = folder;
  const auto store = store::Store::open(options).value();
  const auto plan = chain_plan(length);
  std::promise<void> last;
  for (std::uint32_t run = 1; run <= runs; ++run)
    store->submit(InsertRun{run_of(*plan, run), plan}, [&, run](const result<>&) {
      if (run == runs) last.set_value();
    });
  last.get_future().wait();
}

}  // namespace

class RawStore::Writer {
 public:
  Writer(const std::filesystem::path& folder, std::uint32_t runs, std::uint32_t length)
      : length_(length), at_(runs, 0) {
    make_database(folder, runs, length);
    check(sqlite3_open_v2((folder / "weft.db").c_str(), &db_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr));
    for (const char* pragma : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                               "PRAGMA cache_size = -16384", "PRAGMA temp_store = MEMORY"})
      check(sqlite3_exec(db_, pragma, nullptr, nullptr, nullptr));
    for (std::size_t i = 0; i < statements.size(); ++i) prepared_[i] = prepare(statements[i]);
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    for (std::uint32_t run = 0; run < runs; ++run) idle_.push_back(run);
    thread_ = std::thread([this] { loop(); });
  }
  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    for (sqlite3_stmt* statement : prepared_) sqlite3_finalize(statement);
    sqlite3_finalize(begin_);
    sqlite3_finalize(commit_);
    sqlite3_close(db_);
  }

  std::uint64_t work(Clock::time_point until) {
    std::uint64_t done = 0;
    std::size_t under_way = 0;
    while (Clock::now() < until || under_way > 0) {
      if (Clock::now() < until) {
        under_way += idle_.size();
        push(std::exchange(idle_, {}));
      }
      const auto finished = take_done();
      under_way -= finished.size();
      done += finished.size();
      idle_.insert(idle_.end(), finished.begin(), finished.end());
    }
    return done;
  }

 private:
  void check(int code) const {
    if (code != SQLITE_OK && code != SQLITE_DONE)
      throw std::runtime_error(std::string("raw store: ") + sqlite3_errmsg(db_));
  }
  sqlite3_stmt* prepare(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
  }
  void step(sqlite3_stmt* statement) const {
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) code = sqlite3_step(statement);
    check(code);
    sqlite3_reset(statement);
  }

  void push(const std::vector<std::uint32_t>& chains) {
    {
      const std::lock_guard lock(mutex_);
      queue_.insert(queue_.end(), chains.begin(), chains.end());
    }
    wake_.notify_one();
  }
  std::vector<std::uint32_t> take_done() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return !done_.empty(); });
    return std::exchange(done_, {});
  }

  void loop() {
    for (;;) {
      std::vector<std::uint32_t> taken;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        taken.swap(queue_);
      }
      step(begin_);
      for (const std::uint32_t chain : taken) write(chain);
      step(commit_);
      {
        const std::lock_guard lock(mutex_);
        done_.insert(done_.end(), taken.begin(), taken.end());
      }
      answered_.notify_one();
    }
  }

  void write(std::uint32_t chain) {
    const std::uint32_t task = at_[chain]++ % (length_ - 1);
    if (task == 0 && at_[chain] > 1)
      throw std::runtime_error("raw store: the chains are too short");
    for (sqlite3_stmt* statement : prepared_) {
      sqlite3_bind_int64(statement, 1, chain + 1);
      const int parameters = sqlite3_bind_parameter_count(statement);
      if (parameters >= 2) sqlite3_bind_int64(statement, 2, task);
      if (parameters >= 3) sqlite3_bind_int64(statement, 3, task + 1);
      if (parameters >= 4) sqlite3_bind_int64(statement, 4, 2 * std::int64_t{task} + 1);
      step(statement);
    }
  }

  const std::uint32_t length_;
  sqlite3* db_ = nullptr;
  std::array<sqlite3_stmt*, statements.size()> prepared_{};
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  std::vector<std::uint32_t> at_;    // by chain: the task that ends next
  std::vector<std::uint32_t> idle_;  // chains that wait for the next slice

  std::mutex mutex_;
  std::condition_variable wake_, answered_;
  std::vector<std::uint32_t> queue_, done_;
  bool stopping_ = false;
  std::thread thread_;
};

RawStore::RawStore(const std::filesystem::path& folder, std::uint32_t in_flight,
                   std::uint32_t length)
    : writer_(std::make_unique<Writer>(folder, in_flight, length)) {}
RawStore::~RawStore() = default;

Work RawStore::work() {
  return [this](Clock::time_point until) { return writer_->work(until); };
}

int RawStore::statements_per_step() noexcept {
  return static_cast<int>(statements.size());
}

}  // namespace weft::bench
