// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <stdexcept>

#include "scenario.hpp"

namespace weft::testing {
namespace {

[[noreturn]] void refuse(const toml::node& node, const std::string& message) {
  const toml::source_region& at = node.source();
  throw std::runtime_error((at.path ? *at.path : std::string()) + ":" +
                           std::to_string(at.begin.line) + ": " + message);
}

// An unknown key would be a part of the scenario that nobody looks at.
void allow_only(const toml::table& table, const std::set<std::string_view>& known) {
  for (const auto& [key, value] : table)
    if (!known.contains(key.str())) refuse(value, "unknown key '" + std::string(key.str()) + "'");
}

engine::testing::ServiceSpec read_service(const toml::table& table) {
  allow_only(table, {"name", "price", "class", "slots", "concurrency", "rpm", "breaker", "recover",
                     "local", "placeholder"});
  engine::testing::ServiceSpec service;
  service.name = table["name"].value_or(std::string());
  if (service.name.empty()) refuse(table, "a service needs a name");
  service.price = table["price"].value_or(service.price);
  service.slot_class = table["class"].value_or(service.slot_class);
  service.slots = table["slots"].value_or(service.slots);
  service.concurrency = table["concurrency"].value_or(service.concurrency);
  service.limits.rpm = table["rpm"].value_or(service.limits.rpm);
  service.health.breaker = table["breaker"].value_or(true);
  service.local = table["local"].value_or(false);
  service.placeholder = table["placeholder"].value_or(false);
  const auto recover = table["recover"].value_or(std::string("token"));
  if (recover == "key")
    service.recover = route::Recover::key;
  else if (recover == "none")
    service.recover = route::Recover::none;
  else if (recover != "token")
    refuse(table, "'recover' is token, key or none");
  return service;
}

Step read_step(const toml::table& table) {
  Step step;
  step.line = static_cast<int>(table.source().begin.line);
  step.action = table["do"].value_or(std::string());
  if (step.action.empty()) refuse(table, "a step needs 'do'");
  for (const auto& [key, value] : table) {
    if (key == "do") continue;
    if (key == "events") {
      for (const toml::node& event : *value.as_array())
        step.events.push_back(event.value<std::string>().value());
    } else if (key == "states") {
      for (const auto& [task, state] : *value.as_table())
        step.states.emplace(task.str(), state.value<std::string>().value());
    } else {
      step.args.insert(key, value);
    }
  }
  return step;
}

}  // namespace

std::vector<engine::testing::ServiceSpec> read_services(const toml::array& list) {
  std::vector<engine::testing::ServiceSpec> services;
  for (const toml::node& service : list) services.push_back(read_service(*service.as_table()));
  return services;
}

Scenario read_scenario(const std::filesystem::path& file) {
  const toml::table table = toml::parse_file(file.string());
  allow_only(table, {"title", "services", "slots", "definition", "max_cost", "steps"});
  Scenario scenario;
  scenario.title = table["title"].value_or(std::string());
  scenario.definition = table["definition"].value_or(std::string());
  scenario.max_cost = table["max_cost"].value_or(std::string());
  scenario.slots = table["slots"].value_or(scenario.slots);
  if (const toml::array* services = table["services"].as_array())
    scenario.services = read_services(*services);
  if (const toml::array* steps = table["steps"].as_array())
    for (const toml::node& step : *steps) scenario.steps.push_back(read_step(*step.as_table()));
  if (scenario.steps.empty()) refuse(table, "a scenario needs steps");
  return scenario;
}

}  // namespace weft::testing
