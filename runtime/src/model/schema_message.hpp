// SPDX-License-Identifier: Apache-2.0
// From what the validator reports to what a person can act upon.
#pragma once
#include <string_view>
#include <vector>

#include "model/schema.hpp"

namespace weft {

// The part of `schema` that describes the value at `pointer`, or null.
const json::value* schema_part_for(const json::value& schema, std::string_view pointer);

// Appends what Valijson's `description` of the value at `pointer` means; nothing for the ones that
// merely repeat that something further down is wrong.
void explain_violation(const json::value& schema, const json::value& value,
                       std::string_view pointer, std::string_view description,
                       std::vector<Violation>& violations);

}  // namespace weft
