// SPDX-License-Identifier: Apache-2.0
// weft service: what is asked of the runtime, and what is shown of its answers.
#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

RehearsedJob a_job() {
  RehearsedJob job;
  job.service = "runway";
  job.operation = "video.from_image";
  job.params_json = R"({"seconds":5})";
  job.requests = {{"buys",
                   "POST",
                   "https://api.test/v1/image_to_video",
                   {{"Authorization", "Bearer {secret:runway_key}"}},
                   R"({"duration":5,"promptText":"a heron"})",
                   R"({"id":"sample-id"})"},
                  {"asks", "GET", "https://api.test/v1/tasks/sample-id", {}, "", ""}};
  return job;
}

}  // namespace

TEST_CASE("service check shows each request, its secrets by name") {
  World world;
  world.rehearsed = {a_job()};
  const Outcome outcome = run_weft(world, {"service", "check", "runway.toml"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out ==
        "runway  video.from_image\n"
        "  params   {\"seconds\": 5}\n"
        "  buys     POST https://api.test/v1/image_to_video\n"
        "      Authorization: Bearer {secret:runway_key}\n"
        "      {\n"
        "        \"duration\": 5,\n"
        "        \"promptText\": \"a heron\"\n"
        "      }\n"
        "  made up  {\"id\": \"sample-id\"}\n"
        "  asks     GET https://api.test/v1/tasks/sample-id\n"
        "runway.toml: 1 operation, no mistakes\n");
  REQUIRE(world.rehearsal);
  CHECK(world.rehearsal->file == "runway.toml");
  CHECK(world.rehearsal->answers.empty());
}

TEST_CASE("service check hands in answers, and says what they mean") {
  World world;
  world.rehearsed = {a_job()};
  world.rehearsed[0].outcome = "refused";
  world.rehearsed[0].message = "no";
  world.rehearsed[0].cost = "0.00 USD";
  const Outcome outcome = run_weft(
      world, {"service", "check", "runway.toml", "--operation", "video.from_image", "-p",
              "seconds=5", "-p", "prompt=a heron", "--answer", "a.json", "--answer", "b.json",
              "--status", "200", "--status", "403", "--header", "retry-after: 30"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "  outcome  refused: no\n"));
  CHECK(contains(outcome.out, "  cost     0.00 USD, as billed\n"));
  REQUIRE(world.rehearsal->answers.size() == 2);
  CHECK(world.rehearsal->params_json == R"({"seconds":5,"prompt":"a heron"})");
  CHECK(world.rehearsal->answers[0].status == 200);
  CHECK(world.rehearsal->answers[1].status == 403);
  CHECK(world.rehearsal->answers[1].headers[0].first == "retry-after");
  CHECK(world.rehearsal->answers[1].headers[0].second == "30");
}

TEST_CASE("service check says so when its arguments do not fit together") {
  World world;
  CHECK(run_weft(world, {"service", "check", "a.toml", "--status", "400"}).code == 2);
  CHECK(run_weft(world, {"service", "check", "a.toml", "--header", "x: 1"}).code == 2);
  CHECK(
      run_weft(world, {"service", "check", "a.toml", "--answer", "a.json", "--header", "x"}).code ==
      2);
  CHECK(run_weft(world, {"service", "check", "a.toml", "-p", "seconds"}).code == 2);
}

TEST_CASE("service check as JSON has the requests and the outcome") {
  World world;
  world.rehearsed = {a_job()};
  const Outcome outcome = run_weft(world, {"service", "check", "runway.toml", "--json"});
  CHECK(contains(outcome.out, R"("url":"https://api.test/v1/image_to_video")"));
  CHECK(contains(outcome.out, R"("outcome":null)"));
  CHECK(contains(outcome.out, R"("step":"buys")"));
  CHECK(contains(outcome.out, R"("made_up_answer":{"id":"sample-id"})"));
  CHECK(contains(outcome.out, R"("made_up_answer":null)"));
}

TEST_CASE("service try submits one task, tried once, at the services of the file") {
  const ScratchFolder folder;
  folder.write("a.png", "PNG");
  World world;
  world.runs = {a_run("succeeded")};
  world.runs[0].outputs_json =
      R"({"result":{"image":{"$artifact":"aa11","media_type":"image/png","bytes":9,"name":"a.png"},"score":1}})";
  world.detail.task = a_task(0, "try", "succeeded");
  AttemptView attempt;
  attempt.service = "runway";
  attempt.outcome = "ok";
  attempt.cost = "0.25 USD";
  world.detail.attempts = {attempt};
  const Outcome outcome = run_weft(
      world, {"service", "try", "runway.toml", "--operation", "image.edit", "-p", "prompt=a heron",
              "-i", "image=@" + folder.path("a.png"), "--max-cost", "0.50", "-o", folder.path("")});
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "outcome  ok\n"));
  CHECK(contains(outcome.out, "output   image: image/png, "));
  CHECK(contains(outcome.out, "output   score: 1\n"));
  CHECK(contains(outcome.out, "cost     0.25 USD, as billed\n"));
  CHECK(world.options.services == "runway.toml");
  REQUIRE(world.submission);
  CHECK(contains(world.submission->definition, R"("attempts":1)"));
  CHECK(contains(world.submission->definition, R"("image":"${inputs.image}")"));
  CHECK(world.submission->max_cost == "0.50");
}

TEST_CASE("service try takes every text of a param as it stands") {
  const ScratchFolder folder;
  World world;
  world.runs = {a_run("succeeded")};
  world.detail.task = a_task(0, "try", "succeeded");
  run_weft(world, {"service", "try", "a.toml", "--operation", "text.analyze", "-p",
                   R"(schema={"title":"${x}","enum":["$${y}"]})", "-o", folder.path("")});
  REQUIRE(world.submission);
  CHECK(contains(world.submission->definition, R"("title":"$${x}")"));
  CHECK(contains(world.submission->definition, R"("enum":["$$${y}"])"));
}

TEST_CASE("service try wants a folder that is there, and files for inputs") {
  World world;
  CHECK(run_weft(world,
                 {"service", "try", "a.toml", "--operation", "image.edit", "-o", "/nowhere/at/all"})
            .code == 3);
  CHECK(
      run_weft(world, {"service", "try", "a.toml", "--operation", "image.edit", "-i", "image=word"})
          .code == 2);
}

TEST_CASE("a service is taken out of use for a reason, and enabled again") {
  World world;
  const Outcome drained =
      run_weft(world, {"service", "drain", "comfy-a", "--reason", "new graphics card"});
  CHECK(drained.code == 0);
  CHECK(run_weft(world, {"service", "enable", "comfy-a"}).code == 0);
  CHECK(world.asked ==
        std::vector<std::string>{"drain comfy-a for new graphics card", "enable comfy-a"});
  CHECK(contains(run_weft(world, {"--json", "service", "drain", "comfy-a"}).out,
                 R"("service":"comfy-a")"));
  CHECK(run_weft(world, {"service", "drain"}).code == 2);
}
