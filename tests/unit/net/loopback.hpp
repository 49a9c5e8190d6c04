// SPDX-License-Identifier: Apache-2.0
// Client and servers on one io_context in one thread: a test waits for events, never for time to
// pass.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "observe/log.hpp"

namespace weft::net {

class Loopback {
 public:
  explicit Loopback(HttpClientOptions options = {});

  // Runs handlers until `done`; throws when that takes ten seconds.
  void run_until(const std::function<bool()>& done);
  // Starts the request and waits for its end.
  HttpResult fetch(HttpRequest request);
  HttpServer serve(HttpServer::Handler handler, HttpServerOptions options = {});
  // Sends these bytes over a connection of its own and returns all that comes until the server
  // closes it.
  std::string exchange(std::uint16_t port, std::string_view bytes);

  boost::asio::io_context io;
  std::vector<std::string> log_lines;
  std::unique_ptr<HttpClient> client;

 private:
  observe::Redactor redactor_;
};

std::string local_url(std::uint16_t port, std::string_view path = "/");

// A server that answers every request on every connection with what a script says, HTTP or not.
class RawServer {
 public:
  enum class Then { keep_open, close, reset };
  struct Answer {
    std::string bytes;
    Then then = Then::close;
  };
  using Script = std::function<Answer(const std::string& head)>;

  RawServer(boost::asio::io_context& io, Script script);
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // The heads of all requests so far.
  const std::vector<std::string>& heads() const { return heads_; }
  std::size_t connections() const { return connections_.size(); }

 private:
  struct Connection {
    boost::asio::ip::tcp::socket socket;
    std::string received;
    std::string answer;
  };
  void accept();
  void read(const std::shared_ptr<Connection>& connection);
  void answer(const std::shared_ptr<Connection>& connection);

  boost::asio::ip::tcp::acceptor acceptor_;
  Script script_;
  std::vector<std::string> heads_;
  std::vector<std::shared_ptr<Connection>> connections_;
};

// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& path, std::string_view content);
std::string read_file(const std::filesystem::path& path);
// Bytes in which no two places look alike.
std::string distinct_bytes(std::size_t count);

}  // namespace weft::net
