// SPDX-License-Identifier: Apache-2.0
// weft-bench as a process of its own that is measured, or killed, from outside.
#pragma once
#include <optional>

namespace weft::bench {

// The exit code, when this process was started as a child; nothing when it is the benchmark itself.
std::optional<int> run_as_child(int argc, char** argv);

}  // namespace weft::bench
