// SPDX-License-Identifier: Apache-2.0
// weft/plugin/job.hpp - weft::call and weft::job: what an adapter's coroutine talks to.
//
// Everything here belongs to the instance's strand. Awaiting something that failed throws
// weft::error; after a cancel every await throws WEFT_CANCELLED, except checkpoint() and a buying
// request under way, which finish first.
#pragma once

#include <weft/plugin/host.hpp>
#include <weft/plugin/http.hpp>
#include <weft/plugin/operation.hpp>
#include <weft/plugin/process.hpp>
#include <weft/plugin/request.hpp>
#include <weft/plugin/task.hpp>
#include <weft/plugin/websocket.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

// Ends a call's sleep early, from elsewhere on the strand.
class waker {
 public:
  void wake() {
    woken_ = true;
    if (stop_) std::exchange(stop_, nullptr)();
  }

 private:
  friend class call;
  // While somebody sleeps.
  class bed {
   public:
    bed(waker& of, std::function<void()> stop) : of_(of) { of_.stop_ = std::move(stop); }
    bed(const bed&) = delete;
    bed& operator=(const bed&) = delete;
    ~bed() { of_.stop_ = nullptr; }

   private:
    waker& of_;
  };
  bool take() noexcept { return std::exchange(woken_, false); }

  bool woken_ = false;
  std::function<void()> stop_;
};

// Something that the host asked and waits for: a description, a probe, an estimate; a job is one
// too.
class call {
 public:
  call(const weft::host& host, detail::operations& operations, weft_id id, weft_id job = 0)
      : host_(host), operations_(operations), id_(id), job_(job) {}
  virtual ~call() = default;
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  weft_id id() const noexcept { return id_; }
  const weft::host& host() const noexcept { return host_; }
  bool cancelled() const noexcept { return cancelled_; }

  void log(std::int32_t level, std::string_view text,
           const nlohmann::json& fields = nlohmann::json::object()) const {
    host_.log(level, text, fields, id_);
  }

  // A connection for this call: ended with it, or when it is cancelled.
  std::unique_ptr<websocket> open(const websocket_request& request, websocket_sink sink) {
    stop_if_cancelled();
    return std::make_unique<websocket>(host_, operations_, id_, job_, request, std::move(sink));
  }

  task<> sleep(std::uint32_t milliseconds) {
    stop_if_cancelled();
    if (!WEFT_CAN(host_.timer_table(), weft_timer, cancel)) host::missing(WEFT_TIMER);
    const weft_timer* timer = host_.timer_table();
    detail::operation op(operations_, id_, "the timer", detail::operation::on_cancel::stop);
    // Two pointers are as much as a std::function holds without a block of its own.
    op.start([&](weft_id id) { return timer->start(host_.raw(), id, milliseconds); },
             [this, &op] { host_.timer_table()->cancel(host_.raw(), op.id()); });
    co_await op;
  }

  // Until the time is over, or the waker was woken, be it before: true then.
  task<bool> sleep(std::uint32_t milliseconds, waker& early) {
    stop_if_cancelled();
    if (early.take()) co_return true;
    if (!WEFT_CAN(host_.timer_table(), weft_timer, cancel)) host::missing(WEFT_TIMER);
    const weft_timer* timer = host_.timer_table();
    detail::operation op(operations_, id_, "the timer", detail::operation::on_cancel::stop);
    const std::function<void()> stop = [this, &op] {
      host_.timer_table()->cancel(host_.raw(), op.id());
    };
    op.start([&](weft_id id) { return timer->start(host_.raw(), id, milliseconds); }, stop);
    const waker::bed asleep(early, stop);
    try {
      co_await op;
    } catch (const error&) {
      if (!early.woken_) throw;
    }
    stop_if_cancelled();
    co_return early.take();
  }

