// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <unordered_set>

#include "net/http_session.hpp"

namespace weft::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

}  // namespace

// Shared by all copies of a Responder; its end without an answer is what abandon() is for.
class Responder::Exchange {
 public:
  explicit Exchange(std::shared_ptr<HttpSession> session) : session_(std::move(session)) {}
  ~Exchange() {
    if (session_) session_->abandon();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Null once the answer is complete: the session may be in its next exchange by then.
  HttpSession* session() const { return session_.get(); }
  std::shared_ptr<HttpSession> finish() { return std::move(session_); }

 private:
  std::shared_ptr<HttpSession> session_;
};

class HttpServer::Impl final : public SessionHost, public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, HttpServerOptions options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)), acceptor_(io), pause_(io) {}

  result<void> listen();
  void accept();
  void close();
  void stop(std::function<void()> on_stopped);

  const HttpServerOptions& options() const override { return options_; }
  bool is_stopping() const override { return stopping_; }
  void handle(ServerRequest request, std::shared_ptr<HttpSession> session) override;
  void closed(const std::shared_ptr<HttpSession>& session) override;

  std::uint16_t port() const { return port_; }
  std::uint64_t connections_accepted() const { return connections_accepted_; }

 private:
  void accepted(const error_code& error, tcp::socket socket);
  void report_if_stopped();

  const HttpServerOptions options_;
  const Handler handler_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::uint64_t connections_accepted_ = 0;
  bool stopping_ = false;
  std::unordered_set<std::shared_ptr<HttpSession>> sessions_;
  std::function<void()> on_stopped_;
};

result<void> HttpServer::Impl::listen() {
  error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) return invalid("'" + options_.address + "' is not an IP address to listen on");
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return machine("cannot listen on " + options_.address + " port " +
                       std::to_string(options_.port) + ": " + error.message(),
                   "choose another port, or port 0 for any free one");
  }
  port_ = acceptor_.local_endpoint().port();
  return {};
}

void HttpServer::Impl::accept() {
  acceptor_.async_accept([kept = weak_from_this()](const error_code& error, tcp::socket socket) {
    if (const auto alive = kept.lock()) alive->accepted(error, std::move(socket));
  });
}

void HttpServer::Impl::accepted(const error_code& error, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (error) {  // out of descriptors, mostly: trying again at once would only burn the processor
    pause_.expires_after(std::chrono::milliseconds(50));
    pause_.async_wait([kept = weak_from_this()](const error_code& cancelled) {
      const auto alive = kept.lock();
      if (alive && !cancelled) alive->accept();
    });
    return;
  }
  ++connections_accepted_;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const auto session = HttpSession::make(std::move(socket), weak_from_this());
  sessions_.insert(session);
  session->read_request();
  accept();
}

void HttpServer::Impl::handle(ServerRequest request, std::shared_ptr<HttpSession> session) {
  auto exchange = std::make_shared<Responder::Exchange>(std::move(session));
  handler_(std::move(request), Responder(std::move(exchange)));
}

void HttpServer::Impl::closed(const std::shared_ptr<HttpSession>& session) {
  sessions_.erase(session);
  report_if_stopped();
}

void HttpServer::Impl::report_if_stopped() {
  if (!stopping_ || !sessions_.empty() || !on_stopped_) return;
  asio::post(acceptor_.get_executor(), std::exchange(on_stopped_, nullptr));
}

void HttpServer::Impl::stop(std::function<void()> on_stopped) {
  stopping_ = true;
  on_stopped_ = std::move(on_stopped);
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  const auto sessions = sessions_;  // closing takes them off the list
  for (const auto& session : sessions) {
    if (session->is_idle()) session->close();
  }
  report_if_stopped();
}

void HttpServer::Impl::close() {
  stop({});
  const auto sessions = sessions_;
  for (const auto& session : sessions) session->close();
}

result<HttpServer> HttpServer::start(asio::io_context& io, HttpServerOptions options,
                                     Handler handler) {
  auto impl = std::make_shared<Impl>(io, std::move(options), std::move(handler));
  if (auto listening = impl->listen(); !listening) return listening.error();
  impl->accept();
  return HttpServer(std::move(impl));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;

HttpServer& HttpServer::operator=(HttpServer&& other) noexcept {
  if (this != &other && impl_) impl_->close();
  impl_ = std::move(other.impl_);
  return *this;
}

HttpServer::~HttpServer() {
  if (impl_) impl_->close();
}

std::uint16_t HttpServer::port() const noexcept {
  return impl_->port();
}

std::uint64_t HttpServer::connections_accepted() const noexcept {
  return impl_->connections_accepted();
}

void HttpServer::stop(std::function<void()> on_stopped) {
  impl_->stop(std::move(on_stopped));
}

// ---- responder

void Responder::send(ServerResponse response) {
  if (const auto session = exchange_->finish()) session->send(std::move(response));
}

void Responder::begin(int status, const Headers& headers) {
  if (auto* session = exchange_->session()) session->begin(status, headers);
}

void Responder::write(std::string piece, std::function<void()> on_written) {
  if (auto* session = exchange_->session()) session->write(std::move(piece), std::move(on_written));
}

void Responder::end() {
  if (const auto session = exchange_->finish()) session->end();
}

void Responder::abort() {
  if (const auto session = exchange_->finish()) session->close();
}

int Responder::release() {
  const auto session = exchange_->finish();
  return session ? session->release() : -1;
}

void Responder::on_disconnect(std::function<void()> callback) {
  if (auto* session = exchange_->session()) session->on_disconnect(std::move(callback));
}

}  // namespace weft::net
