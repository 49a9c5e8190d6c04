// SPDX-License-Identifier: Apache-2.0
// weft/plugin/adapter.hpp - weft::adapter<Impl>: a service as one coroutine.
//
//   class Echo final : public weft::adapter<Echo> {
//    public:
//     static constexpr std::string_view name = "echo";            // as in the manifest
//     static constexpr std::string_view operations = R"([...])";  // see describe, weft/adapter.h
//     static constexpr std::string_view recover = "token";        // or "key", "none"
//     explicit Echo(const weft::context& context) : adapter(context) {}
//     weft::task<> run(weft::job& job) override;                  // for submit and attach alike
//   };
//
// Everything runs on the instance's strand: members need no lock, and nothing may block. How a job
// ends: run returns - WEFT_OK with job.result and job.cost; it throws weft::error - that status;
// anything else - WEFT_INTERNAL.
#pragma once

#include <weft/adapter.h>
#include <weft/plugin/component.hpp>
#include <weft/plugin/job.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace weft {

// What a task would cost and how long it would take.
class estimate {
 public:
  estimate(weft::cost cost, double p50_ms) : cost_(std::move(cost)), p50_ms_(p50_ms) {}
  const weft::cost& cost() const noexcept { return cost_; }
  double p50_ms() const noexcept { return p50_ms_; }

 private:
  weft::cost cost_;
  double p50_ms_;
};

template <class Impl>
class adapter : public component<Impl> {
 public:
  static constexpr std::string_view recover = "token";

  virtual ~adapter() = default;

  // Does the job, or goes on with it if job.attached().
  virtual task<> run(weft::job& job) = 0;

  // After an explicit cancel has unwound `run`, and only if there is a token: cancel the remote
  // job. It may await; the host waits 10 s. Returning confirms it: WEFT_CANCELLED. Throw, as a
  // failed request does, if it cannot be confirmed: whatever the error, the job then ends as
  // WEFT_UNKNOWN.
  virtual task<> cancel(weft::job&) { co_return; }

  // The answer to describe; the default says Impl::operations and Impl::recover.
  virtual task<nlohmann::json> describe(call&) {
    nlohmann::json said = {{"recover", Impl::recover}};
    said["operations"] = nlohmann::json::parse(Impl::operations);
    co_return said;
  }

  // Is the service well? See probe in weft/adapter.h. Throw what a job would end with now.
  virtual task<nlohmann::json> probe(call&) { co_return nlohmann::json::object(); }

  // Impl may also have `task<weft::estimate> estimate(call&, const request&)`, the answer to
  // weft_adapter.estimate.

 protected:
  explicit adapter(const context& made_from) : component<Impl>(made_from) {}

  // A connection of the instance, that lives as long as the object. Not before the constructor has
  // returned.
  std::unique_ptr<websocket> open(const websocket_request& request, websocket_sink sink) {
    return std::make_unique<websocket>(this->host(), operations_, 0, 0, request, std::move(sink));
  }

 private:
  friend class component<Impl>;
  using component<Impl>::of;

  // One activity: a job, or a call of the host's. It owns its coroutine.
  struct activity {
    std::unique_ptr<call> what;
    std::coroutine_handle<> frame;
    activity(std::unique_ptr<call> w) : what(std::move(w)) {}
    activity(const activity&) = delete;
    activity& operator=(const activity&) = delete;
    ~activity() {
      if (frame) frame.destroy();
    }
  };
  // The outermost coroutine of an activity: frees itself when it ends, and is freed by ~activity
  // before that.
  struct root {
    struct promise_type {
      root get_return_object() noexcept {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      void unhandled_exception() noexcept { std::terminate(); }  // settle() caught everything
    };
    std::coroutine_handle<> handle;
  };

  static constexpr std::string_view interface_id() noexcept { return WEFT_ADAPTER; }
  static const void* interface_table() noexcept {
    static constexpr weft_adapter table = make_table();
    return &table;
  }
  static constexpr weft_adapter make_table() noexcept {
    weft_adapter table{};
    table.size = sizeof table;
    table.describe = [](const weft_instance* i, weft_id id) noexcept -> weft_status {
      return of(i).answer(id, [](Impl& impl, call& asked) { return impl.describe(asked); });
    };
    table.probe = [](const weft_instance* i, weft_id id) noexcept -> weft_status {
      return of(i).answer(id, [](Impl& impl, call& asked) { return impl.probe(asked); });
    };
    if constexpr (requires(Impl & impl, call & asked, const request& task) {
                    impl.estimate(asked, task);
                  })
      table.estimate = [](const weft_instance* i, weft_id id,
                          const weft_task* task) noexcept -> weft_status {
        return guarded([&] {
          auto asked = std::make_shared<const request>(of(i).host(), *task);
          return of(i).begin(id, std::make_unique<call>(of(i).host(), of(i).operations_, id),
                             [&](call& c) { return of(i).reckoned(c, asked); });
        });
      };
    table.submit = [](const weft_instance* i, const weft_task* task) noexcept -> weft_status {
      return of(i).begin_job(*task, {}, false);
    };
    table.attach = [](const weft_instance* i, const weft_task* task,
                      weft_str token) noexcept -> weft_status {
      return of(i).begin_job(*task, view(token), true);
    };
    table.cancel = [](const weft_instance* i, weft_id id) noexcept -> weft_status {
      return guarded([&] { return of(i).stop(id); });
    };
    return table;
  }

