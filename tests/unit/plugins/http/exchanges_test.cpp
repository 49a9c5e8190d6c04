// SPDX-License-Identifier: Apache-2.0
// The shipped descriptions against answers of their services (tests/data/cloud/exchanges.json):
// each documented error shape has its outcome class.
#include <fstream>
#include <iterator>
#include <set>

#include "catch.hpp"
#include "fixture.hpp"
#include "model/outcome.hpp"

namespace http_test {
namespace {

constexpr const char* key = "k3y-of-the-service";

http_answer answer_of(const json& written) {
  http_answer answer;
  answer.status = written.at("status");
  if (written.contains("file")) {
    std::ifstream stream(std::string(CLOUD_DATA) + "/" + written["file"].get<std::string>());
    answer.body.assign(std::istreambuf_iterator<char>(stream), {});
  } else {
    const json& body = written.at("body");
    answer.body = body.is_string() ? body.get<std::string>() : body.dump();
  }
  const json headers = written.value("headers", json::object());
  for (const auto& [name, value] : headers.items()) {
    answer.headers.emplace_back(name, value);
    if (name == "retry-after")
      answer.retry_after_ms =
          static_cast<std::uint32_t>(std::stoul(value.get<std::string>())) * 1000;
  }
  return answer;
}

// Gives the answers one by one, whatever is asked; what is fetched after them is a result.
void replay(fake_host& host, const json& answers) {
  auto next = std::make_shared<std::size_t>(0);
  for (const char* method : {"GET", "POST", "PUT", "DELETE"})
    host.on_http(method, "http", [answers, next](const http_call& call) {
      if (*next < answers.size()) return answer_of(answers[(*next)++]);
      http_answer rest{.body = "RESULT"};
      if (call.method != "GET") rest.failure = WEFT_NOT_SENT;
      return rest;
    });
}

// Only the service's own origin, and those that its description names, may see the key.
void check_keys(const fake_host& host, const json& config) {
  const std::string own = config.at("url").get<std::string>();
  const std::string origin = own.substr(0, own.find('/', own.find("//") + 2));
  for (const http_call& call : host.http_calls()) {
    const bool is_ours = call.url.starts_with(origin) || config.contains("origins");
    for (const auto& [name, value] : call.headers) {
      INFO(call.url << " " << name);
      CHECK((is_ours || value.find(key) == std::string::npos));
    }
    CHECK(call.url.find(key) == std::string::npos);
  }
}

TEST_CASE("each documented answer ends in its outcome class, and the key stays at home") {
  const json exchanges = cloud_data("exchanges.json");
  REQUIRE(exchanges.size() > 150);
  for (const json& exchange : exchanges) {
    INFO(exchange.dump());
    const std::string file = exchange.at("service");
    const json service = shipped_service(file);
    fake_host host;
    offer_expressions(host);
    set_secrets(host, service, key);
    replay(host, exchange.at("answers"));
    auto instance = host.create(entry(), "http", service.at("config"));
    const auto job =
        instance.submit(sample_task(host, service.at("config"), exchange.at("operation")));
    host.run_until_idle();
    INFO(job.message());
    CHECK(weft::to_string(weft::outcome_from_plugin(job.status())) == exchange.at("outcome"));
    CHECK((job.status() == WEFT_OK || !job.message().empty()));
    if (exchange.contains("cost_micros"))
      CHECK(job.record().cost_micros == exchange["cost_micros"]);
    CHECK(host.violations().empty());
    check_keys(host, service.at("config"));
    int bought = 0;
    for (const http_call& call : host.http_calls()) bought += call.buys ? 1 : 0;
    CHECK(bought == 1);
  }
}

TEST_CASE("the sample answers of a description take each of its jobs to the end") {
  for (const std::string& file : shipped_files()) {
    const json service = shipped_service(file);
    fake_host host;
    offer_expressions(host);
    set_secrets(host, service, key);
    auto instance = host.create(entry(), "http", service.at("config"));
    const auto described = instance.describe();
    host.run_until_idle();
    for (const json& operation : described.result().at("operations")) {
      const std::string name = operation.at("name");
      if (!service.at("config").at("operations").at(name).contains("poll")) continue;
      INFO(file << " " << operation.dump());
      json answers = operation.at("samples");
      for (json& answer : answers) answer["status"] = 200;
      replay(host, answers);
      const auto job = instance.submit(sample_task(host, service.at("config"), name));
      host.run_until_idle();
      INFO(job.message());
      CHECK(job.status() == WEFT_OK);
    }
  }
}

TEST_CASE("every operation of every shipped description has a good answer and a bad one") {
  std::set<std::string> good, bad;
  for (const json& exchange : cloud_data("exchanges.json")) {
    const std::string what = exchange.at("service").get<std::string>() + " " +
                             exchange.at("operation").get<std::string>();
    (exchange.at("outcome") == "ok" ? good : bad).insert(what);
  }
  std::set<std::string> bad_services;
  for (const std::string& what : bad) bad_services.insert(what.substr(0, what.find(' ')));
  for (const std::string& file : shipped_files()) {
    INFO(file);
    CHECK(bad_services.contains(file));
    const json operations = shipped(file).at("operations");
    for (const auto& [operation, described] : operations.items()) {
      INFO(operation);
      CHECK(good.contains(file + " " + operation));
    }
  }
}

}  // namespace
}  // namespace http_test
