// SPDX-License-Identifier: Apache-2.0
// A look into the results that are kept for tasks that ask for the same.
#pragma once
#include <optional>
#include <vector>

#include "artifact/artifact_store.hpp"
#include "model/config.hpp"
#include "model/result_key.hpp"
#include "store/queries.hpp"

namespace weft::shell {

// One that is known by the first of these keys that has any, and that is young enough. Its
// artifacts are all there, and stay until whoever takes it refers to them.
result<std::optional<FoundResult>> find_kept_result(store::Queries& queries,
                                                    artifact::ArtifactStore& artifacts,
                                                    const CacheLimits& limits,
                                                    const std::vector<Digest>& keys,
                                                    Timestamp made_after, Timestamp now);

}  // namespace weft::shell
