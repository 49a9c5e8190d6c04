// SPDX-License-Identifier: Apache-2.0
#include "raw_curl.hpp"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "row.hpp"

namespace weft::bench {

class RawCurl::Loop {
 public:
  Loop(const std::string& url, std::uint32_t in_flight)
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)), multi_(curl_multi_init()) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Loop::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Loop::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(in_flight));
    for (std::uint32_t i = 0; i < in_flight; ++i) {
      CURL* easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Loop::on_body);
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      idle_.push_back(easy);
    }
  }
  ~Loop() {
    for (CURL* easy : idle_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
    ::close(epoll_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  std::uint64_t work(Clock::time_point until) {
    std::uint64_t done = 0;
    for (CURL* easy : std::exchange(idle_, {})) start(easy);
    while (under_way_ > 0) {
      wait();
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        CURL* easy = message->easy_handle;
        expect(message->data.result == CURLE_OK, curl_easy_strerror(message->data.result));
        curl_multi_remove_handle(multi_, easy);
        --under_way_;
        ++done;
        Clock::now() < until ? start(easy) : idle_.push_back(easy);
      }
    }
    return done;
  }

 private:
  static std::size_t on_body(char*, std::size_t size, std::size_t count, void*) {
    return size * count;
  }
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
    auto& loop = *static_cast<Loop*>(self);
    if (what == CURL_POLL_REMOVE) {
      ::epoll_ctl(loop.epoll_, EPOLL_CTL_DEL, socket, nullptr);
      return 0;
    }
    epoll_event event{};
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    event.data.fd = socket;
    ::epoll_ctl(loop.epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    curl_multi_assign(loop.multi_, socket, self);  // known from now on
    return 0;
  }
  static int on_timer(CURLM*, long timeout_ms, void* self) {
    static_cast<Loop*>(self)->timeout_ms_ = timeout_ms;
    return 0;
  }

  void start(CURL* easy) {
    ++under_way_;
    curl_multi_add_handle(multi_, easy);
  }
  void wait() {
    std::array<epoll_event, 256> events{};
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(timeout_ms_));
    int running = 0;
    if (count == 0) curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const int what = (event.events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                       (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0);
      curl_multi_socket_action(multi_, event.data.fd, what, &running);
    }
  }

  int epoll_;
  CURLM* multi_;
  long timeout_ms_ = -1;
  std::size_t under_way_ = 0;
  std::vector<CURL*> idle_;
};

RawCurl::RawCurl(const std::string& url, std::uint32_t in_flight)
    : loop_(std::make_unique<Loop>(url, in_flight)) {}
RawCurl::~RawCurl() = default;

Work RawCurl::work() {
  return [this](Clock::time_point until) { return loop_->work(until); };
}

}  // namespace weft::bench
