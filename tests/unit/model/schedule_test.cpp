// SPDX-License-Identifier: Apache-2.0
#include "model/schedule.hpp"

#include "catch.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace std::chrono_literals;

namespace {

// The one schedule of a text, or what is wrong with it.
result<Schedule> read(const std::string& keys) {
  const Document document =
      Document::from_toml("[schedules.s]\n" + keys + "\n", "weft.toml").value();
  Mistakes mistakes;
  TableReader table(document, "/schedules/s", "schedule 's'", mistakes);
  const std::function<std::string(const std::string&)> resolve = [](const std::string& path) {
    return path.starts_with('/') ? path : "/etc/weft/" + path;
  };
  Schedule schedule = read_schedule(table, "s", resolve);
  if (mistakes.any()) return invalid("weft.toml", mistakes.take());
  return schedule;
}

std::string mistake(const std::string& keys) {
  const auto schedule = read(keys);
  if (schedule) return "none";
  const Diagnostic first = schedule.error().diagnostics.front();
  return first.to_string() + " " + first.remedy;
}

const std::string nightly = "pipeline = \"film.toml\"\ncron = \"30 3 * * mon-fri\"\n";

}  // namespace

TEST_CASE("a schedule has what it says, and defaults that lose nothing") {
  const Schedule schedule =
      read(nightly +
           "zone = \"Europe/Berlin\"\noverlap = \"queue\"\nmissed = \"all\"\nmissed_window = "
           "\"2h\"\n"
           "jitter = \"5m\"\npaused = true\nmax_cost = \"2.50\"\npriority = 7\n"
           "inputs = { day = \"${fire.at}\", seed = 7 }")
          .value();
  CHECK(schedule.pipeline == "/etc/weft/film.toml");
  CHECK(schedule.when == "30 3 * * mon-fri, Europe/Berlin");
  CHECK(schedule.overlap == Overlap::queue);
  CHECK(schedule.missed == Missed::all);
  CHECK(schedule.missed_window == Duration(2h));
  CHECK(schedule.jitter == Duration(5min));
  CHECK(schedule.paused);
  CHECK(schedule.max_cost == "2.50");
  CHECK(schedule.priority == 7);
  CHECK(read(nightly)->overlap == Overlap::skip);
  CHECK(read(nightly)->missed == Missed::once);
  const auto files =
      read("pipeline = \"p.toml\"\nfiles = { folder = \"inbox\", glob = \"*.png\" }");
  CHECK(files->overlap == Overlap::queue_all);
  CHECK(std::get<FileArrival>(files->trigger).folder == "/etc/weft/inbox");
}

TEST_CASE("a schedule comes back from how it is written") {
  for (const std::string& keys :
       {nightly + "zone = \"Asia/Tokyo\"",
        std::string("pipeline = \"p.toml\"\nfiles = { folder = \"inbox\", settle = \"5s\" }"),
        std::string(
            "pipeline = \"p.toml\"\nevent = { type = \"run.succeeded\", pipeline = \"x\" }"),
        std::string("pipeline = \"p.toml\"\nat = \"2026-12-24T18:00Z\"")}) {
    const Schedule schedule = read(keys).value();
    const auto again = read_written_schedule("s", schedule.written);
    REQUIRE(again.has_value());
    CHECK(again->when == schedule.when);
    CHECK(again->pipeline == schedule.pipeline);
    CHECK(again->written == schedule.written);
  }
}

TEST_CASE("inputs are made of the cause") {
  const Schedule schedule = read(
                                "pipeline = \"p.toml\"\nevent = { type = \"run.succeeded\" }\n"
                                "inputs = { film = \"${event.data.outputs.film}\", at = "
                                "\"at ${fire.at}\", seeds = [1, 2] }")
                                .value();
  const auto inputs = schedule_inputs(
      schedule,
      {{"fire", json::object{{"schedule", "s"}, {"at", "noon"}}},
       {"event", json::object{{"data", json::object{{"outputs", json::object{{"film", 7}}}}}}}});
  REQUIRE(inputs.has_value());
  CHECK(*inputs == json::object{{"film", 7}, {"at", "at noon"}, {"seeds", json::array{1, 2}}});
  const auto missing =
      schedule_inputs(schedule, {{"fire", json::object{{"schedule", "s"}, {"at", "noon"}}},
                                 {"event", json::object{{"data", json::object{}}}}});
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().to_string().find("inputs of schedule 's'") != std::string::npos);
}

TEST_CASE("what is wrong with a schedule is said where it stands, with words that help") {
  CHECK(mistake("cron = \"@daily\"").find("has no 'pipeline'") != std::string::npos);
  CHECK(mistake("pipeline = \"p.toml\"").find("says not when it runs") != std::string::npos);
  CHECK(mistake(nightly + "at = \"2026-12-24T18:00\"").find("says twice") != std::string::npos);
  CHECK(mistake(nightly + "overlap = \"skipp\"").find("did you mean 'skip'?") != std::string::npos);
  CHECK(mistake(nightly + "zone = \"Europe/Berlim\"").find("no time zone 'Europe/Berlim'") !=
        std::string::npos);
  CHECK(mistake(nightly + "jiter = \"1m\"").find("did you mean 'jitter'?") != std::string::npos);
  CHECK(mistake(nightly + "inputs = { a = \"${fire.att}\" }").find("did you mean 'at'?") !=
        std::string::npos);
  CHECK(mistake("pipeline = \"p.toml\"\ncron = \"0 25 * * *\"")
            .starts_with("weft.toml:3:8: error: '25' is no hour"));
  CHECK(mistake("pipeline = \"p.toml\"\nat = \"tomorrow\"").find("'tomorrow' is no moment") !=
        std::string::npos);
  CHECK(mistake("pipeline = \"p.toml\"\nat = \"2026-02-30T10:00\"").find("is no moment") !=
        std::string::npos);
  CHECK(mistake("pipeline = \"p.toml\"\nfiles = { folder = \"in\" }\njitter = \"1m\"")
            .find("'jitter' is for schedules with times") != std::string::npos);
  CHECK(mistake("pipeline = \"p.toml\"\nfiles = { folder = \"in\", glob = \"a/*\" }")
            .find("names in the folder") != std::string::npos);
  CHECK(mistake("pipeline = \"p.toml\"\nevent = { type = \"service.open\" }")
            .find("is no event of a run") != std::string::npos);
  CHECK(mistake("pipeline = \"p.toml\"\nevent = { type = \"task.succeeded\" }")
            .find("say of which: pipeline = \"film\"") != std::string::npos);
}
