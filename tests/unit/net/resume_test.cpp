// SPDX-License-Identifier: Apache-2.0
// Downloads that break off and go on.
#include "net/resume.hpp"

#include <map>

#include "catch.hpp"
#include "loopback.hpp"

using namespace weft;
using namespace weft::net;
using Cause = HttpFailure::Cause;
using Then = RawServer::Then;

namespace {

std::string header_of(const std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

// Has one file, and breaks every answer off after so many bytes of its body.
struct Flaky {
  std::string bytes = distinct_bytes(100'000);
  std::string tag = "\"v1\"", more = "Accept-Ranges: bytes\r\n";
  std::size_t each = 40'000;
  Then then = Then::close;

  RawServer::Answer answer(const std::string& head) const {
    std::size_t from = 0;
    const std::string range = header_of(head, "Range");
    const bool is_part = !range.empty() && header_of(head, "If-Range") == tag;
    if (is_part) from = std::stoul(range.substr(std::string("bytes=").size()));
    const std::string rest = bytes.substr(from);
    std::string said = is_part ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " +
                                     std::to_string(from) + "-" + std::to_string(bytes.size() - 1) +
                                     "/" + std::to_string(bytes.size()) + "\r\n"
                               : "HTTP/1.1 200 OK\r\n";
    said += "ETag: " + tag + "\r\n" + more + "Content-Length: " + std::to_string(rest.size()) +
            "\r\n\r\n" + rest.substr(0, each);
    return {said, rest.size() <= each ? Then::close : then};
  }
};

struct Download {
  Loopback net;
  TemporaryFolder folder;
  Flaky file;
  RawServer server{net.io, [this](const std::string& head) { return script(head); }};
  std::function<RawServer::Answer(const std::string&)> script = [this](const std::string& head) {
    return file.answer(head);
  };
  HttpRequest request;

  HttpResult fetch() {
    request.url = local_url(server.port(), "/view");
    request.answer_to = ToFile{folder / "it"};
    return net.fetch(request);
  }
  bool left_nothing() const { return !std::filesystem::exists(folder / "it"); }
};

}  // namespace

TEST_CASE("a download that breaks off goes on where it was, as often as something more comes") {
  for (const Then how : {Then::close, Then::reset}) {
    Download download;
    download.file.then = how;
    const auto answer = download.fetch();
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(answer->body_bytes == 100'000);
    CHECK(*find_header(answer->headers, "Content-Length") == "100000");
    CHECK(read_file(download.folder / "it") == download.file.bytes);
    const auto& heads = download.server.heads();
    CHECK(heads.size() >= 3);  // after a reset fewer bytes may have come than were sent
    CHECK(header_of(heads[0], "Range").empty());
    CHECK(header_of(heads[1], "If-Range") == "\"v1\"");
    CHECK(header_of(heads[1], "Accept-Encoding").empty());
  }
}

TEST_CASE("what has changed meanwhile comes from its beginning") {
  Download download;
  download.script = [&](const std::string& head) {
    if (download.server.heads().size() == 2) {
      download.file.tag = "\"v2\"";
      download.file.bytes = "new";
    }
    return download.file.answer(head);
  };
  const auto answer = download.fetch();
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->body_bytes == 3);
  CHECK(*find_header(answer->headers, "ETag") == "\"v2\"");
  CHECK(read_file(download.folder / "it") == "new");
}

TEST_CASE("without a strong tag or ranges nothing is asked for again") {
  for (const auto& [tag, more] :
       std::map<std::string, std::string>{{"W/\"v1\"", "Accept-Ranges: bytes\r\n"},
                                          {"\"v1\"", ""},
                                          {"\"v2\"", "Accept-Ranges: none\r\n"}}) {
    Download download;
    download.file.tag = tag;
    download.file.more = more;
    const auto answer = download.fetch();
    REQUIRE(answer.has_error());
    CHECK(answer.error().cause == Cause::connection_lost);
    CHECK(download.server.heads().size() == 1);
    CHECK(download.left_nothing());
  }
}

TEST_CASE("only a GET into a file goes on, and only if it may") {
  Download posted;
  posted.request.method = "POST";
  CHECK(posted.fetch().has_error());
  CHECK(posted.server.heads().size() == 1);
  Download bought;
  bought.request.goes_on = false;
  CHECK(bought.fetch().has_error());
  CHECK(bought.server.heads().size() == 1);
  Download in_memory;
  in_memory.request.url = local_url(in_memory.server.port());
  CHECK(in_memory.net.fetch(in_memory.request).has_error());
  CHECK(in_memory.server.heads().size() == 1);
}

TEST_CASE("a server that has something else for the rest is a lost connection") {
  for (const char* other :
       {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 39999-99999/100000\r\n"
        "Content-Length: 60001\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 60000\r\n\r\n"}) {
    Download download;
    download.script = [&](const std::string& head) {
      return download.server.heads().size() == 1 ? download.file.answer(head)
                                                 : RawServer::Answer{other, Then::close};
    };
    const auto answer = download.fetch();
    REQUIRE(answer.has_error());
    CHECK(answer.error().cause == Cause::connection_lost);
    CHECK(answer.error().sent);
    CHECK_THAT(answer.error().message, Catch::Matchers::Contains("for the rest came HTTP"));
    CHECK(download.server.heads().size() == 2);
    CHECK(download.left_nothing());
  }
}

TEST_CASE("a download that breaks off after each small piece is given up after ten tries") {
  Download download;
  download.file.each = 100;
  const auto answer = download.fetch();
  REQUIRE(answer.has_error());
  CHECK(answer.error().cause == Cause::connection_lost);
  CHECK(download.server.heads().size() == 11);
  CHECK(download.left_nothing());
}

TEST_CASE("a download that falls silent goes on over another connection") {
  Download download;
  download.file.then = Then::keep_open;
  download.request.idle_timeout = Duration(50);
  const auto answer = download.fetch();
  REQUIRE(answer.has_value());
  CHECK(read_file(download.folder / "it") == download.file.bytes);
  CHECK(download.server.connections() == 3);
}

TEST_CASE("a download that waits to go on can be cancelled, and its whole time still counts") {
  Download download;
  download.file.each = 1000;
  download.script = [&](const std::string& head) {
    return download.server.heads().size() == 1 ? download.file.answer(head)
                                               : RawServer::Answer{"", Then::close};
  };
  download.request.total_timeout = Duration(600);
  const auto answer = download.fetch();
  REQUIRE(answer.has_error());
  CHECK(answer.error().cause == Cause::timed_out);
  CHECK(download.server.heads().size() < 8);
  CHECK(download.left_nothing());
}

TEST_CASE("a range goes on only where it was asked for, of the same whole") {
  const Headers whole{{"ETag", "\"a\""}, {"Accept-Ranges", "Bytes"}, {"Content-Length", "10"}};
  const auto resume = Resume::of(200, whole);
  REQUIRE(resume);
  CHECK(resume->total_bytes() == 10U);
  CHECK_FALSE(Resume::of(206, whole));
  const Headers packed{{"ETag", "\"a\""}, {"Accept-Ranges", "bytes"}, {"Content-Encoding", "gzip"}};
  CHECK_FALSE(Resume::of(200, packed));  // what is counted is not what is sent
  const auto goes_on = [&](const std::string& range, const std::string& tag = "\"a\"") {
    return resume->goes_on(206, {{"Content-Range", range}, {"ETag", tag}}, 4);
  };
  CHECK(goes_on("bytes 4-9/10"));
  CHECK(goes_on("bytes 4-9/*"));
  CHECK(resume->goes_on(206, {{"Content-Range", "bytes 4-9/10"}}, 4));
  for (const char* wrong : {"", "bytes", "bytes 4", "bytes 4-", "bytes 4-9", "bytes 5-9/10",
                            "bytes 4-9/11", "bytes x-9/10", "items 4-9/10"})
    CHECK_FALSE(goes_on(wrong));
  CHECK_FALSE(goes_on("bytes 4-9/10", "\"b\""));
}
