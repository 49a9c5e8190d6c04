// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

using Asked = std::vector<std::string>;

// The exit code of `weft run` for a run that comes to rest like this.
int code_for(const RunView& end) {
  const ScratchFolder folder;
  World world;
  world.runs = {end};
  return run_weft(world, {"run", folder.write("a.toml", "")}).code;
}

}  // namespace

TEST_CASE("every way a run can come to rest has its exit code") {
  CHECK(code_for(a_run("succeeded")) == 0);
  CHECK(code_for(a_run("failed")) == 1);
  CHECK(code_for(a_run("cancelled")) == 1);
  CHECK(code_for(a_run("paused")) == 1);
  CHECK(code_for(a_run("active")) == 1);  // it waits for a person
  CHECK(code_for(a_run("degraded")) == 6);
}

TEST_CASE("every kind of error has its exit code") {
  const auto code_of = [](Error error) {
    World world;
    world.open_error = std::move(error);
    return run_weft(world, {"runs"}).code;
  };
  CHECK(code_of(invalid("config")) == 2);
  CHECK(code_of(not_found("config")) == 3);
  CHECK(code_of(conflict("locked")) == 4);
  CHECK(code_of(machine("disk full")) == 5);
  CHECK(code_of(failed("tried")) == 1);
}

TEST_CASE("a command line that cannot be understood ends with 2 and says what was meant") {
  World world;
  const Outcome command = run_weft(world, {"reusme", "0192"});
  CHECK(command.code == 2);
  CHECK(contains(command.err, "unknown command 'reusme'"));
  CHECK(contains(command.err, "did you mean 'resume'?"));
  const Outcome nested = run_weft(world, {"artifact", "lst"});
  CHECK(nested.code == 2);
  CHECK(contains(nested.err, "did you mean 'list'? or see: weft artifact --help"));
  const Outcome option = run_weft(world, {"runs", "--jsno"});
  CHECK(option.code == 2);
  CHECK(contains(option.err, "did you mean '--json'?"));
  CHECK(run_weft(world, {"runs", "surplus"}).code == 2);
  CHECK(run_weft(world, {"pause"}).code == 2);
  CHECK(run_weft(world, {"run", "a.toml", "--priority", "101"}).code == 2);
  CHECK(run_weft(world, {"gc", "--paid"}).code == 2);
  CHECK(world.asked.empty());
}

TEST_CASE("without a command the help is shown and nothing is done") {
  World world;
  const Outcome outcome = run_weft(world, {});
  CHECK(outcome.code == 2);
  CHECK(contains(outcome.err, "Exit codes:"));
  CHECK(outcome.out.empty());
}

TEST_CASE("help and version are answers, not errors") {
  World world;
  const Outcome help = run_weft(world, {"settle", "--help"});
  CHECK(help.code == 0);
  CHECK(contains(help.out, "--not-bought"));
  CHECK(contains(help.out, "Examples:"));
  CHECK(run_weft(world, {"version"}).out == "weft 0.1.0\n");
  CHECK(run_weft(world, {"--version"}).out == "weft 0.1.0\n");
}

TEST_CASE("global options may stand before or behind the command") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--state", "/s", "--config", "/c", "--plugins", "/p", "runs"},
        std::vector<std::string>{"runs", "--plugins", "/p", "--config", "/c", "--state", "/s"}}) {
    World world;
    CHECK(run_weft(world, arguments).code == 0);
    CHECK(world.options.state == "/s");
    CHECK(world.options.config == "/c");
    CHECK(world.options.plugins == std::vector<std::filesystem::path>{"/p"});
  }
}

TEST_CASE("looking never executes, running does when the lock is free") {
  const ScratchFolder folder;
  const std::string file = folder.write("a.toml", "x");
  World world;
  world.runs = {a_run("succeeded")};
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"runs"},
                                                    {"show"},
                                                    {"services"},
                                                    {"events"},
                                                    {"plan", file},
                                                    {"run", file, "--detach"}}) {
    CHECK(run_weft(world, arguments).code == 0);
    CHECK(world.options.role == Role::client);
  }
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", file}, {"resume", "0192"}, {"retry", "0192"}}) {
    CHECK(run_weft(world, arguments).code == 0);
    CHECK(world.options.role == Role::on_demand);
  }
}

TEST_CASE("run hands the runtime everything that was given") {
  const ScratchFolder folder;
  const std::string file = folder.write("film.toml", "[pipeline]");
  World world;
  world.runs = {a_run("succeeded")};
  CHECK(run_weft(world, {"run", "-i", "seed=7", file, "-i", "title=a film", "--max-cost", "5.00",
                         "--priority", "-5", "--id", run_id})
            .code == 0);
  REQUIRE(world.submission);
  CHECK(world.submission->definition == "[pipeline]");
  CHECK(world.submission->file == file);
  CHECK(world.submission->inputs.at("seed").text == "7");
  CHECK(world.submission->inputs.at("title").text == "a film");
  CHECK(world.submission->max_cost == "5.00");
  CHECK(world.submission->priority == -5);
  CHECK(world.submission->id == run_id);
}

