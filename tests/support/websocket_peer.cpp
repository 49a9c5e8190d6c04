// SPDX-License-Identifier: Apache-2.0
#include "websocket_peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>

namespace weft::testing {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

class BeastPeer final : public WebSocketPeer, public std::enable_shared_from_this<BeastPeer> {
 public:
  BeastPeer(tcp::socket socket, Events events)
      : stream_(std::move(socket)), events_(std::move(events)) {}

  void accept(const net::ServerRequest& request) {
    request_.version(11);
    request_.method(beast::http::verb::get);
    request_.target(request.target);
    for (const net::Header& header : request.headers) request_.insert(header.name, header.value);
    stream_.auto_fragment(false);
    stream_.async_accept(request_, [self = shared_from_this()](error_code error) {
      if (error) return self->end(std::nullopt);
      self->is_open_ = true;
      self->write();
      self->read();
    });
  }

  void send(bool is_text, std::string bytes) override {
    waiting_.push_back({is_text, std::move(bytes)});
    write();
  }
  void close(std::uint16_t code, std::string reason) override {
    farewell_.emplace(static_cast<websocket::close_code>(code), reason);
    write();
  }
  void drop() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
    end(std::nullopt);
  }
  void fall_silent() override { silent_ = true; }

 private:
  struct Message {
    bool is_text;
    std::string bytes;
  };

  void read() {
    if (silent_) return;
    stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error == websocket::error::closed) return self->end(self->stream_.reason().code);
      if (error) return self->end(std::nullopt);
      std::string bytes = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      const auto tell = self->events_.on_message;
      if (tell) tell(self->stream_.got_text(), std::move(bytes));
      self->read();
    });
  }
  void write() {
    if (writes_ || !is_open_ || ended_) return;
    writes_ = true;
    const auto done = [self = shared_from_this()](error_code error, std::size_t) {
      self->writes_ = false;
      self->waiting_.pop_front();
      if (!error) self->write();
    };
    if (!waiting_.empty()) {
      stream_.text(waiting_.front().is_text);
      stream_.async_write(asio::buffer(waiting_.front().bytes), done);
    } else if (farewell_) {
      stream_.async_close(*farewell_, [self = shared_from_this()](error_code) {});
    } else {
      writes_ = false;
    }
  }
  void end(std::optional<std::uint16_t> code) {
    if (std::exchange(ended_, true)) return;
    const auto events = std::exchange(events_, {});
    if (events.on_end) events.on_end(code);
  }

  websocket::stream<tcp::socket> stream_;
  Events events_;
  beast::http::request<beast::http::empty_body> request_;
  beast::flat_buffer buffer_;
  std::deque<Message> waiting_;
  std::optional<websocket::close_reason> farewell_;
  bool is_open_ = false, writes_ = false, silent_ = false, ended_ = false;
};

}  // namespace

bool WebSocketPeer::is_wanted(const net::ServerRequest& request) {
  const std::string* upgrade = net::find_header(request.headers, "Upgrade");
  return request.method == "GET" && upgrade && net::same_header_name(*upgrade, "websocket");
}

std::shared_ptr<WebSocketPeer> WebSocketPeer::accept(asio::io_context& io,
                                                     const net::ServerRequest& request,
                                                     net::Responder responder, Events events) {
  const int descriptor = responder.release();
  if (descriptor < 0) return nullptr;
  tcp::socket socket(io);
  error_code error;
  socket.assign(tcp::v4(), descriptor, error);
  if (error) return nullptr;
  auto peer = std::make_shared<BeastPeer>(std::move(socket), std::move(events));
  peer->accept(request);
  return peer;
}

}  // namespace weft::testing
