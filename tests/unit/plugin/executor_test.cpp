// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>
#include <fstream>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

using Heard = std::vector<std::string>;

namespace {
Job work(World& world, TaskNo task, std::string_view steps) {
  return world.job(task, steps, "test.work");
}
bool has(const Heard& heard, const std::string& line) {
  return std::ranges::count(heard, line) > 0;
}
}  // namespace

TEST_CASE("an executor offers what its manifest lists") {
  World world;
  const auto instance = world.make("script_worker");
  std::optional<result<Offer>> offer;
  instance->describe(Duration(1000), [&](result<Offer> answer) { offer = std::move(answer); });
  REQUIRE(world.until([&] { return offer.has_value(); }));
  CHECK((*offer)->operations.front().name == "test.work");
  CHECK(instance->component().slot_class == "cpu");
}

TEST_CASE("an executor runs a program and sees its lines and its exit") {
  World world;
  const auto instance = world.make("script_worker");
  const auto outcome = world.run(
      *instance,
      work(
          world, 1,
          R"([{"do": "process", "argv": ["sh", "-c", "echo one; printf 'two\rthree'; exit 3"]}])"));
  CHECK(outcome.outcome == Outcome::ok);
  CHECK(World::seen(outcome) ==
        json::parse(R"(["one", "two", "three", {"status": 0, "exit_code": 3, "signal": 0}])"));
}

TEST_CASE("a child works in the job's folder, with a clean environment and without input") {
  ::setenv("WEFT_TEST_KEY", "sk-secret", 1);
  World world;
  const auto instance = world.make("script_worker");
  const auto outcome =
      world.run(*instance, work(world, 1, R"([{"do": "process", "env": {"EXTRA": "e"},
        "argv": ["sh", "-c", "echo key=$WEFT_TEST_KEY extra=$EXTRA; pwd; cat; ls /proc/self/fd | wc -l"]}])"));
  const json::array& seen = World::seen(outcome);
  REQUIRE(seen.size() == 4);
  CHECK(seen[0] == "key= extra=e");
  CHECK(std::string(seen[1].as_string()).starts_with((world.folder.path() / "work").string()));
  CHECK(seen[2] == "4");  // its three, and the folder that ls reads
}

TEST_CASE("a program that is not there, and one that takes too long, are told apart") {
  World world;
  const auto instance = world.make("script_worker");
  const auto outcome =
      world.run(*instance, work(world, 1, R"([{"do": "process", "argv": ["no-such-program-here"]},
                                    {"do": "process", "argv": ["sleep", "60"], "timeout_ms": 20}])"));
  CHECK(World::seen(outcome) == json::parse(R"([{"status": 2, "exit_code": -1, "signal": 0},
                        {"status": 18, "exit_code": -1, "signal": 15}])"));
}

TEST_CASE("a cancel ends an executor's children with their children") {
  World world;
  const auto instance = world.make("script_worker");
  const Job job = work(world, 1, R"([{"do": "process", "tells": true,
      "argv": ["sh", "-c", "sleep 60 & echo $!; wait"]}])");
  instance->submit(job);
  const auto grandchild = [&]() -> std::string {
    for (const std::string& line : world.sink.heard())
      if (line.starts_with("progress 1 1 ")) return line.substr(13);
    return {};
  };
  REQUIRE(world.until([&] { return !grandchild().empty(); }));
  const std::filesystem::path process = "/proc/" + grandchild();
  CHECK(std::filesystem::exists(process));
  instance->cancel(job.attempt);
  REQUIRE(world.until([&] { return world.sink.ends() == 1; }));
  CHECK(world.sink.outcome(1)->outcome == Outcome::cancelled);
  // Nobody may have buried it yet, but it does not sleep any more.
  CHECK(world.until([&] {
    std::string command;
    std::getline(std::ifstream(process / "cmdline"), command);
    return command.empty();
  }));
}

TEST_CASE("an interrupted executor ends as interrupted, a cancelled one as cancelled") {
  World world;
  const auto instance = world.make("script_worker");
  const Job first = work(world, 1, R"([{"do": "until_cancelled"}])");
  const Job second = work(world, 2, R"([{"do": "until_cancelled"}])");
  instance->submit(first);
  instance->submit(second);
  instance->interrupt(first.attempt);
  instance->cancel(second.attempt);
  REQUIRE(world.until([&] { return world.sink.ends() == 2; }));
  CHECK(world.sink.outcome(1)->outcome == Outcome::interrupted);
  CHECK(world.sink.outcome(2)->outcome == Outcome::cancelled);
}

