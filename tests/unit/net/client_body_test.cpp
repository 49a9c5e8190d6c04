// SPDX-License-Identifier: Apache-2.0
// Bodies from files and into files, limits, and answers that come piece by piece.
#include "catch.hpp"
#include "loopback.hpp"

using namespace weft;
using namespace weft::net;
using Cause = HttpFailure::Cause;

namespace {

// Answers with the request's body, or with `?bytes=N` distinct bytes.
void echo_body(ServerRequest request, Responder responder) {
  if (request.query.empty()) {
    responder.send({200, {}, std::move(request.body)});
  } else {
    responder.send({200, {}, distinct_bytes(std::stoul(request.query[0].second))});
  }
}

RawServer::Answer answer_with(std::string_view bytes, RawServer::Then then) {
  return {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes.size()) + "\r\n\r\n" +
              std::string(bytes),
          then};
}

}  // namespace

TEST_CASE("a file of several MiB is sent as the body") {
  Loopback net;
  const TemporaryFolder folder;
  const std::string content = distinct_bytes(5 << 20);
  write_file(folder / "body", content);
  const auto server = net.serve(echo_body);
  HttpRequest request{.method = "PUT", .url = local_url(server.port())};
  request.body = FileSlice{folder / "body", 0, {}};
  CHECK((net.fetch(std::move(request)).value().body == content));
}

TEST_CASE("a slice of a file is sent as the body") {
  Loopback net;
  const TemporaryFolder folder;
  write_file(folder / "body", "0123456789");
  const auto server = net.serve(echo_body);
  const auto sent = [&](FileSlice slice) {
    HttpRequest request{.method = "POST", .url = local_url(server.port())};
    request.body = std::move(slice);
    return net.fetch(std::move(request));
  };
  CHECK(sent({folder / "body", 3, 4}).value().body == "3456");
  CHECK(sent({folder / "body", 8, {}}).value().body == "89");
  CHECK(sent({folder / "body", 20, {}}).value().body.empty());
  const auto beyond = sent({folder / "body", 8, 4});
  REQUIRE(beyond.has_error());
  CHECK(beyond.error().cause == Cause::bad_request);
}

TEST_CASE("a form has parts from memory and from files") {
  Loopback net;
  const TemporaryFolder folder;
  write_file(folder / "image.png", "PNG bytes");
  std::string media_type;
  std::string body;
  const auto server = net.serve([&](ServerRequest request, Responder responder) {
    media_type = *find_header(request.headers, "Content-Type");
    body = request.body;
    responder.send({});
  });
  HttpRequest request{.method = "POST", .url = local_url(server.port())};
  Form form;
  form.push_back({"prompt", "a fox", "", ""});
  form.push_back({"image", FileSlice{folder / "image.png", 0, {}}, "fox.png", "image/png"});
  request.body = std::move(form);
  CHECK(net.fetch(std::move(request)).value().status == 200);

  const std::string marker = "multipart/form-data; boundary=";
  REQUIRE(media_type.starts_with(marker));
  const std::string boundary = "--" + media_type.substr(marker.size());
  CHECK(body == boundary + "\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na fox\r\n" +
                    boundary +
                    "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"fox.png\"\r\n"
                    "Content-Type: image/png\r\n\r\nPNG bytes\r\n" +
                    boundary + "--\r\n");
}

TEST_CASE("a large answer goes into a file") {
  Loopback net;
  const TemporaryFolder folder;
  const auto server = net.serve(echo_body);
  HttpRequest request{.url = local_url(server.port(), "/?bytes=5000000")};
  request.answer_to = ToFile{folder / "saved"};
  const auto answer = net.fetch(std::move(request)).value();
  CHECK(answer.body.empty());
  CHECK(answer.body_bytes == 5'000'000);
  CHECK((read_file(folder / "saved") == distinct_bytes(5'000'000)));
}

TEST_CASE("the text of an error does not become the file that was asked for") {
  Loopback net;
  const TemporaryFolder folder;
  const auto server = net.serve([](ServerRequest, Responder responder) {
    responder.send({429, {}, "slow down"});
  });
  HttpRequest request{.url = local_url(server.port())};
  request.answer_to = ToFile{folder / "saved"};
  CHECK(net.fetch(std::move(request)).value().body == "slow down");
  CHECK_FALSE(std::filesystem::exists(folder / "saved"));
}

TEST_CASE("an answer larger than its limit is a failure and leaves no file") {
  Loopback net;
  const TemporaryFolder folder;
  const auto server = net.serve(echo_body);
  const auto ends = [&](auto destination, std::string_view bytes) {
    HttpRequest request{.url = local_url(server.port(), "/?bytes=" + std::string(bytes))};
    request.answer_to = std::move(destination);
    return net.fetch(std::move(request));
  };
  CHECK(ends(ToMemory{1000}, "1000").has_value());
  CHECK(ends(ToFile{folder / "fits", 1000}, "1000").has_value());
  for (const auto& result :
       {ends(ToMemory{1000}, "1001"), ends(ToFile{folder / "not", 1000}, "1001")}) {
    REQUIRE(result.has_error());
    CHECK(result.error().cause == Cause::too_large);
    CHECK(result.error().sent);
    CHECK(result.error().status == 200);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "not"));
}

