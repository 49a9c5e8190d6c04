// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include "catch.hpp"
#include "net/url.hpp"

using namespace weft;
using namespace weft::net;
using namespace std::chrono_literals;

namespace {

// 2026-11-21T12:00:00Z
constexpr Timestamp noon = from_unix_ms(1'795'262'400'000);

std::optional<Duration> waits(Headers headers) {
  return retry_after(headers, noon);
}

}  // namespace

TEST_CASE("headers are found by name in any case, and the first one counts") {
  const Headers headers{{"Content-Type", "a"}, {"content-type", "b"}};
  REQUIRE(find_header(headers, "CONTENT-TYPE") != nullptr);
  CHECK(*find_header(headers, "CONTENT-TYPE") == "a");
  CHECK(find_header(headers, "Content") == nullptr);
}

TEST_CASE("Retry-After is read in seconds") {
  CHECK(waits({{"retry-after", "120"}}) == Duration(120s));
  CHECK(waits({{"Retry-After", "0"}}) == Duration(0));
}

TEST_CASE("Retry-After is read as a date, against the sender's own clock if it shows it") {
  CHECK(waits({{"Retry-After", "Sat, 21 Nov 2026 12:00:30 GMT"}}) == Duration(30s));
  CHECK(waits({{"Retry-After", "Sat, 21 Nov 2026 12:00:30 GMT"},
               {"Date", "Sat, 21 Nov 2026 11:59:30 GMT"}}) == Duration(60s));
  CHECK(waits({{"Retry-After", "Sat, 21 Nov 2026 11:00:00 GMT"}}) == Duration(0));
}

TEST_CASE("a Retry-After that means nothing is as good as none") {
  CHECK_FALSE(waits({}).has_value());
  for (const char* text : {"", "soon", "-5", "1.5", "99999999999999", "GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(waits({{"Retry-After", text}}).has_value());
  }
}

TEST_CASE("what is shown of a URL holds no credentials") {
  CHECK(printable_url("https://api.example:8443/v1/jobs?key=hush#part") ==
        "https://api.example:8443/v1/jobs");
  CHECK(printable_url("https://me:hush@api.example/v1") == "https://api.example/v1");
  CHECK(printable_url("me:hush@api.example/v1") == "api.example/v1");
  CHECK(printable_url("https://me:hu/sh@api.example/v1") == "https://…");
  // One slash, or three, are as good as two to curl.
  CHECK(printable_url("http:/me:hush@api.example/v1") == "http:/api.example/v1");
  CHECK(printable_url("http:///me:hush@api.example/v1") == "http:///api.example/v1");
  CHECK(printable_url("me:hush@api.example/a://b") == "api.example/a://b");
  CHECK(printable_url("http://[::1]:80/x") == "http://[::1]:80/x");
}

TEST_CASE("a URL with a NUL in it is none, for what stands before it is another") {
  using namespace std::string_literals;
  CHECK(parse_url("http://127.0.0.1/a").has_value());
  CHECK(parse_url("http://127.0.0.1/a\0.example/"s).has_error());
  CHECK(resolve_url(*parse_url("http://127.0.0.1/"), "/a\0b"s).has_error());
}
