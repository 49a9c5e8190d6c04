// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <optional>
#include <utility>

#include "net/address.hpp"

namespace weft::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = asio::ssl;
namespace websocket = beast::websocket;
using boost::system::error_code;
using Cause = WebSocketEnd::Cause;
using tcp = asio::ip::tcp;

// A TCP connection with TLS or without: one type, so that Beast is compiled once for both.
class Transport {
 public:
  using executor_type = beast::tcp_stream::executor_type;
  using next_layer_type = beast::tcp_stream;

  explicit Transport(asio::io_context& io) : tcp_(io) {}
  void use_tls(ssl::context& context) { tls_.emplace(tcp_, context); }

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  beast::tcp_stream& next_layer() noexcept { return tcp_; }
  const beast::tcp_stream& next_layer() const noexcept { return tcp_; }
  ssl::stream<beast::tcp_stream&>* tls() noexcept { return tls_ ? &*tls_ : nullptr; }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Handler>(handler));
    tcp_.async_read_some(buffers, std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Handler>(handler));
    tcp_.async_write_some(buffers, std::forward<Handler>(handler));
  }

 private:
  beast::tcp_stream tcp_;
  std::optional<ssl::stream<beast::tcp_stream&>> tls_;
};

// The close frames were exchanged: there is nothing left to wait for, neither with TLS.
template <class Handler>
void async_teardown(beast::role_type role, Transport& transport, Handler&& handler) {
  using websocket::async_teardown;
  async_teardown(role, transport.next_layer().socket(), std::forward<Handler>(handler));
}

bool is_address(const std::string& host) {
  error_code none;
  asio::ip::make_address(host, none);
  return !none;
}

std::string view(boost::core::string_view text) {
  return {text.data(), text.size()};
}

class BeastSession final : public WebSocketSession,
                           public std::enable_shared_from_this<BeastSession> {
 public:
  BeastSession(asio::io_context& io, WebSocketPlan plan, WebSocketEvents events,
               std::shared_ptr<std::atomic<std::uint64_t>> unsent)
      : plan_(std::move(plan)),
        events_(std::move(events)),
        unsent_(std::move(unsent)),
        resolver_(io),
        deadline_(io),
        stream_(io) {}

  void open() override;
  void send(WebSocketMessage message) override;
  void close(std::uint16_t code, std::string reason) override;
  void end(Cause cause, std::string message) override;

 private:
  enum class Phase { opening, open, closing, ended };

  // A handler that does nothing once the end was told.
  template <class Work>
  auto then(Work work) {
    return [self = shared_from_this(), work = std::move(work)](error_code error, auto&&...) {
      if (self->phase_ != Phase::ended) work(*self, error);
    };
  }
  void arm_deadline();
  void connect(const tcp::resolver::results_type& found);
  void shake_hands_tls();
  void shake_hands();
  void opened(error_code error);
  void read();
  void take(error_code error);
  void write();
  void written(error_code error);
  void closed();

  const WebSocketPlan plan_;
  WebSocketEvents events_;
  const std::shared_ptr<std::atomic<std::uint64_t>> unsent_;
  tcp::resolver resolver_;
  asio::steady_timer deadline_;
  websocket::stream<Transport> stream_;
  websocket::response_type answer_;
  beast::flat_buffer buffer_;
  std::deque<WebSocketMessage> waiting_;
  std::optional<websocket::close_reason> farewell_;  // to be said when nothing waits
  bool writes_ = false;
  Phase phase_ = Phase::opening;
  bool was_open_ = false;
};

// ---- opening

void BeastSession::open() {
  arm_deadline();
  resolver_.async_resolve(
      plan_.host, plan_.port,
      [self = shared_from_this()](error_code error, const tcp::resolver::results_type& found) {
        if (self->phase_ == Phase::ended) return;
        if (!error) return self->connect(found);
        self->end(Cause::cannot_connect,
                  "cannot find " + self->plan_.host + ": " + error.message());
      });
}

