// SPDX-License-Identifier: Apache-2.0
// weft/plugin/operation.hpp - what a coroutine awaits: operations that the host carries out for an
// instance.
//
// An operation lives in the frame of the coroutine that awaits it. When that frame goes, the host
// is told to stop, and the event that still comes finds nobody and is dropped. Strand only, like
// the adapter that owns them.
#pragma once

#include <weft/abi.h>
#include <weft/draft/process.h>
#include <weft/draft/websocket.h>
#include <weft/http.h>
#include <weft/plugin/values.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weft::detail {

class operation;

// The operations under way of one instance, by id.
class operations {
 public:
  weft_id next_id() noexcept { return next_id_++; }
  void add(weft_id id, operation& op) { under_way_[id] = &op; }
  void remove(weft_id id) noexcept { under_way_.erase(id); }
  inline void deliver(const weft_event& event);
  // Asks the host to stop what this job waits for, unless the operation forbids it. The events
  // still come.
  inline void interrupt(weft_id job);

 private:
  weft_id next_id_ = 1;
  std::unordered_map<weft_id, operation*> under_way_;
};

class operation {
 public:
  enum class on_cancel { stop, finish };

  // `what` is for people, in the message if the host does not accept it.
  operation(operations& owner, weft_id job, const char* what, on_cancel when_cancelled)
      : owner_(owner),
        id_(owner.next_id()),
        job_(job),
        what_(what),
        when_cancelled_(when_cancelled) {}
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;
  ~operation() {
    if (!under_way_) return;
    owner_.remove(id_);
    if (stop_) stop_();
  }

  weft_id id() const noexcept { return id_; }
  weft_id job() const noexcept { return job_; }

  // `start(id)` asks the host and returns its status; `stop()` ends it early. Both at most once.
  template <class Start>
  void start(Start&& start, std::function<void()> stop) {
    owner_.add(id_, *this);
    under_way_ = true;
    if (const weft_status status = start(id_); status != WEFT_OK) {
      owner_.remove(id_);
      under_way_ = false;
      status_ = status;
      message_ = std::string("the host did not accept ") + what_;
      if (status == WEFT_AUTH) message_ += ": a secret is not listed under `secrets`, or not set";
      return;
    }
    stop_ = std::move(stop);
  }
  // Sees every event of the operation before it counts; may throw, which stops the operation.
  void on_event(std::function<void(const weft_event&)> sink) { sink_ = std::move(sink); }

  bool await_ready() const noexcept { return !under_way_; }
  void await_suspend(std::coroutine_handle<> awaiting) noexcept { awaiting_ = awaiting; }
  void await_resume() const {
    if (failure_) std::rethrow_exception(failure_);
    if (status_ != WEFT_OK) throw error(status_, message_, retry_after_ms_);
  }

 private:
  friend class operations;

  // Types that do not end an operation; everything else does.
  static bool goes_on(std::uint32_t type) noexcept;

  void interrupt() {
    if (when_cancelled_ == on_cancel::stop && stop_) std::exchange(stop_, nullptr)();
  }
  void see(const weft_event& event) {
    try {
      if (sink_ && !failure_) sink_(event);
    } catch (...) {
      failure_ = std::current_exception();
      if (stop_) std::exchange(stop_, nullptr)();
    }
    if (goes_on(event.type)) return;
    status_ = event.status;
    message_ = view(event.message);
    retry_after_ms_ = event.retry_after_ms;
    owner_.remove(id_);
    under_way_ = false;
    if (awaiting_) awaiting_.resume();  // may destroy *this
  }

  operations& owner_;
  weft_id id_, job_;
  const char* what_;
  on_cancel when_cancelled_;
  bool under_way_ = false;
  weft_status status_ = WEFT_OK;
  std::uint32_t retry_after_ms_ = 0;
  std::string message_;
  std::exception_ptr failure_;
  std::function<void()> stop_;
  std::function<void(const weft_event&)> sink_;
  std::coroutine_handle<> awaiting_;
};

inline bool operation::goes_on(std::uint32_t type) noexcept {
  return type == WEFT_EV_HTTP_DATA || type == WEFT_EV_PROCESS_LINE ||
         type == WEFT_EV_WEBSOCKET_OPEN || type == WEFT_EV_WEBSOCKET_MESSAGE;
}

inline void operations::deliver(const weft_event& event) {
  if (auto found = under_way_.find(event.id); found != under_way_.end()) found->second->see(event);
}

inline void operations::interrupt(weft_id job) {
  std::vector<operation*> of_job;  // stopping one must not disturb the walk
  for (const auto& [id, op] : under_way_)
    if (op->job() == job) of_job.push_back(op);
  for (operation* op : of_job) op->interrupt();
}

}  // namespace weft::detail
