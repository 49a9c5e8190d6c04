// SPDX-License-Identifier: Apache-2.0
// What people do with a run: retry, pause, cancel, skip, settle, Ctrl-C.
#include <csignal>

#include "catch.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

// A service of texts; `behaviour` is that of all of its jobs.
std::string texts(const std::string& name, const std::string& price,
                  const std::string& behaviour = "{}", const std::string& more = {}) {
  return "[services." + name +
         "]\ncomponent = \"testing\"\noperations = [\"text.generate\"]\nprice = " + price +
         "\nconfig = { behaviour = " + behaviour + " }\n" + more;
}

std::string task(const std::string& name, const std::string& behaviour,
                 const std::string& needs = {}) {
  return "[tasks." + name + "]\noperation = \"text.generate\"\nneeds = [" +
         (needs.empty() ? "" : "\"" + needs + "\"") + "]\nparams = { prompt = \"" + name +
         "\", options = { testing = " + behaviour + " } }\n";
}

std::string pipeline(const std::string& tasks) {
  return "[pipeline]\nname = \"steps\"\n" + tasks;
}

// Has a `weft --json run` told that the task was started?
bool started(const Program& program, const std::string& name) {
  return program.out().find("\"type\":\"task.started\",\"task\":\"" + name + "\"") !=
         std::string::npos;
}

TEST_CASE("A failed middle task is tried again by hand, and what was done before is kept") {
  const Place place(texts("local", "0"));
  const std::string definition = place.write(
      "abc.toml",
      pipeline(task("a", "{}") + task("b", "{ fail = \"bad_input\", fail_attempts = 1 }", "a") +
               task("c", "{}", "b")));
  const Finished failed = place.weft({"run", definition});
  INFO(failed.out << failed.err);
  CHECK(failed.exit_code == 1);
  const std::string run = place.newest_run();
  CHECK(has(place.run(run), "state", "failed"));

  const Finished again = place.weft({"retry", run, "b"});
  INFO(again.out << again.err);
  CHECK(again.exit_code == 0);
  CHECK(has(place.run(run), "state", "succeeded"));
  const auto events = place.events(run);
  CHECK(count_events(events, "task.started", "a") == 1);
  CHECK(count_events(events, "task.started", "b") == 2);
  CHECK(count_events(events, "task.started", "c") == 1);
}

TEST_CASE("A run that fell back to a degradation ends with exit code 6") {
  const Place place(texts("good", "0", "{ fail = \"auth\" }") +
                    texts("poor", "0", "{}", "role = \"placeholder\"\n"));
  const std::string definition = place.write(
      "fallback.toml", pipeline("[tasks.a]\noperation = \"text.generate\"\nparams = { prompt = "
                                "\"a\" }\nroute = { degrade = [\"poor\"] }\n"));
  const Finished done = place.weft({"run", definition});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 6);
  CHECK(has(place.run(place.newest_run()), "state", "degraded"));
}

TEST_CASE("A paid task of unknown outcome waits, and goes on when it is settled as not bought") {
  const Place place(texts("paid", "\"0.01\""));
  const std::string definition =
      place.write("paid.toml", pipeline(task("a", "{ fail = \"unknown\", fail_attempts = 1 }")));
  const Finished waits = place.weft({"run", definition});
  INFO(waits.out << waits.err);
  CHECK(waits.exit_code == 1);
  const std::string run = place.newest_run();
  CHECK(count_events(place.events(run), "task.waiting", "a") == 1);
  CHECK(count_events(place.events(run), "task.started", "a") == 1);

  const Finished settled = place.weft({"settle", run, "a", "--not-bought"});
  INFO(settled.out << settled.err);
  CHECK(settled.exit_code == 0);
  const Finished done = place.weft({"resume", run});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(count_events(place.events(run), "task.started", "a") == 2);
}

TEST_CASE("A paused run starts nothing more, and goes on when it is resumed") {
  const Place place(texts("local", "0"));
  const std::string definition =
      place.write("two.toml", pipeline(task("a", "{ delay_ms = 2000 }") + task("b", "{}", "a")));
  Program running = place.start({"--json", "run", definition});
  REQUIRE(eventually([&] { return started(running, "a"); }));
  const std::string run = place.newest_run();
  const Finished paused = place.weft({"pause", run});
  INFO(paused.out << paused.err);
  CHECK(paused.exit_code == 0);
  CHECK(running.finish().exit_code == 1);
  CHECK(has(place.run(run), "state", "paused"));
  CHECK(count_events(place.events(run), "task.succeeded", "a") == 1);
  CHECK(count_events(place.events(run), "task.started", "b") == 0);

  CHECK(place.weft({"resume", run}).exit_code == 0);
  CHECK(count_events(place.events(run), "task.started", "a") == 1);
}

