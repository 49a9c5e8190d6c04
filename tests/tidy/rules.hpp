// SPDX-License-Identifier: Apache-2.0
// The rules of this tree that a compiler does not know. Each is a function of one file's path and
// text; what it finds is a line for people: "path:12: what is wrong".
#pragma once
#include <string>
#include <vector>

#include "tree.hpp"

namespace weft::tidy {

using Findings = std::vector<std::string>;

// A folder of runtime/src includes only those that the table in rules.cpp allows.
Findings layering(const SourceFile& file);
// The sdk, the plugins and the command line know nothing of the runtime's insides.
Findings borders(const SourceFile& file);
// Its licence stands in the first lines.
Findings licence(const SourceFile& file);
// No aggregate and no lambda that owns what it captures is a temporary within a co_await
// expression: g++ 12 destroys those twice.
Findings coroutine_temporaries(const SourceFile& file);
// No word that promises work instead of doing it, and none about where somebody else worked.
Findings words(const SourceFile& file);

Findings long_functions(const SourceFile& file, int lines_at_most);
Findings long_files(const SourceFile& file, int lines_at_most);
Findings suppressions(const SourceFile& file);

}  // namespace weft::tidy
