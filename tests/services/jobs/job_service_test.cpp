// SPDX-License-Identifier: Apache-2.0
#include "job_service.hpp"

#include <cstdio>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "catch.hpp"
#include "net/http_client.hpp"

using namespace weft;
using namespace weft::net;
using namespace weft::jobs;

namespace {

// A client whose requests are waited for.
class Caller {
 public:
  explicit Caller(std::uint16_t port = 0) : port_(port) {}

  void aim(std::uint16_t port) { port_ = port; }
  HttpResult ask(std::string method, const std::string& target, std::string body = {}) {
    HttpRequest request{.method = std::move(method)};
    request.url = "http://127.0.0.1:" + std::to_string(port_) + target;
    request.body = std::move(body);
    std::optional<HttpResult> answer;
    client_.start(std::move(request),
                  [&](TransferId, HttpResult result) { answer = std::move(result); });
    io.restart();
    while (!answer && io.run_one_for(std::chrono::seconds(10)) > 0) {
    }
    REQUIRE(answer.has_value());
    return *std::move(answer);
  }
  json::value get(const std::string& target) {
    return parse_json(ask("GET", target).value().body).value();
  }
  HttpResult submit(std::string_view key, std::string_view behaviour) {
    return ask("POST", "/jobs",
               R"({"key":")" + std::string(key) + R"(","operation":"image.generate","behaviour":)" +
                   std::string(behaviour) + "}");
  }

  boost::asio::io_context io{1};

 private:
  observe::Redactor redactor_;
  HttpClient client_{io, {}, observe::Logger::to_stderr(redactor_, observe::Level::warn)};
  std::uint16_t port_;
};

// The service in this process, on a clock of the test's own.
struct Service : Caller {
  Service() { aim(server.port()); }

