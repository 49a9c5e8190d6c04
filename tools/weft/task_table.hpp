// SPDX-License-Identifier: Apache-2.0
// The tasks of a run as a table.
#pragma once
#include <weft/runtime.hpp>

#include <string>
#include <vector>

#include "table.hpp"

namespace weft::cli {

// A group is one row that counts its items by state; below it stand the items that run, wait or
// failed (the first ten of them) and why the others wait, or every item when `all` is set.
Table task_table(const std::vector<TaskView>& tasks, TimePoint now, bool all);

// The state as people see it: "unattended" where the store says "running" and nobody runs it.
std::string state_of(const TaskView& task);
// "62% denoise" of a running task, else why it is not running.
std::string note_of(const TaskView& task);
// How long the newest attempt took, or has been going on; "" before the first.
std::string time_of(const TaskView& task, TimePoint now);

}  // namespace weft::cli
