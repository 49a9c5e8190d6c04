// SPDX-License-Identifier: Apache-2.0
#include "simple.hpp"

#include <weft/testing.hpp>

#include <fstream>

#include "catch.hpp"

using weft::testing::fake_host;

TEST_CASE("a worker reads lines of a program as they come") {
  fake_host host;
  auto service = host.create(
      simple_work<[](weft::work& work) {
        nlohmann::json out = nlohmann::json::array(), err = nlohmann::json::array();
        const auto on_line = [&](std::string_view line, std::uint32_t stream) {
          (stream == WEFT_STDOUT ? out : err).push_back(line);
        };
        weft::command shell("sh", "-c", "printf 'a\\rb\\n'; echo oops >&2; printf c; exit 3");
        const auto exit = work.process(shell, on_line);
        work.result({{"out", out}, {"err", err}, {"exit", exit.text()}});
      }>,
      "simple");
  auto job = service.run({.operation = "test.simple"});
  CHECK(job.message() == "");
  CHECK(job.result() ==
        nlohmann::json{{"out", {"a", "b", "c"}}, {"err", {"oops"}}, {"exit", "exit code 3: oops"}});
  CHECK(host.violations().empty());
}

TEST_CASE("a program that is not installed makes the operation unsupported") {
  fake_host host;
  auto service = host.create(
      simple_work<[](weft::work& work) { work.process(weft::command("no-such-program-here")); }>,
      "simple");
  auto job = service.run({.operation = "test.simple"});
  CHECK(job.status() == WEFT_UNSUPPORTED);
  CHECK(job.message().find("no-such-program-here") != std::string::npos);
}

TEST_CASE("a program that takes too long is ended") {
  fake_host host;
  auto service = host.create(simple_work<[](weft::work& work) {
                               work.process(weft::command("sleep", "1000").timeout(30));
                             }>,
                             "simple");
  auto job = service.run({.operation = "test.simple"});
  CHECK(job.status() == WEFT_TRANSIENT);
  CHECK(job.message() == "sleep: its time was up");
}

TEST_CASE("a cancel ends the program of a job, and all that it started") {
  fake_host host;
  auto service = host.create(
      simple_work<[](weft::work& work) {
        const auto on_line = [&](std::string_view line, std::uint32_t) { work.progress(-1, line); };
        work.process(weft::command("sh", "-c", "sleep 1000 & echo ready; wait"), on_line);
      }>,
      "simple");
  auto job = service.start({.operation = "test.simple"});
  host.wait_until([&] { return !job.progress().empty(); });
  job.cancel();
  job.wait();
  CHECK(job.progress().at(0).stage == "ready");
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(host.violations().empty());
}

TEST_CASE("a loop that asks whether it is cancelled stops") {
  fake_host host;
  auto service = host.create(simple_work<[](weft::work& work) {
                               work.progress(0, "begun");
                               for (;;) work.throw_if_cancelled();
                             }>,
                             "simple");
  auto job = service.start({.operation = "test.simple"});
  host.wait_until([&] { return !job.progress().empty(); });
  job.cancel();
  job.wait();
  CHECK(job.status() == WEFT_CANCELLED);
}

TEST_CASE("a line sink that throws ends the program and the job with its error") {
  fake_host host;
  auto service = host.create(simple_work<[](weft::work& work) {
                               const auto on_line = [](std::string_view, std::uint32_t) {
                                 throw weft::error(WEFT_BAD_OUTPUT, "unexpected line");
                               };
                               work.process(weft::command("yes"), on_line);
                             }>,
                             "simple");
  auto job = service.run({.operation = "test.simple"});
  CHECK(job.status() == WEFT_BAD_OUTPUT);
  CHECK(job.message() == "unexpected line");
}

TEST_CASE("a program sees what it is given and none of the runtime's other variables") {
  ::setenv("OPENAI_API_KEY", "s3cret", 1);
  fake_host host;
  auto service = host.create(simple_work<[](weft::work& work) {
                               std::string seen;
                               const auto on_line = [&](std::string_view line, std::uint32_t) {
                                 seen += std::string(line) + "\n";
                               };
                               work.process(weft::command("env").env("SEED", "7"), on_line);
                               work.result({{"seen", seen}});
                             }>,
                             "simple");
  const auto seen =
      service.run({.operation = "test.simple"}).result().at("seen").get<std::string>();
  CHECK(seen.find("SEED=7\n") != std::string::npos);
  CHECK(seen.find("PATH=") != std::string::npos);
  CHECK(seen.find("OPENAI") == std::string::npos);
}

TEST_CASE("an exception of an executor ends its job as internal") {
  fake_host host;
  auto service =
      host.create(simple_work<[](weft::work&) { throw std::logic_error("a bug"); }>, "simple");
  auto job = service.run({.operation = "test.simple"});
  CHECK(job.status() == WEFT_INTERNAL);
  CHECK(job.message() == "the plugin threw: a bug");
}

TEST_CASE("a list input arrives in order, and a list output leaves in order") {
  fake_host host;
  auto service = host.create(simple_work<[](weft::work& work) {
                               for (const weft::artifact& clip : work.inputs("clips"))
                                 work.output("copies", clip, {{"bytes", clip.length()}});
                             }>,
                             "simple");
  auto job = service.run({.operation = "test.simple",
                          .inputs = {{"clips", host.store("one", "video/mp4")},
                                     {"clips", host.store("three", "video/mp4")}}});
  REQUIRE(job.outputs().size() == 2);
  CHECK(job.outputs()[0].content.bytes() == "one");
  CHECK(job.outputs()[1].meta.at("bytes") == 5);
}

TEST_CASE("a missing input is said by name") {
  fake_host host;
  auto service = host.create(
      simple_work<[](weft::work& work) { (void)work.input("image").path(); }>, "simple");
  auto job = service.run({.operation = "test.simple"});
  CHECK(job.status() == WEFT_BAD_INPUT);
  CHECK(job.message() == "test.simple needs the input 'image'");
}

TEST_CASE("an adapter runs a program without blocking its strand") {
  fake_host host;
  auto service = host.create(
      simple<[](weft::job& job) -> weft::task<> {
        const std::string path = job.reserve("text/plain");
        weft::command copy("sh", "-c", "echo drawn > " + path + "; echo done");
        std::string said;
        const weft::line_sink on_line = [&](std::string_view line, std::uint32_t) { said = line; };
        const auto exit = co_await job.process(copy, on_line);
        co_await job.output_file("image", path, "text/plain");
        job.result({{"ok", exit.ok()}, {"said", said}});
      }>,
      "simple");
  auto job = service.submit({.operation = "test.simple"});
  host.run_until_idle();
  CHECK(job.message() == "");
  CHECK(job.result() == nlohmann::json{{"ok", true}, {"said", "done"}});
  CHECK(job.output("image") == "drawn\n");
  CHECK(host.violations().empty());
}

TEST_CASE("a cancel ends the program that an adapter waits for") {
  fake_host host;
  auto service = host.create(simple<[](weft::job& job) -> weft::task<> {
                               const weft::command long_one("sleep", "1000");
                               co_await job.process(long_one);
                             }>,
                             "simple");
  auto job = service.submit({.operation = "test.simple"});
  job.cancel();
  host.run_until_idle();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(host.violations().empty());
}
