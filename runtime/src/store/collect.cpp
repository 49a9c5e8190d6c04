// SPDX-License-Identifier: Apache-2.0
#include "store/collect.hpp"

#include <array>
#include <utility>

namespace weft::store {
namespace {

void remove_run(Connection& db, std::int64_t run) {
  constexpr std::array<std::string_view, 19> removals{
      // That a file has been seen is remembered for as long as its schedule is.
      "DELETE FROM firing WHERE run = (SELECT id FROM run WHERE key = ?1) AND cause NOT LIKE "
      "'file %'",
      "DELETE FROM run_payload WHERE run = ?1", "DELETE FROM task WHERE run = ?1",
      "DELETE FROM expansion WHERE run = ?1", "DELETE FROM late_task WHERE run = ?1",
      "DELETE FROM task_payload WHERE run = ?1", "DELETE FROM task_edge WHERE run = ?1",
      "DELETE FROM attempt WHERE run = ?1", "DELETE FROM decision WHERE run = ?1",
      "DELETE FROM artifact_ref WHERE run = ?1", "DELETE FROM progress WHERE run = ?1",
      "DELETE FROM command WHERE run = ?1", "DELETE FROM late_result WHERE run = ?1",
      "DELETE FROM product WHERE run = ?1", "DELETE FROM product_mark WHERE run = ?1 AND kind <> 1",
      // Each rejection has given its product another seed, which is not to come again. The number
      // of the run may: so the mark is no longer about one.
      "UPDATE OR REPLACE product_mark SET run = -run WHERE run = ?1",
      "DELETE FROM attempt_usage WHERE run = ?1", "DELETE FROM task_result WHERE run = ?1",
      "DELETE FROM run WHERE key = ?1"};
  for (const std::string_view removal : removals) db.run(removal, run);
  // What was spent stays in the ledger: money is accounted for longer than pictures are kept. The
  // newest event of all stays as well, so that no cursor out there ever meets its number again.
  db.run("DELETE FROM event WHERE run = ?1 AND seq < (SELECT max(seq) FROM event)", run);
}

// About services and schedules. The newest event stays, so that no number of one comes again.
void remove_what_is_about_no_run(Connection& db, Timestamp before) {
  db.run("DELETE FROM command WHERE run = 0 AND answered_at < ?1", before);
  db.run("DELETE FROM firing WHERE state > 2 AND decided_at < ?1 AND cause NOT LIKE 'file %'",
         before);
  db.run(
      "DELETE FROM event WHERE run = 0 AND at < ?1 AND run_seq < (SELECT max(run_seq) FROM event "
      "WHERE run = 0) AND seq < (SELECT max(seq) FROM event)",
      before);
}

}  // namespace

RemovedRuns remove_runs(Connection& db, const RemoveRuns& what) {
  RemovedRuns removed;
  std::vector<std::int64_t> keys;
  {
    // States 2, 3 and 5 are the final ones (is_final). A run that made a pinned product stays.
    Rows rows = db.query(
        "SELECT key, id, EXISTS (SELECT 1 FROM ledger_total WHERE run = key AND spent_micros > 0) "
        "FROM run WHERE state IN (2, 3, 5) AND ended_at < ?1 AND NOT EXISTS (SELECT 1 FROM "
        "product_mark m WHERE m.run = key AND m.kind = 0) ORDER BY key",
        what.ended_before);
    while (rows.next()) {
      std::int64_t key = 0;
      RunId id;
      bool has_cost = false;
      rows.read(key, id, has_cost);
      if (has_cost && !what.paid) {
        removed.kept_for_paid.push_back(id);
      } else {
        removed.runs.push_back(id);
        keys.push_back(key);
      }
    }
  }
  if (what.yes)
    for (const std::int64_t key : keys) remove_run(db, key);
  if (what.yes) remove_what_is_about_no_run(db, what.ended_before);
  return removed;
}

std::vector<Digest> forget_artifacts(Connection& db, const std::vector<Digest>& digests) {
  std::vector<Digest> forgotten;
  for (const Digest& digest : digests) {
    if (db.value(std::int64_t{0}, "SELECT 1 FROM artifact_ref WHERE digest = ?1 LIMIT 1", digest))
      continue;
    db.run("DELETE FROM artifact WHERE digest = ?1", digest);
    forgotten.push_back(digest);
  }
  return forgotten;
}

}  // namespace weft::store