TEST_CASE("a file that cannot be made is a failure of storage") {
  Loopback net;
  const auto server = net.serve(echo_body);
  HttpRequest request{.url = local_url(server.port(), "/?bytes=10")};
  request.answer_to = ToFile{"/proc/no/such/file"};
  const auto result = net.fetch(std::move(request));
  REQUIRE(result.has_error());
  CHECK(result.error().cause == Cause::storage);
  CHECK_THAT(result.error().message, Catch::Matchers::Contains("/proc/no/such/file"));
}

TEST_CASE("an answer cut short leaves no file") {
  Loopback net;
  const TemporaryFolder folder;
  RawServer server(net.io, [](const std::string&) {
    return RawServer::Answer{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"};
  });
  HttpRequest request{.url = local_url(server.port())};
  request.answer_to = ToFile{folder / "saved"};
  const auto result = net.fetch(std::move(request));
  REQUIRE(result.has_error());
  CHECK(result.error().cause == Cause::connection_lost);
  CHECK_FALSE(std::filesystem::exists(folder / "saved"));
}

TEST_CASE("a compressed answer arrives decompressed, and its limit counts what it grows to") {
  Loopback net;
  // gzip of a thousand times 'a'
  constexpr std::string_view packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00"
      "\x00\x03\xda\x38\x9a\xe8\x03\x00\x00",
      29);
  RawServer server(net.io, [&](const std::string&) {
    return RawServer::Answer{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                             std::to_string(packed.size()) + "\r\n\r\n" + std::string(packed)};
  });
  CHECK(net.fetch({.url = local_url(server.port())}).value().body == std::string(1000, 'a'));
  HttpRequest limited{.url = local_url(server.port())};
  limited.answer_to = ToMemory{999};
  CHECK(net.fetch(std::move(limited)).error().cause == Cause::too_large);
}

TEST_CASE("a stream shows its head first and hands over no more than its credit allows") {
  Loopback net;
  const auto server = net.serve(echo_body);
  constexpr std::size_t all_bytes = 1 << 20;
  constexpr std::size_t overdraft_bytes = 16 << 10;
  std::string received;
  int heads = 0;
  std::optional<HttpResult> answer;
  HttpRequest request{.url = local_url(server.port(), "/?bytes=" + std::to_string(all_bytes))};
  ToSink sink;
  sink.on_head = [&](int status, const Headers&) {
    CHECK(received.empty());
    CHECK(status == 200);
    ++heads;
  };
  sink.on_data = [&](std::string_view piece) { received += piece; };
  sink.credit_bytes = 1000;
  request.answer_to = std::move(sink);
  request.idle_timeout = Duration(30);
  const auto id = net.client->start(
      std::move(request), [&](TransferId, HttpResult result) { answer = std::move(result); });

  std::size_t credit_bytes = 1000;
  net.run_until([&] { return received.size() >= credit_bytes; });
  // Rest for longer than the idle timeout: waiting for us is not the server's fault.
  RawServer silent(net.io, [](const std::string&) {
    return RawServer::Answer{"", RawServer::Then::keep_open};
  });
  HttpRequest pause{.url = local_url(silent.port())};
  pause.total_timeout = Duration(100);
  CHECK(net.fetch(std::move(pause)).error().cause == Cause::timed_out);
  CHECK(received.size() <= credit_bytes + overdraft_bytes);
  while (!answer) {
    const std::size_t before = received.size();
    net.client->credit(id, 100'000);
    credit_bytes = std::max(credit_bytes, before) + 100'000;
    net.run_until([&] { return answer || received.size() >= credit_bytes; });
    CHECK(received.size() <= credit_bytes + overdraft_bytes);
  }
  CHECK(heads == 1);
  CHECK(answer->value().body_bytes == all_bytes);
  CHECK((received == distinct_bytes(all_bytes)));
}

TEST_CASE("two answers on one connection are kept apart by their lengths") {
  Loopback net;
  int asked = 0;
  RawServer server(net.io, [&](const std::string&) {
    return answer_with(++asked == 1 ? "first" : "second one", RawServer::Then::keep_open);
  });
  CHECK(net.fetch({.url = local_url(server.port())}).value().body == "first");
  CHECK(net.fetch({.url = local_url(server.port())}).value().body == "second one");
  CHECK(server.connections() == 1);
}

TEST_CASE("a second answer to one request is not taken for the answer to the next") {
  Loopback net;
  int asked = 0;
  int strays = 0;
  const auto server = net.serve([&](ServerRequest, Responder responder) {
    const std::string body = std::to_string(++asked);
    responder.begin(200, {{"Content-Length", "1"}});
    responder.write(body);
    responder.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body, [&] { ++strays; });
    responder.end();
  });
  for (int i = 1; i <= 3; ++i) {
    CHECK(net.fetch({.url = local_url(server.port())}).value().body == std::to_string(i));
    net.run_until([&] { return strays == i; });
  }
  CHECK(server.connections_accepted() == 3);
}
