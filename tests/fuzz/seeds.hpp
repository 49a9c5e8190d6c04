// SPDX-License-Identifier: Apache-2.0
// What fuzzing begins with: made of this tree's definitions, configurations and test data, so that
// nothing stands in it twice.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weft::fuzz {

std::vector<std::string> seeds_of(std::string_view target);
// What is worth putting in as one piece: words of the language, keys, signatures.
std::vector<std::string> words_of(std::string_view target);

}  // namespace weft::fuzz
