// SPDX-License-Identifier: Apache-2.0
// The tables, and how a database comes to have them.
#pragma once
#include "base/result.hpp"
#include "store/sqlite.hpp"

namespace weft::store {

// The version this program writes (PRAGMA user_version): the number of migrations.
int schema_version() noexcept;

// Brings a database to schema_version(): what it lacks is run in one transaction, so a crash leaves
// either version. Kind `conflict` when it is of a newer weft, `machine` when it is somebody else's.
result<> migrate(Connection& connection);

// Whether there is no table yet: whoever made the file died before it had any, or is about to make
// them.
bool has_no_tables(Connection& connection);

// For a connection that may only read: that no migration is needed.
result<> check_version(Connection& connection);

// The condition of the partial index on tasks that may still move (is_unfinished). A query must
// have it in the same words to use the index.
#define WEFT_TASK_UNFINISHED "(state < 4 OR state = 5)"

}  // namespace weft::store
