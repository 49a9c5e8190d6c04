// SPDX-License-Identifier: Apache-2.0
// Definitions under their names, forks of runs, and what is foreseen.
#include <boost/json/parse.hpp>
#include <csignal>
#include <filesystem>
#include <map>

#include "catch.hpp"
#include "job_server.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

// A paid service, and a definition of two shots.
class Studio : private TempFolder, public JobServer, public Place {
 public:
  explicit Studio(int delay_ms = 5, const std::string& more = {})
      : JobServer(TempFolder::path()), Place(service(JobServer::url(), delay_ms, more)) {}

  std::string film(const std::string& style = "cinematic", double seconds = 3) const {
    return write("film.toml", R"([pipeline]
name = "film"
[inputs]
shots = { type = "array", default = ["a pier", "the sea"] }
[tasks.keyframe]
for_each = "inputs.shots"
operation = "image.generate"
params = { prompt = "${item}, )" + style +
                                  R"(", width = 64, height = 64 }
[tasks.video]
for_each = "inputs.shots"
operation = "video.from_image"
inputs = { image = "${tasks.keyframe[index].image}" }
params = { seconds = )" + std::to_string(seconds) +
                                  R"( }
[tasks.film]
operation = "video.concat"
inputs = { clips = "${tasks.video.map(v, v.video)}" }
[outputs]
film = "${tasks.film.video}"
)");
  }

  std::string said(std::vector<std::string> arguments) const {
    const Finished done = weft(arguments);
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    return done.out;
  }
  json::value answered(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "--json");
    return json::parse(said(std::move(arguments)));
  }
  // What a fork would make anew, by task.
  std::map<std::string, std::string> anew(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "fork");
    arguments.emplace_back("-n");
    std::map<std::string, std::string> reasons;
    const json::value plan = answered(std::move(arguments));
    for (const json::value& task : plan.at("tasks").as_array())
      if (!task.at("keep").as_bool())
        reasons[std::string(task.at("name").as_string())] =
            std::string(task.at("reason").as_string());
    return reasons;
  }

 private:
  static std::string service(const std::string& url, int delay_ms, const std::string& more) {
    return "[services.remote]\ncomponent = \"testing\"\nprice = \"0.01\"\nconfig = { url = \"" +
           url + "\", recover = \"key\", poll_ms = 10, behaviour = { delay_ms = " +
           std::to_string(delay_ms) + ", cost_micros = 10000 } }\n" + more;
  }
};

using Reasons = std::map<std::string, std::string>;

TEST_CASE("A fork with another shot keeps all that is the same, and buys only the rest") {
  const Studio studio;
  studio.said({"-q", "run", studio.film()});
  CHECK(studio.accepted() == 5);
  const std::string first = studio.newest_run();
  CHECK(studio.anew({first}) == Reasons{});
  const std::string shots = R"(shots=["a pier", "the moon"])";
  CHECK(studio.anew({first, "-i", shots}) == Reasons{{"keyframe[1]", "prompt changed"},
                                                     {"video[1]", "needs keyframe[1]"},
                                                     {"film", "needs video"}});
  CHECK(studio.accepted() == 5);  // nothing was done yet
  studio.said({"-q", "fork", first, "-i", shots});
  CHECK(studio.accepted() == 7);  // the service made the same clip: the film is known
  CHECK(studio.each_billed_once());
  const std::string second = studio.newest_run();
  REQUIRE(second != first);
  CHECK(studio.run(second).at("state") == "succeeded");
  CHECK(studio.run(second).at("forked_from").as_string() == std::string_view(first));
  CHECK_FALSE(studio.run(second).at("outputs").at("film").is_null());
  CHECK_THAT(studio.said({"show", second}), Catch::Matchers::Contains("from run " + first));
  CHECK(studio.said({"artifact", "verify"}).find("whole") != std::string::npos);
  // And a fork of the fork.
  CHECK(studio.anew({second, "film"}) == Reasons{{"film", "asked for"}});
  // What is asked for is made again, though its result could be taken from the second run.
  studio.said({"-q", "fork", second, "film"});
  CHECK(studio.accepted() == 8);
}

TEST_CASE("A fork of a failed run with a mended definition goes on where it had got to") {
  const Studio studio;
  studio.said({"-q", "run", studio.film()});
  const std::string first = studio.newest_run();
  CHECK(studio.anew({first, "--pipeline", studio.film("cinematic", 5)}) ==
        Reasons{{"video[0]", "seconds changed"},
                {"video[1]", "seconds changed"},
                {"film", "needs video"}});
  studio.said({"-q", "fork", first, "video[1]"});
  CHECK(studio.accepted() == 7);
  CHECK(studio.each_billed_once());
  const Finished unknown = studio.weft({"fork", first, "vidoe[1]"});
  CHECK(unknown.exit_code == 3);
  CHECK_THAT(unknown.err, Catch::Matchers::Contains("did you mean"));
}

