// SPDX-License-Identifier: Apache-2.0
// Money of attempts: reserved before the call, settled after it. Each function is part of the
// caller's transaction.
#pragma once
#include <cstdint>

#include "base/money.hpp"
#include "model/records.hpp"
#include "store/sqlite.hpp"

namespace weft::store {

// An attempt by the run's number inside the database.
struct AttemptKey {
  std::int64_t run = 0;
  TaskNo no = 0;
  AttemptNo attempt = 0;
};

// Reserves money, if it fits: spent + reserved + amount <= the run's limit. A limit in another
// currency cannot be compared with, so nothing fits it.
bool reserve(Connection& db, const AttemptKey& attempt, const Money& amount);

// Replaces what the ledger says about an attempt by what it has cost. No cost: it has cost nothing
// that is known.
void settle(Connection& db, const AttemptKey& attempt, const MaybeMoney& cost);

}  // namespace weft::store
