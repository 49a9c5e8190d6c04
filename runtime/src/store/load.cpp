// SPDX-License-Identifier: Apache-2.0
#include "store/load.hpp"

#include <algorithm>

#include "store/rows.hpp"
#include "store/schema.hpp"

namespace weft::store {
namespace {

void load_head(Connection& db, std::int64_t run, StoredRun& stored) {
  static const std::string select =
      sql({"SELECT ", run_columns, ", v.canonical, p.inputs FROM ", run_tables,
           " JOIN run_payload p ON p.run = r.key WHERE r.key = ?1"});
  std::string owner;
  if (Rows rows = db.query(select, run); rows.next()) {
    stored.run = read_run(rows, owner);
    rows.read_from(run_column_count, stored.pipeline, stored.inputs);
  }
  stored.last_run_seq =
      db.value(std::uint64_t{0}, "SELECT coalesce(max(run_seq), 0) FROM event WHERE run = ?1", run);
  Rows totals = db.query(
      "SELECT spent_micros, currency FROM ledger_total WHERE run = ?1 AND spent_micros > 0", run);
  while (totals.next()) {
    Money& spent = stored.spent.emplace_back();
    totals.read(spent.micros, spent.currency);
  }
}

void load_tasks(Connection& db, std::int64_t run, StoredRun& stored) {
  static const std::string tasks =
      sql({"SELECT ", task_columns, " FROM task t INDEXED BY task_unfinished WHERE run = ?1 AND ",
           WEFT_TASK_UNFINISHED, " ORDER BY no"});
  for (Rows rows = db.query(tasks, run); rows.next();) stored.unfinished.push_back(read_task(rows));
  static const std::string late =
      sql({"SELECT ", task_columns,
           " FROM late_task l JOIN task t ON t.run = l.run AND t.no = l.no "
           "WHERE l.run = ?1 AND NOT ",
           WEFT_TASK_UNFINISHED, " ORDER BY t.no"});
  const auto unfinished = static_cast<std::ptrdiff_t>(stored.unfinished.size());
  for (Rows rows = db.query(late, run); rows.next();) stored.unfinished.push_back(read_task(rows));
  std::inplace_merge(stored.unfinished.begin(), stored.unfinished.begin() + unfinished,
                     stored.unfinished.end(),
                     [](const TaskRecord& a, const TaskRecord& b) { return a.no < b.no; });
}

void load_expansions(Connection& db, std::int64_t run, StoredRun& stored) {
  Rows rows = db.query(
      "SELECT e.no, e.first, e.detail, coalesce((SELECT max(t.no) + 1 - e.first FROM task t "
      "WHERE t.run = ?1 AND t.no >= e.first AND t.no < e.next), 0) FROM (SELECT key, no, first, "
      "detail, lead(first, 1, (SELECT task_count FROM run WHERE key = ?1)) OVER (ORDER BY key) AS "
      "next FROM expansion WHERE run = ?1) e ORDER BY e.key",
      run);
  while (rows.next()) {
    StoredExpansion& one = stored.expansions.emplace_back();
    rows.read(one.task, one.first, one.detail, one.rows);
  }
}

void load_attempts(Connection& db, std::int64_t run, StoredRun& stored) {
  // Of whatever task: a loser may still be on its way out though its task has ended.
  static const std::string open =
      sql({"SELECT ", attempt_columns,
           " FROM attempt a INDEXED BY attempt_open WHERE a.run = ?1 AND a.ended_at IS NULL"});
  for (Rows rows = db.query(open, run); rows.next();) stored.open.push_back(read_attempt(rows));
  // Few of the unfinished have been tried, where a run is large: so one by one.
  static const std::string ended =
      sql({"SELECT ", attempt_columns,
           " FROM attempt a WHERE a.run = ?1 AND a.no = ?2 AND a.ended_at IS NOT NULL ORDER BY "
           "a.attempt"});
  for (const TaskRecord& task : stored.unfinished) {
    if (task.attempt == 0) continue;
    for (Rows rows = db.query(ended, run, task.no); rows.next();) {
      AttemptRecord attempt = read_attempt(rows);
      const bool unsettled = task.state == TaskState::waiting && task.attempt == attempt.attempt &&
                             attempt.outcome == Outcome::unknown;
      (unsettled ? stored.open : stored.ended).push_back(std::move(attempt));
    }
  }
}

void load_late_results(Connection& db, std::int64_t run, RunId id, StoredRun& stored) {
  Rows rows = db.query(
      "SELECT l.no, l.attempt, l.outcome, l.message, l.outputs FROM attempt a INDEXED BY "
      "attempt_open CROSS JOIN late_result l ON l.run = a.run AND l.no = a.no AND "
      "l.attempt = a.attempt WHERE a.run = ?1 AND a.ended_at IS NULL",
      run);
  while (rows.next()) {
    PutLateResult& late = stored.late.emplace_back();
    late.attempt.run = id;
    rows.read(late.attempt.task, late.attempt.attempt, late.outcome, late.message, late.outputs);
  }
}

void load_keys(Connection& db, std::int64_t run, StoredRun& stored) {
  Rows rows = db.query(
      "SELECT k.no, k.key, k.parts FROM attempt a INDEXED BY attempt_open CROSS JOIN task_result k "
      "ON k.run = a.run AND k.no = a.no AND k.attempt = a.attempt WHERE a.run = ?1 AND "
      "a.ended_at IS NULL",
      run);
  while (rows.next()) {
    TaskNo task = 0;
    ResultKey key;
    rows.read(task, key.digest, key.parts);
    stored.keys.emplace_back(task, std::make_shared<const ResultKey>(std::move(key)));
  }
}

}  // namespace

StoredRun load_run(Connection& db, std::int64_t run) {
  StoredRun stored;
  load_head(db, run, stored);
  load_tasks(db, run, stored);
  load_expansions(db, run, stored);
  load_attempts(db, run, stored);
  load_late_results(db, run, stored.run.id, stored);
  load_keys(db, run, stored);
  return stored;
}

}  // namespace weft::store
