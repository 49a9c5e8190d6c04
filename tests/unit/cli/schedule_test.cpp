// SPDX-License-Identifier: Apache-2.0
// weft schedule and serve.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;

TEST_CASE("serve that is asked to stop closes, and has done what it should") {
  World world;
  bool asked = false;  // a second time would be meant in earnest
  world.while_waiting = [&] {
    if (!std::exchange(asked, true)) ::kill(::getpid(), SIGTERM);
  };
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

TEST_CASE("a schedule is added with what it says, and inputs as they were written") {
  const ScratchFolder folder;
  const std::string file = folder.write("film.toml", "[pipeline]\n");
  const std::string inbox = std::filesystem::path(file).parent_path().string();
  World world;
  REQUIRE(run_weft(world, {"schedule", "add", "inbox", file, "--files", inbox + "/*.png",
                           "--settle", "5s", "-i", "title=42", "-i", "picture=${file}"})
              .code == 0);
  CHECK(world.asked ==
        std::vector<std::string>{"add inbox {\"pipeline\":\"" + file +
                                 "\",\"files\":{\"folder\":\"" + inbox +
                                 "\",\"glob\":\"*.png\",\"settle\":\"5s\"}} picture=${file} "
                                 "title=42"});
}

TEST_CASE("what would do nothing in a schedule is refused, and says what it needs") {
  const ScratchFolder folder;
  const std::string file = folder.write("film.toml", "[pipeline]\n");
  const std::string inbox = std::filesystem::path(file).parent_path().string();
  World world;
  const auto add = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"schedule", "add", "s", file});
    return run_weft(world, std::move(more));
  };
  const Outcome settle = add({"--cron", "@daily", "--settle", "5s"});
  CHECK(settle.code == 2);
  CHECK(settle.err.find("--files") != std::string::npos);
  const Outcome of = add({"--cron", "@daily", "--of", "film"});
  CHECK(of.code == 2);
  CHECK(of.err.find("--event") != std::string::npos);
  CHECK(run_weft(world, {"schedule", "add", "s", inbox + "/flim.toml", "--cron", "@daily"}).code ==
        3);
  for (const char* missing : {"/inbox", "/inbox/", "/inbox/*.png"}) {
    const Outcome refused = add({"--files", inbox + missing});
    CHECK(refused.code == 3);
    CHECK(refused.err.find("there is no folder '" + inbox + "/inbox") != std::string::npos);
  }
  CHECK(world.asked.empty());
}
