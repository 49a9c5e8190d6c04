// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <iostream>

#include "asking.hpp"
#include "front.hpp"

namespace {

int serve(std::uint16_t port, const std::string& object_info) {
  boost::asio::io_context io(1);
  weft::comfy_fake::ComfyServer comfyui(weft::comfy_fake::read_catalogue(object_info));
  weft::comfy_fake::Front front(io, comfyui);
  if (const auto listening = front.listen(port); !listening) {
    std::cerr << listening.error().to_string() << '\n';
    return weft::exit_code(listening.error());
  }
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  std::cout << "listening on " << front.port() << std::endl;
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
