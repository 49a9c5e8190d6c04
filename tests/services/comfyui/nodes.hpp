// SPDX-License-Identifier: Apache-2.0
// What the nodes of the fake make: files on its disk, and the `output` of output nodes.
#pragma once
#include <string>

#include "disk.hpp"
#include "prompt_check.hpp"

namespace weft::comfy_fake {

// Stands for everything that a node's result depends on: equal ones give equal results.
std::string signature_of(const json::object& prompt, const std::string& id);

// Runs one output node. `writes`: else it only says that it made files.
json::object run_output_node(const json::object& prompt, const std::string& id, Disk& disk,
                             bool writes);

// The smallest picture with the first bytes of a PNG, told apart by `what`.
std::string small_picture(std::string_view what);

}  // namespace weft::comfy_fake
