// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>
#include <optional>

#include "net/websocket_client.hpp"
#include "plugin/services/header_list.hpp"
#include "plugin/services/http_request.hpp"
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

using Cause = net::WebSocketEnd::Cause;

weft_status status_of(const net::WebSocketEnd& how) noexcept {
  switch (how.cause) {
    case Cause::closed:
      return WEFT_OK;
    case Cause::bad_request:
      return WEFT_BAD_INPUT;
    case Cause::refused:
      return WEFT_UNSUPPORTED;
    case Cause::bad_message:
    case Cause::too_large:
      return WEFT_BAD_OUTPUT;
    case Cause::cancelled:
      return WEFT_CANCELLED;
    case Cause::cannot_connect:
    case Cause::timed_out:
    case Cause::connection_lost:
      break;
  }
  return how.opened ? WEFT_TRANSIENT : WEFT_NOT_SENT;
}

class Connection final : public Operation, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Core& core, weft_id op, net::WebSocketRequest request)
      : core_(core.weak_from_this()), op_(op), request_(std::move(request)) {}

  void begin() override {
    const auto core = core_.lock();
    if (!core) return;
    net::WebSocketEvents events;
    const auto self = shared_from_this();
    events.on_open = [self](net::Headers headers) { self->opened(std::move(headers)); };
    events.on_message = [self](net::WebSocketMessage message) { self->take(std::move(message)); };
    events.on_end = [self](net::WebSocketEnd how) { self->ended(std::move(how)); };
    const std::lock_guard lock(mutex_);
    id_ = core->host.sockets.open(std::move(request_), std::move(events));
    for (net::WebSocketMessage& message : early_) core->host.sockets.send(*id_, std::move(message));
    early_.clear();
  }
  void cancel() override {
    const auto core = core_.lock();
    if (!core) return;
    if (id_) return core->host.sockets.cancel(*id_);
    core->finish<weft_websocket_event>(op_, WEFT_EV_WEBSOCKET_END, WEFT_CANCELLED);
  }

  void close(std::uint16_t code, std::string reason) {
    if (const auto core = core_.lock(); core && id_)
      core->host.sockets.close(*id_, code, std::move(reason));
  }
  // Any thread. False: too much waits.
  bool send(Core& core, net::WebSocketMessage message) {
    const std::lock_guard lock(mutex_);
    if (id_) return core.host.sockets.send(*id_, std::move(message));
    if (early_.size() == most_early) return false;
    early_.push_back(std::move(message));
    return true;
  }

 private:
  void opened(net::Headers headers) {
    const auto core = core_.lock();
    if (!core) return;
    const auto list = std::make_shared<const HeaderList>(std::move(headers));
    core->deliver([op = op_, list](const weft_instance& plugin) {
      auto event = make_event<weft_websocket_event>(op, WEFT_EV_WEBSOCKET_OPEN, WEFT_OK);
      event.headers = list->raw();
      plugin.event(&plugin, &event.head);
    });
  }
  void take(net::WebSocketMessage message) {
    const auto core = core_.lock();
    if (!core) return;
    const auto shared = std::make_shared<const net::WebSocketMessage>(std::move(message));
    core->deliver([op = op_, shared](const weft_instance& plugin) {
      auto event = make_event<weft_websocket_event>(op, WEFT_EV_WEBSOCKET_MESSAGE, WEFT_OK);
      event.kind = shared->is_text ? WEFT_WEBSOCKET_TEXT : WEFT_WEBSOCKET_BINARY;
      event.data = borrow(shared->bytes);
      plugin.event(&plugin, &event.head);
    });
  }
  void ended(net::WebSocketEnd how) {
    const auto core = core_.lock();
    if (!core) return;
    const weft_status status = status_of(how);
    const std::string message = status == WEFT_OK ? std::string() : how.message;
    core->finish<weft_websocket_event>(op_, WEFT_EV_WEBSOCKET_END, status, message,
                                       [status, how = std::move(how)](weft_websocket_event& event) {
                                         event.http_status =
                                             static_cast<std::uint32_t>(how.http_status);
                                         event.close_code = how.close_code;
                                         if (status == WEFT_OK) event.data = borrow(how.message);
                                       });
  }

  const std::weak_ptr<Core> core_;
  const weft_id op_;
  net::WebSocketRequest request_;

  // Between the plugin's wish and begin() in the io thread.
  static constexpr std::size_t most_early = 64;
  std::mutex mutex_;
  std::vector<net::WebSocketMessage> early_;
  std::optional<net::WebSocketId> id_;
};

