// SPDX-License-Identifier: Apache-2.0
// The WebSocket side of the fake without a socket: who is registered, and what each one is sent.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace weft::comfy_fake {

using SocketId = std::uint64_t;

struct Frame {
  SocketId to = 0;
  bool is_binary = false;
  bool is_end = false;  // the connection breaks: no close frame
  std::string payload;
};

class Sockets {
 public:
  // `sid` empty: one is made. The newer of two sockets with one sid wins.
  SocketId open(std::string sid, std::int64_t queue_remaining);
  // Whoever closes takes its sid along, also when a newer socket has it by now.
  void close(SocketId socket);
  // The first frame of a client may negotiate.
  void receive(SocketId socket, std::string_view text);
  // All connections break.
  void break_all();

  void to_all(std::string_view type, const json::object& data);
  // To the socket registered under `sid`, if there is one.
  void to(std::string_view sid, std::string_view type, const json::object& data);
  // A preview in the form that each receiver negotiated; `sid` empty: to all.
  void preview(std::string_view sid, const std::string& image, const json::object& meta);

  // In the order to be sent.
  std::vector<Frame> take_frames() { return std::exchange(frames_, {}); }
  bool is_registered(std::string_view sid) const { return by_sid_.contains(sid); }

 private:
  struct Client {
    std::string sid;
    bool wants_metadata = false;
    bool has_spoken = false;
  };
  void say(SocketId socket, std::string_view type, const json::object& data);

  std::map<SocketId, Client> clients_;
  std::map<std::string, SocketId, std::less<>> by_sid_;
  std::vector<Frame> frames_;
  SocketId last_ = 0;
};

}  // namespace weft::comfy_fake
