// SPDX-License-Identifier: Apache-2.0
#include "net/transfer.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "net/address.hpp"

namespace weft::net {
namespace {

using Cause = HttpFailure::Cause;

constexpr int redirects_at_most = 5;
constexpr int resumes_at_most = 10;
constexpr Duration first_pause{250}, longest_pause{8000};
constexpr std::uint64_t redirect_body_limit_bytes = 1 << 20;

// curl takes 0 for five minutes; no connection attempt of a kernel lasts a day.
long connect_limit_ms(Duration timeout) {
  constexpr long day_ms = 24L * 3600 * 1000;
  return timeout.count() > 0 ? std::min(static_cast<long>(timeout.count()), day_ms) : day_ms;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Cause cause_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Cause::timed_out;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return Cause::connection_lost;
    default:
      return Cause::bad_answer;
  }
}

}  // namespace

Transfer::Transfer(TransferId id, HttpRequest request, const HttpClientOptions& options,
                   EasyPool::Easy easy, KeptSockets& sockets, Clock::time_point started)
    : id_(id),
      options_(options),
      sockets_(sockets),
      started_(started),
      connect_timeout_(request.connect_timeout),
      idle_timeout_(request.idle_timeout),
      total_timeout_(request.total_timeout),
      follow_redirects_(request.follow_redirects),
      goes_on_(request.goes_on && request.method == "GET"),
      public_only_(request.public_only),
      url_text_(std::move(request.url)),
      body_(std::move(request.body)),
      easy_(std::move(easy)),
      request_(easy_.get(), std::move(request.method), std::move(request.headers)),
      sink_(std::move(request.answer_to)),
      moved_(started) {}

std::string Transfer::shown_url() const {
  return printable_url(url_text_);
}

std::optional<HttpFailure> Transfer::prepare() {
  auto url = parse_url(url_text_);
  if (!url) return fail(Cause::bad_request, "the URL " + url.error().what);
  url_ = *std::move(url);
  set_options();
  set_url();
  const std::string wrong = request_.apply(std::move(body_));
  if (!wrong.empty()) return fail(Cause::bad_request, wrong);
  return std::nullopt;
}

void Transfer::set_options() {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_says_.data());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // an empty one also keeps the environment's away
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that curl can undo
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_limit_ms(connect_timeout_));
  const auto kept_for = std::chrono::duration_cast<std::chrono::seconds>(options_.kept_for);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, static_cast<long>(kept_for.count()));
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_request);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_data);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

void Transfer::set_url() {
  curl_easy_setopt(easy_.get(), CURLOPT_URL, url_.text.c_str());
  // With TLS, wait for a connection in the making to tell whether it can be shared; without, it
  // never can.
  curl_easy_setopt(easy_.get(), CURLOPT_PIPEWAIT, url_.text.starts_with("https:") ? 1L : 0L);
}

// Called on a connection that is ready, before the request is written to it. curl by itself tries
// again when a kept connection breaks before the first byte of an answer; the server may have
// accepted the request by then, so a second call is allowed only if nothing of the first was
// written.
int Transfer::on_request(void* self, char* address, char*, int remote_port, int local_port) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.moved_ = Clock::now();
  if (transfer.request_begun_ && transfer.was_sent()) {
    transfer.stop(Cause::connection_lost,
                  "the kept connection was closed before an answer came; nothing is sent twice");
    return CURL_PREREQFUNC_ABORT;
  }
  transfer.stray_bytes_ = !transfer.can_use(static_cast<std::uint16_t>(local_port),
                                            static_cast<std::uint16_t>(remote_port));
  if (transfer.stray_bytes_) return CURL_PREREQFUNC_ABORT;
  if (!transfer.may_reach(address)) return CURL_PREREQFUNC_ABORT;
  transfer.request_begun_ = true;
  return CURL_PREREQFUNC_OK;
}

bool Transfer::may_reach(const char* address) {
  const bool is_public = is_public_address(address);
  if (public_only_ && !is_public)
    return stop(Cause::bad_answer, std::string("leads to ") + address +
                                       ", which is no address of the public Internet");
  public_only_ = public_only_ || is_public;
  return true;
}

bool Transfer::can_use(std::uint16_t local_port, std::uint16_t remote_port) const {
  long connections_made = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &connections_made);
  const bool kept = connections_made == 0;
  return !kept || url_.text.starts_with("https:") ||
         !sockets_.has_stray_bytes(local_port, remote_port);
}

