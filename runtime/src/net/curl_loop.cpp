// SPDX-License-Identifier: Apache-2.0
#include "net/curl_loop.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

namespace weft::net {

CurlLoop::CurlLoop(boost::asio::io_context& io, OnDone on_done)
    : io_(io), timer_(io), on_done_(std::move(on_done)), multi_(curl_multi_init()) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlLoop::~CurlLoop() {
  close();
}

void CurlLoop::close() {
  if (!multi_) return;
  curl_multi_cleanup(multi_);  // still calls on_socket
  multi_ = nullptr;
  timer_.cancel();
  while (!watches_.empty()) unwatch(watches_.begin()->first);
}

CURLMcode CurlLoop::add(CURL* easy) {
  return curl_multi_add_handle(multi_, easy);
}

void CurlLoop::remove(CURL* easy) {
  curl_multi_remove_handle(multi_, easy);
}

int CurlLoop::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    loop.unwatch(socket);
  } else {
    loop.watch(socket, what);
  }
  return 0;
}

// Only arms the timer: curl must not be entered again from here. It asks for "at once" with every
// handle that is added, for which a timer would be much ado.
int CurlLoop::on_timer(CURLM*, long timeout_ms, void* self) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (loop.timer_is_armed_) loop.timer_.cancel();
  loop.timer_is_armed_ = timeout_ms > 0;
  loop.due_ = timeout_ms == 0;
  if (loop.due_) loop.post_due();
  if (!loop.timer_is_armed_) return 0;
  loop.timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  loop.timer_.async_wait([kept = loop.weak_from_this()](const boost::system::error_code& error) {
    const auto alive = kept.lock();
    if (!alive || error) return;
    alive->timer_is_armed_ = false;
    alive->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

// Handles that are added together are begun together.
void CurlLoop::post_due() {
  if (std::exchange(due_posted_, true)) return;
  boost::asio::post(io_, [kept = weak_from_this()] {
    const auto alive = kept.lock();
    if (!alive) return;
    alive->due_posted_ = false;
    if (std::exchange(alive->due_, false)) alive->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlLoop::watch(curl_socket_t socket, int what) {
  auto& found = watches_[socket];
  if (!found) {
    found = std::make_shared<Watch>(Watch{boost::asio::posix::stream_descriptor(io_, socket)});
  }
  found->wanted = what;
  wait(found);
}

void CurlLoop::unwatch(curl_socket_t socket) {
  const auto found = watches_.find(socket);
  if (found == watches_.end()) return;
  found->second->gone = true;
  found->second->descriptor.release();  // closing is curl's
  watches_.erase(found);
}

void CurlLoop::wait(const std::shared_ptr<Watch>& watch) {
  using boost::asio::posix::descriptor_base;
  const auto start = [&](descriptor_base::wait_type type, bool Watch::*waiting, int direction) {
    if ((watch->wanted & direction) == 0 || (*watch).*waiting) return;
    (*watch).*waiting = true;
    watch->descriptor.async_wait(type, [kept = weak_from_this(), watch, waiting,
                                        direction](const boost::system::error_code& error) {
      (*watch).*waiting = false;
      if (const auto alive = kept.lock()) alive->ready(watch, direction, error.failed());
    });
  };
  start(descriptor_base::wait_read, &Watch::reading, CURL_POLL_IN);
  start(descriptor_base::wait_write, &Watch::writing, CURL_POLL_OUT);
}

void CurlLoop::ready(const std::shared_ptr<Watch>& watch, int direction, bool failed) {
  if (watch->gone || (watch->wanted & direction) == 0) return;
  const int event = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
  act(watch->descriptor.native_handle(), failed ? CURL_CSELECT_ERR : event);
  if (!watch->gone) wait(watch);
}

void CurlLoop::act(curl_socket_t socket, int events) {
  if (!multi_) return;
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  int left = 0;
  while (multi_) {  // on_done_ may close the loop
    const CURLMsg* message = curl_multi_info_read(multi_, &left);
    if (!message) break;
    if (message->msg == CURLMSG_DONE) on_done_(message->easy_handle, message->data.result);
  }
}

}  // namespace weft::net
