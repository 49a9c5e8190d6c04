// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include "catch.hpp"
#include "loopback.hpp"

using namespace weft::net;

TEST_CASE("addresses of the public Internet are told from all others") {
  for (const char* address : {"1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "192.167.1.1",
                              "100.63.1.1", "223.255.255.255", "2606:4700::1111", "2a00::1"})
    CHECK(is_public_address(address));
  for (const char* address : {"127.0.0.1",
                              "10.1.2.3",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "169.254.169.254",
                              "100.64.0.1",
                              "198.18.0.1",
                              "0.0.0.0",
                              "224.0.0.1",
                              "255.255.255.255",
                              "192.0.0.8",
                              "::1",
                              "::",
                              "fe80::1",
                              "fc00::1",
                              "ff02::1",
                              "::ffff:8.8.8.8",
                              "2002:7f00:1::",
                              "2001::1",
                              "",
                              "localhost",
                              "1.1.1"})
    CHECK_FALSE(is_public_address(address));
}

TEST_CASE("a request for the public Internet alone is not sent to this machine, by any name") {
  Loopback net;
  int asked = 0;
  const auto server = net.serve([&](ServerRequest, Responder responder) {
    ++asked;
    responder.send({200, {}, ""});
  });
  for (const char* host : {"127.0.0.1", "localhost"}) {
    HttpRequest request{.url = "http://" + std::string(host) + ":" + std::to_string(server.port())};
    request.public_only = true;
    const auto answer = net.fetch(std::move(request));
    REQUIRE(answer.has_error());
    CHECK(answer.error().cause == HttpFailure::Cause::bad_answer);
    CHECK_FALSE(answer.error().sent);
    CHECK(answer.error().message.find("no address of the public Internet") != std::string::npos);
  }
  CHECK(asked == 0);
  CHECK(net.fetch({.url = local_url(server.port())}).value().status == 200);
}
