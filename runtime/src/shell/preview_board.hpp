// SPDX-License-Identifier: Apache-2.0
// Previews on their way from jobs to whoever looks: in memory, the newest of each task.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/host.hpp"

namespace weft::shell {

struct Frame {
  AttemptRef attempt;
  std::string media_type;
  std::shared_ptr<const std::string> bytes;
};

// Any thread.
class PreviewBoard final : public plugin::PreviewSink {
 public:
  // Somebody who looks at one run, as long as it lives; not longer than the board.
  class Watch {
   public:
    Watch(PreviewBoard& board, RunId run);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // What has come since the last call; waits for something until the limit.
    std::vector<Frame> take(std::chrono::milliseconds limit);

   private:
    friend class PreviewBoard;
    PreviewBoard& board_;
    const RunId run_;
    std::map<TaskNo, Frame> newest_;
  };

  bool is_wanted(AttemptRef attempt) const noexcept override;
  void show(AttemptRef attempt, std::string_view media_type, std::string_view bytes) override;

 private:
  // A watch that is not taken from holds at most so many.
  static constexpr std::size_t frames_at_most = 64;

  mutable std::mutex mutex_;
  std::condition_variable shown_;
  std::atomic<std::size_t> count_{0};  // of watches: without one nobody waits for the mutex
  std::vector<Watch*> watches_;
};

}  // namespace weft::shell
