// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <sstream>

#include "catch.hpp"
#include "fake_runtime.hpp"
#include "print_result.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;

namespace {

json::object document(const std::string& text) {
  const auto value = parse_json(text);
  REQUIRE(value);
  REQUIRE(value->is_object());
  return value->get_object();
}

std::vector<json::object> lines(const std::string& text) {
  std::vector<json::object> documents;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) documents.push_back(document(line));
  return documents;
}

std::vector<std::string> keys(const json::value& value) {
  std::vector<std::string> names;
  for (const auto& member : value.get_object()) names.emplace_back(member.key());
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("every command that answers can answer as one JSON document") {
  const ScratchFolder folder;
  const std::string file = folder.write("a.toml", "");
  World world;
  world.runs = {a_run("succeeded")};
  world.tasks = {a_task(0, "film", "running")};
  world.detail.task = world.tasks[0];
  world.artifacts = {{"aa11", 1, "video/mp4", "film.mp4", "", ""}};
  world.services.resize(1);
  world.plugins.resize(1);
  for (const Names& arguments : {Names{"plan", file},
                                 {"run", file, "--detach"},
                                 {"runs"},
                                 {"show"},
                                 {"why", "0192", "film"},
                                 {"pause", "0192"},
                                 {"resume", "0192", "--detach"},
                                 {"services"},
                                 {"plugin", "list"},
                                 {"plugin", "check", "x.so"},
                                 {"config", "check"},
                                 {"artifact", "list"},
                                 {"artifact", "get", "aa11"},
                                 {"artifact", "verify"},
                                 {"gc"},
                                 {"version"}}) {
    Names asked = arguments;
    asked.push_back("--json");
    CAPTURE(arguments[0]);
    const Outcome outcome = run_weft(world, asked);
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK(lines(outcome.out).size() == 1);
  }
}

TEST_CASE("a run in JSON has every member of its view") {
  World world;
  world.runs = {a_run("succeeded")};
  world.runs[0].outputs_json = R"({"score":1})";
  const json::object answer = document(run_weft(world, {"runs", "--json"}).out);
  const json::object& run = answer.at("runs").at(0).as_object();
  CHECK(keys(run) == Names{"id", "pipeline", "state", "reason", "cancelling", "created_at",
                           "ended_at", "tasks", "spent", "reserved", "limit", "owner", "unattended",
                           "outputs", "output_errors", "forked_from", "replaced_by"});
  CHECK(run.at("created_at") == "2026-11-21T03:27:37.120Z");
  CHECK(run.at("spent").is_null());
  CHECK(run.at("outputs").at("score") == 1);
}

TEST_CASE("a task in JSON has every member of its view, and null for what is unknown") {
  World world;
  world.runs = {a_run("active")};
  world.tasks = {a_task(7, "video[3]", "running")};
  const json::object answer = document(run_weft(world, {"show", "--json"}).out);
  CHECK(keys(answer) == Names{"run", "tasks"});
  const json::object& task = answer.at("tasks").at(0).as_object();
  CHECK(keys(task) == Names{"number", "name", "operation", "group", "item_count", "state",
                            "unattended", "why", "service", "attempt", "permille", "stage",
                            "started_at", "ended_at", "cost"});
  CHECK(task.at("permille").is_null());
  CHECK(task.at("service") == "comfy-a");
}

TEST_CASE("a followed run is one JSON object per event and one for its end") {
  const ScratchFolder folder;
  World world;
  world.runs = {a_run("degraded")};
  world.events = {an_event(1, "run.submitted", "", R"({"tasks":3})"),
                  an_event(2, "task.started", "film", "{}")};
  const Outcome outcome = run_weft(world, {"run", folder.write("a.toml", ""), "--json"});
  CHECK(outcome.code == 6);
  CHECK(outcome.err.empty());
  const auto documents = lines(outcome.out);
  REQUIRE(documents.size() == 3);
  CHECK(keys(documents[0]) == Names{"cursor", "run", "run_seq", "at", "type", "task", "data"});
  CHECK(documents[0].at("data").at("tasks") == 3);
  CHECK(documents[1].at("task") == "film");
  CHECK(documents[2].at("type") == "end");
  CHECK(documents[2].at("run").at("state") == "degraded");
  CHECK(documents[2].at("exit_code") == 6);
}

TEST_CASE("an error in JSON stands on standard error with all its diagnostics") {
  const ScratchFolder folder;
  World world;
  world.submit_error = invalid("a.toml", {Diagnostic{{"a.toml", 3, 5}, "odd", "mend it", false}});
  const Outcome outcome = run_weft(world, {"--json", "run", folder.write("a.toml", "")});
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  const json::object answer = document(outcome.err);
  const json::object& error = answer.at("error").as_object();
  CHECK(error.at("kind") == "invalid");
  CHECK(error.at("exit_code") == 2);
  CHECK(error.at("diagnostics").at(0).at("line") == 3);
  CHECK(error.at("diagnostics").at(0).at("remedy") == "mend it");
}

TEST_CASE("a mistake in the usage is JSON as well when JSON was asked for") {
  World world;
  const Outcome outcome = run_weft(world, {"rusn", "--json"});
  CHECK(outcome.code == 2);
  CHECK(document(outcome.err).at("error").at("message") == "unknown command 'rusn'");
}