TEST_CASE("A fork that is killed goes on as any run, and buys nothing twice") {
  const Studio studio(300);
  studio.said({"-q", "run", studio.film()});
  const std::string first = studio.newest_run();
  Program second = studio.start({"-q", "fork", first, "video[0]"});
  REQUIRE(eventually([&] { return studio.accepted() == 6; }));
  second.signal(SIGKILL);
  REQUIRE(second.finish().signal == SIGKILL);
  studio.said({"-q", "resume", studio.newest_run()});
  CHECK(studio.accepted() == 7);
  CHECK(studio.each_billed_once());
}

TEST_CASE("Versions of a name are saved, listed, compared, rolled back and run") {
  const Studio studio;
  CHECK(studio.said({"pipeline", "save", studio.film(), "-m", "the first"}) == "film@1\n");
  CHECK_THAT(studio.said({"pipeline", "save", studio.film()}),
             Catch::Matchers::Contains("nothing new"));
  const std::string dark = studio.film("dark");
  CHECK_THAT(studio.said({"pipeline", "diff", "film", dark}),
             Catch::Matchers::Contains("tasks.keyframe.params.prompt"));
  CHECK(studio.said({"pipeline", "save", dark, "--author", "eve"}) == "film@2\n");
  CHECK(studio.said({"pipeline", "rollback", "film@1"}) == "film@3\n");
  CHECK(studio.said({"pipeline", "diff", "film@1", "film@3"}) == "they mean the same\n");
  const json::value listed = studio.answered({"pipeline", "list", "film"});
  REQUIRE(listed.at("pipelines").as_array().size() == 3);
  CHECK(listed.at("pipelines").at(0).at("message") == "rolled back to 1");
  CHECK(listed.at("pipelines").at(1).at("author") == "eve");
  CHECK_THAT(studio.said({"pipeline", "show", "film@2"}), Catch::Matchers::Contains("dark"));
  studio.said({"-q", "run", "film@2"});
  CHECK(studio.run(studio.newest_run()).at("pipeline") == "film");
  CHECK(studio.anew({studio.newest_run(), "--pipeline", "film@2"}) == Reasons{});
  CHECK(studio.anew({studio.newest_run(), "--pipeline", "film"}).size() == 5);
}

