// SPDX-License-Identifier: Apache-2.0
#include "route/choose.hpp"

#include "print_result.hpp"

using namespace weft;
using namespace weft::route;

namespace {

// A service that makes pictures at a price; "" is an unknown one.
Service painter(const std::string& name, const std::string& price) {
  Service service;
  service.name = name;
  service.operations.push_back({"image.generate", {}});
  if (!price.empty())
    service.price.emplace().rows.push_back({std::nullopt, Money::parse(price, "USD").value()});
  return service;
}

Service placeholder(const std::string& name) {
  Service service = painter(name, "0");
  service.placeholder = true;
  return service;
}

ServiceTable table_of(std::vector<Service> services) {
  return {{{"io", 16}}, std::move(services)};
}

const json::object params{{"prompt", "a lighthouse"}, {"width", 2048}};

Request a_picture() {
  Request request;
  request.operation = "image.generate";
  request.params = &params;
  return request;
}

Money dollars(const std::string& amount) {
  return Money::parse(amount, "USD").value();
}

std::string chosen(const ServiceTable& table, const Request& request) {
  const Decision decision = choose(table, request);
  return decision.chosen ? table.services[*decision.chosen].name : "";
}

}  // namespace

TEST_CASE("the first service of the configuration that offers the operation is chosen") {
  Service other = painter("texts", "0");
  other.operations = {{"text.generate", {}}};
  const ServiceTable table = table_of({other, painter("a", "0.04"), painter("b", "0.01")});
  const Decision decision = choose(table, a_picture());
  REQUIRE(decision.chosen);
  CHECK(table.services[*decision.chosen].name == "a");
  CHECK(decision.estimate == dollars("0.04"));
  CHECK_FALSE(decision.degraded);
  CHECK(decision.candidates.size() == 2);
}

TEST_CASE("a service that could not say what it does is no choice, and the decision tells of it") {
  Service silent = painter("silent", "0");
  silent.operations.clear();
  silent.unavailable = "it cannot say what it does: connection refused";
  Service texts = silent;
  texts.name = "texts";
  texts.only = {"text.generate"};
  const ServiceTable table = table_of({silent, texts, painter("a", "0.04")});
  const Decision decision = choose(table, a_picture());
  CHECK(chosen(table, a_picture()) == "a");
  REQUIRE(decision.candidates.size() == 2);
  CHECK(decision.candidates[0].obstacle == Obstacle::silent);
  CHECK(decision.reasons(table) == "silent: it cannot say what it does: connection refused");

  const ServiceTable alone = table_of({silent, placeholder("sketch")});
  CHECK(chosen(alone, a_picture()) == "sketch");
  const Decision nobody = choose(table_of({silent}), a_picture());
  CHECK_FALSE(nobody.chosen);
  CHECK_FALSE(nobody.has_hope());
  CHECK(nobody.obstacle() == Obstacle::unavailable);
}

TEST_CASE("a service that was tried is passed over, and the reason is kept") {
  const ServiceTable table = table_of({painter("a", "0.04"), painter("b", "0.04")});
  const std::vector<Exclusion> excluded{{0, "tried: transient"}};
  Request request = a_picture();
  request.excluded = excluded;
  const Decision decision = choose(table, request);
  CHECK(chosen(table, request) == "b");
  CHECK(decision.candidates[0].obstacle == Obstacle::tried);
  CHECK(decision.reasons(table) == "a: tried: transient");
}

TEST_CASE("a service that cannot be used is passed over") {
  Service broken = painter("a", "0");
  broken.unavailable = "its library could not be loaded";
  const ServiceTable table = table_of({broken, painter("b", "0")});
  CHECK(chosen(table, a_picture()) == "b");
  CHECK(choose(table, a_picture()).reasons(table) == "a: its library could not be loaded");
}

TEST_CASE("a service that does not take these params is passed over") {
  Service small = painter("small", "0");
  small.operations[0].params =
      Schema::compile(
          parse_json(R"({"properties": {"width": {"type": "integer", "maximum": 1024}}})").value())
          .value();
  const ServiceTable table = table_of({small, painter("large", "0.04")});
  CHECK(chosen(table, a_picture()) == "large");
  const Decision decision = choose(table, a_picture());
  CHECK(decision.candidates[0].obstacle == Obstacle::params);
  CHECK(decision.candidates[0].reason.find("/width") != std::string::npos);
}

