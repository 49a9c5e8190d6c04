// SPDX-License-Identifier: Apache-2.0
// Bytes named by their SHA-256. In JSON an artifact is {"$artifact": "<digest>", "media_type",
// "bytes", "name"}; in an expression it is an opaque value with .sha256 .media_type .bytes .name.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/digest.hpp"
#include "base/json.hpp"

namespace weft {

struct ArtifactInfo {
  Digest digest;
  std::uint64_t size_bytes = 0;
  std::string media_type;  // "image/png"
  std::string name;        // for people and file names: "keyframe.png"
  bool operator==(const ArtifactInfo&) const = default;
};

json::value to_json(const ArtifactInfo& artifact);
// Nothing when `value` does not have the form above.
std::optional<ArtifactInfo> artifact_from_json(const json::value& value);

}  // namespace weft