TEST_CASE("a definition that does not exist ends with 3 before the runtime is opened") {
  World world;
  world.open_error = internal("must not be opened");
  const Outcome outcome = run_weft(world, {"run", "/nowhere/film.toml"});
  CHECK(outcome.code == 3);
  CHECK(contains(outcome.err, "no file '/nowhere/film.toml'"));
}

TEST_CASE("detached, run prints the id alone on standard output") {
  const ScratchFolder folder;
  World world;
  const Outcome outcome = run_weft(world, {"run", folder.write("a.toml", ""), "--detach"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == std::string(run_id) + "\n");
  CHECK(contains(outcome.err, "weft events -f"));
}

TEST_CASE("control commands reach the runtime as they were typed") {
  World world;
  world.runs = {a_run("succeeded")};
  CHECK(run_weft(world, {"pause", "0192"}).out == "pause 0192 is done\n");
  run_weft(world, {"cancel", "0192"});
  run_weft(world, {"skip", "0192", "video[3]"});
  run_weft(world, {"resume", "0192", "--max-cost", "10"});
  run_weft(world, {"retry", "0192"});
  run_weft(world, {"retry", "0192", "video[3]", "--rebuy", "--detach"});
  CHECK(world.asked == Asked{"pause 0192", "cancel 0192", "skip 0192 video[3]",
                             "resume 0192 with 10", "retry 0192", "retry 0192 video[3] rebuy"});
}

TEST_CASE("settle takes one of two answers, and the result when it is at hand") {
  World world;
  CHECK(run_weft(world, {"settle", "0192", "video[3]", "--bought"}).code == 0);
  CHECK(run_weft(world, {"settle", "0192", "video[3]", "--bought", "shot.mp4"}).code == 0);
  CHECK(run_weft(world, {"settle", "0192", "video[3]", "--not-bought"}).code == 0);
  CHECK(world.asked == Asked{"settle 0192 video[3] bought", "settle 0192 video[3] bought shot.mp4",
                             "settle 0192 video[3] not bought"});
  CHECK(run_weft(world, {"settle", "0192", "video[3]"}).code == 2);
  CHECK(run_weft(world, {"settle", "0192", "video[3]", "--bought", "--not-bought"}).code == 2);
  CHECK(world.asked.size() == 3);
}

TEST_CASE("what is asked of a run that nobody executes is followed by how the run goes on") {
  World world;
  world.runs = {a_run("active")};
  CHECK(run_weft(world, {"skip", run_id, "film"}).err.empty());
  world.runs[0].unattended = true;
  CHECK(contains(run_weft(world, {"skip", run_id, "film"}).err,
                 std::string("weft resume ") + run_id));
  CHECK(run_weft(world, {"skip", run_id, "film", "-q"}).err.empty());
}

TEST_CASE("answers reach the task that waits for them") {
  World world;
  world.runs = {a_run("active")};
  const ScratchFolder folder;
  folder.write("mask.png", "x");
  const std::string mask = folder.path("mask.png");
  run_weft(world, {"approve", "0192", "review"});
  run_weft(world, {"approve", "0192", "pick[3]", "--choose", "2", "--note", "warmer"});
  run_weft(world, {"reject", "0192", "review", "--note", "too dark"});
  run_weft(world, {"give", "0192", "mask", "-i", "feather=4", "-i", "image=@" + mask});
  CHECK(world.asked == Asked{"approve 0192 review", "approve 0192 pick[3] choice 2 note warmer",
                             "reject 0192 review note too dark",
                             "give 0192 mask feather=4 image=" + mask});
  CHECK(run_weft(world, {"approve", "0192", "review", "--choose", "two"}).code == 2);
}

TEST_CASE("why shows what is to be looked at and what may be chosen") {
  World world;
  world.runs = {a_run("active")};
  world.detail.task = a_task(3, "pick", "waiting");
  world.detail.question_json =
      R"({"reason":"approval","message":"which?","inputs":{"prompt":"a heron"},"choices":[{"$artifact":"3f2a9c1b0d4e5f603f2a9c1b0d4e5f603f2a9c1b0d4e5f603f2a9c1b0d4e5f60","media_type":"image/png","bytes":4,"name":"take.png"}]})";
  const std::string page = run_weft(world, {"why", "0192", "pick"}).out;
  CHECK(contains(page, "prompt  a heron"));
  CHECK(contains(page, "0  take.png, image/png, weft artifact get 3f2a9c1b"));
}

TEST_CASE("the list of runs says which of them wait for somebody") {
  World world;
  world.runs = {a_run("active")};
  world.runs[0].tasks = {{"waiting", 2}};
  CHECK(contains(run_weft(world, {"runs"}).out, "active (2 tasks wait for you)"));
}
