// SPDX-License-Identifier: Apache-2.0
// weft schedule and serve.
#include <signal.h>
#include <unistd.h>

#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;

TEST_CASE("serve that is asked to stop closes, and has done what it should") {
  World world;
  world.while_waiting = [] { ::kill(::getpid(), SIGTERM); };
  CHECK(run_weft(world, {"serve"}).code == 0);
  CHECK(world.options.role == Role::execute);
  CHECK(world.asked == std::vector<std::string>{"close"});
}

TEST_CASE("serve ends when its store has failed, and tells why") {
  World world;
  world.failure = machine("the disk is full", "make room, and start again");
  const Outcome ended = run_weft(world, {"serve"});
  CHECK(ended.code == 5);
  CHECK(ended.err.find("the disk is full") != std::string::npos);
  CHECK(world.asked == std::vector<std::string>{"close"});
}
