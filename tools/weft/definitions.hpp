// SPDX-License-Identifier: Apache-2.0
// Definitions as the command line names them: a file, or what is kept under a name.
#pragma once
#include <weft/runtime.hpp>

#include <string>

namespace weft::cli {

// The file of that name; else, where it looks like a name, what the version "film" or "film@3"
// means.
result<DefinitionView> find_definition(Runtime& runtime, const std::string& written);

// Kind `not_found` for a file that is not there. What is kept under a name only the runtime knows.
result<> look_for(const std::string& written);

// Whether `written` can only mean a version, not a file.
bool names_version(const std::string& written);

}  // namespace weft::cli
