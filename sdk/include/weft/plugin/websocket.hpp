// SPDX-License-Identifier: Apache-2.0
// weft/plugin/websocket.hpp - weft::websocket, a connection of an instance or of a job.
//
//   weft::websocket_request wanted(url);
//   weft::websocket_sink sink;
//   sink.on_text = [&](std::string_view text) { ... };
//   auto socket = job.open(wanted, sink);         // or adapter::open, for the instance
//   socket->send("hello");
//   co_await socket->end();                       // throws unless a close frame ended it
#pragma once

#include <weft/draft/websocket.h>
#include <weft/plugin/host.hpp>
#include <weft/plugin/operation.hpp>
#include <weft/plugin/task.hpp>
#include <weft/plugin/values.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

class websocket_request {
 public:
  explicit websocket_request(std::string url) : url_(std::move(url)) {}

  // "{secret:NAME}" in the value is filled in by the host.
  websocket_request& header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  websocket_request& open_timeout(std::uint32_t milliseconds) {
    open_timeout_ms_ = milliseconds;
    return *this;
  }
  websocket_request& idle_timeout(std::uint32_t milliseconds) {
    idle_timeout_ms_ = milliseconds;
    return *this;
  }
  websocket_request& message_limit(std::uint64_t bytes) {
    message_limit_ = bytes;
    return *this;
  }
  // For a URL that a stranger gave.
  websocket_request& public_only() {
    flags_ |= WEFT_WEBSOCKET_PUBLIC;
    return *this;
  }

  // Hands the request, as the C ABI has it, to `start`; what it points to is borrowed from this
  // object.
  template <class Start>
  weft_status start(weft_id job, Start&& start) const {
    std::vector<weft_pair> headers;
    for (const auto& [name, value] : headers_) headers.push_back({borrow(name), borrow(value)});
    weft_websocket_request raw{};
    raw.size = sizeof raw;
    raw.flags = flags_;
    raw.url = borrow(url_);
    raw.headers = borrow_list(headers);
    raw.open_timeout_ms = open_timeout_ms_;
    raw.idle_timeout_ms = idle_timeout_ms_;
    raw.message_limit = message_limit_;
    raw.job = job;
    return start(raw);
  }

 private:
  std::string url_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::uint32_t flags_ = 0, open_timeout_ms_ = 0, idle_timeout_ms_ = 0;
  std::uint64_t message_limit_ = 0;
};

// How a connection ended.
class websocket_end {
 public:
  explicit websocket_end(const weft_websocket_event& event)
      : status_(event.head.status),
        http_status_(event.http_status),
        close_code_(event.close_code),
        text_(view(event.head.status == WEFT_OK ? event.data : event.head.message)) {}

  weft_status status() const noexcept { return status_; }
  std::uint32_t http_status() const noexcept { return http_status_; }  // with WEFT_UNSUPPORTED
  std::uint32_t close_code() const noexcept { return close_code_; }    // with WEFT_OK
  const std::string& text() const noexcept { return text_; }           // for people

 private:
  weft_status status_;
  std::uint32_t http_status_, close_code_;
  std::string text_;
};

// Called on the strand; any may be empty. They may use the websocket, but not destroy it.
struct websocket_sink {
  std::function<void()> on_open = {};
  std::function<void(std::string_view)> on_text = {};
  std::function<void(std::string_view)> on_binary = {};
  std::function<void(const websocket_end&)> on_end = {};
};

// Open, or about to be. Destroying it ends the connection without a close frame.
class websocket {
 public:
  // job 0: of the instance. Throws WEFT_AUTH or WEFT_BAD_INPUT. Not for plugins: adapter::open and
  // call::open make them.
  websocket(const weft::host& host, detail::operations& operations, weft_id owner, weft_id job,
            const websocket_request& request, websocket_sink sink)
      : host_(host),
        sink_(std::move(sink)),
        op_(operations, owner, "the WebSocket", detail::operation::on_cancel::stop) {
    const weft_websocket* table = host_.websocket_table();
    if (!WEFT_CAN(table, weft_websocket, cancel)) host::missing(WEFT_WEBSOCKET);
    op_.on_event([this](const weft_event& event) {
      see(reinterpret_cast<const weft_websocket_event&>(event));
    });
    op_.start(
        [&](weft_id id) {
          return request.start(job, [&](const weft_websocket_request& raw) {
            return table->open(host_.raw(), id, &raw);
          });
        },
        [this] { host_.websocket_table()->cancel(host_.raw(), op_.id()); });
    if (has_ended()) op_.await_resume();  // it was not accepted: throws why
  }
  websocket(const websocket&) = delete;
  websocket& operator=(const websocket&) = delete;

  bool is_open() const noexcept { return is_open_; }
  bool has_ended() const noexcept { return op_.await_ready(); }

  void send(std::string_view text) { send(WEFT_WEBSOCKET_TEXT, text); }
  void send_binary(std::string_view bytes) { send(WEFT_WEBSOCKET_BINARY, bytes); }
  void close(std::uint32_t code = 1000, std::string_view reason = {}) {
    host_.websocket_table()->close(host_.raw(), op_.id(), code, borrow(reason));
  }
  // Waits for the end; throws unless a close frame was it. Awaited at most once.
  task<> end() { co_await op_; }

 private:
  void see(const weft_websocket_event& event) {
    if (event.head.type == WEFT_EV_WEBSOCKET_OPEN) {
      is_open_ = true;
      if (sink_.on_open) sink_.on_open();
    } else if (event.head.type == WEFT_EV_WEBSOCKET_MESSAGE) {
      const auto& take = event.kind == WEFT_WEBSOCKET_TEXT ? sink_.on_text : sink_.on_binary;
      if (take) take(view(event.data));
    } else if (event.head.type == WEFT_EV_WEBSOCKET_END) {
      is_open_ = false;
      if (sink_.on_end) sink_.on_end(websocket_end(event));
    }
  }
  void send(std::uint32_t kind, std::string_view data) {
    const weft_status status =
        host_.websocket_table()->send(host_.raw(), op_.id(), kind, borrow(data));
    if (status != WEFT_OK) throw error(status, "the WebSocket does not take a message now");
  }

  const weft::host& host_;
  websocket_sink sink_;
  bool is_open_ = false;
  detail::operation op_;
};

}  // namespace weft
