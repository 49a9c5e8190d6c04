// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/throw_exception.hpp>
#include <chrono>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include "net/curl_loop.hpp"
#include "net/transfer.hpp"

namespace weft::net {
namespace {

using Clock = Transfer::Clock;
using Cause = HttpFailure::Cause;

// libcurl wants its process-wide set-up exactly once; it takes nothing of ours along and is never
// undone.
void set_up_curl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(done);
}

struct Start {
  TransferId id;
  HttpRequest request;
  HttpClient::OnDone on_done;
  Clock::time_point at;
};
struct Cancel {
  TransferId id;
};
struct Credit {
  TransferId id;
  std::uint64_t bytes;
};
using Command = std::variant<Start, Cancel, Credit>;

}  // namespace

std::string_view to_string(HttpFailure::Cause cause) noexcept {
  constexpr std::array<std::string_view, 8> words{"bad_request",     "cannot_connect", "timed_out",
                                                  "connection_lost", "bad_answer",     "too_large",
                                                  "storage",         "cancelled"};
  return words[static_cast<std::size_t>(cause)];
}

void throw_exception_from_error(const HttpFailure& failure,
                                const boost::source_location& location) {
  boost::throw_exception(std::runtime_error(failure.message), location);
}

// Other threads only put commands into the inbox; everything else happens in the io thread.
// Handlers hold the Impl weakly, so that nothing runs after close().
class HttpClient::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, HttpClientOptions options, observe::Logger log);

  void start_loop();
  void close();
  TransferId next_id() noexcept { return TransferId{++last_id_}; }
  void push(Command command);

 private:
  struct Running {
    Running(Start start, const HttpClientOptions& options, EasyPool& handles, KeptSockets& sockets,
            boost::asio::io_context& io)
        : transfer(start.id, std::move(start.request), options, handles.take(), sockets, start.at),
          on_done(std::move(start.on_done)),
          timer(io),
          started(start.at) {}
    Transfer transfer;
    OnDone on_done;
    boost::asio::steady_timer timer;
    Clock::time_point started;
  };
  using Runnings = std::unordered_map<TransferId, std::unique_ptr<Running>>;

  std::optional<Command> next_command();
  void work();
  void handle(Start start);
  void handle(Cancel cancel);
  void handle(Credit credit);
  void curl_done(CURL* easy, CURLcode code);
  void finish(Running& running, CURLcode code);
  void add(Running& running);
  void add_again(Running& running);
  void arm(Running& running);
  void end(TransferId id, HttpResult result);
  void report(const Running& running, const HttpResult& result) const;

  boost::asio::io_context& io_;
  const HttpClientOptions options_;
  const observe::Logger log_;
  std::shared_ptr<CurlLoop> loop_;
  EasyPool handles_;
  KeptSockets sockets_;
  Runnings running_;

  std::atomic<std::uint64_t> last_id_ = 0;
  std::mutex mutex_;
  std::deque<Command> inbox_;
  bool work_posted_ = false;
};

HttpClient::Impl::Impl(boost::asio::io_context& io, HttpClientOptions options, observe::Logger log)
    : io_(io), options_(std::move(options)), log_(std::move(log)) {}

void HttpClient::Impl::start_loop() {
  set_up_curl();
  loop_ = std::make_shared<CurlLoop>(io_, [kept = weak_from_this()](CURL* easy, CURLcode code) {
    if (const auto alive = kept.lock()) alive->curl_done(easy, code);
  });
  curl_multi_setopt(loop_->multi(), CURLMOPT_MAX_HOST_CONNECTIONS, options_.connections_per_host);
  curl_multi_setopt(loop_->multi(), CURLMOPT_MAXCONNECTS, options_.kept_connections);
}

void HttpClient::Impl::close() {
  while (!running_.empty()) {
    const auto& transfer = running_.begin()->second->transfer;
    end(transfer.id(), transfer.fail(Cause::cancelled, "the client was closed"));
  }
  while (auto command = next_command()) {
    if (auto* start = std::get_if<Start>(&*command)) {
      start->on_done(start->id, HttpFailure{Cause::cancelled, false, 0, "the client was closed"});
    }
  }
  loop_->close();
}

void HttpClient::Impl::push(Command command) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(command));
    if (std::exchange(work_posted_, true)) return;
  }
  boost::asio::post(io_, [kept = weak_from_this()] {
    if (const auto alive = kept.lock()) alive->work();
  });
}

std::optional<Command> HttpClient::Impl::next_command() {
  const std::lock_guard lock(mutex_);
  if (inbox_.empty()) {
    work_posted_ = false;
    return std::nullopt;
  }
  std::optional<Command> first(std::move(inbox_.front()));
  inbox_.pop_front();
  return first;
}

