// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace comfyui {

// "; did you mean 'text'?", or "; known are: a, b" when nothing known looks like the word.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace comfyui