TEST_CASE("no more jobs of an executor run at a time than its service allows") {
  World world;
  const auto instance = world.make("script_worker", {}, {}, 1);
  const Job first = work(world, 1, R"([{"do": "until_cancelled"}])");
  const Job second = work(world, 2, R"([{"do": "until_cancelled"}])");
  instance->submit(first);
  instance->submit(second);
  REQUIRE(world.until([&] { return has(world.sink.heard(), "started 1"); }));
  world.settle();
  CHECK_FALSE(has(world.sink.heard(), "started 2"));
  instance->cancel(first.attempt);
  REQUIRE(world.until([&] { return has(world.sink.heard(), "started 2"); }));
  const Job third = work(world, 3, "[]");
  instance->submit(third);
  instance->cancel(third.attempt);
  REQUIRE(world.until([&] { return world.sink.outcome(3).has_value(); }));
  CHECK_FALSE(has(world.sink.heard(), "started 3"));
  instance->cancel(second.attempt);
  CHECK(world.until([&] { return world.sink.ends() == 3; }));
}

TEST_CASE("an executor that returns without an end, or with a status, ends its job by that") {
  World world;
  const auto instance = world.make("script_worker");
  CHECK(world.run(*instance, work(world, 1, R"([{"do": "return", "status": 0}])")).outcome ==
        Outcome::internal);
  CHECK(world.run(*instance, work(world, 2, R"([{"do": "return", "status": 49}])")).outcome ==
        Outcome::exhausted);
}

TEST_CASE(
    "outputs of an executor become artifacts: files of its own folder move, others are copied") {
  World world;
  const auto instance = world.make("script_worker");
  const auto foreign = world.folder.path() / "foreign.txt";
  std::ofstream(foreign) << "from elsewhere";
  const auto outcome = world.run(
      *instance, work(world, 1,
                      R"([{"do": "file", "name": "video", "type": "video/mp4", "bytes": "frames",
                           "meta": {"width": 640}},
                         {"do": "file", "name": "text", "path": ")" +
                          foreign.string() + R"("},
                         {"do": "output", "name": "part", "bytes": "a", "type": "text/plain"},
                         {"do": "output", "name": "part", "bytes": "Yg==", "base64": true, "type": "text/plain"}])"));
  REQUIRE(outcome.outcome == Outcome::ok);
  // Status and whether the file is still where it was.
  CHECK(World::seen(outcome) == json::parse("[0, false, 0, true, 0, 0]"));
  const json::object& outputs = outcome.outputs;
  CHECK(world.content(outputs.at("video")) == "frames");
  CHECK(outputs.at("video").at("name") == "task[1].mp4");
  CHECK(outputs.at("video").at("meta") == json::object{{"width", 640}});
  CHECK(world.content(outputs.at("text")) == "from elsewhere");
  REQUIRE(outputs.at("part").is_array());
  CHECK(world.content(outputs.at("part").at(0)) == "a");
  CHECK(world.content(outputs.at("part").at(1)) == "b");
  // The job's folder goes with it.
  CHECK(world.until([&] { return std::filesystem::is_empty(world.folder.path() / "work"); }));
}

TEST_CASE("a failed job shows no outputs") {
  World world;
  const auto instance = world.make("script_worker");
  const auto outcome =
      world.run(*instance,
                work(world, 1, R"([{"do": "output", "bytes": "a"}, {"do": "end", "status": 32}])"));
  CHECK(outcome.outcome == Outcome::bad_output);
  CHECK(outcome.outputs.empty());
}

TEST_CASE("an executor reads its inputs where they lie") {
  World world;
  const auto instance = world.make("script_worker");
  Job job = work(world, 1, R"([{"do": "read_input"}])");
  BoundTask bound = *job.task;
  bound.inputs.push_back({"text", {world.put("hello", "text/plain")}});
  job.task = std::make_shared<BoundTask>(bound);
  CHECK(World::seen(world.run(*instance, job)) == json::array{"hello"});
}
