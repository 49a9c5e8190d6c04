// SPDX-License-Identifier: Apache-2.0
// What a run is given: the declared type decides what a text means, and the declarations decide
// what is right.
#pragma once
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/pipeline.hpp"

namespace weft {

// A text as a person wrote it, as the value of this input: where the declaration takes a text, the
// text itself; else the JSON that it is; else the text, which complete_inputs() then refuses.
json::value input_from_text(const InputDeclaration& declaration, std::string_view text);

// `given` with what the defaults add, and numbers as declared. Kind `invalid` names together all
// inputs that are missing, unknown or wrong, and says what to write.
result<json::object> complete_inputs(const Pipeline& pipeline, json::object given);

}  // namespace weft
