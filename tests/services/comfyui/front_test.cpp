// SPDX-License-Identifier: Apache-2.0
// The fake on a port, asked by the runtime's own clients.
#include "front.hpp"

#include "fixture.hpp"
#include "net/http_client.hpp"
#include "net/websocket_client.hpp"

using namespace weft;
using namespace weft::comfy_fake;

namespace {

struct Port {
  boost::asio::io_context io{1};
  observe::Redactor redactor;
  observe::Logger log = observe::Logger::to_sink([](observe::Level, std::string_view) {}, redactor,
                                                 observe::Level::error);
  ComfyServer comfyui{read_catalogue(std::string(WEFT_TEST_DATA) + "/comfyui/object_info.json")};
  Front front{io, comfyui};
  net::HttpClient http{io, {}, log};
  net::WebSocketClient sockets{io, {}, log};
  std::vector<json::value> frames;
  std::vector<std::string> pictures;
  std::optional<net::WebSocketEnd> end;

  Port() { REQUIRE(front.listen(0).has_value()); }
  std::string address(const std::string& scheme, const std::string& path) const {
    return scheme + "://127.0.0.1:" + std::to_string(front.port()) + path;
  }
  void until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) REQUIRE(io.run_one_until(give_up) == 1);
  }
  void open(const std::string& path = "/ws?clientId=me") {
    net::WebSocketEvents events;
    events.on_message = [this](net::WebSocketMessage message) {
      if (message.is_text)
        frames.push_back(json::parse(message.bytes));
      else
        pictures.push_back(std::move(message.bytes));
    };
    events.on_end = [this](net::WebSocketEnd how) { end = std::move(how); };
    sockets.open({.url = address("ws", path)}, std::move(events));
  }
  int post(const std::string& path, const json::object& body) {
    net::HttpRequest request{.method = "POST", .url = address("http", path)};
    request.body = json::serialize(body);
    std::optional<int> status;
    http.start(std::move(request), [&](net::TransferId, net::HttpResult answer) {
      status = answer ? answer->status : 0;
    });
    until([&] { return status.has_value(); });
    return *status;
  }
  bool heard(std::string_view type) const {
    return std::ranges::any_of(
        frames, [&](const json::value& frame) { return frame.at("type") == json::value(type); });
  }
};

}  // namespace

TEST_CASE("a client on a port hears its prompt from the first status to the end") {
  Port port;
  port.open();
  port.until([&] { return port.heard("status"); });
  CHECK(port.frames.front().at("data").at("sid") == "me");
  CHECK(port.post("/fake/script",
                  {{"previews", 1}, {"classes", {{"ImageBlur", {{"steps", 2}}}}}}) == 200);
  CHECK(port.post("/prompt", {{"prompt", picture()}, {"prompt_id", id_a}, {"client_id", "me"}}) ==
        200);
  port.until([&] { return port.heard("execution_success"); });
  CHECK(port.heard("progress_state"));
  REQUIRE_FALSE(port.pictures.empty());
  CHECK(port.pictures.front().substr(0, 8) == std::string("\0\0\0\1\0\0\0\2", 8));
}

TEST_CASE("with the prefix it is the same socket, and a plain request is none") {
  Port port;
  port.open("/api/ws?clientId=me");
  port.until([&] { return port.heard("status"); });
  CHECK(port.comfyui.handle(make_request("GET", "/ws", {}, {}), from_unix_ms(0))->status == 400);
}

TEST_CASE("a restart breaks the connection without a close frame") {
  Port port;
  port.open();
  port.until([&] { return port.heard("status"); });
  port.post("/fake/restart", {});
  port.until([&] { return port.end.has_value(); });
  CHECK(port.end->cause == net::WebSocketEnd::Cause::connection_lost);
}

TEST_CASE("something between may refuse the socket") {
  Port port;
  Fault refusal;
  refusal.path = "/ws";
  refusal.status = 403;
  port.comfyui.script.faults.push_back(refusal);
  port.open();
  port.until([&] { return port.end.has_value(); });
  CHECK(port.end->http_status == 403);
}
