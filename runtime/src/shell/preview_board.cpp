// SPDX-License-Identifier: Apache-2.0
#include "shell/preview_board.hpp"

#include <algorithm>

namespace weft::shell {

PreviewBoard::Watch::Watch(PreviewBoard& board, RunId run) : board_(board), run_(run) {
  const std::lock_guard lock(board_.mutex_);
  board_.watches_.push_back(this);
  board_.count_ = board_.watches_.size();
}

PreviewBoard::Watch::~Watch() {
  const std::lock_guard lock(board_.mutex_);
  std::erase(board_.watches_, this);
  board_.count_ = board_.watches_.size();
}

std::vector<Frame> PreviewBoard::Watch::take(std::chrono::milliseconds limit) {
  std::unique_lock lock(board_.mutex_);
  board_.shown_.wait_for(lock, limit, [this] { return !newest_.empty(); });
  std::vector<Frame> frames;
  for (auto& [task, frame] : std::exchange(newest_, {})) frames.push_back(std::move(frame));
  return frames;
}

bool PreviewBoard::is_wanted(AttemptRef attempt) const noexcept {
  if (count_ == 0) return false;
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(watches_,
                             [&](const Watch* watch) { return watch->run_ == attempt.run; });
}

void PreviewBoard::show(AttemptRef attempt, std::string_view media_type, std::string_view bytes) {
  const Frame frame{attempt, std::string(media_type), std::make_shared<const std::string>(bytes)};
  {
    const std::lock_guard lock(mutex_);
    for (Watch* watch : watches_) {
      auto& newest = watch->newest_;
      if (watch->run_ != attempt.run) continue;
      if (newest.size() == frames_at_most && !newest.contains(attempt.task))
        newest.erase(newest.begin());
      newest.insert_or_assign(attempt.task, frame);
    }
  }
  shown_.notify_all();
}

}  // namespace weft::shell