  // Throws what weft_http_outcome says about an answer that is not 2xx, unless the request takes
  // any status.
  task<http_response> http(http_request request) {
    stop_if_cancelled();
    if (!WEFT_CAN(host_.http_table(), weft_http, cancel)) host::missing(WEFT_HTTP);
    const weft_http* http = host_.http_table();
    detail::operation op(operations_, id_, "the HTTP request",
                         request.is_buying() ? detail::operation::on_cancel::finish
                                             : detail::operation::on_cancel::stop);
    http_response response;
    auto see = [&](const weft_event& event) {
      const auto& answer = reinterpret_cast<const weft_http_event&>(event);
      if (event.type == WEFT_EV_HTTP_DATA) {
        request.data_sink()(view(answer.body));
        http->credit(host_.raw(), event.id, answer.body.size);
      } else if (event.type == WEFT_EV_HTTP_DONE) {
        response = http_response(host_, answer, request.artifact_type());
      }
    };
    op.on_event(see);
    op.start(
        [&](weft_id id) {
          return request.start(job_, [&](const weft_http_request& raw) {
            return http->start(host_.raw(), id, &raw);
          });
        },
        [http, raw = host_.raw(), id = op.id()] { http->cancel(raw, id); });
    co_await op;
    const weft_status status = weft_http_outcome(response.status(), request.is_buying());
    if (status != WEFT_OK && !request.takes_any_status()) throw http_error(status, response);
    co_return response;
  }

  // While it lives, awaiting does not throw WEFT_CANCELLED although the call was cancelled: to tell
  // the service so.
  class cleanup {
   public:
    explicit cleanup(call& of) : of_(of), before_(std::exchange(of.cleaning_up_, true)) {}
    cleanup(const cleanup&) = delete;
    cleanup& operator=(const cleanup&) = delete;
    ~cleanup() { of_.cleaning_up_ = before_; }

   private:
    call& of_;
    const bool before_;
  };

 protected:
  void stop_if_cancelled() const {
    if (cancelled_ && !cleaning_up_) throw error(WEFT_CANCELLED, "cancelled");
  }
  const weft_job* jobs() const {
    if (!WEFT_CAN(host_.job_table(), weft_job, end)) host::missing(WEFT_JOB);
    return host_.job_table();
  }

  const weft::host& host_;
  detail::operations& operations_;

 private:
  template <class Impl>
  friend class adapter;

  static error http_error(weft_status status, const http_response& response) {
    auto details = nlohmann::json::parse(response.body(), nullptr, false);
    if (!details.is_object()) details = nlohmann::json::object();
    return error(
               status,
               "HTTP " + std::to_string(response.status()) + ": " + response.body().substr(0, 200),
               response.retry_after_ms())
        .with(std::move(details));
  }

  weft_id id_;
  weft_id job_;  // for accounting: 0 unless this is a job
  bool cancelled_ = false;
  bool cleaning_up_ = false;  // in adapter::cancel or a cleanup, where it may await all the same
};

class job : public call {
 public:
  job(const weft::host& host, detail::operations& operations, const weft_task& task,
      std::string_view token, bool attached)
      : call(host, operations, task.job, task.job),
        request_(host, task),
        token_(token),
        attached_(attached) {}

  const weft::request& request() const noexcept { return request_; }
  const std::string& operation() const noexcept { return request_.operation(); }
  const nlohmann::json& params() const noexcept { return request_.params(); }
  const nlohmann::json& options() const noexcept { return request_.options(); }
  const artifact& input(std::string_view name) const { return request_.input(name); }
  // The idempotency key: same for this attempt when it is attached, another for the next attempt.
  const std::string& key() const noexcept { return request_.idempotency_key(); }

  // Is this attempt going on after a restart? Then token() is its last durable checkpoint; an empty
  // one (only if `recover` is "key") means: look the job up by key(), and never buy.
  bool attached() const noexcept { return attached_; }
  const std::string& token() const noexcept { return token_; }

  void progress(double fraction, std::string_view stage) {  // 0..1, or less than 0: unknown
    const auto permille =
        fraction < 0 ? -1 : static_cast<std::int32_t>(std::min(fraction, 1.0) * 1000);
    jobs()->progress(host_.raw(), id(), permille, borrow(stage));
  }

  // Previews: is somebody looking, and a picture in place of the one before. They are dropped where
  // nobody looks or the host offers none.
  bool previews_wanted() const {
    const weft_preview* table = host_.preview_table();
    return WEFT_CAN(table, weft_preview, show) && table->wanted(host_.raw(), id()) != 0;
  }
  void preview(std::string_view media_type, std::string_view bytes) const {
    if (previews_wanted())
      host_.preview_table()->show(host_.raw(), id(), borrow(media_type), borrow(bytes));
  }

  // Makes the token durable and token(). From then on a restart attaches instead of submitting.
  task<> checkpoint(std::string token) {
    token_ = std::move(token);
    detail::operation op(operations_, id(), "the checkpoint", detail::operation::on_cancel::finish);
    op.start(
        [&](weft_id op_id) { return jobs()->checkpoint(host_.raw(), op_id, id(), borrow(token_)); },
        nullptr);
    co_await op;
  }

