// SPDX-License-Identifier: Apache-2.0
// Whether a plugin library keeps the ABI's laws, as far as one process can tell: `weft plugin
// check`. It runs the plugin's code.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace weft::plugin {

struct Check {
  std::string name;  // "exports weft_entry_v1 and nothing else"
  bool passed = false;
  std::string message;  // what was found; when it passed "", or why it could not be asked
};

// `config` is used for every component of the library; defaults of its schema are filled in. When
// the file is no plugin at all only the first checks are there.
std::vector<Check> check_plugin(const std::filesystem::path& file, const json::object& config = {});

}  // namespace weft::plugin
