// SPDX-License-Identifier: Apache-2.0
#include "shell/kept_results.hpp"

#include <algorithm>

#include "model/artifact.hpp"

namespace weft::shell {
namespace {

bool keep_artifacts(artifact::ArtifactStore& artifacts, const json::value& value) {
  if (const auto artifact = artifact_from_json(value))
    return artifacts.keep(artifact->digest, artifact->size_bytes).has_value();
  const auto keep = [&](const json::value& one) { return keep_artifacts(artifacts, one); };
  if (const auto* list = value.if_array()) return std::all_of(list->begin(), list->end(), keep);
  if (const auto* object = value.if_object())
    return std::all_of(object->begin(), object->end(),
                       [&](const auto& member) { return keep(member.value()); });
  return true;
}

}  // namespace

result<std::optional<FoundResult>> find_kept_result(store::Queries& queries,
                                                    artifact::ArtifactStore& artifacts,
                                                    const CacheLimits& limits,
                                                    const std::vector<Digest>& keys,
                                                    Timestamp made_after, Timestamp now) {
  if (limits.size_bytes == 0) return std::nullopt;
  auto found = queries.find_result(keys, std::max(made_after, now - limits.ttl));
  if (!found || !*found || keep_artifacts(artifacts, (*found)->outputs)) return found;
  return std::nullopt;
}

}  // namespace weft::shell
