// SPDX-License-Identifier: Apache-2.0
// A whole ComfyUI server as a value: requests and the time come in, answers and frames come out. It
// keeps what the real one was measured to do, races included. No thread, no socket, no clock.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "catalogue.hpp"
#include "disk.hpp"
#include "events.hpp"
#include "net/http_server.hpp"
#include "script.hpp"
#include "worker.hpp"

namespace weft::comfy_fake {

struct Reply : net::ServerResponse {
  std::optional<std::size_t> breaks_after;  // so many bytes of the body the connection ends
};

class ComfyServer {
 public:
  explicit ComfyServer(Catalogue catalogue) : catalogue_(std::move(catalogue)) {}
  ComfyServer(const ComfyServer&) = delete;
  ComfyServer& operator=(const ComfyServer&) = delete;

  // Absent: the connection ends without an answer. Status 101: it becomes a WebSocket, which is to
  // be told by open_socket().
  std::optional<Reply> handle(const net::ServerRequest& request, Timestamp now);

  SocketId open_socket(std::string sid, Timestamp now);
  void close_socket(SocketId socket) { sockets_.close(socket); }
  void receive(SocketId socket, std::string_view text) { sockets_.receive(socket, text); }
  // What is to be sent now: nothing while a client stalls them all.
  std::vector<Frame> take_frames() {
    return script.stalls != 0 ? std::vector<Frame>() : sockets_.take_frames();
  }

  void advance(Timestamp now);
  std::optional<Timestamp> next_at() const;

  // As a kill and, `down` later, a new start: queue, history, caches and temp files are gone, what
  // was billed and the output folder stay.
  void restart(Timestamp now, Duration down = Duration(0));
  bool is_down(Timestamp now) const { return now < down_until_; }

  // {"accepted", "rejected", "billed_micros", "by_id": {id: times}, "uploads", "requests":
  //  {"GET /queue": n}, "nodes_run"}
  json::object stats() const;

  Script script;
  Catalogue& catalogue() noexcept { return catalogue_; }
  Disk& disk() noexcept { return disk_; }
  const Worker& worker() const noexcept { return worker_; }

 private:
  using Response = net::ServerResponse;
  using Request = net::ServerRequest;

  std::optional<Response> route(const Request& request, std::string_view path, Timestamp now);
  Response answer_get(const Request& request, std::string_view path, Timestamp now);
  Response answer_post(const Request& request, std::string_view path, Timestamp now);
  std::optional<Fault> take_fault(const Request& request, std::string_view path);

  std::optional<Response> post_prompt(const Request& request, Timestamp now);
  Response accept(const json::object& order, const PromptBehaviour& how, Timestamp now);
  Response post_upload(const Request& request);
  Response post_queue(const json::object& order);
  Response post_history(const json::object& order);
  Response post_interrupt(const Request& request);
  Response post_jobs(const Request& request, std::string_view rest);
  bool cancel(std::string_view id);
  Response get_history(const Request& request, std::string_view id) const;
  Response get_jobs(const Request& request, std::string_view id) const;
  std::optional<json::object> job(std::string_view id) const;
  Response get_view(const Request& request) const;
  Response get_object_info(std::string_view class_type) const;
  json::object system_stats() const;
  // Of another server: the control of the fake.
  std::optional<Response> control(const Request& request, std::string_view path, Timestamp now);

  bool is_since(int major, int minor, int patch) const;

  Catalogue catalogue_;
  Disk disk_;
  Sockets sockets_;
  Worker worker_{script, disk_, sockets_};
  std::int64_t next_number_ = 0;
  Timestamp down_until_{};
  std::optional<std::pair<Timestamp, Duration>> dies_;
  std::int64_t accepted_ = 0, rejected_ = 0, uploads_ = 0, billed_micros_ = 0;
  std::map<std::string, std::int64_t> by_id_, requests_;
};

}  // namespace weft::comfy_fake