TEST_CASE("before the params are known nothing that depends on them is asked") {
  const ServiceTable table = table_of({painter("a", "9.00")});
  Request request = a_picture();
  request.params = nullptr;
  request.run_budget_left = dollars("1.00");
  const Decision decision = choose(table, request);
  CHECK(decision.chosen);
  CHECK_FALSE(decision.estimate);
}

TEST_CASE("what costs more than is left is passed over, to the last millionth") {
  const ServiceTable table = table_of({painter("a", "0.50"), painter("b", "0.10")});
  Request request = a_picture();
  request.task_budget_left = dollars("0.50");
  CHECK(chosen(table, request) == "a");
  request.task_budget_left = dollars("0.499999");
  CHECK(chosen(table, request) == "b");
  request.run_budget_left = dollars("0.05");
  CHECK(chosen(table, request).empty());
}

TEST_CASE("an unknown price is not free: under a limit it is passed over") {
  const ServiceTable table = table_of({painter("a", ""), painter("b", "0.10")});
  CHECK(chosen(table, a_picture()) == "a");
  Request request = a_picture();
  request.run_budget_left = dollars("5.00");
  CHECK(chosen(table, request) == "b");
  // No higher limit would help.
  CHECK(choose(table, request).candidates[0].obstacle == Obstacle::task_budget);
}

TEST_CASE("prices in another currency than the limit do not count as within it") {
  const ServiceTable table = table_of({painter("a", "0.10")});
  Request request = a_picture();
  request.run_budget_left = Money::parse("5.00", "EUR").value();
  const Decision decision = choose(table, request);
  CHECK_FALSE(decision.chosen);
  CHECK(decision.reasons(table).find("EUR") != std::string::npos);
}

TEST_CASE("what is free is chosen when no money is left") {
  const ServiceTable table = table_of({painter("a", "0.10"), painter("b", "0")});
  Request request = a_picture();
  request.run_budget_left = dollars("0");
  CHECK(chosen(table, request) == "b");
}

TEST_CASE("a placeholder is asked where nobody else offers the operation, and degrades nothing") {
  const ServiceTable table = table_of({placeholder("storyboard")});
  const Decision decision = choose(table, a_picture());
  CHECK(decision.chosen);
  CHECK_FALSE(decision.degraded);
}

TEST_CASE("beside a real service a placeholder is no candidate unless the definition says so") {
  Service broken = painter("a", "0.10");
  broken.unavailable = "no key";
  const ServiceTable table = table_of({placeholder("storyboard"), broken});
  CHECK(chosen(table, a_picture()).empty());
  const std::vector<std::string> degrade{"storyboard"};
  Request request = a_picture();
  request.degrade = degrade;
  const Decision decision = choose(table, request);
  CHECK(chosen(table, request) == "storyboard");
  CHECK(decision.degraded);
}

TEST_CASE("a placeholder that is allowed comes after every real service") {
  const ServiceTable table = table_of({placeholder("storyboard"), painter("a", "0.10")});
  const std::vector<std::string> degrade{"storyboard"};
  Request request = a_picture();
  request.degrade = degrade;
  CHECK(chosen(table, request) == "a");
  CHECK_FALSE(choose(table, request).degraded);
}

TEST_CASE("a service that the definition calls a degradation comes last, and degrades the run") {
  const ServiceTable table = table_of({painter("cheap", "0.01"), painter("good", "0.10")});
  const std::vector<std::string> degrade{"cheap"};
  Request request = a_picture();
  request.degrade = degrade;
  CHECK(chosen(table, request) == "good");
  CHECK_FALSE(choose(table, request).degraded);
  const std::vector<Exclusion> excluded{{1, "tried"}};
  request.excluded = excluded;
  CHECK(chosen(table, request) == "cheap");
  CHECK(choose(table, request).degraded);
}

TEST_CASE("of several obstacles the one that a person can lift is named") {
  Service broken = painter("a", "0");
  broken.unavailable = "no key";
  const ServiceTable table = table_of({broken, painter("b", "2.00")});
  Request request = a_picture();
  request.run_budget_left = dollars("1.00");
  CHECK(choose(table, request).obstacle() == Obstacle::run_budget);
  CHECK(choose(table_of({broken}), request).obstacle() == Obstacle::unavailable);
  CHECK(choose(table_of({}), request).obstacle() == Obstacle::unavailable);
}

TEST_CASE("services and classes are found by name") {
  const ServiceTable table = table_of({painter("a", ""), painter("b", "0")});
  CHECK(table.find("b") == 1u);
  CHECK_FALSE(table.find("c"));
  CHECK(table.find_class("io") == 0u);
  CHECK_FALSE(table.find_class("gpu"));
}

