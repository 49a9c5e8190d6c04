// SPDX-License-Identifier: Apache-2.0
// The durable store, as the executing runtime has it: it holds the lock of the state folder, and
// one writer thread that takes everything that has arrived since its last commit in one
// transaction. So throughput grows under load, while each caller still waits for its own commit.
//
// Every call but commit_here() returns at once and is answered on the writer thread, in the order
// of the calls, after the commit that made it durable. All functions may be called by any thread.
//
// A commit that fails (disk full, I/O) takes its whole transaction with it. From then on the store
// answers everything with that error, because whatever came later was decided on what did not
// happen: mend the machine and open it again.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/batch.hpp"
#include "model/config.hpp"
#include "model/service_use.hpp"
#include "store/options.hpp"

namespace weft::store {

// What of a durable batch did not happen, by rule.
struct CommitReport {
  // Another runtime has claimed these runs: none of the batch's writes to them happened. Only what
  // services have answered is kept as late results, for whoever owns the run next.
  std::vector<RunId> fenced;
  // The run's limit left no room for the reservation. The attempt is in the store as ended, with
  // outcome `budget`, so that no restart takes it for one that was sent.
  std::vector<AttemptRef> refused;
};

// Which runs remove_runs() takes: those that are final and ended before.
struct RemoveRuns {
  Timestamp ended_before{};
  bool paid = false;  // also runs that cost money
  bool yes = false;   // false: only tell
};
struct RemovedRuns {
  std::vector<RunId> runs;
  std::vector<RunId> kept_for_paid;  // would go, had `paid` been said
};

class Store {
 public:
  template <class T = void>
  using Done = std::function<void(result<T>)>;

  // Kind `conflict` when another process holds the lock; `machine` names the file and the remedy.
  static result<std::unique_ptr<Store>> open(const Options& options);
  // Makes durable what has been handed over, answers it, and frees the lock.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void commit(Batch batch, Done<CommitReport> done);
  // The same on the calling thread, which so need not wait for another one to wake up and to answer
  // it. None when something else is under way or waits, whose transaction commit() shares, or when
  // it makes so many rows that the caller had better go on meanwhile.
  std::optional<result<CommitReport>> commit_here(const Batch& batch);

  // Makes this runtime the owner of a run, by raising its epoch, and loads it.
  void claim_run(RunId run, Done<StoredRun> done);
  // As store::Client has them.
  void submit(InsertRun run, Done<> done);
  void submit(Command command, Done<> done);

  // Whether another process has committed since the last call (and on the first). Cheap.
  void poll(Done<bool> done);

  // Small values of one service; an empty value removes the key.
  void put_state(std::string service, std::string key, std::string value, Done<> done);

  // Minutes of the history of services, in place of what was put for the same minute before; those
  // that are older than 30 days are forgotten.
  void put_use(std::vector<ServiceMinute> minutes, Done<> done);

  // Removes results that are too old or too many; answers how many.
  void trim_results(CacheLimits limits, Done<std::size_t> done);
  // Those of one operation, or all ("").
  void clear_results(std::string operation, Done<std::size_t> done);

  void remove_runs(RemoveRuns what, Done<RemovedRuns> done);
  // Forgets artifacts whose blobs are to be removed; answers which of them: those that nothing
  // refers to. Remove the blobs of exactly these, but not one that was put again meanwhile: its row
  // comes with what refers to it.
  void forget_artifacts(std::vector<Digest> digests, Done<std::vector<Digest>> done);

  // Counts, for tests and benchmarks.
  std::uint64_t commit_count() const noexcept;

 private:
  class Writer;
  explicit Store(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace weft::store
