// SPDX-License-Identifier: Apache-2.0
// Services that are asked, between their attempts, whether they are well.
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using namespace std::chrono_literals;

namespace {

// Jitter is a quarter at most.
constexpr Duration every = 10s, surely = 12'500ms;

ServiceSpec probed(std::string name = "a") {
  ServiceSpec spec;
  spec.name = std::move(name);
  spec.health.probe_every = every;
  return spec;
}

const std::string tireless = "retry = { attempts = 9, backoff = \"1ms\", max_backoff = \"1ms\" }";

// Its only service is left alone for 5 minutes, and its task waits for that.
struct LeftAloneAndProbed {
  World world;
  RunId run;

  LeftAloneAndProbed() : world({spec()}), run(world.submit(one_with(tireless))) {
    for (int i = 0; i < 3; ++i) world.end(run, "a", Outcome::transient), world.advance(1ms);
  }
  static ServiceSpec spec() {
    ServiceSpec spec = probed();
    spec.health.open = spec.health.open_at_most = 5min;
    return spec;
  }
};

}  // namespace

TEST_CASE("a service is not probed while its attempts tell how it is") {
  World world({probed()});
  for (int i = 0; i < 20; ++i) {
    const RunId run = world.submit(one);
    world.advance(5s);
    world.succeed(run, "a");
  }
  CHECK(world.probed.empty());
}

TEST_CASE("a service of which nothing is heard is probed, one probe at a time") {
  World world({probed()});
  world.submit(one);
  world.advance(every - 1ms);
  CHECK(world.probed.empty());
  world.advance(surely - every + 1ms);
  CHECK(world.probed == std::vector<std::string>{"a"});
  world.advance(1h);
  CHECK(world.probed.size() == 1);
  world.answer_probe("a", Outcome::ok);
  CHECK(world.probed.size() == 1);
  world.advance(surely);
  CHECK(world.probed.size() == 2);
}

TEST_CASE("probes that fail leave a service alone before its next task comes to it") {
  World world({probed(), {.name = "b"}});
  const RunId run = world.submit(one);
  const auto bad = GENERATE(Outcome::not_sent, Outcome::deadline);
  for (int i = 0; i < 3; ++i) {
    world.advance(surely);
    REQUIRE(world.probed.size() == static_cast<std::size_t>(i) + 1);
    world.answer_probe("a", bad, false);
  }
  CHECK(world.health("a").state == HealthState::open);
  CHECK(world.health("a").reason == "3 failures in a row, the last one " +
                                        std::string(to_string(bad)) +
                                        ": asked whether it is well: it does not answer");
  CHECK(world.running(run, "a"));
  CHECK(world.job(world.submit(one), "a").service == "b");
}

TEST_CASE("a probe that is refused for the account says so before a task has to") {
  World world({probed(), {.name = "b"}});
  world.submit(one);
  world.advance(surely);
  world.answer_probe("a", Outcome::auth, false);
  CHECK(world.health("a").account == Outcome::auth);
  CHECK(world.job(world.submit(one), "a").service == "b");
}

TEST_CASE("a good answer to a probe makes up for no failure") {
  World world({probed()});
  const RunId run = world.submit(one_with(tireless));
  world.end(run, "a", Outcome::transient), world.advance(1ms);
  world.end(run, "a", Outcome::transient), world.advance(1ms);
  world.advance(surely);
  REQUIRE(world.probed.size() == 1);
  world.answer_probe("a", Outcome::ok);
  world.end(run, "a", Outcome::transient);
  CHECK(world.health("a").state == HealthState::open);
}

TEST_CASE("a service that vouches for itself is tried out by a waiting task at once") {
  LeftAloneAndProbed place;
  place.world.advance(surely);
  REQUIRE(place.world.probed.size() == 1);
  place.world.answer_probe("a", Outcome::ok);
  CHECK(place.world.health("a").state == HealthState::half_open);
  CHECK(place.world.running(place.run, "a"));
}

TEST_CASE("an answer in which nothing of the service is told brings no task to it") {
  LeftAloneAndProbed place;
  place.world.advance(surely);
  place.world.answer_probe("a", GENERATE(Outcome::ok, Outcome::transient), false);
  CHECK(place.world.health("a").state == HealthState::open);
  CHECK_FALSE(place.world.running(place.run, "a"));
}

TEST_CASE("a service for which a task waits is probed after a crash as well") {
  LeftAloneAndProbed place;
  place.world.crash();
  place.world.advance(surely);
  CHECK(place.world.probed.size() == 1);
}

TEST_CASE("a service that has had nothing to do for ten intervals is left in peace") {
  World world({probed()});
  const RunId run = world.submit(one);
  world.succeed(run, "a");
  std::size_t answered = 0;
  for (int second = 0; second < 1000; ++second) {
    world.advance(1s);
    if (world.probed.size() > answered) world.answer_probe("a", Outcome::ok), ++answered;
  }
  CHECK(answered >= 7);
  CHECK(answered <= 10);
  CHECK_FALSE(world.driver().next_wake().is_set());
}

TEST_CASE("only what can be asked for nothing, is wanted and is in use is probed") {
  ServiceSpec local = probed("local"), out = probed("out");
  local.local = true;
  for (const ServiceSpec& spec : {local, out, ServiceSpec{.name = "plain"}}) {
    World world({spec});
    world.submit(one);
    if (spec.name == "out") world.tell(CommandKind::drain, "out");
    world.advance(1h);
    CHECK(world.probed.empty());
  }
}

TEST_CASE("another configuration goes on probing, and a late answer of who is gone does nothing") {
  World world({probed()});
  world.submit(one);
  world.advance(surely);
  world.change_services({probed(), probed("b")});
  world.advance(1h);
  CHECK(world.probed.size() == 1);
  world.answer_probe("a", Outcome::ok);
  world.advance(surely);
  CHECK(world.probed.size() == 2);
  world.change_services({{.name = "b"}});
  world.answer_probe("a", Outcome::transient);
  CHECK(world.health("a").state == HealthState::healthy);
  world.change_services({probed()});
  world.submit(one);
  world.advance(surely);
  CHECK(world.probed.size() == 3);
}
