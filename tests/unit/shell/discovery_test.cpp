// SPDX-License-Identifier: Apache-2.0
#include "shell/discovery.hpp"

#include <boost/asio/io_context.hpp>
#include <thread>

#include "catch.hpp"
#include "net/http_server.hpp"

using namespace weft;
using namespace weft::shell;

namespace {

// A server on a thread of its own that answers one path.
class Server {
 public:
  Server(std::string path, std::string body)
      : server_(net::HttpServer::start(
                    io_, {},
                    [path = std::move(path), body = std::move(body)](net::ServerRequest request,
                                                                     net::Responder responder) {
                      const bool known = request.path == path;
                      responder.send({known ? 200 : 404, {}, known ? body : "nothing"});
                    })
                    .value()),
        thread_([this] { io_.run(); }) {}
  ~Server() { io_.stop(); }
  std::uint16_t port() const { return server_.port(); }

 private:
  boost::asio::io_context io_{1};
  net::HttpServer server_;
  std::jthread thread_;
};

std::vector<std::string> found(std::vector<ServerSign> signs) {
  observe::Redactor redactor;
  const auto log = observe::Logger::to_stderr(redactor, observe::Level::error);
  std::vector<std::string> kinds;
  for (const FoundServerView& server : find_servers(signs, log)) kinds.push_back(server.kind);
  return kinds;
}

}  // namespace

TEST_CASE("a server is found by what it says at its port, and by nothing less") {
  const Server comfy("/system_stats", R"({"system": {"comfyui_version": "0.3.44"}})");
  const Server models("/sdapi/v1/sd-models", R"([{"title": "a"}])");
  const Server stranger("/system_stats", R"({"system": {"uptime": 4}})");
  const Server page("/props", "<html>");
  CHECK(found({{"ComfyUI", comfy.port(), "/system_stats", "comfyui_version"},
               {"A1111", models.port(), "/sdapi/v1/sd-models", ""},
               {"another", stranger.port(), "/system_stats", "comfyui_version"},
               {"page", page.port(), "/props", "default_generation_settings"},
               {"elsewhere", comfy.port(), "/api/tags", "models"},
               {"list", models.port(), "/sdapi/v1/sd-models", "models"}}) ==
        std::vector<std::string>{"ComfyUI", "A1111"});
}

TEST_CASE("where nobody listens nothing is found") {
  std::uint16_t port = 0;
  {
    const Server gone("/", "{}");
    port = gone.port();
  }
  CHECK(found({{"ComfyUI", port, "/system_stats", "comfyui_version"}}).empty());
  CHECK(found({}).empty());
}

TEST_CASE("the well-known servers each have a port of their own") {
  std::vector<std::uint16_t> ports;
  for (const ServerSign& sign : well_known_servers()) ports.push_back(sign.port);
  CHECK(ports == std::vector<std::uint16_t>{8188, 7860, 11434, 8080});
}
