// SPDX-License-Identifier: Apache-2.0
// libcurl's multi interface driven by Asio: curl says which sockets and which moment it waits for,
// Asio waits.
#pragma once
#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <unordered_map>

namespace weft::net {

// Belongs to the thread that runs `io`. Waiting operations share it, because a handler may run
// after close().
class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
 public:
  // Called outside of curl: it may add and remove handles, and close the loop.
  using OnDone = std::function<void(CURL*, CURLcode)>;

  CurlLoop(boost::asio::io_context& io, OnDone on_done);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // For options.
  CURLM* multi() noexcept { return multi_; }
  // Neither may be called from within a callback of curl.
  CURLMcode add(CURL* easy);
  void remove(CURL* easy);
  // Closes all connections. Every handle must have been removed before.
  void close();

 private:
  // A socket curl is interested in. curl owns the socket itself.
  struct Watch {
    boost::asio::posix::stream_descriptor descriptor;
    int wanted = CURL_POLL_NONE;
    bool reading = false;  // a wait is under way
    bool writing = false;
    bool gone = false;  // curl may have closed it, and its number may be another socket's by now
  };

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long timeout_ms, void* self);
  void post_due();
  void watch(curl_socket_t socket, int what);
  void unwatch(curl_socket_t socket);
  void wait(const std::shared_ptr<Watch>& watch);
  void ready(const std::shared_ptr<Watch>& watch, int direction, bool failed);
  void act(curl_socket_t socket, int events);

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  bool timer_is_armed_ = false;
  bool due_ = false;  // curl wants its timeouts looked at now
  bool due_posted_ = false;
  OnDone on_done_;
  CURLM* multi_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
};

}  // namespace weft::net