  // Outputs; several of one name make a list. `meta`: width, height, duration_ms, seed ...
  void output(std::string_view name, std::string_view bytes, std::string_view media_type,
              const nlohmann::json& meta = nlohmann::json::object()) {
    put(name, {WEFT_BYTES, WEFT_RAW, borrow(bytes), 0, bytes.size(), 0, borrow(media_type)}, meta);
  }
  void output(std::string_view name, const artifact& content,
              const nlohmann::json& meta = nlohmann::json::object()) {
    put(name, {WEFT_ARTIFACT, WEFT_RAW, {}, 0, 0, content.id(), borrow(content.media_type())},
        meta);
  }
  // `text` is base64, as JSON answers carry pictures; the host decodes it.
  void output_base64(std::string_view name, std::string_view text, std::string_view media_type,
                     const nlohmann::json& meta = nlohmann::json::object()) {
    put(name, {WEFT_BYTES, WEFT_BASE64, borrow(text), 0, text.size(), 0, borrow(media_type)}, meta);
  }
  // Takes a file into the store first, off the strand; it is moved if its path came from reserve().
  task<> output_file(std::string name, std::string path, std::string media_type,
                     nlohmann::json meta = nlohmann::json::object()) {
    const artifact content = co_await store(std::move(path), std::move(media_type));
    output(name, content, meta);
  }
  std::string reserve(std::string_view media_type) const { return host_.reserve(id(), media_type); }

  // Plain outputs: the members of this object.
  void result(nlohmann::json value) { result_ = std::move(value); }
  void cost(weft::cost spent) { spent_ = std::move(spent); }
  // What it has taken so far: for the end to tell.
  weft::usage& used() noexcept { return used_; }

  // Runs a program on this machine; `on_line` is called on the strand. Executors use weft::work
  // instead.
  task<exit_status> process(command program, line_sink on_line = {}) {
    stop_if_cancelled();
    const weft_process* table = host_.process_table();
    if (!WEFT_CAN(table, weft_process, cancel)) host::missing(WEFT_PROCESS);
    detail::operation op(operations_, id(), "the program", detail::operation::on_cancel::stop);
    detail::child_watch watch(on_line);
    auto see = [&](const weft_event& event) {
      watch.see(reinterpret_cast<const weft_process_event&>(event));
    };
    op.on_event(see);
    op.start(
        [&](weft_id op_id) {
          return program.start([&](const weft_process_request& raw) {
            return table->start(host_.raw(), op_id, id(), &raw);
          });
        },
        [table, raw = host_.raw(), op_id = op.id()] { table->cancel(raw, op_id); });
    co_await op;
    co_return watch.status();
  }

 private:
  template <class Impl>
  friend class adapter;

  task<artifact> store(std::string path, std::string media_type) {
    stop_if_cancelled();
    const weft_artifacts* table = host_.artifact_table();
    if (!WEFT_CAN(table, weft_artifacts, commit)) host::missing(WEFT_ARTIFACTS);
    detail::operation op(operations_, id(), "the file", detail::operation::on_cancel::finish);
    artifact stored;
    auto see = [&](const weft_event& event) {
      if (event.type != WEFT_EV_ARTIFACT || event.status != WEFT_OK) return;
      const auto& done = reinterpret_cast<const weft_artifact_event&>(event);
      stored =
          artifact(host_, done.artifact, std::string(view(done.digest)), done.length, media_type);
    };
    op.on_event(see);
    op.start(
        [&](weft_id op_id) {
          return table->commit(host_.raw(), op_id, id(), borrow(path), borrow(media_type));
        },
        nullptr);
    co_await op;
    co_return stored;
  }
  void put(std::string_view name, const weft_blob& blob, const nlohmann::json& meta) {
    const weft_named named{borrow(name), blob};
    const std::string text = dump_json(meta);
    if (auto status = jobs()->output(host_.raw(), id(), &named, borrow(text)); status != WEFT_OK)
      throw error(status, "the host did not take the output '" + std::string(name) + "'");
  }

  weft::request request_;
  std::string token_;
  bool attached_;
  nlohmann::json result_;  // null: none
  weft::cost spent_;
  weft::usage used_;
};

}  // namespace weft
