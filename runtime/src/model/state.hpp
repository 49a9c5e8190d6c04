// SPDX-License-Identifier: Apache-2.0
// The states of runs and tasks, and their words. The numbers are stored: never change one.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace weft {

enum class RunState : std::uint8_t {
  active = 0,
  paused = 1,     // see PauseReason; no dispatch, running attempts go on, deadlines stand still
  succeeded = 2,  // final
  degraded =
      3,  // final: finished, but some task took a fallback its definition calls a degradation
  failed =
      4,  // nothing ready, running or waiting, and some task failed; a retry makes it active again
  cancelled = 5,  // final
};
enum class PauseReason : std::uint8_t { none = 0, asked = 1, budget = 2 };

enum class TaskState : std::uint8_t {
  pending = 0,  // waits for dependencies
  ready = 1,    // waits for a slot, a service or a retry time
  running = 2,
  waiting = 3,  // see WaitReason
  succeeded = 4,
  failed = 5,
  skipped = 6,
  cancelled = 7,
};
enum class WaitReason : std::uint8_t {
  none = 0,
  approval = 1,
  input = 2,
  unknown_outcome = 3,
  budget = 4
};

std::string_view to_string(RunState state) noexcept;
std::string_view to_string(PauseReason reason) noexcept;
std::string_view to_string(TaskState state) noexcept;
std::string_view to_string(WaitReason reason) noexcept;
std::optional<RunState> run_state_from_string(std::string_view word) noexcept;
std::optional<TaskState> task_state_from_string(std::string_view word) noexcept;

// Nothing leads out of these.
constexpr bool is_final(RunState state) noexcept {
  return state == RunState::succeeded || state == RunState::degraded ||
         state == RunState::cancelled;
}
// Dependents may start.
constexpr bool ended_well(TaskState state) noexcept {
  return state == TaskState::succeeded || state == TaskState::skipped;
}
// It has begun and has not ended: it waits for a slot, a service or somebody, or it runs.
constexpr bool is_under_way(TaskState state) noexcept {
  return state == TaskState::ready || state == TaskState::running || state == TaskState::waiting;
}
// What a restart has to load: everything that may still move.
constexpr bool is_unfinished(TaskState state) noexcept {
  return state <= TaskState::waiting || state == TaskState::failed;
}

}  // namespace weft
