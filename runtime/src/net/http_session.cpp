// SPDX-License-Identifier: Apache-2.0
// Beast parses requests; answers are written as buffers, because a serializer per kind of body
// would double what this file costs to compile.
#include "net/http_session.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <deque>
#include <optional>

namespace weft::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// RFC 9110, 5.6.7.
std::string http_date(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  const auto length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), length};
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

// A header must not begin a second one, whatever its value came from.
void append_header(std::string& head, std::string_view name, std::string_view value) {
  const auto append = [&](std::string_view text) {
    for (const char c : text) head += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c;
  };
  append(name);
  head += ": ";
  append(value);
  head += "\r\n";
}

std::string head_text(int status, const Headers& headers, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head += http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  head += "\r\n";
  append_header(head, "Date", http_date(std::time(nullptr)));
  if (!keep_alive) append_header(head, "Connection", "close");
  for (const Header& header : headers) append_header(head, header.name, header.value);
  return head;
}

// The status that answers a request that could not be read; absent: there is nobody to answer.
std::optional<int> status_of(const error_code& error) {
  if (error == http::error::body_limit) return 413;
  if (error == http::error::header_limit) return 431;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
  if (error.category() == make_error_code(http::error::bad_method).category()) return 400;
  return {};
}

std::string_view view(boost::core::string_view text) {
  return {text.data(), text.size()};
}

// Absent: the target is not of the form "/path?query".
std::optional<ServerRequest> request_of(http::request<http::string_body>&& message) {
  const std::string_view target = view(message.target());
  const auto url = boost::urls::parse_origin_form({target.data(), target.size()});
  if (!url) return std::nullopt;
  ServerRequest request;
  request.method = view(message.method_string());
  request.target = target;
  request.path = url->path();
  for (const auto& parameter : url->params()) {
    request.query.emplace_back(parameter.key, parameter.value);
  }
  for (const auto& field : message) {
    request.headers.push_back(
        {std::string(view(field.name_string())), std::string(view(field.value()))});
  }
  request.body = std::move(message.body());
  return request;
}

class BeastSession final : public HttpSession, public std::enable_shared_from_this<BeastSession> {
 public:
  BeastSession(tcp::socket socket, std::weak_ptr<SessionHost> host)
      : stream_(std::move(socket)), host_(std::move(host)) {}

  void read_request() override;
  bool is_idle() const override {
    return phase_ == Phase::reading && buffer_.size() == 0 && !parser_->got_some();
  }
  void close() override;
  void send(ServerResponse response) override;
  void begin(int status, const Headers& headers) override;
  void write(std::string piece, std::function<void()> on_written) override;
  void end() override;
  void on_disconnect(std::function<void()> callback) override;
  void abandon() override;
  int release() override;

 private:
  enum class Phase { reading, answering, streaming, finishing, closed };
  struct Piece {
    std::string prefix;
    std::string body;
    std::string_view suffix;
    std::function<void()> on_written;
  };

  void request_read(const error_code& error);
  void handle(ServerRequest request);
  void watch_client();
  void client_readable();
  void enqueue(Piece piece);
  void write_next();
  void piece_written(const error_code& error);
  void answered();
  void refuse(int status);
  void drain();
  void client_gone();

  beast::tcp_stream stream_;
  std::weak_ptr<SessionHost> host_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  Phase phase_ = Phase::reading;
  std::uint64_t exchanges_ = 0;
  bool keep_alive_ = false;
  bool chunked_ = false;
  bool head_only_ = false;
  bool unread_ = false;  // part of the request was left on the wire
  std::deque<Piece> pieces_;
  std::function<void()> on_disconnect_;
  std::array<char, 4096> scratch_;
};

// ---- reading

void BeastSession::read_request() {
  const auto host = host_.lock();
  if (!host || host->is_stopping()) return close();
  phase_ = Phase::reading;
  parser_.emplace();
  parser_->body_limit(host->options().body_limit_bytes);
  parser_->header_limit(host->options().head_limit_bytes);
  stream_.expires_after(host->options().read_timeout);
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const error_code& error, std::size_t) {
                     self->request_read(error);
                   });
}

void BeastSession::request_read(const error_code& error) {
  if (phase_ == Phase::closed) return;
  stream_.expires_never();
  if (error) {
    unread_ = true;
    const auto status = status_of(error);
    return status ? refuse(*status) : close();
  }
  keep_alive_ = parser_->get().keep_alive();
  chunked_ = parser_->get().version() >= 11;
  head_only_ = parser_->get().method() == http::verb::head;
  auto request = request_of(parser_->release());
  if (!request) return refuse(400);
  handle(*std::move(request));
}

void BeastSession::handle(ServerRequest request) {
  const auto host = host_.lock();
  if (!host) return close();
  phase_ = Phase::answering;
  ++exchanges_;
  watch_client();
  host->handle(std::move(request), shared_from_this());
}

// While an answer is being made nothing is read, so the end of the connection has to be looked for.
void BeastSession::watch_client() {
  stream_.socket().async_wait(
      tcp::socket::wait_read,
      [self = shared_from_this(), exchange = exchanges_](const error_code& error) {
        const bool waiting = self->phase_ == Phase::answering || self->phase_ == Phase::streaming;
        if (!error && waiting && self->exchanges_ == exchange) self->client_readable();
      });
}