std::size_t Transfer::on_header(char* line, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.moved_ = Clock::now();
  return transfer.header_line({line, size * count}) ? size * count : 0;
}

std::size_t Transfer::on_data(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view piece(data, size * count);
  transfer.moved_ = Clock::now();
  if (transfer.following_) {
    transfer.skipped_bytes_ += piece.size();
    if (transfer.skipped_bytes_ <= redirect_body_limit_bytes) return piece.size();
    transfer.stop(Cause::too_large, "the body of a redirect does not end");
    return CURL_WRITEFUNC_ERROR;
  }
  auto taken = transfer.sink_.take(piece);
  if (!taken) {
    transfer.stop(taken.error().cause, taken.error().what);
    return CURL_WRITEFUNC_ERROR;
  }
  transfer.resting_ = *taken == AnswerSink::Taken::nothing_yet;
  return transfer.resting_ ? CURL_WRITEFUNC_PAUSE : piece.size();
}

bool Transfer::header_line(std::string_view line) {
  if (!in_head_) {
    if (!line.starts_with("HTTP/")) return true;  // a trailer
    in_head_ = true;
    head_bytes_ = 0;
    headers_.clear();
    return true;
  }
  head_bytes_ += line.size();
  if (head_bytes_ > options_.head_limit_bytes) {
    return stop(Cause::too_large,
                "the answer's head is larger than " + size_to_string(options_.head_limit_bytes));
  }
  line = trimmed(line);
  if (line.empty()) {
    in_head_ = false;
    return head_complete();
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return stop(Cause::bad_answer, "a header has no colon");
  headers_.push_back(
      {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  return true;
}

bool Transfer::head_complete() {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200) return true;  // the real one is still to come
  status_ = static_cast<int>(status);
  following_ = is_followed();
  if (following_) return true;
  if (resuming_ && resume_->goes_on(status_, headers_, sink_.body_bytes())) return true;
  if (resuming_ && status_ != 200)
    return stop(Cause::connection_lost, "broke off after " + size_to_string(sink_.body_bytes()) +
                                            ", and for the rest came HTTP " +
                                            std::to_string(status_));
  whole_headers_.clear();
  const auto fault = sink_.begin(status_, headers_);
  if (fault) return stop(fault->cause, fault->what);
  resume_ = goes_on_ && sink_.is_in_file() ? Resume::of(status_, headers_) : std::nullopt;
  return true;
}

bool Transfer::is_followed() const {
  const bool redirect =
      status_ == 301 || status_ == 302 || status_ == 303 || status_ == 307 || status_ == 308;
  return redirect && follow_redirects_ && request_.may_follow() &&
         find_header(headers_, "Location") != nullptr;
}

// Returns false so that a callback can end with it.
bool Transfer::stop(Cause cause, const std::string& what) {
  stopped_ = fail(cause, what);
  return false;
}

bool Transfer::was_sent() const {
  long bytes = 0;
  if (request_begun_) curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes);
  return sent_before_ || bytes > 0;
}

HttpFailure Transfer::fail(Cause cause, const std::string& what) const {
  return {cause, was_sent(), status_, method() + " " + shown_url() + ": " + what,
          request_.is_read_whole()};
}

std::optional<HttpResult> Transfer::finish(CURLcode code) {
  pause_ = Duration(0);
  if (std::exchange(stray_bytes_, false)) {  // nothing was sent
    curl_easy_setopt(easy_.get(), CURLOPT_FRESH_CONNECT, 1L);
    return std::nullopt;
  }
  if (code != CURLE_OK && is_broken_off(code) && ask_for_rest()) return std::nullopt;
  if (code != CURLE_OK) return failure_of(code);
  sockets_.note(easy_.get());
  return following_ ? follow() : deliver();
}

bool Transfer::is_broken_off(CURLcode code) const {
  if (stopped_ || !resume_) return false;
  return request_begun_ ? cause_of(code) == Cause::connection_lost : resuming_;
}

// False: not any more.
bool Transfer::ask_for_rest() {
  if (++resumes_ > resumes_at_most) return false;
  const std::uint64_t here = sink_.body_bytes();
  fruitless_ = resuming_ && here <= resumed_at_ ? fruitless_ + 1 : 0;
  pause_ = fruitless_ == 0 ? Duration(0)
                           : std::min(first_pause * (1 << (fruitless_ - 1)), longest_pause);
  if (whole_headers_.empty()) whole_headers_ = std::move(headers_);
  sent_before_ = was_sent();
  resuming_ = true;
  resumed_at_ = here;
  request_begun_ = in_head_ = false;
  curl_says_.front() = '\0';
  request_.add_headers(resume_->range_from(here));
  curl_easy_setopt(easy_.get(), CURLOPT_ACCEPT_ENCODING, nullptr);  // the bytes as they are
  return true;
}

bool Transfer::goes_on_after_silence(Clock::time_point now) {
  const bool in_time = total_timeout_.count() <= 0 || now < started_ + total_timeout_;
  pause_ = Duration(0);
  return in_time && resume_ && ask_for_rest();
}

HttpFailure Transfer::failure_of(CURLcode code) const {
  if (stopped_) return *stopped_;
  if (request_.read_failed()) {
    return fail(Cause::storage, "the file of the request's body became shorter while it was sent");
  }
  if (code == CURLE_OPERATION_TIMEDOUT && !request_begun_) {
    return fail(Cause::timed_out, "no connection within " + weft::to_string(connect_timeout_));
  }
  const std::string why = curl_says_.front() ? curl_says_.data() : curl_easy_strerror(code);
  return fail(request_begun_ ? cause_of(code) : Cause::cannot_connect, excerpt(why));
}

std::optional<HttpResult> Transfer::follow() {
  if (++hops_ > redirects_at_most) return fail(Cause::bad_answer, "too many redirects");
  auto target = resolve_url(url_, *find_header(headers_, "Location"));
  if (!target) return fail(Cause::bad_answer, "the redirect's URL " + target.error().what);
  if (target->origin != url_.origin) request_.drop_secrets();
  sent_before_ = was_sent();
  url_ = *std::move(target);
  url_text_ = url_.text;
  request_begun_ = following_ = false;
  skipped_bytes_ = 0;
  status_ = 0;
  curl_says_.front() = '\0';
  set_url();
  return std::nullopt;
}

HttpResult Transfer::deliver() {
  auto body = sink_.finish();
  if (!body) return fail(body.error().cause, body.error().what);
  if (!whole_headers_.empty()) {
    status_ = 200;
    headers_ = std::move(whole_headers_);
    if (resume_->total_bytes().value_or(sink_.body_bytes()) != sink_.body_bytes())
      return fail(Cause::bad_answer, "the parts of the answer do not make up the whole");
  }
  HttpResponse response;
  response.status = status_;
  response.body = *std::move(body);
  response.body_bytes = sink_.body_bytes();
  const auto now = std::chrono::system_clock::now();
  response.retry_after = retry_after(headers_, std::chrono::time_point_cast<Duration>(now));
  response.headers = std::move(headers_);
  return response;
}

Transfer::Clock::time_point Transfer::last_activity() const {
  return std::max(moved_, request_.last_read());
}

std::optional<HttpFailure> Transfer::timed_out(Clock::time_point now) const {
  if (total_timeout_.count() > 0 && now >= started_ + total_timeout_) {
    return fail(Cause::timed_out, "not done within " + weft::to_string(total_timeout_));
  }
  if (idle_timeout_.count() > 0 && request_begun_ && !resting_ &&
      now >= last_activity() + idle_timeout_) {
    return fail(Cause::timed_out, "no byte came or went for " + weft::to_string(idle_timeout_));
  }
  return std::nullopt;
}

std::optional<Transfer::Clock::time_point> Transfer::next_timeout(Clock::time_point now) const {
  std::optional<Clock::time_point> next;
  if (total_timeout_.count() > 0) next = started_ + total_timeout_;
  if (idle_timeout_.count() > 0) {
    // While it does not run, look again after a whole span: that is the soonest it could run out.
    const bool running = request_begun_ && !resting_;
    const auto idle = (running ? last_activity() : now) + idle_timeout_;
    next = next ? std::min(*next, idle) : idle;
  }
  return next;
}

CURLcode Transfer::credit(std::uint64_t bytes) {
  sink_.credit(bytes);
  if (!resting_ || bytes == 0) return CURLE_OK;
  resting_ = false;
  moved_ = Clock::now();
  return curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
}

}  // namespace weft::net
