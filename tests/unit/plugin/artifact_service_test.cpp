// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

TEST_CASE("outputs of an adapter are stored off the strand and are there at the end") {
  World world;
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance,
      world.job(1, R"([{"do": "output", "name": "image", "bytes": "iVBORw0KGgo=", "base64": true},
                                  {"do": "output", "name": "text", "bytes": "hello", "type": "text/plain"}])"));
  REQUIRE(outcome.outcome == Outcome::ok);
  CHECK(outcome.outputs.at("image").at("media_type") == "image/png");  // by its bytes
  CHECK(outcome.outputs.at("image").at("name") == "task[1].png");
  CHECK(world.content(outcome.outputs.at("text")) == "hello");
}

TEST_CASE("an output that says base64 and is not makes a bad output of the job") {
  World world;
  const auto instance = world.make("script");
  const auto outcome =
      world.run(*instance, world.job(1, R"([{"do": "output", "bytes": "***", "base64": true}])"));
  CHECK(outcome.outcome == Outcome::bad_output);
  CHECK(outcome.message == "output 'result': what should be base64 is not");
}

TEST_CASE("an adapter reserves a file, commits it and puts it out") {
  World world;
  const auto instance = world.make("script");
  const auto outcome = world.run(
      *instance,
      world.job(1,
                R"([{"do": "commit", "name": "clip", "bytes": "frames", "type": "video/mp4"}])"));
  REQUIRE(outcome.outcome == Outcome::ok);
  CHECK(world.content(outcome.outputs.at("clip")) == "frames");
  CHECK(outcome.outputs.at("clip").at("media_type") == "video/mp4");
  CHECK(world.until([&] { return std::filesystem::is_empty(world.folder.path() / "work"); }));
}
