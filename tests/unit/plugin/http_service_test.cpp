// SPDX-License-Identifier: Apache-2.0
#include <weft/http.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/json.hpp>

#include "catch.hpp"
#include "net/http_server.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

namespace {

class Service {
 public:
  explicit Service(World& world)
      : server_(
            net::HttpServer::start(world.io, {},
                                   [this](net::ServerRequest request, net::Responder responder) {
                                     answer(std::move(request), std::move(responder));
                                   })
                .value()) {}
  std::string url(const std::string& path) const {
    return "\"http://127.0.0.1:" + std::to_string(server_.port()) + path + "\"";
  }
  net::ServerRequest last;
  std::map<std::string, int> refusals;  // of /keyed: by key, with which status
  std::vector<std::string> keys, bodies;

 private:
  void answer(net::ServerRequest request, net::Responder responder) {
    last = request;
    if (request.path == "/keyed") {
      const std::string* key = net::find_header(request.headers, "authorization");
      keys.push_back(key ? *key : "");
      bodies.push_back(request.body);
      const auto refusal = refusals.find(keys.back());
      if (refusal != refusals.end())
        return responder.send({refusal->second, {{"Retry-After", "7"}}, "not with this key"});
      return responder.send({200, {}, "done"});
    }
    if (request.path == "/drop") return responder.abort();
    if (request.path == "/busy") return responder.send({503, {{"Retry-After", "7"}}, "too many"});
    if (request.path == "/stream") {
      responder.begin(200, {{"X-Kind", "stream"}});
      responder.write("first ");
      responder.write("second");
      return responder.end();
    }
    if (request.path == "/wait") {
      waiting_.push_back(responder);
      return;
    }
    responder.send(
        {200, {{"Content-Type", "image/png; q=1"}, {"X-Request-Id", "r1"}}, "body of it"});
  }
  std::vector<net::Responder> waiting_;
  net::HttpServer server_;
};

}  // namespace

TEST_CASE("a request's answer comes with status, headers and body") {
  World world;
  Service service(world);
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance,
      world.job(1, R"([{"do": "http", "method": "POST", "url": )" + service.url("/a") +
                       R"(, "parts": [{"bytes": "{\"image\": \"", "type": "application/json"},
                                                 {"bytes": "hi", "base64": true}, {"bytes": "\"}"}]}])"));
  const json::value seen = World::seen(outcome).at(0);
  CHECK(seen.at("status") == 0);
  CHECK(seen.at("http_status") == 200);
  CHECK(seen.at("body") == "body of it");
  CHECK(seen.at("headers").at("x-request-id") == "r1");
  CHECK(service.last.body == R"({"image": "aGk="})");
  CHECK(*net::find_header(service.last.headers, "content-type") == "application/json");
}

TEST_CASE("a secret in a header is filled in by the host and seen by nobody else") {
  World world;
  Service service(world);
  world.secrets.values = {{"key", "sk-very-secret"}};
  const auto instance = world.make("script", {}, {"key"});
  const auto outcome = world.run(
      *instance, world.job(1, R"([{"do": "http", "url": )" + service.url("/a") +
                                  R"(, "headers": {"Authorization": "Bearer {secret:key}"}},
                                  {"do": "http", "url": )" +
                                  service.url("/a") + R"(, "headers": {"X-Key": "{secret:other}"}},
                                  {"do": "http", "url": "http://127.0.0.1/?key={secret:key}"}])"));
  CHECK(*net::find_header(service.last.headers, "authorization") == "Bearer sk-very-secret");
  CHECK(World::seen(outcome).at(1) == json::parse(R"({"refused": 8})"));
  CHECK(World::seen(outcome).at(2) == json::parse(R"({"refused": 1})"));
  CHECK(json::serialize(outcome.outputs).find("sk-very-secret") == std::string::npos);
  CHECK_FALSE(world.logged("sk-very-secret"));
}

TEST_CASE(
    "an answer is saved as an artifact without entering the plugin, an error comes in memory") {
  World world;
  Service service(world);
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance,
      world.job(1, R"([{"do": "http", "name": "image", "save_as": "*", "url": )" +
                       service.url("/a") + R"(}, {"do": "http", "save_as": "image/png", "url": )" +
                       service.url("/busy") + "}]"));
  REQUIRE(outcome.outcome == Outcome::ok);
  CHECK(World::seen(outcome).at(0).at("body") == "");
  CHECK(World::seen(outcome).at(0).at("length") == 10);
  CHECK(World::seen(outcome).at(0).at("digest") ==
        json::value(digest_of(std::string_view("body of it")).to_string()));
  CHECK(world.content(outcome.outputs.at("image")) == "body of it");
  CHECK(outcome.outputs.at("image").at("media_type") == "image/png");
  CHECK(World::seen(outcome).at(1).at("body") == "too many");
  CHECK(World::seen(outcome).at(1).at("retry_after_ms") == 7000);
}