bool is_web_socket(std::string_view url) {
  return url.starts_with("ws://") || url.starts_with("wss://");
}

// The request, or the status that `open` answers, and why.
std::variant<net::WebSocketRequest, Refusal> plan_socket(Core& core,
                                                         const weft_websocket_request& raw) {
  if (!WEFT_HAS(&raw, weft_websocket_request, headers))
    return Refusal{WEFT_BAD_INPUT, "the request has no headers"};
  net::WebSocketRequest planned;
  planned.url = view(raw.url);
  if (planned.url.find("{secret:") != std::string::npos)
    return Refusal{WEFT_BAD_INPUT, "a secret stands in a header, never in a URL"};
  if (!is_web_socket(planned.url)) return Refusal{WEFT_BAD_INPUT, "the URL is not ws or wss"};
  planned.public_only = (raw.flags & WEFT_WEBSOCKET_PUBLIC) != 0;
  for (std::uint32_t i = 0; i < raw.headers.count; ++i) {
    const auto* pair = element<weft_pair>(raw.headers, i);
    if (!pair) return Refusal{WEFT_BAD_INPUT, "the list of headers is malformed"};
    auto filled = fill_header(view(pair->name), view(pair->value),
                              [&](std::string_view name) { return core.secret(name); });
    if (auto* refused = std::get_if<Refusal>(&filled)) return std::move(*refused);
    planned.headers.push_back(std::move(std::get<FilledHeader>(filled).header));
  }
  if (WEFT_HAS(&raw, weft_websocket_request, open_timeout_ms) && raw.open_timeout_ms != 0)
    planned.open_timeout = Duration(raw.open_timeout_ms);
  if (WEFT_HAS(&raw, weft_websocket_request, idle_timeout_ms) && raw.idle_timeout_ms != 0)
    planned.idle_timeout = Duration(raw.idle_timeout_ms);
  if (WEFT_HAS(&raw, weft_websocket_request, message_limit) && raw.message_limit != 0)
    planned.message_limit_bytes = raw.message_limit;
  return planned;
}

weft_status open_socket(const weft_host* host, weft_id op,
                        const weft_websocket_request* raw) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  if (!raw) return WEFT_BAD_INPUT;
  auto planned = plan_socket(*core, *raw);
  if (const auto* refused = std::get_if<Refusal>(&planned)) {
    core->log.warn("a WebSocket was refused", {{"reason", refused->message}});
    return refused->status;
  }
  const weft_id job = WEFT_HAS(raw, weft_websocket_request, job) ? raw->job : 0;
  return core->start(
      op, job,
      std::make_shared<Connection>(*core, op, std::get<net::WebSocketRequest>(std::move(planned))));
}

weft_status send_message(const weft_host* host, weft_id op, std::uint32_t kind,
                         weft_str data) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  const auto connection = std::dynamic_pointer_cast<Connection>(core->operations.find(op));
  if (!connection || (kind != WEFT_WEBSOCKET_TEXT && kind != WEFT_WEBSOCKET_BINARY))
    return WEFT_BAD_INPUT;
  const bool taken = connection->send(
      *core, net::WebSocketMessage{kind == WEFT_WEBSOCKET_TEXT, std::string(view(data))});
  return taken ? WEFT_OK : WEFT_EXHAUSTED;
}

void close_socket(const weft_host* host, weft_id op, std::uint32_t code, weft_str reason) noexcept {
  Core* core = living(host);
  if (!core) return;
  core->on_strand([op, code = static_cast<std::uint16_t>(code),
                   reason = std::string(view(reason))](Core& later) {
    if (const auto found = std::dynamic_pointer_cast<Connection>(later.operations.find(op)))
      found->close(code, reason);
  });
}

void cancel_socket(const weft_host* host, weft_id op) noexcept {
  if (Core* core = living(host)) core->cancel_operation(op);
}

}  // namespace

constinit const weft_websocket websocket_table{
    sizeof(weft_websocket), 0, open_socket, send_message, close_socket, cancel_socket};

}  // namespace weft::plugin::services
