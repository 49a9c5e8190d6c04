// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core_load.hpp"
#include "net/http_server.hpp"
#include "synthetic.hpp"
#include "workloads/definitions.hpp"
#include "workloads/place.hpp"

namespace weft::bench {
namespace {

using Arguments = std::vector<std::string>;

void say(const std::string& line) {
  std::cout << line << std::endl;
}

// A small HTTP server that answers at once.
int serve(const Arguments&) {
  boost::asio::io_context io{1};
  const auto server =
      net::HttpServer::start(io, {}, [](const net::ServerRequest&, net::Responder responder) {
        responder.send({200, {{"Content-Type", "application/json"}}, "{\"id\":\"job-1\"}"});
      });
  say(std::to_string(server.value().port()));
  io.run();
  return 0;
}

// Accepts connections and never answers; prints a dot for each request.
int hold(const Arguments&) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 4096) != 0) return 1;
  ::getsockname(listener, generic, &size);
  say(std::to_string(ntohs(address.sin_port)));
  for (char request[512];;) {
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0 || ::read(connection, request, sizeof request) <= 0) return 1;
    if (::write(STDOUT_FILENO, ".", 1) != 1) return 1;
  }
}

// Submits `count` runs, by several threads, so that they share commits.
void submit_all(Runtime& runtime, int count, const std::function<Submission(int)>& make) {
  constexpr int submitters = 8;
  std::atomic<int> next = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < submitters; ++i)
    threads.emplace_back([&] {
      for (int n = next++; n < count; n = next++) must(runtime.submit(make(n)));
    });
}

// A runtime that stands by; a line with a number makes it submit so many runs that wait an hour.
int idle(const Arguments& arguments) {
  const Place place(arguments.at(0));
  const auto runtime = place.open();
  say("ready");
  for (int count = 0; std::cin >> count; say("submitted"))
    submit_all(*runtime, count, [](int) { return waiting_pipeline(); });
  return 0;
}

// Executes what is in the folder; with a number, submits so many pipelines of steps first.
int steps(const Arguments& arguments) {
  const Place place(arguments.at(0), arguments.at(1));
  const auto runtime = place.open();
  say("ready");
  if (arguments.size() > 2)
    submit_all(*runtime, std::stoi(arguments.at(2)), [](int n) { return stepping_pipeline(n); });
  say("accepted");
  std::cin.get();
  return 0;
}

// The core with a graph of so many tasks, for those who count its instructions.
int core(const Arguments& arguments) {
  CoreLoad load(64);
  load.submit(random_plan(static_cast<std::uint32_t>(std::stoul(arguments.at(0)))));
  load.run();
  return 0;
}

}  // namespace

std::optional<int> run_as_child(int argc, char** argv) {
  const Arguments all(argv + 1, argv + argc);
  if (all.size() < 2 || all.front() != "--child") return std::nullopt;
  const std::map<std::string, int (*)(const Arguments&)> kinds{
      {"serve", serve}, {"hold", hold}, {"idle", idle}, {"steps", steps}, {"core", core}};
  try {
    return kinds.at(all.at(1))({all.begin() + 2, all.end()});
  } catch (const std::exception& failure) {
    std::cerr << "weft-bench " << all.at(1) << ": " << failure.what() << '\n';
    return 1;
  }
}

}  // namespace weft::bench
