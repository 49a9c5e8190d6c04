// SPDX-License-Identifier: Apache-2.0
// What a transaction writes. Failures of SQLite are the connection's; who owns the transaction
// looks there before it commits.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "base/result.hpp"
#include "model/batch.hpp"
#include "model/config.hpp"
#include "model/service_use.hpp"
#include "store/options.hpp"
#include "store/schedules.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "store/views.hpp"

namespace weft::store {

class Writes {
 public:
  // `connection` must outlive it.
  Writes(Connection& connection, const Options& options);

  // At the start of each transaction: what another process may have changed is read anew.
  void begin() { runs_.clear(); }

  CommitReport apply(const Batch& batch);
  // False when a run of this id exists already; nothing happens then.
  bool insert(const InsertRun& insert);
  // Nothing happens when a command of this id exists already.
  result<> insert(const Command& command);
  // Raises the epoch and loads the run.
  result<StoredRun> claim(RunId run);
  // The key of what the pipeline means, kept if it is new.
  std::int64_t pipeline_version(const Pipeline& pipeline);
  // Answers the newest version of the name: this one, or one that means the same.
  SavedPipeline save_pipeline(const SavedPipeline& saved, bool& is_new);
  void put_mark(std::string_view project, const ProductMark& mark);
  void remove_mark(std::string_view project, const ProductMark& mark);
  void put_schedule(const ScheduleRow& row);
  void remove_schedule(const std::string& name);
  void pause_schedule(const std::string& name, bool paused);
  void consider(const std::string& name, Timestamp considered, std::uint64_t cursor);
  void missed(const std::string& name, const json::object& data);
  // False when it was decided before; nothing happens then.
  bool put_firing(const FiringRow& row);
  void put_use(const std::vector<ServiceMinute>& minutes);
  // Removes results that are older than the limits say, and those used longest ago while all
  // together are larger. How many.
  std::size_t trim_results(const CacheLimits& limits);
  // Of one operation, or of all ("").
  std::size_t clear_results(const std::string& operation);
  void put_state(const std::string& service, const std::string& key, const std::string& value);

  Connection& connection() noexcept { return db_; }

 private:
  // A run by its number inside the database; 0: there is none.
  struct RunKey {
    std::int64_t key = 0;
    std::uint64_t epoch = 0;
  };
  class BatchScope;
  RunKey find(RunId run);

  void take_over(std::int64_t run, const TakenOver& taken);
  void insert_tasks(std::int64_t run, const Plan& plan);
  void insert_task(std::int64_t run, TaskNo no, const PlanNode& node);
  void name_task(std::int64_t run, TaskNo no, const InnerName& name);
  void insert_edges(std::int64_t run, std::vector<PlanEdge> edges);
  void insert_products(std::int64_t run, const Plan& plan);
  void keep_files_of(const FiringRow& row);
  void put_artifacts(std::int64_t run, RefKind kind, std::int64_t no, const json::value& value);
  void put_artifacts(std::int64_t run, RefKind kind, std::int64_t no, const json::object& object);
  void put_artifact(std::int64_t run, RefKind kind, std::int64_t no, const ArtifactInfo& artifact);

  // One overload for each kind of write to a run that is the writer's; `run` is its number.
  void write(std::int64_t run, const UpdateRun& update);
  void write(std::int64_t run, const UpdateTask& update);
  void write(std::int64_t run, const PutExpansion& put);
  void write(std::int64_t run, const InsertTasks& insert);
  void write(std::int64_t run, const PutOutputs& put);
  void write(std::int64_t run, const PutRunOutputs& put);
  void write(std::int64_t run, const PutCheckpoint& put);
  void write(std::int64_t run, const EndAttempt& end);
  void write(std::int64_t run, const PutProgress& put);
  void write(std::int64_t run, const AppendEvent& row);
  void write(std::int64_t run, const PutResultKey& put);
  void write(std::int64_t run, const KeepResult& keep);
  void write(std::int64_t run, const TakeResult& take);
  void answer(const CommandAnswer& answer);
  // False when the limit refuses the reservation.
  bool insert_attempt(std::int64_t run, const InsertAttempt& insert);
  void put_late_result(const PutLateResult& put);
  void put_health(const ServiceHealth& health);
  void append(const AppendServiceEvent& row);

  Connection& db_;
  const std::function<Timestamp()> now_;
  const std::string owner_;
  std::unordered_map<RunId, RunKey> runs_;  // of this transaction
  bool results_grew_ = true;                // since they were measured last
};

}  // namespace weft::store