TEST_CASE("a stream arrives piece by piece, and its end has no body") {
  World world;
  Service service(world);
  const auto instance = world.make("script");
  const auto outcome = world.run(*instance, world.job(1, R"([{"do": "http", "flags": 1, "url": )" +
                                                             service.url("/stream") + "}]"));
  const json::array& seen = World::seen(outcome);
  std::string whole;
  for (const json::value& event : seen) whole += event.at("body").as_string();
  CHECK(whole == "first second");
  CHECK(seen.back().at("event") == 3);
  CHECK(seen.back().at("body") == "");
  CHECK(seen.front().at("headers").at("x-kind") == "stream");
}

TEST_CASE(
    "a lost connection is unknown when the request buys, transient when not, not_sent before it") {
  World world;
  Service service(world);
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance,
      world.job(1, R"([{"do": "http", "flags": 4, "method": "POST", "url": )" +
                       service.url("/drop") + R"(}, {"do": "http", "url": )" +
                       service.url("/drop") +
                       R"(}, {"do": "http", "flags": 4, "url": "http://127.0.0.1:1/"}])"));
  CHECK(World::seen(outcome).at(0).at("status") == 24);
  CHECK(World::seen(outcome).at(1).at("status") == 18);
  CHECK(World::seen(outcome).at(2).at("status") == 16);
}

TEST_CASE("a request that is refused because of its key is sent again with the next one") {
  for (const int status : {401, 402, 429}) {
    World world;
    Service service(world);
    service.refusals = {{"Bearer sk-1", status}};
    world.secrets.values = {{"key", "sk-1"}};
    world.secrets.spare = {"sk-2"};
    const auto instance = world.make("script", {}, {"key"});
    const auto outcome = world.run(
        *instance,
        world.job(1, R"([{"do": "http", "method": "POST", "url": )" + service.url("/keyed") +
                         R"(, "headers": {"Authorization": "Bearer {secret:key}"},
                              "parts": [{"bytes": "{}", "type": "application/json"}]}])"));
    const json::value seen = World::seen(outcome).at(0);
    CHECK(seen.at("http_status") == 200);
    CHECK(seen.at("body") == "done");
    CHECK(service.keys == std::vector<std::string>{"Bearer sk-1", "Bearer sk-2"});
    CHECK(service.bodies == std::vector<std::string>{"{}", "{}"});
    CHECK(world.secrets.refused ==
          std::vector<std::string>{status == 429 ? "key sk-1 7000" : "key sk-1 3600000"});
  }
}

TEST_CASE("a user and a password are encoded for Basic, by the next key too") {
  World world;
  Service service(world);
  service.refusals = {{"Basic YTpi", 401}};
  world.secrets.values = {{"login", "a:b"}};
  world.secrets.spare = {"c:d"};
  const auto instance = world.make("script", {}, {"login"});
  const auto outcome = world.run(
      *instance,
      world.job(1, R"([{"do": "http", "url": )" + service.url("/keyed") +
                       R"(, "headers": {"Authorization": "Basic {secret:login|base64}"}}])"));
  CHECK(World::seen(outcome).at(0).at("http_status") == 200);
  CHECK(service.keys == std::vector<std::string>{"Basic YTpi", "Basic Yzpk"});
}

TEST_CASE("the answer of the last key is the answer, and other refusals change no key") {
  World world;
  Service service(world);
  service.refusals = {{"Bearer sk-1", 401}, {"Bearer sk-2", 401}};
  world.secrets.values = {{"key", "sk-1"}};
  world.secrets.spare = {"sk-2"};
  const auto instance = world.make("script", {}, {"key"});
  const std::string step = R"({"do": "http", "url": )" + service.url("/keyed") +
                           R"(, "headers": {"Authorization": "Bearer {secret:key}"}})";
  auto outcome = world.run(*instance, world.job(1, "[" + step + "]"));
  CHECK(World::seen(outcome).at(0).at("http_status") == 401);
  CHECK(service.keys.size() == 2);
  service.refusals = {{"Bearer sk-2", 403}};
  world.secrets.spare = {"sk-3"};
  outcome = world.run(*instance, world.job(2, "[" + step + "]"));
  CHECK(World::seen(outcome).at(0).at("http_status") == 403);
  CHECK(service.keys.size() == 3);
}

