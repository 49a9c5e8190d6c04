// SPDX-License-Identifier: Apache-2.0
#include "model/artifact.hpp"

namespace weft {

json::value to_json(const ArtifactInfo& artifact) {
  return json::object{{"$artifact", artifact.digest.to_string()},
                      {"media_type", artifact.media_type},
                      {"bytes", static_cast<std::int64_t>(artifact.size_bytes)},
                      {"name", artifact.name}};
}

std::optional<ArtifactInfo> artifact_from_json(const json::value& value) {
  const json::value* digest = find_member(value, "$artifact");
  const json::value* media_type = find_member(value, "media_type");
  const json::value* bytes = find_member(value, "bytes");
  const json::value* name = find_member(value, "name");
  if (!digest || !digest->is_string() || !media_type || !media_type->is_string() || !bytes ||
      !bytes->is_int64() || bytes->get_int64() < 0 || !name || !name->is_string())
    return std::nullopt;
  auto parsed = Digest::parse(digest->get_string());
  if (!parsed) return std::nullopt;
  return ArtifactInfo{*parsed, static_cast<std::uint64_t>(bytes->get_int64()),
                      std::string(media_type->get_string()), std::string(name->get_string())};
}

}  // namespace weft
