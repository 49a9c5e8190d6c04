// SPDX-License-Identifier: Apache-2.0
// C and C++ as far as rules about its text need it: not a parser, but enough to count and to
// search.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weft::tidy {

// The same text with comments, literals and preprocessor lines blanked: every byte stays where it
// was, so positions and lines are those of the original.
std::string code_of(std::string_view text);

int line_of(std::string_view text, std::size_t offset);

// The offset of the bracket that closes the one at `open`, or the end of the text.
std::size_t closing(std::string_view code, std::size_t open);

struct FunctionText {
  int line = 0;   // where it begins
  int lines = 0;  // from its name to its closing brace
};
// The functions of a text that code_of made; a lambda counts as part of the function around it.
std::vector<FunctionText> functions_of(std::string_view code);

}  // namespace weft::tidy
