// SPDX-License-Identifier: Apache-2.0
// Following a run until it rests: the live view, lines, or JSON lines.
#pragma once
#include <string>

#include "context.hpp"
#include "signals.hpp"

namespace weft::cli {

// The run to follow, and what is known of it already.
struct Followed {
  std::string run;          // the whole id
  std::uint64_t after = 0;  // events up to this cursor are not shown
};

// As long as it lives, a request to stop interrupts the runtime; asked again, the process leaves
// all as it is and ends at once, with 130. That holds on after it, as long as the watcher lives.
class Interruptible {
 public:
  Interruptible(Context& context, Runtime& runtime, SignalWatcher& signals);
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  void leave();
  Context& context_;
  SignalWatcher& signals_;
};
// What to answer when `error` came of that: 130. Else the error itself.
result<int> interrupted_or(const SignalWatcher& signals, const Error& error);

// Waits until the run rests and shows what happens meanwhile: on a terminal the live view, with
// --json one JSON object per event on standard output, else one line per event on standard error;
// nothing with --quiet. Then `report` tells of the end and answers the exit code. When a stop is
// asked for (the caller has an Interruptible), ends orderly and answers 130.
result<int> follow_to_end(Context& context, Runtime& runtime, SignalWatcher& signals,
                          const Followed& followed,
                          const std::function<result<int>(const RunView&)>& report);

// The cursor of the newest event of a run.
result<std::uint64_t> last_cursor(Runtime& runtime, const std::string& run);

}  // namespace weft::cli
