// SPDX-License-Identifier: Apache-2.0
// Runs one child process to its end, as sdk/include/weft/draft/process.h promises.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "model/usage.hpp"
#include "plugin/guardian.hpp"
#include "plugin/stop_signal.hpp"

namespace weft::plugin {

struct ChildCommand {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH unless it has a slash
  std::filesystem::path folder;   // to work in
  std::vector<std::pair<std::string, std::string>> environment;  // added to the clean one
  Duration timeout{0};                                           // zero: none
};

enum class ChildEnd { exited, no_such_program, not_started, timed_out, stopped };
struct ChildExit {
  ChildEnd end = ChildEnd::exited;
  int exit_code = -1;   // -1 when a signal ended it
  int signal = 0;       // 0 when none did
  std::string message;  // why it was not started
  Usage usage{};        // of it and of those of its children for which it waited
};

// Gets each line without its \n or \r (a piece of at most 64 KiB where one is longer); `is_error`:
// of stderr. False stops the child.
using OnLine = std::function<bool(bool is_error, std::string_view line)>;

// Blocks until the child is gone, and with it its process group. It is stopped (SIGTERM to the
// group, SIGKILL two seconds later) when `stop` says so, its time is up, or `on_line` answers
// false. The calling thread must be one that goes on until this returns: PDEATHSIG watches it.
ChildExit run_child(const ChildCommand& command, Guardian& guardian, const StopSignal& stop,
                    const OnLine& on_line);

}  // namespace weft::plugin
