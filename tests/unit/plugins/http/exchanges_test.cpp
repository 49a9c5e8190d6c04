// SPDX-License-Identifier: Apache-2.0
// The shipped descriptions against answers of their services (tests/data/cloud/exchanges.json):
// each documented error shape has its outcome class.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
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

// "https://*.bfl.ai" stands for every host below bfl.ai.
bool is_at(const std::string& url, const std::string& origin) {
  const auto star = origin.find('*');
  if (star == std::string::npos) return url == origin || url.starts_with(origin + "/");
  const std::string host = url.substr(0, url.find('/', origin.find("//") + 2));
  return host.starts_with(origin.substr(0, star)) && host.ends_with(origin.substr(star + 1));
}

// Only the service's own origin, and those that its description names, may see the key.
void check_keys(const fake_host& host, const json& config) {
  const std::string own = config.at("url").get<std::string>();
  json origins = config.value("origins", json::array());
  origins.push_back(own.substr(0, own.find('/', own.find("//") + 2)));
  for (const http_call& call : host.http_calls()) {
    const bool is_ours = std::ranges::any_of(
        origins, [&](const json& origin) { return is_at(call.url, origin.get<std::string>()); });
    for (const auto& [name, value] : call.headers) {
      INFO(call.url << " " << name);
      CHECK((is_ours || value.find(key) == std::string::npos));
    }
    CHECK(call.url.find(key) == std::string::npos);
  }
}

// How an order ends at a service that gives those answers.
struct End {
  std::string outcome, message;
  weft::testing::job_record record;
  int bought = 0;
};

End end_of(const json& service, const json& exchange) {
  const json& config = service.at("config");
  fake_host host;
  offer_expressions(host);
  set_secrets(host, service, key);
  replay(host, exchange.at("answers"));
  auto instance = host.create(entry(), "http", config);
  const auto job = instance.submit(sample_task(host, config, exchange.at("operation")));
  host.run_until_idle();
  CHECK(host.violations().empty());
  check_keys(host, config);
  End end{std::string(weft::to_string(weft::outcome_from_plugin(job.status()))), job.message(),
          job.record()};
  for (const http_call& call : host.http_calls()) end.bought += call.buys ? 1 : 0;
  return end;
}

std::vector<json> exchanges_with(const std::string& file) {
  std::vector<json> found;
  for (const json& exchange : cloud_data("exchanges.json"))
    if (exchange.at("service") == file) found.push_back(exchange);
  return found;
}

TEST_CASE("each documented answer ends in its outcome class, and the key stays at home") {
  const json exchanges = cloud_data("exchanges.json");
  REQUIRE(exchanges.size() > 300);
  for (const json& exchange : exchanges) {
    INFO(exchange.dump());
    const End end = end_of(shipped_service(exchange.at("service")), exchange);
    INFO(end.message);
    CHECK(end.outcome == exchange.at("outcome"));
    CHECK((end.outcome == "ok" || !end.message.empty()));
    if (exchange.contains("cost_micros")) CHECK(end.record.cost_micros == exchange["cost_micros"]);
    if (exchange.contains("retry_after_ms"))
      CHECK(end.record.retry_after_ms == exchange["retry_after_ms"]);
    CHECK(end.bought == 1);
  }
}

// What the outcome of every exchange with that service is, put together.
std::string ends_of(const json& service, const std::vector<json>& exchanges) {
  std::string ends;
  for (const json& exchange : exchanges) {
    const End end = end_of(service, exchange);
    ends += end.outcome + " " + end.message + " " + std::to_string(end.record.retry_after_ms) +
            " " + std::to_string(end.record.cost_micros) + "\n";
  }
  return ends;
}

TEST_CASE("each error rule of a shipped description decides an answer that is tested") {
  for (const std::string& file : shipped_files()) {
    const json service = shipped_service(file);
    const json rules = service.at("config").value("errors", json::array());
    if (rules.empty()) continue;
    const auto exchanges = exchanges_with(file);
    const std::string ends = ends_of(service, exchanges);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      INFO(file << " " << rules[i].dump());
      json without = service;
      without["config"]["errors"].erase(i);
      CHECK(ends_of(without, exchanges) != ends);
    }
  }
}

// The texts and numbers of the lists of an expression: `x in ["a", 7]`.
std::vector<std::string> listed_in(const std::string& expression) {
  static const std::regex list(R"(\[([^\]]*[,"][^\]]*)\])");
  static const std::regex word(R"re("[^"]+"|\d+)re");
  std::vector<std::string> words;
  for (std::sregex_iterator at(expression.begin(), expression.end(), list), end; at != end; ++at) {
    const std::string inside = (*at)[1];
    for (std::sregex_iterator one(inside.begin(), inside.end(), word); one != end; ++one)
      words.push_back(one->str());
  }
  return words;
}

TEST_CASE("each code and each state that a shipped description knows stands in an answer") {
  for (const std::string& file : shipped_files()) {
    std::string answers;
    for (const json& exchange : exchanges_with(file)) answers += exchange.at("answers").dump();
    const json config = shipped(file);
    for (const json& rule : config.value("errors", json::array()))
      for (const std::string& word : listed_in(rule.at("when"))) {
        INFO(file << " " << word);
        CHECK(answers.find(word) != std::string::npos);
      }
    for (const json& operation : config.at("operations")) {
      if (!operation.contains("poll")) continue;
      const std::string state = operation["poll"].at("state");
      for (const json& words : operation["poll"].at("states"))
        for (const json& word : words) {
          INFO(file << " " << word);
          CHECK((answers.find(word.dump()) != std::string::npos ||
                 state.find(word.dump()) != std::string::npos));
        }
    }
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
