// SPDX-License-Identifier: Apache-2.0
// Who waits for which run to come to rest. Each is woken by its own run alone, so that a thousand
// may wait at once without looking at the store whenever anything happens.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/ids.hpp"

namespace weft::shell {

class RestBoard {
 public:
  // A place to wait in; what is told while it exists is not missed. One thread waits in it.
  class Seat {
   public:
    Seat(RestBoard& board, RunId run);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    // Returns when the run may have come to rest since the last call, or after `limit`: false.
    bool wait(std::chrono::milliseconds limit);

   private:
    friend class RestBoard;
    RestBoard& board_;
    const RunId run_;
    std::condition_variable told_;
    bool is_told_ = false;
  };

  // The run may have come to rest; nothing: any run may. Any thread.
  void tell(std::optional<RunId> run);

 private:
  std::mutex mutex_;
  std::unordered_multimap<RunId, Seat*> seats_;
};

}  // namespace weft::shell