  Timestamp now = from_unix_ms(0);
  bool shut_down = false;
  JobService jobs{[this] { return now; }, [this] { shut_down = true; }};
  HttpServer server = HttpServer::start(io, {}, [this](ServerRequest request, Responder responder) {
                        jobs.handle(std::move(request), std::move(responder));
                      }).value();
};

// The program itself, until the test ends.
class Program {
 public:
  explicit Program(const std::string& arguments)
      : pipe_(::popen((std::string(WEFT_JOB_SERVER) + " " + arguments).c_str(), "r")) {
    unsigned port = 0;
    REQUIRE(std::fscanf(pipe_, "listening on %u", &port) == 1);
    port_ = static_cast<std::uint16_t>(port);
  }
  ~Program() {
    if (pipe_) ::pclose(pipe_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::uint16_t port() const { return port_; }
  int wait() { return ::pclose(std::exchange(pipe_, nullptr)); }

 private:
  std::FILE* pipe_;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE("a job is submitted, polled to its end, and billed once") {
  Service service;
  const auto answer =
      service.submit("k1", R"({"delay_ms":100,"cost_micros":40000,"result":{"image":"a"}})")
          .value();
  CHECK(answer.status == 201);
  const auto job = parse_json(answer.body).value();
  CHECK(job.at("key") == json::value("k1"));
  CHECK(job.at("state") == json::value("running"));
  const std::string target = "/jobs/" + std::string(job.at("id").as_string());
  CHECK(service.get(target).at("state") == json::value("running"));
  service.now += Duration(100);
  const auto done = service.get(target);
  CHECK(done.at("state") == json::value("succeeded"));
  CHECK(done.at("result") == parse_json(R"({"image":"a"})").value());
  CHECK(done.at("cost_micros") == json::value(40000));
  CHECK(service.get("/stats") == parse_json(R"({"accepted":1,"billed_jobs":1,"billed_micros":40000,
      "posts":1,"polls":2,"cancels":0,"by_key":{"k1":1},"by_operation":{"image.generate":1}})")
                                     .value());
}

TEST_CASE("a job whose submission was not answered is found by its key") {
  Service service;
  const auto lost = service.submit("k", R"({"answer":"none"})");
  REQUIRE(lost.has_error());
  CHECK(lost.error().sent);
  CHECK(service.submit("k5", R"({"answer":"error_after"})").value().status == 500);
  for (const char* key : {"k", "k5"}) {
    const auto found = service.get(std::string("/jobs?key=") + key).at("jobs").as_array();
    REQUIRE(found.size() == 1);
    CHECK(found[0].at("state") == json::value("succeeded"));
  }
  const auto again = service.submit("k", R"({"answer":"none"})").value();
  CHECK(again.status == 201);
  CHECK(service.get("/stats").at("by_key").at("k") == json::value(1));
}

TEST_CASE("two answers to one submission do not disturb the next request") {
  Service service;
  for (int i = 0; i < 3; ++i) {
    const auto answer = service.submit("k" + std::to_string(i), R"({"answer":"twice"})").value();
    CHECK(parse_json(answer.body).value().at("key") == json::value("k" + std::to_string(i)));
  }
  CHECK(service.get("/stats").at("accepted") == json::value(3));
}

TEST_CASE("a forgotten job is billed and unknown") {
  Service service;
  const auto job = parse_json(service.submit("k", R"({"forget":true})").value().body).value();
  const auto answer = service.ask("GET", "/jobs/" + std::string(job.at("id").as_string())).value();
  CHECK(answer.status == 404);
  CHECK(service.get("/jobs?key=k").at("jobs").as_array().empty());
  CHECK(service.get("/stats").at("billed_jobs") == json::value(1));
}

TEST_CASE("a rejected job is neither accepted nor billed") {
  Service service;
  const auto answer = service.submit("k", R"({"reject":429,"retry_after":7})").value();
  CHECK(answer.status == 429);
  CHECK(answer.retry_after == Duration(7000));
  CHECK(service.get("/stats").at("accepted") == json::value(0));
  CHECK(service.get("/stats").at("posts") == json::value(1));
}

TEST_CASE("a job is cancelled over HTTP") {
  Service service;
  const auto job = parse_json(service.submit("k", R"({"hang":true})").value().body).value();
  const std::string target = "/jobs/" + std::string(job.at("id").as_string());
  CHECK(service.ask("POST", target + "/cancel").value().body == R"({"state":"cancelled"})");
  CHECK(service.get(target).at("state") == json::value("cancelled"));
  CHECK(service.ask("POST", "/jobs/job-7/cancel").value().status == 404);
}

TEST_CASE("what the service does not understand is refused and changes nothing") {
  Service service;
  CHECK(service.submit("k", R"({"dealy_ms":1})").value().status == 400);
  CHECK(service.submit("", "{}").value().status == 400);
  CHECK(service.ask("POST", "/jobs", "{").value().status == 400);
  CHECK(service.ask("GET", "/elsewhere").value().status == 404);
  CHECK(service.ask("GET", "/jobs").value().status == 400);
  CHECK(service.get("/stats").at("accepted") == json::value(0));
}

TEST_CASE("a restart forgets jobs, a reset counts as well, a shutdown is asked for") {
  Service service;
  service.submit("k", R"({"cost_micros":5})").value();
  CHECK(service.ask("POST", "/restart").value().status == 200);
  CHECK(service.get("/jobs?key=k").at("jobs").as_array().empty());
  CHECK(service.get("/stats").at("billed_micros") == json::value(5));
  CHECK(service.ask("POST", "/reset").value().status == 200);
  CHECK(service.get("/stats").at("billed_micros") == json::value(0));
  CHECK(service.ask("POST", "/shutdown").value().status == 200);
  CHECK(service.shut_down);
}

TEST_CASE("the program says its port, and its journal carries the counts to its next life") {
  std::string folder = (std::filesystem::temp_directory_path() / "weft-jobs-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string journal = folder + "/journal";
  const std::string arguments = "--port-file " + folder + "/port --journal " + journal;
  for (int life = 1; life <= 2; ++life) {
    Program program(arguments);
    Caller caller(program.port());
    CHECK(caller.submit("k", R"({"cost_micros":5})").value().status == 201);
    CHECK(caller.get("/stats").at("billed_micros") == json::value(5 * life));
    CHECK(caller.get("/stats").at("by_key").at("k") == json::value(life));
    unsigned port = 0;
    std::ifstream(folder + "/port") >> port;
    CHECK(port == program.port());
    CHECK(caller.ask("POST", "/shutdown").value().status == 200);
    CHECK(program.wait() == 0);
    std::ofstream(journal, std::ios::app) << R"({"key":"torn)";  // as a kill would leave it
  }
  std::filesystem::remove_all(folder);
}
