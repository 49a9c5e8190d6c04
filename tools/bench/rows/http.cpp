// SPDX-License-Identifier: Apache-2.0
// HTTP to services: requests a second against curl alone, and what an open transfer weighs.
#include <boost/asio/io_context.hpp>
#include <memory>

#include "machine.hpp"
#include "net/http_client.hpp"
#include "process.hpp"
#include "raw_curl.hpp"
#include "rows/rows.hpp"

namespace weft::bench {
namespace {

// The runtime's client, driven by the calling thread.
class ClientLoad {
 public:
  ClientLoad(std::string url, net::HttpClientOptions options)
      : url_(std::move(url)),
        log_(observe::Logger::to_stderr(redactor_, observe::Level::warn)),
        client_(io_, std::move(options), log_) {}

  std::uint64_t work(Clock::time_point until, std::uint32_t in_flight) {
    done_ = 0;
    until_ = until;
    for (std::uint32_t i = 0; i < in_flight; ++i) start();
    io_.restart();
    while (under_way_ > 0) io_.run_one();
    return done_;
  }
  // Requests that are never answered; returns when all have been sent and nothing more happens.
  void open(std::uint32_t count, const std::function<bool()>& all_there) {
    until_ = Clock::now();
    for (std::uint32_t i = 0; i < count; ++i) start();
    while (!all_there()) io_.run_one_for(std::chrono::milliseconds{10});
    io_.poll();
  }

 private:
  void start() {
    ++under_way_;
    net::HttpRequest request;
    request.url = url_;
    request.idle_timeout = Duration{0};
    client_.start(std::move(request), [this](net::TransferId, const net::HttpResult& answer) {
      --under_way_;
      if (!answer && answer.error().cause == net::HttpFailure::Cause::cancelled) return;
      expect(answer && answer->status == 200, "a request failed");
      ++done_;
      if (Clock::now() < until_) start();
    });
  }

  std::string url_;
  boost::asio::io_context io_{1};
  observe::Redactor redactor_;
  observe::Logger log_;
  net::HttpClient client_;
  Clock::time_point until_;
  std::uint64_t done_ = 0;
  std::uint32_t under_way_ = 0;
};

}  // namespace

std::vector<Figure> run_http_dispatch(Bench& bench) {
  const std::uint32_t in_flight = bench.size(1000u, 10u);
  Process server({"serve"});
  const std::string url = "http://127.0.0.1:" + server.read_line() + "/";
  RawCurl raw(url, in_flight);
  net::HttpClientOptions options;
  options.kept_connections = in_flight;
  ClientLoad ours(url, options);
  return {rate_ratio("http/dispatch", at_least(0.6),
                     compare(bench.budget(), raw.work(), [&](Clock::time_point until) {
                       return ours.work(until, in_flight);
                     }))};
}

std::vector<Figure> run_http_open(Bench& bench) {
  const std::uint32_t transfers = bench.size(10'000u, 50u);
  Process server({"hold"});
  const std::string url = "http://127.0.0.1:" + server.read_line() + "/";
  ClientLoad load(url, {});
  const std::size_t heap = heap_bytes();
  const std::size_t resident = resident_bytes();
  load.open(transfers, [&] { return server.counted() >= transfers; });
  const auto kib = [&](std::size_t now, std::size_t before) {
    return static_cast<double>(now - before) / 1024 / transfers;
  };
  Figure made = figure("http/open", "KiB each", at_most(34), {kib(resident_bytes(), resident)});
  made.calibration = {{"heap_kib", kib(heap_bytes(), heap)}};
  return {made};
}

}  // namespace weft::bench
