// SPDX-License-Identifier: Apache-2.0
// The HTTP client: every request of the runtime and its plugins goes through one event loop.
//
//   asio::io_context io;
//   HttpClient client(io, {}, logger);
//   HttpRequest request{.method = "POST", .url = "https://api.example/v1/jobs"};
//   request.headers.push_back({"Authorization", "Bearer ...", true});
//   request.body = R"({"prompt":"a fox"})";
//   client.start(std::move(request), [](TransferId, HttpResult answer) { ... });
//
// It speaks http and https only, HTTP/2 where TLS negotiates it, keeps connections, and never sends
// a request twice: not after an error, not when a kept connection turns out to be dead; but a GET
// into a file may go on where it broke off (HttpRequest::goes_on). Proxy
// variables of the environment, .netrc and cookies are not used. Compressed bodies are asked for
// and arrive decompressed; limits count decompressed bytes.
#pragma once
#include <boost/system/result.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "net/http.hpp"
#include "observe/log.hpp"

namespace boost::asio {
class io_context;
}

namespace weft::net {

enum class TransferId : std::uint64_t {};

// Bytes [offset, offset + length) of a file, which must not change until the transfer has ended.
struct FileSlice {
  std::filesystem::path path;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length{};  // absent: to the end
};

using Content = std::variant<std::string, FileSlice>;

// One part of a multipart/form-data body (RFC 7578).
struct FormPart {
  std::string name;
  Content content;
  std::string file_name{};   // "": the part is a plain field
  std::string media_type{};  // "": not stated
};
using Form = std::vector<FormPart>;

// The answer's body in HttpResponse::body.
struct ToMemory {
  std::uint64_t limit_bytes = 16 << 20;
};

// The body of a 2xx answer in a file, which is made, or emptied, when the head arrives. If the
// transfer fails the file is removed. The body of any other answer is an error text and comes to
// memory (at most 1 MiB).
struct ToFile {
  std::filesystem::path path;
  std::uint64_t limit_bytes = std::uint64_t{64} << 30;
};

// The body piece by piece as it arrives. A piece is handed over while credit is left and takes its
// size from it; the last one may overdraw by up to 16 KiB. Without credit the transfer rests until
// HttpClient::credit() gives more, and the idle timeout with it. Both functions run in the io
// thread and may call the client, but not end it.
struct ToSink {
  // Called once, before any data; may be empty.
  std::function<void(int status, const Headers& headers)> on_head;
  std::function<void(std::string_view piece)> on_data;
  std::uint64_t credit_bytes = 256 << 10;
};

struct HttpRequest {
  std::string method = "GET";
  // http or https. A URL with user-info ("https://user:pass@host") is refused: credentials belong
  // in a secret header.
  std::string url{};
  // Content-Length and Transfer-Encoding are the client's and refused here.
  Headers headers{};
  std::variant<std::string, FileSlice, Form> body{};
  std::variant<ToMemory, ToFile, ToSink> answer_to{};

  // Zero: no such limit.
  Duration connect_timeout{10'000};  // name, connection and TLS
  Duration idle_timeout{60'000};     // no byte either way, once connected
  Duration total_timeout{0};         // from start() to the end

  // GET and HEAD follow up to five redirects. On the way to another origin (scheme, host, port)
  // Authorization, Cookie and every secret header stay behind for good. Any other method gets the
  // 3xx as its answer.
  bool follow_redirects = true;
  // Ends as `bad_answer`, and nothing is sent, where the URL or a redirect leads to an address that
  // is none of the public Internet, whatever name it goes by: for URLs that a stranger gave. A
  // redirect from a public address to another one is never followed.
  bool public_only = false;
  // When the answer to a GET that goes into a file breaks off, or falls silent, the rest is asked
  // for: if the server knows ranges and has given a strong entity tag, at most ten times, with
  // pauses while nothing more comes. What has changed meanwhile comes from its beginning.
  bool goes_on = true;
};

struct HttpResponse {
  int status = 0;
  Headers headers;               // without those of redirects and of 1xx answers
  std::string body;              // ToMemory
  std::uint64_t body_bytes = 0;  // wherever the body went
  std::optional<Duration> retry_after;
};

// Why no whole answer was delivered.
struct HttpFailure {
  enum class Cause {
    bad_request,      // the request cannot be sent as it is: URL, header, unreadable file
    cannot_connect,   // name, connection or TLS
    timed_out,        // one of the three timeouts
    connection_lost,  // reset, closed early, a kept connection that was dead
    bad_answer,       // not HTTP, or redirects without end
    too_large,        // the answer exceeds its limit
    storage,          // the answer's file cannot be written, the body's file cannot be read on
    cancelled,        // by cancel() or the client's end
  };
  Cause cause = Cause::cannot_connect;
  // False only if provably no byte of the request left this machine: the outcome class is then
  // `not_sent`. True: the server may have accepted it.
  bool sent = false;
  int status = 0;       // of the answer, if its head had come
  std::string message;  // one sentence for people, without secrets
  // False only if part of its body provably never left: what the server has then is an incomplete
  // message (RFC 9112, 8), and no request that it could have accepted.
  bool sent_whole = true;
};
std::string_view to_string(HttpFailure::Cause cause) noexcept;

// HttpResponse for an answer of any status.
using HttpResult = boost::system::result<HttpResponse, HttpFailure>;
// HttpResult::value() on a failure throws its message; only tests use value().
[[noreturn]] void throw_exception_from_error(const HttpFailure& failure,
                                             const boost::source_location& location);

struct HttpClientOptions {
  std::string user_agent = "weft";
  long connections_per_host = 0;  // 0: no limit; further requests wait for a free one
  long kept_connections = 256;    // idle ones, over all hosts
  Duration kept_for{30'000};      // whole seconds; servers close idle connections, often after 60 s
  std::uint64_t head_limit_bytes = 256 << 10;
  std::filesystem::path ca_file{};  // trusted certificates (PEM) instead of the system's
};

// start(), cancel() and credit() may be called by any thread, and from within callbacks. Every
// callback runs in the thread that runs `io`, which must be a single one, never inside the call
// that caused it.
class HttpClient {
 public:
  using OnDone = std::function<void(TransferId, HttpResult)>;

  // `io` and the log must outlive the client. libcurl's process-wide set-up is done by the first
  // client and kept.
  HttpClient(boost::asio::io_context& io, HttpClientOptions options, observe::Logger log);
  // Ends what is still in flight: its OnDone is called with `cancelled` inside the destructor and
  // must not call the client. To be called in the io thread, or when nobody runs `io`.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // `on_done` is called exactly once.
  TransferId start(HttpRequest request, OnDone on_done);
  // The transfer ends with `cancelled`, unless its end is already on the way. An unknown id is
  // ignored.
  void cancel(TransferId id);
  // Lets a ToSink transfer hand over that many bytes more.
  void credit(TransferId id, std::uint64_t bytes);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::net
