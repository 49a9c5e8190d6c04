// SPDX-License-Identifier: Apache-2.0
// Tasks that wait for people: they are asked, answer, and the run goes on.
#include <csignal>

#include "catch.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view local_services =
    "[services.storyboard]\ncomponent = \"storyboard\"\nrole = \"placeholder\"\nprice = 0\n"
    "[services.media]\ncomponent = \"media\"\nclass = \"cpu\"\nprice = 0\n";

constexpr std::string_view texts =
    "[services.local]\ncomponent = \"testing\"\noperations = [\"text.generate\"]\nprice = 0\n";

constexpr std::string_view letter = R"(
[pipeline]
name = "letter"
[tasks.name]
wait_for = { message = "Who is it for?", outputs = { who = { type = "string", minLength = 2 }, times = { type = "integer", default = 1 } } }
[tasks.letter]
operation = "text.generate"
params = { prompt = "dear ${tasks.name.who}" }
[tasks.send]
approve = { message = "send it to ${tasks.name.who}?" }
[outputs]
letter = "${tasks.send.approved ? tasks.letter.text : ''}"
)";

bool says(const Finished& finished, std::string_view part) {
  INFO(finished.out << finished.err);
  return finished.out.find(part) != std::string::npos ||
         finished.err.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A person picks one of several takes, and the film is made of that one") {
  const Place place(local_services);
  // What people decide costs nothing, and takes nobody knows how long.
  const Finished foreseen = place.weft(
      {"plan", WEFT_PIPELINES "/choose_a_take.toml", "-i", "prompt=a heron", "--cost", "--time"});
  CHECK(says(foreseen, "cost: free\n"));
  CHECK(says(foreseen, "time: unknown"));
  const Finished waits =
      place.weft({"run", WEFT_PIPELINES "/choose_a_take.toml", "-i", "prompt=a heron in the mist",
                  "-i", "width=128", "-i", "height=96", "-i", "seconds=0.5"});
  INFO(waits.out << waits.err);
  REQUIRE(waits.exit_code == 1);
  const std::string run = place.newest_run();
  CHECK(says(waits, "Which take goes on?; weft approve " + run + " pick --choose 0…2"));
  CHECK(says(place.weft({"runs"}), "1 task waits for you"));
  CHECK(says(place.weft({"why", run, "pick"}), "To choose from:"));

  const Finished none = place.weft({"approve", run, "pick", "--choose", "3"});
  CHECK(none.exit_code == 4);
  CHECK(says(none, "there is no choice 3"));
  const Finished chosen = place.weft({"approve", run, "pick", "--choose", "1", "--note", "warm"});
  INFO(chosen.out << chosen.err);
  REQUIRE(chosen.exit_code == 0);
  CHECK(place.weft({"approve", run, "pick", "--choose", "1"}).exit_code == 4);
  const Finished done = place.weft({"resume", run, "-o", "clip=clip.mp4"});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  CHECK(std::filesystem::file_size(place.folder() / "clip.mp4") > 0);
  const json::object outputs = place.run(run).at("outputs").as_object();
  CHECK(outputs.at("note") == "warm");
  const auto events = place.events(run);
  CHECK(count_events(events, "task.waiting", "pick") == 1);
  CHECK(count_events(events, "task.approved", "pick") == 1);
}

TEST_CASE("Input is given to a task that waits, and what is wrong is refused without a loss") {
  const Place place(texts);
  const Finished waits = place.weft({"run", place.write("letter.toml", letter)});
  INFO(waits.out << waits.err);
  REQUIRE(waits.exit_code == 1);
  const std::string run = place.newest_run();
  CHECK(says(waits, "Who is it for?; weft give " + run + " name -i who=VALUE"));

  CHECK(says(place.weft({"give", run, "name", "-i", "who=A"}), "input 'who'"));
  CHECK(says(place.weft({"give", run, "name"}), "input 'who' is missing"));
  CHECK(says(place.weft({"give", run, "name", "-i", "hwo=Ada"}), "did you mean 'who'?"));
  CHECK(place.weft({"give", run, "name", "-i", "who=A"}).exit_code == 2);
  CHECK(place.weft({"approve", run, "name"}).exit_code == 4);
  CHECK(place.weft({"give", run, "send", "-i", "who=Ada"}).exit_code == 4);
  REQUIRE(place.weft({"give", run, "name", "-i", "who=Ada"}).exit_code == 0);
  CHECK(place.weft({"resume", run}).exit_code == 1);
  CHECK(says(place.weft({"show", run}), "send it to Ada?"));
  REQUIRE(place.weft({"reject", run, "send", "--note", "not yet"}).exit_code == 0);
  CHECK(has(place.run(run), "state", "failed"));
  CHECK(says(place.weft({"show", run}), "not yet"));
}

TEST_CASE("Another process answers while one executes, and the run goes on there") {
  const Place place(texts);
  const std::string file =
      place.write("two.toml",
                  "[pipeline]\nname = \"two\"\n[tasks.ok]\napprove = { message = \"go on?\" }\n"
                  "[tasks.slow]\noperation = \"text.generate\"\n"
                  "params = { prompt = \"x\", options = { testing = { delay_ms = 60000 } } }\n"
                  "[tasks.after]\noperation = \"text.generate\"\nneeds = [\"ok\"]\nparams = { "
                  "prompt = \"y\" }\n");
  Program executing = place.start({"--json", "run", file});
  REQUIRE(eventually([&] { return executing.out().find("task.waiting") != std::string::npos; }));
  const std::string run = place.newest_run();
  REQUIRE(place.weft({"approve", run, "ok"}).exit_code == 0);
  CHECK(
      eventually([&] { return count_events(place.events(run), "task.succeeded", "after") == 1; }));
  executing.signal(SIGKILL);
  executing.finish();
}

TEST_CASE("What waits for people is found again after a kill, and nobody is asked twice") {
  const Place place(texts);
  const std::string file =
      place.write("two.toml",
                  "[pipeline]\nname = \"two\"\n[tasks.ok]\nfor_each = \"[1, 2]\"\n"
                  "approve = { message = \"number ${item}?\" }\n"
                  "[tasks.slow]\noperation = \"text.generate\"\n"
                  "params = { prompt = \"x\", options = { testing = { delay_ms = 60000 } } }\n");
  Program executing = place.start({"--json", "run", file});
  REQUIRE(eventually([&] { return executing.out().find("task.waiting") != std::string::npos; }));
  const std::string run = place.newest_run();
  executing.signal(SIGKILL);
  executing.finish();
  REQUIRE(place.weft({"approve", run, "ok[1]"}).exit_code == 0);
  REQUIRE(place.weft({"skip", run, "slow"}).exit_code == 0);
  REQUIRE(place.weft({"approve", run, "ok"}).exit_code == 0);
  const Finished done = place.weft({"resume", run});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  const auto events = place.events(run);
  CHECK(count_events(events, "task.waiting") == 2);
  CHECK(count_events(events, "task.approved") == 2);
}

}  // namespace weft::testing
