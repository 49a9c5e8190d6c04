// SPDX-License-Identifier: Apache-2.0
#include "store/load.hpp"

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
  // Different currencies never add up: what counts is the one of the limit, and without a limit the
  // one most has been spent in.
  const std::string currency = stored.run.limit ? stored.run.limit->currency : "";
  stored.spent_micros =
      db.value(std::int64_t{0},
               "SELECT spent_micros FROM ledger_total WHERE run = ?1 AND ?2 IN ('', currency) "
               "ORDER BY spent_micros DESC LIMIT 1",
               run, currency);
}

void load_tasks(Connection& db, std::int64_t run, StoredRun& stored) {
  static const std::string tasks =
      sql({"SELECT ", task_columns, " FROM task t INDEXED BY task_unfinished WHERE run = ?1 AND ",
           WEFT_TASK_UNFINISHED, " ORDER BY no"});
  for (Rows rows = db.query(tasks, run); rows.next();) stored.unfinished.push_back(read_task(rows));
  // CROSS JOIN keeps SQLite from turning the order round and reading every edge of the run.
  static const std::string edges =
      sql({"SELECT e.needs, e.no, e.carries_skip FROM task t INDEXED BY task_unfinished "
           "CROSS JOIN task_edge e ON e.run = t.run AND e.no = t.no WHERE t.run = ?1 AND ",
           WEFT_TASK_UNFINISHED});
  for (Rows rows = db.query(edges, run); rows.next();) {
    PlanEdge& edge = stored.edges.emplace_back();
    rows.read(edge.from, edge.to, edge.carries_skip);
  }
}

void load_attempts(Connection& db, std::int64_t run, StoredRun& stored) {
  // Of whatever task: a loser may still be on its way out though its task has ended.
  static const std::string open =
      sql({"SELECT ", attempt_columns,
           " FROM attempt a INDEXED BY attempt_open WHERE a.run = ?1 AND a.ended_at IS NULL"});
  for (Rows rows = db.query(open, run); rows.next();) stored.open.push_back(read_attempt(rows));
  static const std::string ended =
      sql({"SELECT ", attempt_columns,
           " FROM task t INDEXED BY task_unfinished CROSS JOIN attempt a "
           "ON a.run = t.run AND a.no = t.no WHERE t.run = ?1 AND t.attempt > 0 "
           "AND a.ended_at IS NOT NULL AND ",
           WEFT_TASK_UNFINISHED});
  for (Rows rows = db.query(ended, run); rows.next();) {
    AttemptRecord attempt = read_attempt(rows);
    const bool unknown = attempt.outcome == Outcome::unknown;
    (unknown ? stored.open : stored.ended).push_back(std::move(attempt));
  }
}

}  // namespace

StoredRun load_run(Connection& db, std::int64_t run) {
  StoredRun stored;
  load_head(db, run, stored);
  load_tasks(db, run, stored);
  load_attempts(db, run, stored);
  return stored;
}

}  // namespace weft::store
