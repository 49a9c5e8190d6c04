// SPDX-License-Identifier: Apache-2.0
#include "store/writes.hpp"

#include <unistd.h>

#include <boost/json/serialize.hpp>

#include "store/ledger.hpp"
#include "store/load.hpp"

namespace weft::store {
namespace {

RunId run_of(const UpdateRun& write) {
  return write.run.id;
}
RunId run_of(const PutCheckpoint& write) {
  return write.attempt.run;
}
template <class T>
RunId run_of(const T& write) {
  return write.run;
}

// Said by a service, not decided by the runtime.
bool is_answer(Outcome outcome) {
  return outcome != Outcome::unknown && outcome < Outcome::deadline;
}

}  // namespace

// Carries the writes of one batch to the runs that are the writer's, and keeps account of the rest.
class Writes::BatchScope {
 public:
  BatchScope(Writes& writes, const Batch& batch) : writes_(writes) {
    for (const auto& [run, epoch] : batch.epochs) epochs_.emplace(run, epoch);
  }

  void apply(const InsertRun& insert) {
    if (!writes_.insert(insert)) fence(insert.run.id);
  }
  void apply(const InsertAttempt& insert) {
    const std::int64_t run = own(insert.run);
    if (run != 0 && !writes_.insert_attempt(run, insert))
      report_.refused.push_back({insert.run, insert.attempt.task, insert.attempt.attempt});
  }
  void apply(const PutLateResult& put) { writes_.put_late_result(put); }
  void apply(const PutServiceHealth& put) { writes_.put_health(put.health); }
  void apply(const AppendServiceEvent& row) { writes_.append(row); }
  void apply(const AnswerCommand& answer) {
    if (answer.run.uuid.is_nil() || own(answer.run) != 0) writes_.answer(answer.answer);
  }
  // What a service has said of a run that was lost meanwhile is kept for its new owner.
  void apply(const EndAttempt& end) {
    if (const std::int64_t run = own(end.run); run != 0) return writes_.write(run, end);
    if (is_answer(end.attempt.outcome))
      late_.push_back({{end.run, end.attempt.task, end.attempt.attempt},
                       end.attempt.outcome,
                       end.attempt.message,
                       {}});
  }
  void apply(const PutOutputs& put) {
    if (const std::int64_t run = own(put.run); run != 0) return writes_.write(run, put);
    for (PutLateResult& late : late_)
      if (late.attempt.run == put.run && late.attempt.task == put.task) late.outputs = put.outputs;
  }
  template <class T>
  void apply(const T& write) {
    if (const std::int64_t run = own(run_of(write)); run != 0) writes_.write(run, write);
  }

  CommitReport finish() {
    for (const PutLateResult& late : late_) writes_.put_late_result(late);
    return std::move(report_);
  }

 private:
  // The number of a run that belongs to the writer; 0 when it does not.
  std::int64_t own(RunId run) {
    if (const auto found = owned_.find(run); found != owned_.end()) return found->second;
    const RunKey key = writes_.find(run);
    const auto epoch = epochs_.find(run);
    if (key.key == 0 || epoch == epochs_.end() || epoch->second != key.epoch) return fence(run);
    owned_.emplace(run, key.key);
    return key.key;
  }
  std::int64_t fence(RunId run) {
    owned_.insert_or_assign(run, 0);
    report_.fenced.push_back(run);
    return 0;
  }

