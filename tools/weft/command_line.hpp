// SPDX-License-Identifier: Apache-2.0
// The command line as a function.
#pragma once
#include <string>
#include <vector>

#include "context.hpp"

namespace weft::cli {

// Reads the arguments (without the program's name), does what they say, and answers the exit code:
// 0 done, 1 the run failed or is unsure, 2 definition, configuration or usage, 3 not found,
// 4 conflict, 5 machine, 6 degraded, 130 interrupted. Throws nothing.
int run_command_line(const Surroundings& surroundings, std::vector<std::string> arguments);

}  // namespace weft::cli
