// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "cloud_server.hpp"
#include "slow_door.hpp"

namespace {

using weft::cloud_fake::CloudServer;
using weft::cloud_fake::Reply;

// Sends one answer as its reply wants it; keeps itself alive until it has.
class Sender : public std::enable_shared_from_this<Sender> {
 public:
  Sender(boost::asio::io_context& io, CloudServer& cloud, Reply reply,
         weft::net::Responder responder)
      : timer_(io), cloud_(cloud), reply_(std::move(reply)), responder_(std::move(responder)) {}

  void begin() {
    if (reply_.open_task.empty()) return later(reply_.delay, [this] { send(); });
    keep_open();
  }

 private:
  template <class Then>
  void later(weft::Duration pause, Then then) {
    timer_.expires_after(pause);
    timer_.async_wait([self = shared_from_this(), then](const boost::system::error_code& error) {
      if (!error) then();
    });
  }

  // Until its time has come, or it is interrupted.
  void keep_open() {
    constexpr weft::Duration look_every{20};
    if (reply_.delay > look_every && cloud_.runs_on(reply_.open_task)) {
      reply_.delay -= look_every;
      return later(look_every, [this] { keep_open(); });
    }
    cloud_.close(reply_.open_task);
    send();
  }

  void send() {
    auto& response = reply_.response;
    if (reply_.how == Reply::How::none) return responder_.abort();
    if (reply_.how == Reply::How::whole && reply_.trickle == weft::Duration(0))
      return responder_.send(std::move(response));
    response.headers.push_back({"Content-Length", std::to_string(response.body.size())});
    responder_.begin(response.status, response.headers);
    if (reply_.how == Reply::How::whole) return trickle();
    responder_.write(response.body.substr(0, response.body.size() / 2),
                     [self = shared_from_this()] { self->responder_.abort(); });
  }

  void trickle() {
    constexpr std::size_t piece = 64;
    if (sent_ == reply_.response.body.size()) return responder_.end();
    const std::string next = reply_.response.body.substr(sent_, piece);
    sent_ += next.size();
    responder_.write(next);
    later(reply_.trickle, [this] { trickle(); });
  }

  boost::asio::steady_timer timer_;
  CloudServer& cloud_;
  Reply reply_;
  weft::net::Responder responder_;
  std::size_t sent_ = 0;
};

// Whoever waits for the file never sees half of it.
void write_ports(const std::string& file, std::uint16_t port, std::uint16_t slow_door) {
  const std::string unfinished = file + ".new";
  std::ofstream(unfinished) << port << '\n' << slow_door << '\n';
  std::filesystem::rename(unfinished, file);
}

std::string contents_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

weft::result<void> serve(std::uint16_t port, const std::string& port_file,
                         const std::string& video) {
  boost::asio::io_context io(1);
  std::optional<CloudServer> cloud;
  std::vector<weft::net::Responder> silent;
  const auto answer = [&](const weft::net::ServerRequest& request, weft::net::Responder responder) {
    Reply reply = cloud->handle(request);
    if (reply.how == Reply::How::never) return silent.push_back(std::move(responder));
    std::make_shared<Sender>(io, *cloud, std::move(reply), std::move(responder))->begin();
  };
  auto files = weft::net::HttpServer::start(io, {}, answer);
  if (!files) return files.error();
  cloud.emplace("http://127.0.0.1:" + std::to_string(files->port()), contents_of(video));
  auto server = weft::net::HttpServer::start(io, {.port = port}, answer);
  if (!server) return server.error();
  weft::cloud_fake::SlowDoor door(io, *cloud);
  if (auto opened = door.open_to(server->port()); !opened) return opened.error();
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  if (!port_file.empty()) write_ports(port_file, server->port(), door.port());
  std::cout << "listening on " << server->port() << std::endl;
  io.run();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  std::string port_file;
  std::string video;
  CLI::App app{"Cloud services to test against; see README.md"};
  app.add_option("--port", port, "port on 127.0.0.1; 0: any free one");
  app.add_option("--port-file", port_file,
                 "file to write the port to, and below it the slow door's");
  app.add_option("--video", video, "file that every video is a copy of")->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  const auto served = serve(port, port_file, video);
  if (served) return 0;
  std::cerr << served.error().to_string() << '\n';
  return weft::exit_code(served.error());
}