void HttpClient::Impl::work() {
  while (auto command = next_command()) {
    std::visit([this](auto& what) { handle(std::move(what)); }, *command);
  }
}

void HttpClient::Impl::handle(Start start) {
  const TransferId id = start.id;
  auto& running = *running_
                       .emplace(id, std::make_unique<Running>(std::move(start), options_, handles_,
                                                              sockets_, io_))
                       .first->second;
  if (auto failure = running.transfer.prepare()) {
    end(id, *std::move(failure));
  } else {
    arm(running);
    add(running);
  }
}

void HttpClient::Impl::handle(Cancel cancel) {
  const auto found = running_.find(cancel.id);
  if (found == running_.end()) return;
  end(cancel.id, found->second->transfer.fail(Cause::cancelled, "cancelled"));
}

void HttpClient::Impl::handle(Credit credit) {
  const auto found = running_.find(credit.id);
  if (found == running_.end()) return;
  const CURLcode code = found->second->transfer.credit(credit.bytes);
  if (code != CURLE_OK) finish(*found->second, code);
}

void HttpClient::Impl::curl_done(CURL* easy, CURLcode code) {
  Transfer* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  const auto found = running_.find(transfer->id());
  finish(*found->second, code);
}

void HttpClient::Impl::finish(Running& running, CURLcode code) {
  auto result = running.transfer.finish(code);
  if (result) {
    end(running.transfer.id(), *std::move(result));
  } else {
    add_again(running);
  }
}

void HttpClient::Impl::add_again(Running& running) {
  loop_->remove(running.transfer.easy());
  const Duration pause = running.transfer.pause();
  if (pause <= Duration(0)) return add(running);
  const auto timer = std::make_shared<boost::asio::steady_timer>(io_, pause);
  timer->async_wait([kept = weak_from_this(), id = running.transfer.id(),
                     timer](const boost::system::error_code&) {
    const auto alive = kept.lock();
    if (!alive) return;
    const auto found = alive->running_.find(id);
    if (found != alive->running_.end()) alive->add(*found->second);
  });
}

void HttpClient::Impl::add(Running& running) {
  const CURLMcode code = loop_->add(running.transfer.easy());
  if (code == CURLM_OK) return;
  end(running.transfer.id(),
      running.transfer.fail(Cause::cannot_connect, curl_multi_strerror(code)));
}

// One timer per transfer that looks when it goes off, instead of being set again with every byte
// that moves.
void HttpClient::Impl::arm(Running& running) {
  const auto next = running.transfer.next_timeout(Clock::now());
  if (!next) return;
  running.timer.expires_at(*next);
  running.timer.async_wait([kept = weak_from_this(),
                            id = running.transfer.id()](const boost::system::error_code& error) {
    const auto alive = kept.lock();
    if (!alive || error) return;
    const auto found = alive->running_.find(id);
    if (found == alive->running_.end()) return;
    Running& silent = *found->second;
    const auto now = Clock::now();
    auto failure = silent.transfer.timed_out(now);
    if (failure && !silent.transfer.goes_on_after_silence(now))
      return alive->end(id, *std::move(failure));
    alive->arm(silent);
    if (failure) alive->add_again(silent);  // may end it
  });
}

void HttpClient::Impl::end(TransferId id, HttpResult result) {
  const auto node = running_.extract(id);
  Running& running = *node.mapped();
  loop_->remove(running.transfer.easy());
  report(running, result);
  running.on_done(id, std::move(result));
}

void HttpClient::Impl::report(const Running& running, const HttpResult& result) const {
  if (!log_.is_on(observe::Level::debug)) return;
  const auto took = std::chrono::duration_cast<Duration>(Clock::now() - running.started);
  if (result) {
    log_.debug("http answer", {{"method", running.transfer.method()},
                               {"url", running.transfer.shown_url()},
                               {"status", result->status},
                               {"bytes", result->body_bytes},
                               {"took_ms", took.count()}});
  } else {
    log_.debug("http failure", {{"cause", to_string(result.error().cause)},
                                {"sent", result.error().sent},
                                {"message", result.error().message},
                                {"took_ms", took.count()}});
  }
}

HttpClient::HttpClient(boost::asio::io_context& io, HttpClientOptions options, observe::Logger log)
    : impl_(std::make_shared<Impl>(io, std::move(options), std::move(log))) {
  impl_->start_loop();
}

HttpClient::~HttpClient() {
  impl_->close();
}

TransferId HttpClient::start(HttpRequest request, OnDone on_done) {
  const TransferId id = impl_->next_id();
  impl_->push(Start{id, std::move(request), std::move(on_done), Clock::now()});
  return id;
}

void HttpClient::cancel(TransferId id) {
  impl_->push(Cancel{id});
}

void HttpClient::credit(TransferId id, std::uint64_t bytes) {
  impl_->push(Credit{id, bytes});
}

}  // namespace weft::net