TEST_CASE("only a declared price of nothing makes a service free") {
  CHECK(painter("a", "0").is_free());
  CHECK_FALSE(painter("a", "0.01").is_free());
  CHECK_FALSE(painter("a", "").is_free());
}

TEST_CASE("a service that is closed now is passed over with its reason, and is a hope") {
  const ServiceTable table = table_of({painter("a", "0"), painter("b", "0")});
  const auto obstacle = GENERATE(Obstacle::busy, Obstacle::closed);
  const std::vector<Exclusion> one{{0, "left alone", obstacle}};
  Request request = a_picture();
  request.excluded = one;
  CHECK(chosen(table, request) == "b");
  const std::vector<Exclusion> both{{0, "left alone", obstacle}, {1, "left alone", obstacle}};
  request.excluded = both;
  const Decision decision = choose(table, request);
  CHECK_FALSE(decision.chosen);
  CHECK(decision.has_hope());
  CHECK(decision.obstacle() == obstacle);
}

TEST_CASE("nobody waits for a service that could not do it anyway") {
  Service narrow = painter("a", "0");
  narrow.operations[0].params =
      Schema::compile(parse_json(R"({"type": "object", "properties": {"width": {"maximum": 9}}})")
                          .value()
                          .as_object())
          .value();
  const ServiceTable table = table_of({narrow});
  const std::vector<Exclusion> closed{{0, "left alone", Obstacle::closed}};
  Request request = a_picture();
  request.excluded = closed;
  CHECK(choose(table, request).obstacle() == Obstacle::params);
  CHECK_FALSE(choose(table, request).has_hope());
}

TEST_CASE("a service that works badly comes after those that are well, and before none") {
  const ServiceTable table = table_of({painter("a", "0"), painter("b", "0")});
  const std::vector<Exclusion> first{{0, "it is slow", Obstacle::none}};
  Request request = a_picture();
  request.excluded = first;
  CHECK(chosen(table, request) == "b");
  CHECK(choose(table, request).reasons(table).empty());
  const std::vector<Exclusion> both{{0, "it is slow", Obstacle::none},
                                    {1, "left alone", Obstacle::closed}};
  request.excluded = both;
  CHECK(chosen(table, request) == "a");
}

TEST_CASE("a degradation stands in for who is left alone, not for who is busy") {
  const ServiceTable table = table_of({placeholder("sketch"), painter("a", "0")});
  const std::vector<std::string> degrade{"sketch"};
  Request request = a_picture();
  request.degrade = degrade;
  const std::vector<Exclusion> closed{{1, "left alone", Obstacle::closed}};
  request.excluded = closed;
  CHECK(chosen(table, request) == "sketch");
  CHECK(choose(table, request).degraded);
  const std::vector<Exclusion> busy{{1, "at its limit", Obstacle::busy}};
  request.excluded = busy;
  const Decision decision = choose(table, request);
  CHECK_FALSE(decision.chosen);
  CHECK(decision.obstacle() == Obstacle::busy);
}

TEST_CASE("a broken account is nearer to a task than what was tried, and is no hope") {
  const ServiceTable table = table_of({painter("a", "0"), painter("b", "0")});
  const std::vector<Exclusion> excluded{{0, "tried: unsupported"},
                                        {1, "wrong key", Obstacle::account}};
  Request request = a_picture();
  request.excluded = excluded;
  const Decision decision = choose(table, request);
  CHECK(decision.obstacle() == Obstacle::account);
  CHECK_FALSE(decision.has_hope());
}

TEST_CASE("who takes the params as they are comes before who takes them with a loss") {
  const std::vector<std::string> free{"width"};
  Service narrow = painter("narrow", "0.01");
  narrow.operations[0].params =
      Schema::compile(
          parse_json(R"({"properties": {"width": {"type": "integer", "maximum": 1024}}})").value())
          .value();
  const ServiceTable table = table_of({narrow, painter("wide", "0.02")});
  Request request = a_picture();
  CHECK(table.services[*choose(table, request).chosen].name == "wide");
  request.adapt = free;
  const Decision both = choose(table, request);
  CHECK(table.services[*both.chosen].name == "wide");
  CHECK(both.candidates[0].adapted == "width 2048 becomes 1024");
  const std::vector<Exclusion> slow{{1, "it is slow", Obstacle::none}};
  request.excluded = slow;
  const Decision reluctant = choose(table, request);
  CHECK(table.services[*reluctant.chosen].name == "narrow");
  CHECK(reluctant.estimate == dollars("0.01"));
}