  Writes& writes_;
  std::unordered_map<RunId, std::uint64_t> epochs_;
  std::unordered_map<RunId, std::int64_t> owned_;
  std::vector<PutLateResult> late_;
  CommitReport report_;
};

Writes::Writes(Connection& connection, const Options& options)
    : db_(connection),
      now_(options.now),
      owner_(options.owner.empty() ? "pid " + std::to_string(::getpid()) : options.owner) {}

CommitReport Writes::apply(const Batch& batch) {
  BatchScope scope(*this, batch);
  for (const Write& write : batch.writes)
    std::visit([&](const auto& one) { scope.apply(one); }, write);
  return scope.finish();
}

Writes::RunKey Writes::find(RunId run) {
  if (const auto found = runs_.find(run); found != runs_.end()) return found->second;
  RunKey key;
  if (Rows rows = db_.query("SELECT key, epoch FROM run WHERE id = ?1", run); rows.next())
    rows.read(key.key, key.epoch);
  if (key.key != 0) runs_.emplace(run, key);
  return key;
}

result<StoredRun> Writes::claim(RunId run) {
  db_.run("UPDATE run SET epoch = epoch + 1, owner = ?2 WHERE id = ?1", run, owner_);
  if (db_.ok() && db_.changes() == 0) return not_found("there is no run " + run.to_string());
  runs_.erase(run);
  return load_run(db_, find(run).key);
}

result<> Writes::insert(const Command& command) {
  const bool of_run = command.service.empty();
  const std::int64_t run = of_run ? find(command.run).key : 0;
  if (db_.ok() && of_run && run == 0)
    return not_found("there is no run " + command.run.to_string(), "'weft runs' lists them");
  if (command.task && db_.value(std::int64_t{0}, "SELECT 1 FROM task WHERE run = ?1 AND no = ?2",
                                run, *command.task) == 0)
    return not_found("run " + command.run.to_string() + " has no task number " +
                     std::to_string(*command.task));
  std::optional<std::string> artifact;
  if (command.artifact) artifact = json::serialize(to_json(*command.artifact));
  std::optional<std::string> given;
  if (!command.given.empty()) given = json::serialize(command.given);
  db_.run(
      "INSERT INTO command (id, run, kind, no, rebuy, bought, artifact, limit_micros, "
      "limit_currency, created_at, service, reason, choice, given) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
      "ON CONFLICT (id) DO NOTHING",
      command.id, run, command.kind, command.task, command.rebuy, command.bought, artifact,
      command.limit, now_(), of_run ? std::nullopt : std::optional(command.service), command.reason,
      command.choice, given);
  // What somebody brings must not be collected before the command is carried out.
  const auto task = static_cast<std::int64_t>(command.task.value_or(0));
  if (command.artifact) put_artifact(run, RefKind::pin, task, *command.artifact);
  put_artifacts(run, RefKind::pin, task, command.given);
  return {};
}

void Writes::put_state(const std::string& service, const std::string& key,
                       const std::string& value) {
  if (value.empty())
    db_.run("DELETE FROM plugin_state WHERE service = ?1 AND key = ?2", service, key);
  else
    db_.run("INSERT OR REPLACE INTO plugin_state (service, key, value) VALUES (?1, ?2, ?3)",
            service, key, Bytes{value});
}

void Writes::put_use(const std::vector<ServiceMinute>& minutes) {
  constexpr Duration kept = std::chrono::days{30};
  for (const ServiceMinute& row : minutes) {
    json::object cost;
    for (const auto& [currency, micros] : row.use.cost_micros) cost[currency] = micros;
    db_.run(
        "INSERT OR REPLACE INTO service_minute (minute, service, operation, book, ended, "
        "succeeded, faults, waited, latency, cost, cpu_ms, memory_bytes, gpu_memory_bytes, "
        "queue_place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        row.minute, row.service, row.operation, row.book, row.use.ended, row.use.succeeded,
        row.use.faults, row.use.waited, row.use.latency.to_text(), json::serialize(cost),
        row.use.usage.cpu, row.use.usage.memory_bytes, row.use.usage.gpu_memory_bytes,
        row.use.usage.queue_place);
  }
  db_.run("DELETE FROM service_minute WHERE minute < ?1", now_() - kept);
}

void Writes::write(std::int64_t run, const UpdateRun& update) {
  const RunRecord& row = update.run;
  db_.run(
      "UPDATE run SET state = ?2, pause_reason = ?3, degraded = ?4, cancelling = ?5, "
      "priority = ?6, limit_micros = ?7, limit_currency = ?8, ended_at = ?9, deadline = ?10, "
      "paused_for = ?11, paused_at = ?12 WHERE key = ?1",
      run, row.state, row.pause_reason, row.degraded, row.cancelling, row.priority, row.limit,
      row.ended_at, row.deadline, row.paused_for, row.paused_at);
}

void Writes::write(std::int64_t run, const UpdateTask& update) {
  const TaskRecord& row = update.task;
  db_.run(
      "UPDATE task SET state = ?3, wait_reason = ?4, degraded = ?5, attempt = ?6, "
      "attempts_counted = ?7, ready_at = ?8, retry_at = ?9, ended_at = ?10 "
      "WHERE run = ?1 AND no = ?2",
      run, row.no, row.state, row.wait_reason, row.degraded, row.attempt, row.attempts_counted,
      row.ready_at, row.retry_at, row.ended_at);
}

void Writes::write(std::int64_t run, const PutOutputs& put) {
  const std::string text = json::serialize(put.outputs);
  db_.run("INSERT OR REPLACE INTO task_payload (run, no, outputs) VALUES (?1, ?2, ?3)", run,
          put.task, text);
  put_artifacts(run, RefKind::task_output, put.task, put.outputs);
}

void Writes::write(std::int64_t run, const PutRunOutputs& put) {
  const std::string text = json::serialize(put.outputs);
  db_.run("UPDATE run_payload SET outputs = ?2 WHERE run = ?1", run, text);
  if (!put.errors.empty()) {
    const std::string errors = json::serialize(put.errors);
    db_.run("UPDATE run_payload SET output_errors = ?2 WHERE run = ?1", run, errors);
  }
  put_artifacts(run, RefKind::run_output, -1, put.outputs);
}

bool Writes::insert_attempt(std::int64_t run, const InsertAttempt& insert) {
  AttemptRecord row = insert.attempt;
  const bool refused = row.reserved && !reserve(db_, {run, row.task, row.attempt}, *row.reserved);
  if (refused) {
    row.ended_at = row.started_at;
    row.outcome = Outcome::budget;
    row.message = "the run's limit leaves no room for " + row.reserved->to_string();
  }
  db_.run(
      "INSERT INTO attempt (run, no, attempt, service, idempotency_key, token, started_at, "
      "ended_at, outcome, message, cost_micros, cost_currency, cost_estimated) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
      run, row.task, row.attempt, row.service, row.idempotency_key, row.token, row.started_at,
      row.ended_at, row.outcome, row.message, row.cost, row.cost_estimated);
  db_.run("INSERT INTO decision (run, no, attempt, chosen, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
          run, row.task, row.attempt, row.service, *insert.decision);
  return !refused;
}

void Writes::write(std::int64_t run, const PutCheckpoint& put) {
  db_.run("UPDATE attempt SET token = ?4 WHERE run = ?1 AND no = ?2 AND attempt = ?3", run,
          put.attempt.task, put.attempt.attempt, put.token);
}

void Writes::write(std::int64_t run, const EndAttempt& end) {
  const AttemptRecord& row = end.attempt;
  db_.run(
      "UPDATE attempt SET ended_at = ?4, outcome = ?5, message = ?6, cost_micros = ?7, "
      "cost_currency = ?8, cost_estimated = ?9 WHERE run = ?1 AND no = ?2 AND attempt = ?3",
      run, row.task, row.attempt, row.ended_at, row.outcome, row.message, row.cost,
      row.cost_estimated);
  if (end.settle) settle(db_, {run, row.task, row.attempt}, row.cost);
  if (end.usage)
    db_.run(
        "INSERT OR REPLACE INTO attempt_usage (run, no, attempt, cpu_ms, memory_bytes, "
        "gpu_memory_bytes, queue_place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        run, row.task, row.attempt, end.usage->cpu, end.usage->memory_bytes,
        end.usage->gpu_memory_bytes, end.usage->queue_place);
  db_.run("DELETE FROM progress WHERE run = ?1 AND no = ?2", run, row.task);
}

void Writes::write(std::int64_t run, const PutProgress& put) {
  db_.run("INSERT OR REPLACE INTO progress (run, no, permille, stage) VALUES (?1, ?2, ?3, ?4)", run,
          put.progress.task, put.progress.permille, put.progress.stage);
}

void Writes::write(std::int64_t run, const AppendEvent& row) {
  const std::string data = json_text(row.data);
  db_.run("INSERT INTO event (run, run_seq, at, type, no, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
          run, row.run_seq, row.at, row.type, row.task, data);
}

void Writes::answer(const CommandAnswer& answer) {
  db_.run(
      "UPDATE command SET answered_at = ?2, done = ?3, answer = ?4 "
      "WHERE id = ?1 AND answered_at IS NULL",
      answer.id, now_(), answer.done, answer.text);
}

void Writes::put_health(const ServiceHealth& health) {
  db_.run(
      "INSERT OR REPLACE INTO service_health (service, state, reason, changed_at, open_until, "
      "account, times_opened, paused_until, rate_mark_us, taken_out) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      health.service, health.state, health.reason, health.changed_at, health.open_until,
      health.account, health.times_opened, health.paused_until, health.rate_mark_us,
      health.taken_out);
}

// Of no run: run 0, whose events are numbered like those of any other.
void Writes::append(const AppendServiceEvent& row) {
  db_.run(
      "INSERT INTO event (run, run_seq, at, type, no, data) VALUES (0, (SELECT "
      "coalesce(max(run_seq), 0) + 1 FROM event WHERE run = 0), ?1, ?2, NULL, ?3)",
      row.at, row.type, row.data);
}

void Writes::put_late_result(const PutLateResult& put) {
  const std::int64_t run = find(put.attempt.run).key;
  if (run == 0) return;  // the run has been removed: nobody is left to look
  const std::string outputs = json::serialize(put.outputs);
  db_.run(
      "INSERT OR REPLACE INTO late_result (run, no, attempt, outcome, message, outputs) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      run, put.attempt.task, put.attempt.attempt, put.outcome, put.message, outputs);
  put_artifacts(run, RefKind::task_output, put.attempt.task, put.outputs);
}

}  // namespace weft::store
