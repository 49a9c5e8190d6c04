// SPDX-License-Identifier: Apache-2.0
// The short budget. The long one is run by hand: README.md.
#include "catch.hpp"
#include "faults/fault.hpp"
#include "simulate.hpp"

using namespace weft::simulation;

namespace {

Options options_of(std::uint64_t seed, std::uint64_t steps, std::string fault = {}) {
  Options options;
  options.seed = seed;
  options.steps = steps;
  options.fault = std::move(fault);
  return options;
}

}  // namespace

TEST_CASE("no rule breaks, whatever services, people and machines do") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Result result = simulate(options_of(seed, 20'000));
    INFO("weft-sim " << command_line(options_of(seed, 20'000)));
    INFO((result.failure ? result.failure->what : ""));
    REQUIRE_FALSE(result.failure);
    CHECK(result.counts.finished > 0);
    CHECK(result.counts.crashes_with_work > 0);
  }
}

TEST_CASE("a seed always gives the same history, and another seed another") {
  const Result first = simulate(options_of(5, 5'000));
  CHECK(simulate(options_of(5, 5'000)).hash == first.hash);
  CHECK(simulate(options_of(6, 5'000)).hash != first.hash);
}

TEST_CASE("keeping the history does not change it") {
  Options options = options_of(7, 2'000);
  const Result silent = simulate(options);
  options.lines_at_most = 100'000;
  const Result told = simulate(options);
  CHECK(told.hash == silent.hash);
  CHECK(told.lines.size() > 100);
}

TEST_CASE("each deliberate fault breaks a rule") {
  for (const FaultName& fault : fault_names()) {
    DYNAMIC_SECTION(fault.name) {
      constexpr std::uint64_t seeds_at_most = 100;
      bool caught = false;
      for (std::uint64_t seed = 1; seed <= seeds_at_most && !caught; ++seed)
        caught = simulate(options_of(seed, 10'000, std::string(fault.name))).failure.has_value();
      CHECK(caught);
    }
  }
}

TEST_CASE("a failure is shrunk to a smaller simulation that breaks the same rule") {
  const Options options = options_of(3, 10'000, "dispatched_again");
  const Result result = simulate(options);
  REQUIRE(result.failure);
  const Options smaller = shrink(*result.failure, [](const Options&) {});
  CHECK(smaller.steps <= result.failure->step + 1);
  const Result again = simulate(smaller);
  REQUIRE(again.failure);
  CHECK(again.failure->rule == result.failure->rule);
  CHECK_FALSE(again.failure->definition.empty());
}

TEST_CASE("options are told as arguments, what is usual left out") {
  Options options = options_of(4, 100, "batch_lost");
  CHECK(command_line(options) == "--seed 4 --steps 100 --fault batch_lost");
  REQUIRE(switch_off(options, "crashes"));
  CHECK_FALSE(switch_off(options, "rain"));
  options.runs_at_most = 3;
  CHECK(command_line(options) == "--seed 4 --steps 100 --fault batch_lost --runs 3 --no crashes");
}
