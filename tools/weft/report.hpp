// SPDX-License-Identifier: Apache-2.0
// What is told about a run once it rests.
#pragma once
#include <string>
#include <vector>

#include "context.hpp"
#include "outputs.hpp"

namespace weft::cli {

// 0 succeeded, 6 degraded, 1 anything else: failed, cancelled, paused, or waiting for a person.
int exit_code_of(const RunView& run);

// Saves, tells how the run came out and what can be done next; answers the exit code.
result<int> report_end(Context& context, Runtime& runtime, const RunView& run,
                       const std::vector<SaveTarget>& targets);

// "succeeded in 2m 5s, 1.20 USD of 5.00 USD".
std::string outcome_sentence(const RunView& run);

}  // namespace weft::cli
