// SPDX-License-Identifier: Apache-2.0
// Results that tasks take from each other, and work that is shared while it is under way.
#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using namespace std::chrono_literals;

namespace {

std::string draw(const std::string& params, const std::string& more = {}) {
  return "[tasks.a]\noperation = \"test.draw\"\nparams = { " + params + " }\n" + more + "\n";
}
const std::string seeded = draw("value = 1, seed = 7");

ServiceSpec drawing(const std::string& name) {
  ServiceSpec spec{.name = name};
  spec.operations = {"test.draw", "test.step"};
  spec.component = "drawing";
  return spec;
}
// Buys, and can be asked after a restart what became of a job.
ServiceSpec selling(const std::string& name) {
  ServiceSpec spec = drawing(name);
  spec.price = "0.10";
  spec.recover = route::Recover::key;
  return spec;
}

const json::object& last_event(const World& world, RunId run, const std::string& type) {
  for (auto event = world.stored(run).events.rbegin(); event != world.stored(run).events.rend();
       ++event)
    if (event->type == type) return event->data;
  throw std::logic_error("no event " + type);
}

// Whether one that is submitted now ends without being asked of a service.
bool is_taken(World& world, const std::string& definition) {
  const std::size_t before = world.submitted.size();
  const RunId run = world.submit(definition);
  const bool taken = world.submitted.size() == before;
  CHECK(taken == (world.state(run) == RunState::succeeded));
  if (!taken) world.succeed(run, "a");
  return taken;
}

}  // namespace

// ---------------------------------------------------------------- what is there already

TEST_CASE("a task takes the result of an earlier one that asked for the same") {
  World world({drawing("a")});
  const RunId first = world.submit(seeded);
  world.succeed(first, "a", 42, Money{100, "USD"});
  const RunId second = world.submit(seeded);
  CHECK(world.state(second) == RunState::succeeded);
  CHECK(world.submitted.size() == 1);
  CHECK(world.attempts(second, "a").empty());
  CHECK(world.stored(second).outputs.at(0) == json::value{{"value", 42}});
  const json::object& told = last_event(world, second, "task.succeeded");
  CHECK(told.at("cached") == true);
  CHECK(told.at("run").as_string() == first.to_string());
  CHECK(told.at("task") == "a");
  CHECK(told.at("service") == "a");
  CHECK(told.at("cost") == "0");
}

TEST_CASE("another param, another seed or none is another result") {
  World world({drawing("a")});
  CHECK_FALSE(is_taken(world, seeded));
  CHECK_FALSE(is_taken(world, draw("value = 2, seed = 7")));
  CHECK_FALSE(is_taken(world, draw("value = 1, seed = 8")));
  CHECK_FALSE(is_taken(world, draw("value = 1")));
  CHECK_FALSE(is_taken(world, draw("value = 1")));
  CHECK(is_taken(world, seeded));
}

TEST_CASE("an operation whose results are nobody else's costs no look into the store") {
  World world({drawing("a")});
  const RunId run = world.submit(one);
  world.succeed(run, "a");
  CHECK(world.lookups == 0);
  CHECK(world.kept.empty());
}

TEST_CASE("the result of a service made of something else is another one") {
  World world({drawing("a")});
  CHECK_FALSE(is_taken(world, seeded));
  ServiceSpec other = drawing("a");
  other.component = "painting";
  world.change_services({other});
  CHECK_FALSE(is_taken(world, seeded));
  ServiceSpec renamed = drawing("b");
  world.change_services({renamed});
  CHECK(is_taken(world, seeded));  // a name makes no difference
}

TEST_CASE("what a placeholder makes, and what fails, is nobody else's") {
  ServiceSpec placeholder = drawing("a");
  placeholder.placeholder = true;
  World world({placeholder});
  CHECK_FALSE(is_taken(world, seeded));
  CHECK_FALSE(is_taken(world, seeded));
  World other({drawing("a")});
  const RunId failed = other.submit(draw("seed = 1", "retry = { attempts = 1 }"));
  other.end(failed, "a", Outcome::transient);
  CHECK(other.kept.empty());
}

TEST_CASE("a task may decline all results, or those that are too old") {
  World world({drawing("a")});
  CHECK_FALSE(is_taken(world, seeded));
  CHECK_FALSE(is_taken(world, draw("value = 1, seed = 7", "cache = \"off\"")));
  CHECK(is_taken(world, draw("value = 1, seed = 7", "cache = { ttl = \"1h\" }")));
  world.advance(2h);
  CHECK_FALSE(is_taken(world, draw("value = 1, seed = 7", "cache = { ttl = \"1h\" }")));
}

