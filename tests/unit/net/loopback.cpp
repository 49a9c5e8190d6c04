// SPDX-License-Identifier: Apache-2.0
#include "loopback.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace weft::net {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

Loopback::Loopback(HttpClientOptions options) : io(1) {
  auto log = observe::Logger::to_sink(
      [this](observe::Level, std::string_view line) { log_lines.emplace_back(line); }, redactor_,
      observe::Level::trace);
  client = std::make_unique<HttpClient>(io, std::move(options), std::move(log));
}

void Loopback::run_until(const std::function<bool()>& done) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    io.restart();
    if (io.run_one_until(give_up) == 0) throw std::runtime_error("the awaited event never came");
  }
}

HttpResult Loopback::fetch(HttpRequest request) {
  std::optional<HttpResult> answer;
  client->start(std::move(request),
                [&](TransferId, HttpResult result) { answer = std::move(result); });
  run_until([&] { return answer.has_value(); });
  return *std::move(answer);
}

HttpServer Loopback::serve(HttpServer::Handler handler, HttpServerOptions options) {
  return HttpServer::start(io, std::move(options), std::move(handler)).value();
}

std::string Loopback::exchange(std::uint16_t port, std::string_view bytes) {
  tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), port});
  asio::write(socket, asio::buffer(bytes));
  std::string received;
  bool closed = false;
  std::array<char, 4096> piece;
  std::function<void()> read = [&] {
    socket.async_read_some(asio::buffer(piece), [&](error_code error, std::size_t count) {
      received.append(piece.data(), count);
      closed = error.failed();
      if (!closed) read();
    });
  };
  read();
  run_until([&] { return closed; });
  return received;
}

std::string local_url(std::uint16_t port, std::string_view path) {
  return "http://127.0.0.1:" + std::to_string(port) + std::string(path);
}

RawServer::RawServer(asio::io_context& io, Script script)
    : acceptor_(io, {asio::ip::address_v4::loopback(), 0}), script_(std::move(script)) {
  accept();
}

void RawServer::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error) return;
    connections_.push_back(std::make_shared<Connection>(Connection{std::move(socket), {}, {}}));
    read(connections_.back());
    accept();
  });
}

void RawServer::read(const std::shared_ptr<Connection>& connection) {
  asio::async_read_until(connection->socket, asio::dynamic_buffer(connection->received), "\r\n\r\n",
                         [this, connection](error_code error, std::size_t head_bytes) {
                           if (error) return;
                           heads_.push_back(connection->received.substr(0, head_bytes));
                           connection->received.erase(0, head_bytes);
                           answer(connection);
                         });
}

void RawServer::answer(const std::shared_ptr<Connection>& connection) {
  const Answer said = script_(heads_.back());
  connection->answer = said.bytes;
  asio::async_write(connection->socket, asio::buffer(connection->answer),
                    [this, connection, then = said.then](error_code error, std::size_t) {
                      if (error) return;
                      if (then == Then::keep_open) return read(connection);
                      if (then == Then::reset)
                        connection->socket.set_option(tcp::socket::linger(true, 0));
                      connection->socket.close();
                    });
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "weft-net-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::filesystem::remove_all(path_);
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string distinct_bytes(std::size_t count) {
  std::string bytes;
  bytes.reserve(count + 8);
  for (std::size_t i = 0; bytes.size() < count; ++i) bytes += std::to_string(i) + ",";
  bytes.resize(count);
  return bytes;
}

}  // namespace weft::net
