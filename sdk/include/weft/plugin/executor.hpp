// SPDX-License-Identifier: Apache-2.0
// weft/plugin/executor.hpp - weft::executor<Impl>: local work that blocks a worker thread.
//
//   class Upscale final : public weft::executor<Upscale> {
//    public:
//     static constexpr std::string_view name = "upscale";  // the manifest has the operations
//     explicit Upscale(const weft::context& context) : executor(context) {}
//     void run(weft::work& work) override;
//   };
//
// `run` is entered by several threads at once: what a job needs lives on its stack, members are
// read only or locked. It ends as an adapter's does: return, weft::error, or anything else thrown.
#pragma once

#include <weft/executor.h>
#include <weft/plugin/component.hpp>
#include <weft/plugin/process.hpp>
#include <weft/plugin/request.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

// One job of an executor. Used by the one thread that runs it.
class work {
 public:
  work(const weft::host& host, const weft_task& task) : host_(host), request_(host, task) {}
  work(const work&) = delete;
  work& operator=(const work&) = delete;

  weft_id id() const noexcept { return request_.job(); }
  const weft::host& host() const noexcept { return host_; }
  const weft::request& request() const noexcept { return request_; }
  const std::string& operation() const noexcept { return request_.operation(); }
  const nlohmann::json& params() const noexcept { return request_.params(); }
  const nlohmann::json& options() const noexcept { return request_.options(); }
  const artifact& input(std::string_view name) const { return request_.input(name); }
  std::vector<artifact> inputs(std::string_view name) const { return request_.inputs(name); }

  void log(std::int32_t level, std::string_view text,
           const nlohmann::json& fields = nlohmann::json::object()) const {
    host_.log(level, text, fields, id());
  }
  void progress(double fraction, std::string_view stage) const {  // 0..1, or less than 0: unknown
    const auto permille =
        fraction < 0 ? -1 : static_cast<std::int32_t>(std::min(fraction, 1.0) * 1000);
    jobs()->progress(host_.raw(), id(), permille, borrow(stage));
  }

  // Shall it stop? Ask in every loop that takes longer than a second.
  bool cancelled() const { return jobs()->cancelled(host_.raw(), id()) != 0; }
  void throw_if_cancelled() const {
    if (cancelled()) throw error(WEFT_CANCELLED, "cancelled");
  }

  // Runs a program to its end; `on_line` is called on this thread and may throw to stop it. A
  // cancel ends it early and throws WEFT_CANCELLED. How it exited is for the caller to judge.
  exit_status process(const command& program, const line_sink& on_line = {}) const {
    const weft_process* table = host_.process_table();
    if (!WEFT_CAN(table, weft_process, run)) host::missing(WEFT_PROCESS);
    struct watched {
      detail::child_watch watch;
      std::exception_ptr failure;
    } seen{detail::child_watch(on_line), nullptr};
    const auto sink = [](void* context, const weft_process_event* event) noexcept -> std::int32_t {
      auto& to = *static_cast<watched*>(context);
      try {
        if (!to.failure) to.watch.see(*event);
      } catch (...) {
        to.failure = std::current_exception();
      }
      return to.failure ? 1 : 0;
    };
    const weft_status status = program.start([&](const weft_process_request& raw) {
      return table->run(host_.raw(), id(), &raw, &seen, sink);
    });
    if (seen.failure) std::rethrow_exception(seen.failure);
    if (status != WEFT_OK)
      throw error(status, program.argv().front() + ": " +
                              (seen.watch.message().empty() ? "not run" : seen.watch.message()));
    return seen.watch.status();
  }

  // A path for a new file, in the job's own folder; output() then moves it into the store.
  std::string reserve(std::string_view media_type) const { return host_.reserve(id(), media_type); }

  // Outputs; several of one name make a list. `meta`: width, height, duration_ms, seed ...
  void output_file(std::string_view name, std::string_view path, std::string_view media_type,
                   const nlohmann::json& meta = nlohmann::json::object()) const {
    put(name, {WEFT_FILE, WEFT_RAW, borrow(path), 0, 0, 0, borrow(media_type)}, meta);
  }
  void output(std::string_view name, std::string_view bytes, std::string_view media_type,
              const nlohmann::json& meta = nlohmann::json::object()) const {
    put(name, {WEFT_BYTES, WEFT_RAW, borrow(bytes), 0, bytes.size(), 0, borrow(media_type)}, meta);
  }
  void output(std::string_view name, const artifact& content,
              const nlohmann::json& meta = nlohmann::json::object()) const {
    put(name, {WEFT_ARTIFACT, WEFT_RAW, {}, 0, 0, content.id(), borrow(content.media_type())},
        meta);
  }
  // Plain outputs: the members of this object.
  void result(nlohmann::json value) { result_ = std::move(value); }
  void cost(weft::cost spent) { spent_ = std::move(spent); }
  // What it has taken besides its child processes: for the end to tell.
  weft::usage& used() noexcept { return used_; }

 private:
  template <class Impl>
  friend class executor;

  const weft_job* jobs() const {
    if (!WEFT_CAN(host_.job_table(), weft_job, cancelled)) host::missing(WEFT_JOB);
    return host_.job_table();
  }
  void put(std::string_view name, const weft_blob& blob, const nlohmann::json& meta) const {
    const weft_named named{borrow(name), blob};
    const std::string text = dump_json(meta);
    if (auto status = jobs()->output(host_.raw(), id(), &named, borrow(text)); status != WEFT_OK)
      throw error(status, "the host did not take the output '" + std::string(name) + "'");
  }

  const weft::host& host_;
  weft::request request_;
  nlohmann::json result_ = nlohmann::json::object();
  weft::cost spent_;
  weft::usage used_;
};

template <class Impl>
class executor : public component<Impl> {
 public:
  virtual ~executor() = default;

  virtual void run(work& work) = 0;

  // [any thread] The job shall stop, for an Impl that waits for something that neither polls
  // work.cancelled() nor is a process. Must not throw.
  virtual void interrupt(weft_id) noexcept {}

 protected:
  explicit executor(const context& made_from) : component<Impl>(made_from) {}

 private:
  friend class component<Impl>;
  using component<Impl>::of;

  static constexpr std::string_view interface_id() noexcept { return WEFT_EXECUTOR; }
  static const void* interface_table() noexcept {
    static constexpr weft_executor table{
        sizeof(weft_executor), 0,
        [](const weft_instance* i, const weft_task* task) noexcept -> weft_status {
          return guarded([&] { return of(i).run_to_end(*task); });
        },
        [](const weft_instance* i, weft_id job) noexcept { of(i).interrupt(job); }};
    return &table;
  }

  weft_status run_to_end(const weft_task& task) {
    work todo(this->host(), task);
    outcome how;
    try {
      run(todo);
      how.value = std::move(todo.result_);
    } catch (...) {
      how = outcome_of_current_exception();
    }
    how.spent = std::move(todo.spent_);
    how.used = todo.used_;
    this->end(task.job, how);
    return WEFT_OK;
  }
  void deliver(const weft_event&) noexcept {}  // an executor starts nothing asynchronous
  void let_go() noexcept {}
  void drain() noexcept {}  // the host has waited for `run` to return
};

}  // namespace weft