  Impl& impl() noexcept { return static_cast<Impl&>(*this); }

  weft_status begin_job(const weft_task& task, std::string_view token, bool attached) noexcept {
    return guarded([&] {
      auto made = std::make_unique<job>(this->host(), operations_, task, token, attached);
      return begin(task.job, std::move(made),
                   [&](call& what) { return job_outcome(static_cast<job&>(what)); });
    });
  }
  template <class Answer>
  weft_status answer(weft_id id, Answer answer) noexcept {
    return guarded([&] {
      return begin(id, std::make_unique<call>(this->host(), operations_, id),
                   [&](call& what) { return call_outcome(answer(impl(), what)); });
    });
  }

  // Starts a coroutine that ends `id` with the outcome of `work(what)`.
  template <class Work>
  weft_status begin(weft_id id, std::unique_ptr<call> what, Work work) {
    auto [at, is_new] = running_.try_emplace(id, std::move(what));
    if (!is_new) return WEFT_BAD_INPUT;
    try {
      at->second.frame = conclude(id, work(*at->second.what)).handle;
    } catch (...) {
      running_.erase(at);
      throw;
    }
    at->second.frame.resume();
    return WEFT_OK;
  }
  // Made when something has ended: a job may wait for days, and ten thousand of them shall not have
  // room for it in their frames.
  using ending = std::unique_ptr<outcome>;

  root conclude(weft_id id, task<ending> work) {
    const ending how = co_await work;
    auto done = running_.extract(id);
    done.mapped().frame = nullptr;  // this very frame, which frees itself
    this->end(id, *how);
  }

  task<ending> job_outcome(job& what) {
    std::exception_ptr failure;
    try {
      co_await run(what);
    } catch (...) {
      failure = std::current_exception();
    }
    auto how = std::make_unique<outcome>(outcome_of(failure));
    if (how->status == WEFT_CANCELLED && what.cancelled() && !what.token().empty()) {
      what.cleaning_up_ = true;
      const ending cleaned = co_await settle(cancel(what));
      if (cleaned->status != WEFT_OK) {
        how->status = WEFT_UNKNOWN;
        how->message = "the cancel was not confirmed: " + cleaned->message;
      }
    }
    if (how->status == WEFT_OK && !what.result_.is_null()) how->value = std::move(what.result_);
    how->spent = std::move(what.spent_);
    how->used = what.used_;
    co_return how;
  }
  static task<ending> settle(task<> work) {
    auto how = std::make_unique<outcome>();
    try {
      co_await work;
    } catch (...) {
      *how = outcome_of_current_exception();
    }
    co_return how;
  }
  static task<ending> call_outcome(task<nlohmann::json> work) {
    auto how = std::make_unique<outcome>();
    try {
      how->value = co_await work;
    } catch (...) {
      *how = outcome_of_current_exception();
    }
    co_return how;
  }
  task<ending> reckoned(call& asked, std::shared_ptr<const request> task) {
    auto how = std::make_unique<outcome>();
    try {
      const weft::estimate guess = co_await impl().estimate(asked, *task);
      how->value["p50_ms"] = guess.p50_ms();
      how->spent = guess.cost();
    } catch (...) {
      *how = outcome_of_current_exception();
    }
    co_return how;
  }

  weft_status stop(weft_id id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return WEFT_BAD_INPUT;
    found->second.what->cancelled_ = true;
    operations_.interrupt(id);
    return WEFT_OK;
  }
  void deliver(const weft_event& event) { operations_.deliver(event); }

  // Frames go before Impl does: their destructors may still use it.
  void let_go() noexcept { running_.clear(); }

  // Ends everything without touching what runs remotely: frames are destroyed where they wait.
  void drain() {
    auto dropped = std::exchange(running_, {});
    for (auto& [id, left] : dropped) {
      std::exchange(left.frame, nullptr).destroy();
      outcome how;
      how.status = WEFT_CANCELLED;
      how.message = "drained";
      this->end(id, how);
    }
  }

  detail::operations operations_;
  std::unordered_map<weft_id, activity> running_;
};

}  // namespace weft
