// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "base/result.hpp"
#include "job_service.hpp"

namespace {

struct Options {
  std::uint16_t port = 0;
  std::string port_file;
  std::string journal;
};

weft::Timestamp now() {
  return std::chrono::time_point_cast<weft::Duration>(std::chrono::system_clock::now());
}

// Whoever waits for the file never sees half of it.
void write_port(const std::string& file, std::uint16_t port) {
  const std::string unfinished = file + ".new";
  std::ofstream(unfinished) << port << '\n';
  std::filesystem::rename(unfinished, file);
}

weft::result<void> serve(const Options& options) {
  boost::asio::io_context io(1);
  std::optional<weft::net::HttpServer> server;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  const auto stop = [&] {
    signals.cancel();
    server->stop([&] { io.stop(); });
  };
  weft::jobs::JobService service(&now, stop);
  if (!options.journal.empty()) {
    auto opened = weft::jobs::Journal::open(options.journal);
    if (!opened) return opened.error();
    service.use(*std::move(opened));
  }
  auto started = weft::net::HttpServer::start(
      io, {.port = options.port}, [&](weft::net::ServerRequest request, weft::net::Responder to) {
        service.handle(std::move(request), std::move(to));
      });
  if (!started) return started.error();
  server = *std::move(started);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) io.stop();
  });
  if (!options.port_file.empty()) write_port(options.port_file, server->port());
  std::cout << "listening on " << server->port() << std::endl;
  io.run();
  server.reset();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"A remote job service to test against; see README.md"};
  app.add_option("--port", options.port, "port on 127.0.0.1; 0: any free one");
  app.add_option("--port-file", options.port_file, "file to write the port to");
  app.add_option("--journal", options.journal, "file that keeps the counts over restarts");
  CLI11_PARSE(app, argc, argv);
  const auto served = serve(options);
  if (served) return 0;
  std::cerr << served.error().to_string() << '\n';
  return weft::exit_code(served.error());
}
