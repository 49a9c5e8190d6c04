// SPDX-License-Identifier: Apache-2.0
#include "events.hpp"

#include <boost/json.hpp>
#include <utility>

namespace weft::comfy_fake {
namespace {

constexpr std::uint32_t preview_image = 1, preview_with_metadata = 4, png = 2;

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

}  // namespace

SocketId Sockets::open(std::string sid, std::int64_t queue_remaining) {
  const SocketId socket = ++last_;
  if (sid.empty()) sid = digest_of(json::value(socket)).to_string().substr(0, 32);
  clients_[socket] = {sid};
  by_sid_[sid] = socket;
  say(socket, "status",
      {{"status", {{"exec_info", {{"queue_remaining", queue_remaining}}}}}, {"sid", sid}});
  return socket;
}

void Sockets::close(SocketId socket) {
  const auto found = clients_.find(socket);
  if (found == clients_.end()) return;
  by_sid_.erase(found->second.sid);
  clients_.erase(found);
}

void Sockets::receive(SocketId socket, std::string_view text) {
  const auto found = clients_.find(socket);
  if (found == clients_.end() || std::exchange(found->second.has_spoken, true)) return;
  const auto said = parse_json(text);
  const json::value* type = said ? find_member(*said, "type") : nullptr;
  if (!type || *type != json::value("feature_flags")) return;
  const json::value* data = find_member(*said, "data");
  const json::value* wants = data ? find_member(*data, "supports_preview_metadata") : nullptr;
  found->second.wants_metadata = wants && wants->is_bool() && wants->get_bool();
  say(socket, "feature_flags",
      {{"supports_preview_metadata", true}, {"max_upload_size", 104857600.0}});
}

void Sockets::break_all() {
  for (const auto& [socket, client] : clients_)
    frames_.push_back({.to = socket, .is_end = true, .payload = {}});
  clients_.clear();
  by_sid_.clear();
}

void Sockets::say(SocketId socket, std::string_view type, const json::object& data) {
  const json::object message{{"type", type}, {"data", data}};
  frames_.push_back({.to = socket, .payload = json::serialize(message)});
}

void Sockets::to_all(std::string_view type, const json::object& data) {
  for (const auto& [sid, socket] : by_sid_) say(socket, type, data);
}

void Sockets::to(std::string_view sid, std::string_view type, const json::object& data) {
  if (const auto found = by_sid_.find(sid); found != by_sid_.end()) say(found->second, type, data);
}

void Sockets::preview(std::string_view sid, const std::string& image, const json::object& meta) {
  const std::string text = json::serialize(meta);
  for (const auto& [known, socket] : by_sid_) {
    if (!sid.empty() && known != sid) continue;
    const bool with_meta = clients_.at(socket).wants_metadata;
    std::string payload = with_meta ? big_endian(preview_with_metadata) +
                                          big_endian(static_cast<std::uint32_t>(text.size())) +
                                          text + image
                                    : big_endian(preview_image) + big_endian(png) + image;
    frames_.push_back({.to = socket, .is_binary = true, .payload = std::move(payload)});
  }
}

}  // namespace weft::comfy_fake
