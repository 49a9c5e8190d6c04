// SPDX-License-Identifier: Apache-2.0
#include "model/state.hpp"

#include <array>

namespace weft {
namespace {

constexpr std::array<std::string_view, 6> run_words{"active",   "paused", "succeeded",
                                                    "degraded", "failed", "cancelled"};
constexpr std::array<std::string_view, 3> pause_words{"none", "asked", "budget"};
constexpr std::array<std::string_view, 8> task_words{"pending",   "ready",  "running", "waiting",
                                                     "succeeded", "failed", "skipped", "cancelled"};
constexpr std::array<std::string_view, 5> wait_words{"none", "approval", "input", "unknown_outcome",
                                                     "budget"};

}  // namespace

std::string_view to_string(RunState state) noexcept {
  return run_words[static_cast<std::size_t>(state)];
}
std::string_view to_string(PauseReason reason) noexcept {
  return pause_words[static_cast<std::size_t>(reason)];
}
std::string_view to_string(TaskState state) noexcept {
  return task_words[static_cast<std::size_t>(state)];
}
std::string_view to_string(WaitReason reason) noexcept {
  return wait_words[static_cast<std::size_t>(reason)];
}

namespace {
template <class State, std::size_t size>
std::optional<State> find_word(const std::array<std::string_view, size>& words,
                               std::string_view word) noexcept {
  for (std::size_t i = 0; i < size; ++i)
    if (words[i] == word) return static_cast<State>(i);
  return std::nullopt;
}
}  // namespace

std::optional<RunState> run_state_from_string(std::string_view word) noexcept {
  return find_word<RunState>(run_words, word);
}
std::optional<TaskState> task_state_from_string(std::string_view word) noexcept {
  return find_word<TaskState>(task_words, word);
}

}  // namespace weft
