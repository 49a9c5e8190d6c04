// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iostream>
#include <optional>

#include "asking.hpp"

namespace {

weft::Timestamp now() {
  return std::chrono::time_point_cast<weft::Duration>(std::chrono::system_clock::now());
}

// Lets the server's time pass while nobody asks.
class Ticker {
 public:
  Ticker(boost::asio::io_context& io, weft::comfy_fake::ComfyServer& server)
      : timer_(io), server_(server) {}

  void wind() {
    const auto next = server_.next_at();
    if (!next) return timer_.expires_after(std::chrono::hours(1)), void();
    timer_.expires_after(std::max(*next - now(), weft::Duration(0)));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      server_.advance(now());
      wind();
    });
  }

 private:
  boost::asio::steady_timer timer_;
  weft::comfy_fake::ComfyServer& server_;
};

int serve(std::uint16_t port, const std::string& object_info) {
  boost::asio::io_context io(1);
  weft::comfy_fake::ComfyServer comfyui(weft::comfy_fake::read_catalogue(object_info));
  Ticker ticker(io, comfyui);
  auto server = weft::net::HttpServer::start(
      io, {.port = port, .body_limit_bytes = 128 << 20},
      [&](const weft::net::ServerRequest& request, weft::net::Responder responder) {
        auto answer = comfyui.handle(request, now());
        ticker.wind();
        if (answer) return responder.send(*std::move(answer));
        responder.abort();
      });
  if (!server) {
    std::cerr << server.error().to_string() << '\n';
    return weft::exit_code(server.error());
  }
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  std::cout << "listening on " << server->port() << std::endl;
  io.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  std::string object_info = std::string(WEFT_TEST_DATA) + "/comfyui/object_info.json";
  CLI::App app{"A ComfyUI server to test against; see README.md"};
  app.add_option("--port", port, "port on 127.0.0.1; 0: any free one");
  app.add_option("--object-info", object_info, "what GET /object_info answers");
  CLI11_PARSE(app, argc, argv);
  return serve(port, object_info);
}
