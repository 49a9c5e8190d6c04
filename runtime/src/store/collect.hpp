// SPDX-License-Identifier: Apache-2.0
// Garbage collection inside the database. Each function is part of the caller's transaction.
#pragma once
#include <vector>

#include "base/digest.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"

namespace weft::store {

RemovedRuns remove_runs(Connection& db, const RemoveRuns& what);

// Removes the rows of those of `digests` that nothing refers to, and tells which they are.
std::vector<Digest> forget_artifacts(Connection& db, const std::vector<Digest>& digests);

}  // namespace weft::store
