// SPDX-License-Identifier: Apache-2.0
// A scenario: services, a definition, and steps, each with the events that it has to bring. It is
// carried out by the real engine on simulated ports (tests/unit/engine/world.hpp), so hours pass at
// once and a crash costs nothing.
#pragma once
#include <toml++/toml.h>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "world.hpp"

namespace weft::testing {

struct Step {
  std::string action;  // see README.md; it names the members that it reads
  toml::table args;
  std::vector<std::string> events;            // all that it brings, in order
  std::map<std::string, std::string> states;  // of tasks after it; the run is "run"
  int line = 0;
};

struct Scenario {
  std::string title;
  std::vector<engine::testing::ServiceSpec> services;  // in the order of preference
  std::uint32_t slots = 4;                             // of class "cpu"
  std::string definition;                              // TOML without the table [pipeline]
  std::string max_cost;                                // of the run
  std::vector<Step> steps;
};

// Throws std::runtime_error with file and line for anything that the format does not know.
Scenario read_scenario(const std::filesystem::path& file);

std::vector<engine::testing::ServiceSpec> read_services(const toml::array& list);

// What differs, with the line of the step; "" when all is as written.
std::string carry_out(const Scenario& scenario);

}  // namespace weft::testing
