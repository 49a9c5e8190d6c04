// SPDX-License-Identifier: Apache-2.0
// Whether a value that a model wrote has the form that was asked for.
#pragma once
#include <string>
#include <weft/plugin/values.hpp>

namespace http_plugin {

// Where and how `value` breaks a JSON Schema ("scenes[2].prompt is missing"); "" when it fits.
// Looks at type, const, enum, required, properties, additionalProperties, items, anyOf, minItems,
// maxItems, minLength, maxLength, minimum and maximum; other keywords are not judged.
std::string misfit(const nlohmann::json& value, const nlohmann::json& schema);

}  // namespace http_plugin
