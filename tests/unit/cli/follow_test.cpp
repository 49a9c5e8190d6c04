// SPDX-License-Identifier: Apache-2.0
#include "follow.hpp"

#include <unistd.h>

#include <csignal>
#include <thread>

#include "catch.hpp"
#include "event_line.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli;
using namespace weft::cli::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Outcome run_film(World& world, std::vector<std::string> more = {}) {
  const ScratchFolder folder;
  std::vector<std::string> arguments{"run", folder.write("film.toml", "")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_weft(world, std::move(arguments));
}

}  // namespace

TEST_CASE("off a terminal a followed run is one plain line per event on standard error") {
  World world;
  world.runs = {a_run("succeeded")};
  world.events = {an_event(1, "task.started", "film", R"({"attempt":1,"service":"ffmpeg"})")};
  const Outcome outcome = run_film(world);
  CHECK(outcome.err == "2026-11-21T03:27:38.120Z task.started film attempt=1 service=ffmpeg\n");
  CHECK(contains(outcome.out, "succeeded in 2m 5s"));
}

TEST_CASE("a resumed run tells what happens from now on, not its history") {
  World world;
  world.runs = {a_run("succeeded")};
  world.events = {an_event(1, "run.submitted", "", "{}")};
  world.on_control = [&world] { world.events.push_back(an_event(2, "run.resumed", "", "{}")); };
  const Outcome outcome = run_weft(world, {"resume", "0192"});
  CHECK(contains(outcome.err, "run.resumed"));
  CHECK_FALSE(contains(outcome.err, "run.submitted"));
}

TEST_CASE("quiet, only results are printed") {
  World world;
  world.runs = {a_run("succeeded")};
  world.runs[0].outputs_json = R"({"score":0.75})";
  world.events = {an_event(1, "task.started", "film", "{}")};
  const Outcome outcome = run_film(world, {"-q"});
  CHECK(outcome.err.empty());
  CHECK(outcome.out == "score\t0.75\n");
}

TEST_CASE("Ctrl-C stops cleanly, says how to go on and ends with 130") {
  World world;
  world.runs = {a_run("active")};
  world.while_waiting = [] { ::kill(::getpid(), SIGINT); };
  const Outcome outcome = run_film(world);
  CHECK(outcome.code == 130);
  CHECK(world.asked == std::vector<std::string>{"close"});
  CHECK(contains(outcome.err, "stopping"));
  CHECK(contains(outcome.err, std::string("weft resume ") + run_id));
}

TEST_CASE("Ctrl-C again hastens the stop that is under way, and ends the process at once") {
  World world;
  world.runs = {a_run("active")};
  world.while_waiting = [] { ::kill(::getpid(), SIGINT); };
  world.while_closing = [] { ::kill(::getpid(), SIGINT); };
  run_film(world);
  CHECK(world.asked == std::vector<std::string>{"close", "close at once"});
  CHECK(world.left_with == 130);
}

TEST_CASE("SIGTERM is a clean stop as well") {
  World world;
  world.runs = {a_run("active")};
  world.while_waiting = [] { ::kill(::getpid(), SIGTERM); };
  CHECK(run_film(world).code == 130);
  CHECK(world.asked == std::vector<std::string>{"close"});
}

TEST_CASE("a follower that does not execute leaves the run to the process that does") {
  World world;
  world.runs = {a_run("active")};
  world.executing = false;
  world.while_waiting = [] { ::kill(::getpid(), SIGINT); };
  const Outcome outcome = run_film(world);
  CHECK(outcome.code == 130);
  CHECK(contains(outcome.err, "another process executes the run"));
}

TEST_CASE("a stop asked for again is told as such, and one asked for early is not lost") {
  SignalWatcher signals;
  std::atomic<int> seen = 0;
  ::kill(::getpid(), SIGINT);
  while (!signals.stop_asked()) std::this_thread::yield();
  signals.on_stop([&](bool again) { seen += again ? 10 : 1; });
  CHECK(seen == 1);
  ::kill(::getpid(), SIGINT);
  while (seen == 1) std::this_thread::yield();
  CHECK(seen == 11);
}

TEST_CASE("a new terminal size is a call on the watcher's thread") {
  SignalWatcher signals;
  std::atomic<bool> resized = false;
  signals.on_resize([&] { resized = true; });
  ::kill(::getpid(), SIGWINCH);
  while (!resized) std::this_thread::yield();
  CHECK_FALSE(signals.stop_asked());
}

TEST_CASE("signals are as before when nobody watches any more") {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  { const SignalWatcher signals; }
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  CHECK(sigismember(&before, SIGINT) == sigismember(&after, SIGINT));
}

TEST_CASE("people read an event as a sentence, and foreign text cannot disturb the terminal") {
  ::setenv("TZ", "UTC", 1);
  const EventView event = an_event(0, "task.failed", "video[3]",
                                   "{\"outcome\":\"refused\",\"message\":\"no\\u001b[2J\\nway\"}");
  CHECK(friendly_event_line(event, false) ==
        "03:27:37 video[3] failed: outcome refused, no [2J way");
}

TEST_CASE("a failed run ends with what failed, why, and what can be done") {
  World world;
  world.runs = {a_run("failed")};
  world.runs[0].tasks = {{"failed", 12}};
  for (std::uint32_t i = 0; i < 12; ++i) {
    world.tasks.push_back(a_task(i, "video[" + std::to_string(i) + "]", "failed"));
    world.tasks.back().why = "refused by kling";
  }
  const Outcome outcome = run_film(world);
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.out, "  video[0]  failed  refused by kling\n"));
  CHECK(contains(outcome.out, "  … 2 more failed\n"));
  CHECK(contains(outcome.out, std::string("weft retry ") + run_id));
}

TEST_CASE("a run stopped by its budget says how to give it more") {
  World world;
  world.runs = {a_run("paused")};
  world.runs[0].reason = "budget";
  CHECK(contains(run_film(world).out, std::string("weft resume ") + run_id + " --max-cost AMOUNT"));
}

TEST_CASE("log lines of the runtime are shown by their level") {
  World world;
  run_weft(world, {"runs"});
  REQUIRE(world.options.log);
  const auto shown_with = [](std::vector<std::string> arguments) {
    World logging;
    logging.log_lines = true;
    return run_weft(logging, std::move(arguments)).err;
  };
  CHECK(shown_with({"runs"}) == "error: e\nwarn: w\n");
  CHECK(shown_with({"services"}) == "error: e\n");  // what is wrong stands in the answer
  CHECK(shown_with({"runs", "-q"}) == "error: e\n");
  CHECK(shown_with({"runs", "-v"}) == "error: e\nwarn: w\ninfo: i\n");
  CHECK(shown_with({"runs", "-vv"}) == "error: e\nwarn: w\ninfo: i\ndebug: d\n");
}
