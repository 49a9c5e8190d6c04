// SPDX-License-Identifier: Apache-2.0
// Following a run until it rests: the live view, lines, or JSON lines.
#pragma once
#include <string>

#include "context.hpp"
#include "signals.hpp"

namespace weft::cli {

// Waits for the run and shows what happens meanwhile: on a terminal the live view, with --json one
// JSON object per event on standard output, else one line per event on standard error; nothing with
// --quiet. Fails when a stop was asked for.
result<RunView> follow(Context& context, Runtime& runtime, SignalWatcher& signals,
                       const std::string& run);

// The whole of a command that makes a run go on and stays with it: follows, reports, and ends
// orderly when a stop is asked for (exit code 130; asked twice, at once). `report` tells of the end
// and answers the exit code.
result<int> follow_to_end(Context& context, Runtime& runtime, SignalWatcher& signals,
                          const std::string& run,
                          const std::function<result<int>(const RunView&)>& report);

}  // namespace weft::cli