TEST_CASE("A pipeline that is kept under its name is used by others, in the version they name") {
  const Studio studio;
  const auto shot = [&](const std::string& prompt) {
    studio.said({"pipeline", "save", studio.write("draft.toml", R"([pipeline]
name = "shot"
[tasks.picture]
operation = "image.generate"
params = { prompt = ")" + prompt + R"(", width = 64, height = 64 }
[outputs]
picture = "${tasks.picture.image}"
)")});
  };
  shot("a pier");
  shot("the sea");
  const std::string film = studio.write("uses.toml", R"([pipeline]
name = "uses"
[tasks.first]
use = "shot@1"
[tasks.newest]
use = "shot"
[outputs]
first = "${tasks.first.picture}"
newest = "${tasks.newest.picture}"
)");
  studio.said({"-q", "run", film});
  CHECK(studio.accepted() == 2);
  const std::string unknown = studio.write("unknown.toml", R"([pipeline]
name = "unknown"
[tasks.first]
use = "shot@7"
)");
  const Finished refused = studio.weft({"plan", unknown});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, Catch::Matchers::Contains("no version 7 of the pipeline 'shot'"));
}

TEST_CASE("A version and a fork run what they meant, whatever lies in the folder by now") {
  const Studio studio;
  const auto scene = [&](const std::string& prompt) {
    studio.write("scene.toml", R"([pipeline]
name = "scene"
[tasks.picture]
operation = "image.generate"
params = { prompt = ")" + prompt + R"(", seed = 7, width = 64, height = 64 }
[outputs]
picture = "${tasks.picture.image}"
)");
  };
  const std::string film = studio.write("film.toml", R"([pipeline]
name = "film"
[tasks.only]
use = "scene"
[outputs]
picture = "${tasks.only.picture}"
)");
  scene("a pier");
  studio.said({"pipeline", "save", film});
  studio.said({"-q", "run", film});
  const std::string first = studio.newest_run();
  scene("the sea");
  studio.said({"-q", "fork", first});
  studio.said({"-q", "fork", first, "--pipeline", "film@1"});
  CHECK(studio.accepted() == 1);  // the picture is kept for whoever asks for the same
  studio.said({"-q", "fork", first, "--pipeline", film});
  CHECK(studio.accepted() == 2);
  CHECK(studio.said({"pipeline", "save", film}) == "film@2\n");
  CHECK(studio.said({"pipeline", "rollback", "film@1"}) == "film@3\n");
  CHECK(studio.said({"pipeline", "diff", "film@1", "film@3"}) == "they mean the same\n");
  CHECK_THAT(studio.said({"pipeline", "show", "film@3"}), Catch::Matchers::Contains("use ="));
  const std::string uses = studio.write("uses.toml", R"([pipeline]
name = "uses"
[tasks.a]
use = "film@1"
)");
  const std::string kept = studio.write("kept.toml", R"([pipeline]
name = "kept"
[tasks.a]
use = "film"
)");
  std::filesystem::remove(studio.folder() / "film.toml");
  std::filesystem::remove(studio.folder() / "scene.toml");
  for (const std::string& one : {std::string("film@1"), uses, kept})
    studio.said({"-q", "run", one});
  CHECK(studio.accepted() == 2);
}

TEST_CASE("A run that is under way keeps its definition over a newer version and a restart") {
  const Studio studio(300);
  studio.said({"pipeline", "save", studio.film()});
  Program running = studio.start({"-q", "run", "film"});
  REQUIRE(eventually([&] { return studio.accepted() >= 1; }));
  running.signal(SIGKILL);
  REQUIRE(running.finish().signal == SIGKILL);
  CHECK(studio.said({"pipeline", "save", studio.write("film.toml", R"([pipeline]
name = "film"
[tasks.poster]
operation = "image.generate"
params = { prompt = "a poster" }
)")}) == "film@2\n");
  const std::string run = studio.newest_run();
  studio.said({"-q", "resume", run});
  CHECK(studio.run(run).at("state") == "succeeded");
  CHECK_FALSE(studio.run(run).at("outputs").at("film").is_null());
  CHECK(studio.accepted() == 5);
}

TEST_CASE(
    "n8n 12957: a retry means what the run began with; a fork may mean what was mended since") {
  const Studio studio;
  const std::string wrong = studio.film("${string(1 / (size(inputs.shots) - 2))}");
  CHECK(studio.weft({"-q", "run", wrong}).exit_code == 1);
  const std::string run = studio.newest_run();
  CHECK(studio.accepted() == 0);
  studio.said({"pipeline", "save", studio.film()});
  CHECK(studio.weft({"-q", "retry", run}).exit_code == 1);
  CHECK(studio.accepted() == 0);
  // durable-workflow 262: and does not play the old failure again.
  studio.said({"-q", "fork", run, "--pipeline", "film"});
  CHECK(studio.run(studio.newest_run()).at("state") == "succeeded");
  CHECK(studio.accepted() == 5);
}

TEST_CASE("What a run will cost and take is declared at first, and measured once it has run") {
  const Studio studio(5,
                      "latency = { p50 = \"20s\", \"video.concat\" = { p50 = \"1m\", p95 = "
                      "\"2m\" } }\n[services.remote.limits]\nconcurrency = 1\n");
  const std::string film = studio.film();
  json::value sums = studio.answered({"plan", film}).at("projection");
  CHECK(sums.at("cost").at(0) == "0.05 USD");
  CHECK(sums.at("unknown_costs") == 0);
  CHECK(sums.at("declared_times") == 5);
  CHECK(sums.at("path").at("p50_ms") == 100'000);
  CHECK(sums.at("path").at("p95_ms") == 160'000);
  CHECK(sums.at("critical_path").as_array().size() == 3);
  CHECK(sums.at("at_least").at("p50_ms") == 140'000);
  CHECK(sums.at("bound_by") == "service remote");
  CHECK_THAT(studio.said({"plan", film, "--cost", "--time"}),
             Catch::Matchers::Contains("bound by the slots of service remote"));
  studio.said({"-q", "run", film});
  sums = studio.answered({"plan", film}).at("projection");
  CHECK(sums.at("declared_times") == 0);
  CHECK(sums.at("unknown_times") == 0);
  CHECK(sums.at("one_after_the_other").at("p50_ms").to_number<std::int64_t>() < 100'000);
}

}  // namespace
}  // namespace weft::testing