TEST_CASE("A cancelled run ends at once, with exit code 1") {
  const Place place(texts("local", "0"));
  const std::string definition =
      place.write("hangs.toml", pipeline(task("a", "{ hang = true }") + task("b", "{}", "a")));
  Program running = place.start({"--json", "run", definition});
  REQUIRE(eventually([&] { return started(running, "a"); }));
  const std::string run = place.newest_run();
  CHECK(place.weft({"cancel", run}).exit_code == 0);
  CHECK(running.finish().exit_code == 1);
  CHECK(has(place.run(run), "state", "cancelled"));
  CHECK(count_events(place.events(run), "task.started", "b") == 0);
}

TEST_CASE("A failed task that is skipped by hand lets go what only waited for it") {
  const Place place(texts("local", "0"));
  const std::string definition = place.write(
      "skip.toml", pipeline(task("b", "{ fail = \"bad_input\" }") + task("c", "{}", "b")));
  CHECK(place.weft({"run", definition}).exit_code == 1);
  const std::string run = place.newest_run();
  const Finished skipped = place.weft({"skip", run, "b"});
  INFO(skipped.out << skipped.err);
  CHECK(skipped.exit_code == 0);
  const Finished done = place.weft({"resume", run});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  const auto events = place.events(run);
  CHECK(count_events(events, "task.skipped", "b") == 1);
  CHECK(count_events(events, "task.succeeded", "c") == 1);
}

TEST_CASE("Ctrl-C stops a run with exit code 130, and resume finishes it") {
  const Place place(texts("local", "0"));
  const std::string definition =
      place.write("two.toml", pipeline(task("a", "{}") + task("b", "{ delay_ms = 1500 }", "a")));
  Program running = place.start({"--json", "run", definition});
  REQUIRE(eventually([&] { return started(running, "b"); }));
  running.signal(SIGINT);
  const Finished stopped = running.finish();
  INFO(stopped.out << stopped.err);
  CHECK(stopped.exit_code == 130);
  const std::string run = place.newest_run();
  CHECK(has(place.run(run), "state", "active"));

  const Finished done = place.weft({"resume", run});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(count_events(place.events(run), "task.started", "a") == 1);
  CHECK(tasks_done_again(place.events(run)).empty());
}

TEST_CASE("An input is what the definition declares, and a wrong one is told with what to write") {
  const Place place(texts("local", "0"));
  const std::string definition =
      place.write("inputs.toml",
                  "[pipeline]\nname = \"inputs\"\n[inputs]\ntitle = { type = \"string\" }\n"
                  "seed = { type = \"integer\", default = 1 }\n[tasks.a]\n"
                  "operation = \"text.generate\"\nparams = { prompt = \"${inputs.title}\" }\n");
  const Finished done = place.weft({"run", definition, "-i", "title=42", "-i", "seed=7"});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  const Finished wrong = place.weft({"run", definition, "-i", "seed=x", "-i", "titel=42"});
  INFO(wrong.err);
  CHECK(wrong.exit_code == 2);
  for (const std::string part : {"'seed' must be an integer, not a text", "-i seed=7",
                                 "has no input 'titel'", "did you mean 'title'?", "seed, title"})
    CHECK(wrong.err.find(part) != std::string::npos);
}

TEST_CASE("A task that fails without an attempt is shown with the reason") {
  const Place place("[services.media]\ncomponent = \"media\"\nclass = \"cpu\"\n");
  const std::string definition = place.write(
      "picture.toml",
      "[pipeline]\nname = \"picture\"\n[inputs]\npicture = { type = \"artifact\" }\n[tasks.a]\n"
      "operation = \"image.upscale\"\ninputs = { image = \"${inputs.picture}\" }\n"
      "params = { factor = 2 }\n");
  const std::string text = place.write("a.txt", "not a picture");
  const Finished failed = place.weft({"run", definition, "-i", "picture=@" + text});
  INFO(failed.out << failed.err);
  CHECK(failed.exit_code == 1);
  const std::string why = place.weft({"why", place.newest_run(), "a"}).out;
  INFO(why);
  CHECK(why.find("takes image/*, and this is text/plain") != std::string::npos);
}

TEST_CASE("A plugin that throws fails its task, and nothing else") {
  const Place place(texts("local", "0"));
  const std::string definition =
      place.write("throws.toml",
                  pipeline(task("a", "{ defect = \"throws\", message = \"a plugin's mistake\" }") +
                           task("b", "{}")));
  const Finished failed = place.weft({"run", definition});
  INFO(failed.out << failed.err);
  CHECK(failed.exit_code == 1);
  CHECK((failed.out + failed.err).find("a plugin's mistake") != std::string::npos);
  CHECK(count_events(place.events(), "task.succeeded", "b") == 1);
}

}  // namespace
}  // namespace weft::testing
