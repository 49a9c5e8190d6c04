// SPDX-License-Identifier: Apache-2.0
#include "shell/rest_board.hpp"

#include <algorithm>
#include <utility>

namespace weft::shell {

RestBoard::Seat::Seat(RestBoard& board, RunId run) : board_(board), run_(run) {
  const std::lock_guard lock(board_.mutex_);
  board_.seats_.emplace(run_, this);
}

RestBoard::Seat::~Seat() {
  const std::lock_guard lock(board_.mutex_);
  auto [begin, end] = board_.seats_.equal_range(run_);
  board_.seats_.erase(
      std::find_if(begin, end, [this](const auto& entry) { return entry.second == this; }));
}

bool RestBoard::Seat::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(board_.mutex_);
  told_.wait_for(lock, limit, [this] { return is_told_; });
  return std::exchange(is_told_, false);
}

void RestBoard::tell(std::optional<RunId> run) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] =
      run ? seats_.equal_range(*run) : std::make_pair(seats_.begin(), seats_.end());
  std::for_each(begin, end, [](const auto& entry) {
    entry.second->is_told_ = true;
    entry.second->told_.notify_one();
  });
}

}  // namespace weft::shell
