// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "loopback.hpp"

using namespace weft;
using namespace weft::net;
using Cause = HttpFailure::Cause;

namespace {

// "/to?where" redirects there with status 302; any other path answers with the names of the headers
// it got.
HttpServer::Handler redirector(std::string& seen, const std::string& where) {
  return [&seen, where](ServerRequest request, Responder responder) {
    if (request.path == "/to") {
      responder.send({302, {{"Location", where}}, "go away"});
      return;
    }
    seen.clear();
    for (const Header& header : request.headers) seen += header.name + "=" + header.value + ";";
    responder.send({200, {}, request.method + " " + request.target});
  };
}

HttpRequest with_credentials(std::string url) {
  HttpRequest request{.url = std::move(url)};
  request.headers = {{"X-Api-Key", "hush", true},
                     {"authorization", "Bearer hush"},
                     {"Cookie", "hush=1"},
                     {"X-Plain", "shown"}};
  return request;
}

}  // namespace

TEST_CASE("a redirect within one origin is followed with all headers") {
  Loopback net;
  std::string seen;
  const auto server = net.serve(redirector(seen, "/final?x=1"));
  const auto answer = net.fetch(with_credentials(local_url(server.port(), "/to"))).value();
  CHECK(answer.status == 200);
  CHECK(answer.body == "GET /final?x=1");
  CHECK_THAT(seen, Catch::Matchers::Contains("X-Api-Key=hush") &&
                       Catch::Matchers::Contains("authorization=Bearer hush") &&
                       Catch::Matchers::Contains("Cookie=hush=1"));
}

TEST_CASE("a redirect to another origin is followed without credentials") {
  Loopback net;
  std::string seen;
  const auto other = net.serve(redirector(seen, "/unused"));
  std::string unused;
  const auto server = net.serve(redirector(unused, local_url(other.port(), "/final")));
  const auto answer = net.fetch(with_credentials(local_url(server.port(), "/to"))).value();
  CHECK(answer.body == "GET /final");
  CHECK_THAT(seen, Catch::Matchers::Contains("X-Plain=shown"));
  CHECK_THAT(seen, !Catch::Matchers::Contains("hush"));
}

TEST_CASE("credentials stay away when a redirect leads back to the first origin") {
  Loopback net;
  std::string seen;
  std::string back_to;
  const auto other = net.serve([&](ServerRequest, Responder responder) {
    responder.send({307, {{"Location", back_to}}, ""});
  });
  const auto server = net.serve(redirector(seen, local_url(other.port())));
  back_to = local_url(server.port(), "/final");
  CHECK(net.fetch(with_credentials(local_url(server.port(), "/to"))).value().body == "GET /final");
  CHECK_THAT(seen, !Catch::Matchers::Contains("hush"));
}

TEST_CASE("a POST gets the redirect itself as its answer") {
  Loopback net;
  std::string seen;
  const auto server = net.serve(redirector(seen, "/final"));
  const auto answer = net.fetch({.method = "POST", .url = local_url(server.port(), "/to")}).value();
  CHECK(answer.status == 302);
  CHECK(answer.body == "go away");
  CHECK(seen.empty());
}

TEST_CASE("redirects are not followed when that is not wanted") {
  Loopback net;
  std::string seen;
  const auto server = net.serve(redirector(seen, "/final"));
  HttpRequest request{.url = local_url(server.port(), "/to")};
  request.follow_redirects = false;
  CHECK(net.fetch(std::move(request)).value().status == 302);
}

TEST_CASE("a redirect in a circle ends after five") {
  Loopback net;
  int asked = 0;
  const auto server = net.serve([&](ServerRequest, Responder responder) {
    ++asked;
    responder.send({308, {{"Location", "/again"}}, ""});
  });
  const auto result = net.fetch({.url = local_url(server.port())});
  REQUIRE(result.has_error());
  CHECK(result.error().cause == Cause::bad_answer);
  CHECK(asked == 6);
}

TEST_CASE("a redirect to what is not http, or has user-info, is a bad answer") {
  Loopback net;
  std::string seen;
  for (const char* where :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "http://me:pw@127.0.0.1:1/"}) {
    const auto server = net.serve(redirector(seen, where));
    const auto result = net.fetch({.url = local_url(server.port(), "/to")});
    REQUIRE(result.has_error());
    CHECK(result.error().cause == Cause::bad_answer);
    CHECK_THAT(result.error().message, !Catch::Matchers::Contains("pw"));
  }
}

TEST_CASE("a file gets the body of the last answer only") {
  Loopback net;
  const TemporaryFolder folder;
  std::string seen;
  const auto server = net.serve(redirector(seen, "/final"));
  HttpRequest request{.url = local_url(server.port(), "/to")};
  request.answer_to = ToFile{folder / "saved"};
  CHECK(net.fetch(std::move(request)).value().body_bytes == 10);
  CHECK(read_file(folder / "saved") == "GET /final");
}