void BeastSession::arm_deadline() {
  if (plan_.request.open_timeout <= Duration(0)) return;
  deadline_.expires_after(plan_.request.open_timeout);
  deadline_.async_wait(then([](BeastSession& self, error_code cancelled) {
    if (!cancelled && self.phase_ == Phase::opening)
      self.end(
          Cause::timed_out,
          "was not open within " + std::to_string(self.plan_.request.open_timeout.count()) + " ms");
  }));
}

void BeastSession::connect(const tcp::resolver::results_type& found) {
  std::vector<tcp::endpoint> endpoints;
  std::string refused;
  for (const auto& entry : found) {
    const std::string address = entry.endpoint().address().to_string();
    if (plan_.request.public_only && !is_public_address(address))
      refused = address;
    else
      endpoints.push_back(entry.endpoint());
  }
  if (endpoints.empty())
    return end(Cause::bad_message,
               "leads to " + refused + ", which is no address of the public Internet");
  beast::get_lowest_layer(stream_).async_connect(
      endpoints, then([](BeastSession& self, error_code error) {
        if (error) return self.end(Cause::cannot_connect, "cannot connect: " + error.message());
        error_code ignored;
        beast::get_lowest_layer(self.stream_).socket().set_option(tcp::no_delay(true), ignored);
        self.plan_.tls ? self.shake_hands_tls() : self.shake_hands();
      }));
}

void BeastSession::shake_hands_tls() {
  stream_.next_layer().use_tls(*plan_.tls);
  auto& tls = *stream_.next_layer().tls();
  if (!is_address(plan_.host)) SSL_set_tlsext_host_name(tls.native_handle(), plan_.host.c_str());
  tls.set_verify_mode(ssl::verify_peer);
  tls.set_verify_callback(ssl::host_name_verification(plan_.host));
  tls.async_handshake(ssl::stream_base::client, then([](BeastSession& self, error_code error) {
                        if (error)
                          return self.end(Cause::cannot_connect, "no TLS: " + error.message());
                        self.shake_hands();
                      }));
}

void BeastSession::shake_hands() {
  websocket::stream_base::timeout times{};
  const Duration idle = plan_.request.idle_timeout;
  times.handshake_timeout = std::chrono::seconds(30);  // of closing; opening has its own
  times.idle_timeout =
      idle > Duration(0) ? websocket::stream_base::duration(idle) : websocket::stream_base::none();
  times.keep_alive_pings = idle > Duration(0);
  stream_.set_option(times);
  stream_.read_message_max(plan_.request.message_limit_bytes);
  stream_.auto_fragment(false);
  stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
    request.set(beast::http::field::user_agent, plan_.user_agent);
    for (const Header& header : plan_.request.headers) request.insert(header.name, header.value);
  }));
  const bool usual = plan_.port == (plan_.tls ? "443" : "80");
  const std::string name =
      plan_.host.find(':') == std::string::npos ? plan_.host : "[" + plan_.host + "]";
  stream_.async_handshake(answer_, usual ? name : name + ":" + plan_.port, plan_.target,
                          then([](BeastSession& self, error_code error) { self.opened(error); }));
}

void BeastSession::opened(error_code error) {
  deadline_.cancel();
  if (error == websocket::error::upgrade_declined)
    return end(Cause::refused, "the server answered HTTP " + std::to_string(answer_.result_int()) +
                                   " instead of opening a WebSocket");
  if (error && error.category() == make_error_code(websocket::error::closed).category())
    return end(Cause::bad_message, "the server's handshake is wrong: " + error.message());
  if (error) return end(Cause::connection_lost, "the connection broke: " + error.message());
  phase_ = Phase::open;
  was_open_ = true;
  Headers headers;
  for (const auto& field : answer_)
    headers.push_back({view(field.name_string()), view(field.value())});
  if (events_.on_open) events_.on_open(std::move(headers));
  if (phase_ == Phase::ended) return;
  read();
  write();
}

// ---- messages

void BeastSession::read() {
  stream_.async_read(buffer_, then([](BeastSession& self, error_code error) { self.take(error); }));
}

