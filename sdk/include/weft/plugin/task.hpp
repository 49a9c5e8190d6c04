// SPDX-License-Identifier: Apache-2.0
// weft/plugin/task.hpp - weft::task<T>, the lazy coroutine that adapters are written in.
//
// It starts when it is awaited, runs on the instance's strand, and hands its value or exception to
// whoever awaits it. Destroying a task that has not finished destroys its frame and, through RAII,
// whatever that frame waits for.
//
// g++ 12 destroys aggregate temporaries and capturing-lambda temporaries inside a co_await
// expression twice. Give them a name first:   auto on_line = [&](...) {...};   co_await
// job.process(command, on_line);
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace weft {

template <class T = void>
class task;

namespace detail {

class promise_base {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  auto final_suspend() noexcept {
    struct resume_awaiting {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept { return next; }
      void await_resume() noexcept {}
      std::coroutine_handle<> next;
    };
    return resume_awaiting{awaiting_};
  }

  void unhandled_exception() noexcept { failure_ = std::current_exception(); }
  void resume_when_done(std::coroutine_handle<> awaiting) noexcept { awaiting_ = awaiting; }

 protected:
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::coroutine_handle<> awaiting_ = std::noop_coroutine();
  std::exception_ptr failure_;
};

template <class T>
class promise : public promise_base {
 public:
  task<T> get_return_object();
  void return_value(T value) { value_.emplace(std::move(value)); }
  T take() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class promise<void> : public promise_base {
 public:
  task<void> get_return_object();
  void return_void() noexcept {}
  void take() { rethrow(); }
};

}  // namespace detail

template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = detail::promise<T>;

  explicit task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().resume_when_done(awaiting);
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

template <class T>
task<T> detail::promise<T>::get_return_object() {
  return task<T>(std::coroutine_handle<promise<T>>::from_promise(*this));
}
inline task<void> detail::promise<void>::get_return_object() {
  return task<void>(std::coroutine_handle<promise<void>>::from_promise(*this));
}

// Work that goes on beside the coroutine that owns it: begins at once, and is given up when it is
// destroyed. What it throws ends it, and nobody hears of it.
class companion {
 public:
  explicit companion(task<> work) : frame_(go(std::move(work)).handle) {}
  companion(const companion&) = delete;
  companion& operator=(const companion&) = delete;
  ~companion() { frame_.destroy(); }

 private:
  struct started {
    struct promise_type {
      started get_return_object() noexcept {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_always final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      void unhandled_exception() noexcept {}
    };
    std::coroutine_handle<> handle;
  };
  static started go(task<> work) { co_await work; }

  std::coroutine_handle<> frame_;
};

}  // namespace weft
