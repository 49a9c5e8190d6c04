// SPDX-License-Identifier: Apache-2.0
// Loading a run for whoever is to execute it: only what may still move.
#pragma once
#include "model/batch.hpp"
#include "store/sqlite.hpp"

namespace weft::store {

// `run` is its number inside the database.
StoredRun load_run(Connection& db, std::int64_t run);

}  // namespace weft::store