TEST_CASE("a body beyond its limit is a bad output, also one that is saved") {
  World world;
  Service service(world);
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance, world.job(1, R"([{"do": "http", "body_limit": 4, "url": )" + service.url("/a") +
                                  R"(}, {"do": "http", "save_as": "*", "body_limit": 4, "url": )" +
                                  service.url("/a") + "}]"));
  CHECK(World::seen(outcome).at(0).at("status") == 32);
  CHECK(World::seen(outcome).at(1).at("status") == 32);
}

TEST_CASE("an order was perhaps accepted if its answer is too long, unless the status says no") {
  World world;
  Service service(world);
  const auto instance = world.make("script");
  const std::string order = R"({"do": "http", "method": "POST", "flags": 4, "body_limit": 4, )";
  const auto outcome = world.run(
      *instance, world.job(1, "[" + order + R"("url": )" + service.url("/a") + "}, " + order +
                                  R"("save_as": "*", "url": )" + service.url("/a") + "}, " + order +
                                  R"("url": )" + service.url("/busy") + "}]"));
  CHECK(World::seen(outcome).at(0).at("status") == 24);
  CHECK(World::seen(outcome).at(1).at("status") == 24);
  CHECK(World::seen(outcome).at(2).at("status") == 18);
}

TEST_CASE("an order of which only the beginning went out was not accepted") {
  World world;
  // Whoever listens and accepts nobody reads nothing.
  boost::asio::ip::tcp::acceptor deaf(world.io, {boost::asio::ip::address_v4::loopback(), 0});
  const std::string url =
      "\"http://127.0.0.1:" + std::to_string(deaf.local_endpoint().port()) + "/\"";
  // More than kernels hold between two sockets.
  const ArtifactInfo image = world.put(std::string(64 << 20, 'x'), "image/png");
  const auto post = [&](int flags, const std::string& part) {
    return R"({"do": "http", "method": "POST", "timeout_ms": 200, "flags": )" +
           std::to_string(flags) + R"(, "url": )" + url + R"(, "parts": [)" + part + "]}";
  };
  const std::string large = R"({"name": "image", "type": "image/png", "artifact": ")" +
                            image.digest.to_string() + R"("})";
  const std::string small = R"({"bytes": "a fox"})";
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance, world.job(1, "[" + post(WEFT_HTTP_BUYS | WEFT_HTTP_FORM, large) + "," +
                                  post(WEFT_HTTP_BUYS, large) + "," + post(WEFT_HTTP_BUYS, small) +
                                  "," + post(WEFT_HTTP_FORM, large) + "]"));
  CHECK(World::seen(outcome).at(0).at("status") == WEFT_NOT_SENT);
  CHECK(World::seen(outcome).at(1).at("status") == WEFT_NOT_SENT);
  CHECK(World::seen(outcome).at(2).at("status") == WEFT_UNKNOWN);
  CHECK(World::seen(outcome).at(3).at("status") == WEFT_TRANSIENT);
}

TEST_CASE("a form is sent with its artifacts as files") {
  World world;
  Service service(world);
  const ArtifactInfo image = world.put("pixels", "image/png");
  const auto instance = world.make("script");
  world.run(*instance, world.job(1, R"([{"do": "http", "flags": 2, "method": "POST", "url": )" +
                                        service.url("/a") +
                                        R"(, "parts": [{"name": "prompt", "bytes": "a fox"},
                                            {"name": "image", "type": "image/png", "artifact": ")" +
                                        image.digest.to_string() + R"("}]}])"));
  CHECK(service.last.body.find("name=\"prompt\"\r\n\r\na fox") != std::string::npos);
  CHECK(service.last.body.find("filename=\"image.png\"") != std::string::npos);
  CHECK(service.last.body.find("pixels") != std::string::npos);
}

TEST_CASE("a request is cancelled by its plugin, and with the end of its job") {
  World world;
  Service service(world);
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance,
      world.job(1, R"([{"do": "http", "cancel": true, "url": )" + service.url("/wait") + "}]"));
  CHECK(World::seen(outcome).at(0).at("status") == 40);

  const Job job = world.job(2, R"([{"do": "http", "url": )" + service.url("/wait") + "}]");
  service.last = {};
  instance->submit(job);
  REQUIRE(world.until([&] { return service.last.path == "/wait"; }));
  instance->cancel(job.attempt);
  REQUIRE(world.until([&] { return world.sink.outcome(2).has_value(); }));
  world.settle();
  CHECK(world.sink.outcome(2)->outcome == Outcome::cancelled);
}
