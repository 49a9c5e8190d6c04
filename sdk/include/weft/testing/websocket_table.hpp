// SPDX-License-Identifier: Apache-2.0
// weft/testing/websocket_table.hpp - weft.websocket-draft/1 of the fake host.
#pragma once

#include <weft/draft/websocket.h>
#include <weft/testing/tables.hpp>
#include <weft/testing/websocket_peer.hpp>

#include <memory>
#include <string>
#include <utility>

namespace weft::testing::detail {

inline std::shared_ptr<websocket_line> find_line(entered& in, weft_id op) {
  const auto found = in.all.websockets.find({&in.who, op});
  const bool lives = in.all.ops.contains({&in.who, op});
  return found == in.all.websockets.end() || !lives ? nullptr : found->second;
}

// `number`: the kind of a message, the code of a close frame, the HTTP status of a refusal.
inline void send_websocket_event(tenant& to, weft_id op, std::uint32_t type, weft_status status,
                                 std::uint32_t number, const std::string& data) {
  auto event = make_event<weft_websocket_event>(type, op, status, "");
  if (status != WEFT_OK) event.head.message = borrow(data);
  if (type == WEFT_EV_WEBSOCKET_MESSAGE) event.kind = number;
  if (status == WEFT_UNSUPPORTED) event.http_status = number;
  if (type == WEFT_EV_WEBSOCKET_END && status == WEFT_OK) event.close_code = number;
  if (status == WEFT_OK) event.data = borrow(data);
  send(to, event.head, type == WEFT_EV_WEBSOCKET_END);
}

inline std::shared_ptr<websocket_line> make_line(tenant& who, weft_id op,
                                                 const weft_websocket_request& request) {
  auto line = std::make_shared<websocket_line>();
  line->url = view(request.url);
  for (const weft_pair& pair : elements<weft_pair>(request.headers))
    line->headers.emplace_back(view(pair.name),
                               who.all->fill_secrets(std::string(view(pair.value))));
  line->tell = [&who, op](std::uint32_t type, weft_status status, std::uint32_t number,
                          std::string data) {
    std::lock_guard hold(who.all->mutex);
    if (!who.all->ops.contains({&who, op})) return;
    who.all->at(who.all->now_ms, &who, op,
                [&who, op, type, status, number, data = std::move(data)] {
                  {
                    std::lock_guard again(who.all->mutex);
                    if (!who.all->ops.contains({&who, op})) return;
                  }
                  send_websocket_event(who, op, type, status, number, data);
                });
  };
  return line;
}

inline weft_status websocket_open(const weft_host* host, weft_id op,
                                  const weft_websocket_request* request) noexcept {
  entered in(host, "weft_websocket.open");
  return guarded([&]() -> weft_status {
    const auto line = make_line(in.who, op, *request);
    if (!in.accept(op, WEFT_EV_WEBSOCKET_END, request->job)) return WEFT_BAD_INPUT;
    const auto handler = in.all.websocket_handler_of(line->url);
    if (!handler) line->failure = WEFT_NOT_SENT;
    in.all.websockets[{&in.who, op}] = line;
    in.all.at(in.all.now_ms, &in.who, op, [&who = in.who, op, line] {
      if (line->refused != 0)
        send_websocket_event(who, op, WEFT_EV_WEBSOCKET_END, WEFT_UNSUPPORTED, line->refused,
                             "no WebSocket");
      else if (line->failure != WEFT_OK)
        send_websocket_event(who, op, WEFT_EV_WEBSOCKET_END, line->failure, 0, "cannot connect");
      else
        send_websocket_event(who, op, WEFT_EV_WEBSOCKET_OPEN, WEFT_OK, 0, "");
    });
    in.hold.unlock();  // a handler may do what a peer does
    if (handler) handler(websocket_peer(line));
    in.hold.lock();
    return WEFT_OK;
  });
}
inline weft_status websocket_send(const weft_host* host, weft_id op, std::uint32_t kind,
                                  weft_str data) noexcept {
  entered in(host, "weft_websocket.send");
  const auto line = find_line(in, op);
  if (!line || (kind != WEFT_WEBSOCKET_TEXT && kind != WEFT_WEBSOCKET_BINARY))
    return WEFT_BAD_INPUT;
  return guarded([&]() -> weft_status {
    const std::string bytes(view(data));
    in.all.at(in.all.now_ms, &in.who, op, [line, bytes, kind] {
      if (line->on_message) line->on_message(bytes, kind == WEFT_WEBSOCKET_TEXT);
    });
    return WEFT_OK;
  });
}
inline void websocket_close(const weft_host* host, weft_id op, std::uint32_t code,
                            weft_str) noexcept {
  entered in(host, "weft_websocket.close");
  const auto line = find_line(in, op);
  if (!line) return;
  in.all.at(in.all.now_ms, &in.who, op, [&who = in.who, op, line, code] {
    if (line->on_end) line->on_end();
    send_websocket_event(who, op, WEFT_EV_WEBSOCKET_END, WEFT_OK, code, "");
  });
}
inline void websocket_cancel(const weft_host* host, weft_id op) noexcept {
  entered in(host, "weft_websocket.cancel");
  const auto line = find_line(in, op);
  cancel_op(in.all, in.who, op);
  if (!line || !line->on_end) return;
  in.hold.unlock();
  line->on_end();
  in.hold.lock();
}

}  // namespace weft::testing::detail
