// SPDX-License-Identifier: Apache-2.0
// What stands in a binding: a text with one reference, "${params.prompt}".
#pragma once
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace comfyui {

// The value that a bound text has. Variables: `params`; `inputs.NAME`, what a Load node is given
// for that input; `attempt.key` and `attempt.seed` (params.seed, or a number of this attempt). A
// text that is one ${...} keeps the type of what it refers to; null: what it refers to was not
// given, and the workflow's own value stays.
nlohmann::json bound_value(const std::string& text, const nlohmann::json& variables);

// The input that a text refers to ("image" of "${inputs.image}"), or "".
std::string referred_input(const std::string& text);

}  // namespace comfyui