void BeastSession::take(error_code error) {
  if (error == websocket::error::closed) return closed();
  if (error && phase_ == Phase::closing) return;  // the close, which waits as well, tells the end
  if (error == websocket::error::message_too_big)
    return end(Cause::too_large, "a message is longer than " +
                                     std::to_string(plan_.request.message_limit_bytes) + " bytes");
  if (error == beast::error::timeout)
    return end(Cause::timed_out,
               "nothing came for " + std::to_string(plan_.request.idle_timeout.count()) + " ms");
  if (error && error.category() == make_error_code(websocket::error::closed).category())
    return end(Cause::bad_message, "the other side broke the protocol: " + error.message());
  if (error) return end(Cause::connection_lost, "the connection broke: " + error.message());
  WebSocketMessage message{stream_.got_text(), beast::buffers_to_string(buffer_.data())};
  buffer_.consume(buffer_.size());
  if (events_.on_message) events_.on_message(std::move(message));
  if (phase_ != Phase::ended) read();
}

void BeastSession::send(WebSocketMessage message) {
  if (phase_ == Phase::ended || farewell_) return;
  waiting_.push_back(std::move(message));
  write();
}

void BeastSession::write() {
  if (writes_ || phase_ != Phase::open) return;
  if (!waiting_.empty()) {
    writes_ = true;
    stream_.text(waiting_.front().is_text);
    stream_.async_write(asio::buffer(waiting_.front().bytes),
                        then([](BeastSession& self, error_code error) { self.written(error); }));
  } else if (farewell_) {
    phase_ = Phase::closing;
    stream_.async_close(*farewell_, then([](BeastSession& self, error_code error) {
      if (!error) return self.closed();
      self.end(error == beast::error::timeout ? Cause::timed_out : Cause::connection_lost,
               "the other side did not close: " + error.message());
    }));
  }
}

void BeastSession::written(error_code error) {
  writes_ = false;
  *unsent_ -= waiting_.front().bytes.size();
  waiting_.pop_front();
  if (!error) write();  // what went wrong is told by read()
}

// ---- the end

void BeastSession::close(std::uint16_t code, std::string reason) {
  if (phase_ == Phase::ended || farewell_) return;
  constexpr std::size_t longest = 123;  // RFC 6455, 5.5
  reason.resize(std::min(reason.size(), longest));
  farewell_.emplace(static_cast<websocket::close_code>(code), reason);
  if (phase_ == Phase::opening) return end(Cause::closed, "closed before it was open");
  write();
}

void BeastSession::closed() {
  const websocket::close_reason& reason = stream_.reason();
  WebSocketEnd how;
  how.opened = true;
  how.close_code = reason.code == websocket::close_code::none
                       ? static_cast<std::uint16_t>(websocket::close_code::no_status)
                       : reason.code;
  how.message.assign(reason.reason.data(), reason.reason.size());
  phase_ = Phase::ended;
  const auto events = std::exchange(events_, {});
  if (events.on_end) events.on_end(std::move(how));
}

void BeastSession::end(Cause cause, std::string message) {
  if (phase_ == Phase::ended) return;
  phase_ = Phase::ended;
  const auto self = shared_from_this();
  WebSocketEnd how;
  how.cause = cause;
  how.opened = was_open_;
  how.http_status = cause == Cause::refused ? static_cast<int>(answer_.result_int()) : 0;
  how.message = std::move(message);
  resolver_.cancel();
  deadline_.cancel();
  beast::get_lowest_layer(stream_).close();
  const auto events = std::exchange(events_, {});
  if (events.on_end) events.on_end(std::move(how));
}

}  // namespace

std::shared_ptr<WebSocketSession> WebSocketSession::make(
    asio::io_context& io, WebSocketPlan plan, WebSocketEvents events,
    std::shared_ptr<std::atomic<std::uint64_t>> unsent) {
  return std::make_shared<BeastSession>(io, std::move(plan), std::move(events), std::move(unsent));
}

}  // namespace weft::net
