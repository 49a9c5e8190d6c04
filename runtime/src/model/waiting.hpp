// SPDX-License-Identifier: Apache-2.0
// Tasks that wait for people: what they give, and to whose word.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/operation.hpp"
#include "model/pipeline.hpp"

namespace weft {

// What stands in TaskDefinition::operation of a task that waits, so that whoever reads its outputs
// reads them as those of any other. Named by the key of the definition: "approve", "wait_for".
//   approve   approved (boolean), note (text); with choices also choice (its number from 0, or
//             null) and chosen (the choice itself, or null)
//   wait_for  what it declares
std::shared_ptr<const Operation> operation_of(const WaitDefinition& wait);

// Which of `choices` a yes takes. An error says why it takes none: kind `conflict`.
result<std::optional<std::size_t>> decide_choice(const WaitDefinition& wait,
                                                 const json::array& choices,
                                                 std::optional<std::uint32_t> choice);
json::object approved_outputs(const WaitDefinition& wait, const json::array& choices,
                              std::optional<std::size_t> choice, const std::string& note);
json::object rejected_outputs(const WaitDefinition& wait, const std::string& note);

}  // namespace weft