TEST_CASE("a run that makes all anew takes nothing, and leaves what it made to others") {
  World world({drawing("a")});
  const RunId first = world.submit(seeded);
  world.succeed(first, "a", 1);
  world.fresh = true;
  const RunId second = world.submit(seeded);
  REQUIRE(world.running(second, "a"));
  world.succeed(second, "a", 2);
  world.fresh = false;
  const RunId third = world.submit(seeded);
  CHECK(world.stored(third).outputs.at(0) == json::value{{"value", 2}});
}

TEST_CASE("a result is taken although there is no money for another one") {
  World world({selling("a")});
  const RunId first = world.submit(seeded);
  world.succeed(first, "a", 5, Money{100'000, "USD"});
  const RunId second = world.submit(seeded, "0.01");
  CHECK(world.state(second) == RunState::succeeded);
}

TEST_CASE("the result of a service that comes first is taken while it is busy") {
  ServiceSpec narrow = drawing("a");
  narrow.concurrency = 1;
  ServiceSpec next = drawing("b");
  next.component = "painting";
  World world({narrow, next});
  const RunId first = world.submit(seeded);
  world.succeed(first, "a", 5);
  const RunId busy = world.submit(draw("seed = 99"));
  REQUIRE(world.job(busy, "a").service == "a");
  const RunId second = world.submit(seeded);
  CHECK(world.state(second) == RunState::succeeded);
}

TEST_CASE("a result that came between the question and its answer is taken") {
  World world({drawing("a")});
  const RunId first = world.submit(seeded);
  world.answer_lookups = false;
  world.fresh = true;  // so that it is not shared
  const RunId apart = world.submit(seeded);
  world.fresh = false;
  const RunId second = world.submit(draw("value = 1, seed = 7"));
  world.succeed(first, "a", 5);
  world.answer_lookups = true;
  world.settle();
  CHECK(world.state(second) == RunState::succeeded);
  CHECK(world.submitted.size() == 2);
  world.succeed(apart, "a", 6);
}

// ---------------------------------------------------------------- what is under way

namespace {

const std::string twins = R"toml(
[tasks.a]
for_each = "[7, 7, 7]"
operation = "test.draw"
params = { seed = "${item}" }
[tasks.sum]
operation = "test.step"
params = { value = "${tasks.a[0].value + tasks.a[1].value + tasks.a[2].value}" }
)toml";

}  // namespace

TEST_CASE("of tasks that ask for the same one is done, and the others take its result") {
  World world({drawing("a")});
  const RunId run = world.submit(twins);
  CHECK(world.submitted.size() == 1);
  CHECK(world.state(run, "a[1]") == TaskState::ready);
  CHECK(world.stored(run).taken.at(world.number(run, "a[1]")).waits);
  world.succeed(run, "a[0]", 4);
  CHECK(world.state(run, "a[2]") == TaskState::succeeded);
  CHECK(world.job(run, "sum").task->params.at("value") == 12);
  CHECK_FALSE(world.stored(run).taken.at(world.number(run, "a[1]")).waits);
}

TEST_CASE("a task of another run waits for the same work, and holds no slot meanwhile") {
  World world({drawing("a")}, 2);
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  const RunId other = world.submit(one);
  CHECK(world.running(other, "a"));
  const json::object& told = last_event(world, second, "task.following");
  CHECK(told.at("run").as_string() == first.to_string());
  world.succeed(first, "a", 3);
  CHECK(world.state(second) == RunState::succeeded);
  CHECK(world.stored(second).outputs.at(0) == json::value{{"value", 3}});
}

TEST_CASE("whoever waited goes its own way when the first one fails") {
  World world({drawing("a")});
  const RunId first = world.submit(draw("value = 1, seed = 7", "retry = { attempts = 1 }"));
  const RunId second = world.submit(seeded);
  const RunId third = world.submit(seeded);
  world.end(first, "a", Outcome::bad_output);
  CHECK(world.state(first) == RunState::failed);
  CHECK(world.submitted.size() == 2);  // the third waits for the second now
  world.succeed(second, "a", 8);
  CHECK(world.state(third) == RunState::succeeded);
}

TEST_CASE("whoever waited goes its own way when the first one is cancelled") {
  World world({drawing("a")});
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  world.command(first, CommandKind::cancel);
  world.end(first, "a", Outcome::cancelled);
  REQUIRE(world.running(second, "a"));
  world.succeed(second, "a", 8);
  CHECK(world.state(second) == RunState::succeeded);
}

TEST_CASE("nobody joins what is on its way out, and who waits for it waits for the next one") {
  World world({drawing("a")});
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  world.command(first, CommandKind::cancel);
  CHECK_FALSE(world.running(second, "a"));
  const RunId late = world.submit(seeded);  // nobody joins what is on its way out
  CHECK(world.running(late, "a"));
  world.end(first, "a", Outcome::cancelled);
  CHECK(world.state(first) == RunState::cancelled);
  CHECK(world.submitted.size() == 2);
  world.succeed(late, "a", 8);
  CHECK(world.state(second) == RunState::succeeded);
}

TEST_CASE("an outcome that nobody knows holds up nobody else") {
  World world({selling("a")});
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  world.end(first, "a", Outcome::unknown);
  CHECK(world.state(first, "a") == TaskState::waiting);
  CHECK(world.running(second, "a"));
}

TEST_CASE("cancelling the one that waits leaves the first one alone") {
  World world({drawing("a")});
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  world.command(second, CommandKind::cancel);
  CHECK(world.state(second) == RunState::cancelled);
  CHECK(world.cancelled.empty());
  world.succeed(first, "a", 3);
  CHECK(world.state(first) == RunState::succeeded);
  CHECK(world.state(second) == RunState::cancelled);
}

TEST_CASE("a paused run takes what it waited for when it goes on") {
  World world({drawing("a")});
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  world.command(second, CommandKind::pause);
  world.succeed(first, "a", 3);
  CHECK(world.state(second, "a") == TaskState::ready);
  world.command(second, CommandKind::resume);
  CHECK(world.state(second) == RunState::succeeded);
  CHECK(world.submitted.size() == 1);
}

TEST_CASE("waiting for the same work is no waiting in a queue, but a deadline stays one") {
  World world({drawing("a")});
  const RunId first = world.submit(seeded);
  const RunId patient = world.submit(draw("value = 1, seed = 7", "timeout = { queue = \"1s\" }"));
  const RunId hasty = world.submit(draw("value = 1, seed = 7", "timeout = \"5s\""));
  world.advance(10s);
  CHECK(world.state(patient, "a") == TaskState::ready);
  CHECK(world.state(hasty) == RunState::failed);
  world.succeed(first, "a", 3);
  CHECK(world.state(patient) == RunState::succeeded);
}

// ---------------------------------------------------------------- crashes and other owners

TEST_CASE("after a crash the others wait for the attempt that is attached") {
  World world({selling("a")});
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  world.crash();
  REQUIRE(world.attached.size() == 1);
  CHECK(world.submitted.size() == 1);
  CHECK(world.state(second, "a") == TaskState::ready);
  world.succeed(first, "a", 3);
  CHECK(world.state(second) == RunState::succeeded);
  CHECK(world.submitted.size() == 1);
}

TEST_CASE("a result is known by the configuration that its attempt was sent with") {
  World world({selling("a")});
  const RunId first = world.submit(seeded);
  ServiceSpec other = selling("a");
  other.component = "painting";
  world.change_services({other});
  world.crash();
  world.succeed(first, "a", 3);
  CHECK_FALSE(is_taken(world, seeded));
  world.change_services({selling("a")});
  CHECK(is_taken(world, seeded));
}

TEST_CASE("a crash before the end is durable takes the result from nobody") {
  World world({selling("a")});
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  world.driver().deliver(engine::JobEnded{world.job(first, "a").attempt,
                                          {Outcome::ok, {}, {}, {}, false, {{"value", 3}}}});
  world.turn();
  world.crash();
  CHECK(world.state(first, "a") == TaskState::running);
  CHECK(world.state(second, "a") == TaskState::ready);
  world.succeed(first, "a", 3);
  CHECK(world.state(second) == RunState::succeeded);
}

TEST_CASE("whoever waited for a run that was lost goes its own way") {
  World world({selling("a")});
  const RunId first = world.submit(seeded);
  const RunId second = world.submit(seeded);
  world.fence = {first};
  world.checkpoint(first, "a", "token");
  world.fence.clear();
  REQUIRE(world.fenced_runs.size() == 1);
  REQUIRE(world.running(second, "a"));
  world.succeed(second, "a", 4);
  CHECK(world.state(second) == RunState::succeeded);
}

TEST_CASE("of a run that was lost nothing is written, not even of who waited for another in it") {
  World world({selling("a")});
  const RunId run = world.submit(twins);
  REQUIRE(world.running(run, "a[0]"));
  REQUIRE(world.state(run, "a[1]") == TaskState::ready);
  world.fence = {run};
  world.checkpoint(run, "a[0]", "token");
  world.settle();
  CHECK(world.fenced_runs == std::vector<RunId>{run});
}

TEST_CASE("a refused reservation sends whoever waited on its own way") {
  World world({selling("a")});
  world.refuse_reservation = {0};
  const RunId first = world.submit(seeded, "1.00");
  const RunId second = world.submit(seeded);
  CHECK(world.state(first) == RunState::paused);
  CHECK(world.running(second, "a"));
}
