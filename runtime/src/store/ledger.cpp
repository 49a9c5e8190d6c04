// SPDX-License-Identifier: Apache-2.0
#include "store/ledger.hpp"

#include <vector>

#include "store/views.hpp"

namespace weft::store {
namespace {

void add_to_total(Connection& db, std::int64_t run, const LedgerTotal& change) {
  db.run(
      "INSERT INTO ledger_total (run, currency, spent_micros, reserved_micros) "
      "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (run, currency) DO UPDATE SET "
      "spent_micros = spent_micros + excluded.spent_micros, "
      "reserved_micros = reserved_micros + excluded.reserved_micros",
      run, change.currency, change.spent_micros, change.reserved_micros);
}

std::vector<LedgerTotal> entries_of(Connection& db, const AttemptKey& attempt) {
  std::vector<LedgerTotal> entries;
  Rows rows = db.query(
      "SELECT currency, spent_micros, reserved_micros FROM ledger "
      "WHERE run = ?1 AND no = ?2 AND attempt = ?3",
      attempt.run, attempt.no, attempt.attempt);
  while (rows.next()) {
    LedgerTotal& entry = entries.emplace_back();
    rows.read(entry.currency, entry.spent_micros, entry.reserved_micros);
  }
  return entries;
}

}  // namespace

bool reserve(Connection& db, const AttemptKey& attempt, const Money& amount) {
  if (amount.micros == 0) return true;  // takes nothing from any limit
  db.run(
      "INSERT INTO ledger (run, no, attempt, currency, spent_micros, reserved_micros) "
      "SELECT ?1, ?2, ?3, ?5, 0, ?4 FROM run r "
      "LEFT JOIN ledger_total t ON t.run = r.key AND t.currency = ?5 "
      "WHERE r.key = ?1 AND (r.limit_micros IS NULL OR ?4 = 0 OR (r.limit_currency = ?5 AND "
      "coalesce(t.spent_micros, 0) + coalesce(t.reserved_micros, 0) + ?4 <= r.limit_micros))",
      attempt.run, attempt.no, attempt.attempt, amount.micros, amount.currency);
  if (db.changes() == 0) return false;
  add_to_total(db, attempt.run, {amount.currency, 0, amount.micros});
  return true;
}

void settle(Connection& db, const AttemptKey& attempt, const MaybeMoney& cost) {
  const std::vector<LedgerTotal> entries = entries_of(db, attempt);
  for (const LedgerTotal& entry : entries)
    add_to_total(db, attempt.run, {entry.currency, -entry.spent_micros, -entry.reserved_micros});
  if (!entries.empty())
    db.run("DELETE FROM ledger WHERE run = ?1 AND no = ?2 AND attempt = ?3", attempt.run,
           attempt.no, attempt.attempt);
  if (!cost || cost->micros == 0) return;  // the attempt's own row tells 0 from unknown
  db.run(
      "INSERT INTO ledger (run, no, attempt, currency, spent_micros, reserved_micros) "
      "VALUES (?1, ?2, ?3, ?5, ?4, 0)",
      attempt.run, attempt.no, attempt.attempt, cost->micros, cost->currency);
  add_to_total(db, attempt.run, {cost->currency, cost->micros, 0});
}

}  // namespace weft::store
