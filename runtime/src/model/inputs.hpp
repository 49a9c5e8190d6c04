// SPDX-License-Identifier: Apache-2.0
// What a run, or a task that waits for it, is given: the declared type decides what a text means,
// and the declarations decide what is right.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/pipeline.hpp"

namespace weft {

// A declaration as a definition has it: a schema, with `default` and `media_type`.
json::object input_form(const InputDeclaration& declaration);
// Makes it again of what input_form() made.
InputDeclaration input_from_form(const std::string& name, json::object form);

// A text as a person wrote it, as the value of this input: where the declaration takes a text, the
// text itself; else the JSON that it is; else the text, which complete_inputs() then refuses.
json::value input_from_text(const InputDeclaration& declaration, std::string_view text);

// `given` with what the defaults add, and numbers as declared. Kind `invalid` names together all
// inputs that are missing, unknown or wrong, and says what to write.
// `whose` names them: "'film'", "task 'mask'".
// `written_at`: where a definition gives an input. Unset: a person gives them, with -i.
result<json::object> complete_inputs(
    const std::string& whose, const std::vector<InputDeclaration>& declarations, json::object given,
    const std::function<SourcePosition(const std::string& name)>& written_at = {});

}  // namespace weft