void BeastSession::client_readable() {
  char byte = 0;
  const auto got = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) return;  // the next request already
  const bool again = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  again ? watch_client() : client_gone();
}

// ---- answering

void BeastSession::send(ServerResponse response) {
  if (phase_ != Phase::answering) return;
  phase_ = Phase::finishing;
  std::string head = head_text(response.status, response.headers, keep_alive_);
  const bool with_body = has_body(response.status);
  if (with_body) append_header(head, "Content-Length", std::to_string(response.body.size()));
  head += "\r\n";
  if (!with_body || head_only_) response.body.clear();
  enqueue({std::move(head), std::move(response.body), {}, {}});
}

void BeastSession::begin(int status, const Headers& headers) {
  if (phase_ != Phase::answering) return;
  phase_ = Phase::streaming;
  const bool length_known = find_header(headers, "Content-Length") != nullptr;
  chunked_ = chunked_ && !length_known;
  keep_alive_ = keep_alive_ && (chunked_ || length_known);
  std::string head = head_text(status, headers, keep_alive_);
  if (chunked_) append_header(head, "Transfer-Encoding", "chunked");
  head += "\r\n";
  enqueue({std::move(head), {}, {}, {}});
}

void BeastSession::write(std::string piece, std::function<void()> on_written) {
  if (phase_ != Phase::streaming) return;
  Piece chunk;
  chunk.on_written = std::move(on_written);
  if (!head_only_ && !piece.empty()) {  // an empty chunk would be the last one
    if (chunked_) {
      std::array<char, 20> digits{};
      const auto end =
          std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16).ptr;
      chunk.prefix.assign(digits.data(), end).append("\r\n");
      chunk.suffix = "\r\n";
    }
    chunk.body = std::move(piece);
  }
  enqueue(std::move(chunk));
}

void BeastSession::end() {
  if (phase_ != Phase::streaming) return;
  phase_ = Phase::finishing;
  enqueue({chunked_ && !head_only_ ? "0\r\n\r\n" : "", {}, {}, {}});
}

void BeastSession::abandon() {
  if (phase_ == Phase::streaming) return close();
  send({500, {{"Content-Type", "text/plain"}}, "the request was dropped without an answer\n"});
}

void BeastSession::on_disconnect(std::function<void()> callback) {
  if (phase_ == Phase::closed) {
    asio::post(stream_.get_executor(), std::move(callback));
  } else {
    on_disconnect_ = std::move(callback);
  }
}

void BeastSession::refuse(int status) {
  keep_alive_ = false;
  phase_ = Phase::answering;
  send({status, {{"Content-Type", "text/plain"}}, "the request cannot be read\n"});
}

// ---- writing

void BeastSession::enqueue(Piece piece) {
  pieces_.push_back(std::move(piece));
  if (pieces_.size() == 1) write_next();
}

void BeastSession::write_next() {
  if (const auto host = host_.lock()) stream_.expires_after(host->options().write_timeout);
  const Piece& piece = pieces_.front();
  const std::array<asio::const_buffer, 3> buffers{
      asio::buffer(piece.prefix), asio::buffer(piece.body),
      asio::buffer(piece.suffix.data(), piece.suffix.size())};
  asio::async_write(stream_, buffers,
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      self->piece_written(error);
                    });
}

void BeastSession::piece_written(const error_code& error) {
  if (phase_ == Phase::closed) return;
  stream_.expires_never();
  if (error) return client_gone();
  const auto on_written = std::move(pieces_.front().on_written);
  pieces_.pop_front();
  if (!pieces_.empty()) {
    write_next();
  } else if (phase_ == Phase::finishing) {
    answered();
  }
  if (on_written) on_written();
}

void BeastSession::answered() {
  on_disconnect_ = nullptr;
  if (keep_alive_) return read_request();
  if (unread_) return drain();
  close();
}

// ---- the end

int BeastSession::release() {
  if (phase_ != Phase::answering || buffer_.size() > 0) return close(), -1;
  phase_ = Phase::closed;
  on_disconnect_ = nullptr;
  error_code error;
  const int socket = stream_.socket().release(error);
  const auto self = shared_from_this();
  if (const auto host = host_.lock()) host->closed(self);
  return error ? -1 : socket;
}

// Closing while unread bytes wait would reset the connection and take the answer away from the
// client.
void BeastSession::drain() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.expires_after(std::chrono::seconds(2));
  stream_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            if (self->phase_ == Phase::closed) return;
                            error ? self->close() : self->drain();
                          });
}

void BeastSession::client_gone() {
  const auto callback = std::move(on_disconnect_);
  close();
  if (callback) callback();
}

void BeastSession::close() {
  if (std::exchange(phase_, Phase::closed) == Phase::closed) return;
  const auto self = shared_from_this();
  // The callbacks go now, since they may hold a Responder and with it this session; the bytes may
  // still be in use.
  on_disconnect_ = nullptr;
  for (Piece& piece : pieces_) piece.on_written = nullptr;
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.close();
  if (const auto host = host_.lock()) host->closed(self);
}

}  // namespace

std::shared_ptr<HttpSession> HttpSession::make(tcp::socket socket,
                                               std::weak_ptr<SessionHost> host) {
  return std::make_shared<BeastSession>(std::move(socket), std::move(host));
}

}  // namespace weft::net
