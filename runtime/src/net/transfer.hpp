// SPDX-License-Identifier: Apache-2.0
// One request on its way: an easy handle, what it sends, where its answer goes, and what became of
// it.
#pragma once
#include <curl/curl.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/answer_sink.hpp"
#include "net/curl_request.hpp"
#include "net/easy_pool.hpp"
#include "net/http_client.hpp"
#include "net/kept_sockets.hpp"
#include "net/resume.hpp"
#include "net/url.hpp"

namespace weft::net {

// Knows nothing of the loop that runs its handle: the client adds the handle, asks for the next
// timeout, and brings the transfer to its end by finish() or fail().
class Transfer {
 public:
  using Clock = std::chrono::steady_clock;

  Transfer(TransferId id, HttpRequest request, const HttpClientOptions& options,
           EasyPool::Easy easy, KeptSockets& sockets, Clock::time_point started);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Checks the request and prepares the handle. To be called once, first.
  std::optional<HttpFailure> prepare();

  TransferId id() const noexcept { return id_; }
  CURL* easy() const noexcept { return easy_.get(); }
  const std::string& method() const noexcept { return request_.method(); }
  // Where the request goes now, fit to be shown.
  std::string shown_url() const;

  // curl is done with the handle. Absent: add it again after pause(), prepared for another
  // connection, for where a redirect points, or for the rest of what broke off.
  std::optional<HttpResult> finish(CURLcode code);
  Duration pause() const noexcept { return pause_; }
  // The failure of a transfer that is ended from outside.
  HttpFailure fail(HttpFailure::Cause cause, const std::string& what) const;

  // The failure, if a timeout has run out at `now`.
  std::optional<HttpFailure> timed_out(Clock::time_point now) const;
  // After that: whether the rest can be asked for instead. The handle is to be removed and added
  // again then, as after finish().
  bool goes_on_after_silence(Clock::time_point now);
  // When to ask again. Absent: no timeout was set.
  std::optional<Clock::time_point> next_timeout(Clock::time_point now) const;

  // CURLE_OK, or what finish() shall be called with.
  CURLcode credit(std::uint64_t bytes);

 private:
  static int on_request(void* self, char* address, char*, int remote_port, int local_port);
  bool may_reach(const char* address);
  bool can_use(std::uint16_t local_port, std::uint16_t remote_port) const;
  static std::size_t on_header(char* line, std::size_t size, std::size_t count, void* self);
  static std::size_t on_data(char* data, std::size_t size, std::size_t count, void* self);

  void set_options();
  void set_url();
  bool header_line(std::string_view line);
  bool head_complete();
  bool is_followed() const;
  std::optional<HttpResult> follow();
  HttpResult deliver();
  bool is_broken_off(CURLcode code) const;
  bool ask_for_rest();
  HttpFailure failure_of(CURLcode code) const;
  bool stop(HttpFailure::Cause cause, const std::string& what);
  bool was_sent() const;
  Clock::time_point last_activity() const;

  const TransferId id_;
  const HttpClientOptions& options_;
  KeptSockets& sockets_;
  const Clock::time_point started_;
  const Duration connect_timeout_;
  const Duration idle_timeout_;
  const Duration total_timeout_;
  const bool follow_redirects_;
  const bool goes_on_;
  bool public_only_;  // from the first public address on
  std::string url_text_;
  std::variant<std::string, FileSlice, Form> body_;  // until prepare()
  // Before what it points to: it goes back, and is reset, after that has gone.
  EasyPool::Easy easy_;
  CurlRequest request_;
  AnswerSink sink_;
  Url url_;
  std::array<char, CURL_ERROR_SIZE> curl_says_{};

  int hops_ = 0;
  bool stray_bytes_ = false;    // the kept connection cannot be used
  bool request_begun_ = false;  // on this hop
  bool sent_before_ = false;    // on an earlier hop
  bool in_head_ = false;
  bool following_ = false;  // the body at hand is a redirect's
  bool resting_ = false;    // without credit
  std::uint64_t head_bytes_ = 0;
  std::uint64_t skipped_bytes_ = 0;
  int status_ = 0;
  Headers headers_;
  std::optional<Resume> resume_;  // how to go on with the body at hand
  bool resuming_ = false;
  int resumes_ = 0, fruitless_ = 0;  // how often; since the last byte
  std::uint64_t resumed_at_ = 0;
  Headers whole_headers_;  // of the answer that broke off first
  Duration pause_{0};
  Clock::time_point moved_;             // bytes, towards us
  std::optional<HttpFailure> stopped_;  // why a callback told curl to stop
};

}  // namespace weft::net
