// SPDX-License-Identifier: Apache-2.0
// Results that runs take from each other.
#include <boost/json/parse.hpp>

#include "catch.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

using Catch::Matchers::Contains;

// Makes pictures for money, as many different ones as it is asked for.
constexpr std::string_view painter = R"(
[services.painter]
component  = "testing"
operations = ["image.generate"]
price      = "0.04"
config     = { behaviour = { cost_micros = 40000 } }
)";

std::string picture(const std::string& params, const std::string& more = {}) {
  return "[pipeline]\nname = \"one\"\n[tasks.picture]\noperation = \"image.generate\"\nparams = "
         "{ " +
         params + " }\n" + more + "\n[outputs]\npicture = \"${tasks.picture.image}\"\n";
}
const std::string heron = picture("prompt = \"a heron\", seed = 7");

// The newest run after it.
std::string run_of(const Place& place, const std::string& file,
                   const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"run", file};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Finished done = place.weft(arguments);
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  return place.newest_run();
}

std::string why(const Place& place, const std::string& run, const std::string& task = "picture") {
  const Finished told = place.weft({"why", run, task});
  INFO(told.err);
  REQUIRE(told.exit_code == 0);
  return told.out;
}

TEST_CASE("What an earlier run has made is not bought again") {
  const Place place(painter);
  const std::string file = place.write("heron.toml", heron);
  const std::string first = run_of(place, file);
  const std::string second = run_of(place, file);
  CHECK(count_events(place.events(second), "task.started") == 0);
  CHECK(place.run(second).at("spent").is_null());
  CHECK(place.run(second).at("outputs") == place.run(first).at("outputs"));
  const std::string page = why(place, second);
  CHECK_THAT(page, Contains("From the cache") && Contains(first) && Contains("painter"));
}

TEST_CASE(
    "Why no result is taken is told of the task itself, also inside a pipeline that is used") {
  const Place place(painter);
  const std::string file = place.write("inside.toml", R"([pipeline]
name = "outside"
[tasks.scene]
pipeline.pipeline = { name = "inside" }
pipeline.tasks.off = { operation = "image.generate", params = { prompt = "a", seed = 7 }, cache = "off" }
pipeline.tasks.any = { operation = "image.generate", params = { prompt = "a" } }
[tasks.yes]
approve = { message = "good?" }
)");
  CHECK(place.weft({"run", file}).exit_code == 1);  // it waits
  const std::string run = place.newest_run();
  CHECK_THAT(why(place, run, "scene/off"), Contains("its definition says cache = \"off\""));
  CHECK_THAT(why(place, run, "scene/any"), Contains("it has no seed"));
  CHECK_THAT(why(place, run, "scene"), !Contains("from the cache"));
  REQUIRE(place.weft({"approve", run, "yes"}).exit_code == 0);
  CHECK_THAT(why(place, run, "yes"), !Contains("from the cache"));
}

TEST_CASE("What gc would forget of the cache is told, and forgotten only when it is asked to") {
  const Place place(painter);
  run_of(place, place.write("heron.toml", heron));
  place.write("weft.toml", "[state]\npath = \"state\"\n[cache]\nttl = \"1ms\"\n");
  for (int i = 0; i < 2; ++i)
    CHECK_THAT(place.weft({"gc"}).out, Contains("would forget 1 result of the cache"));
  CHECK_THAT(place.weft({"gc", "--yes"}).out, Contains("forgot 1 result of the cache"));
  CHECK_THAT(place.weft({"gc"}).out, !Contains("of the cache"));
}

TEST_CASE("Why a result was not taken is told by what differs from the nearest one") {
  const Place place(painter);
  const std::string first = run_of(place, place.write("heron.toml", heron));
  CHECK_THAT(why(place, first), Contains("no earlier result of image.generate is kept"));
  const std::string other =
      run_of(place, place.write("crane.toml", picture("prompt = \"a crane\", seed = 7")));
  CHECK_THAT(why(place, other), Contains("params.prompt: 'a heron' -> 'a crane'") &&
                                    !Contains("params.seed") && Contains(first));
  const std::string none = run_of(place, place.write("none.toml", picture("prompt = \"a heron\"")));
  CHECK_THAT(why(place, none), Contains("it has no seed"));
  const std::string off = run_of(
      place, place.write("off.toml", picture("prompt = \"a heron\", seed = 7", "cache = \"off\"")));
  CHECK_THAT(why(place, off), Contains("cache = \"off\""));
  CHECK(count_events(place.events(off), "task.started") == 1);
}

TEST_CASE("Everything is made anew when that is asked for") {
  const Place place(painter);
  const std::string file = place.write("heron.toml", heron);
  run_of(place, file);
  const std::string anew = run_of(place, file, {"--no-cache"});
  CHECK(count_events(place.events(anew), "task.started") == 1);
  CHECK_THAT(why(place, anew), Contains("everything anew"));
}

TEST_CASE("Another configuration of a service gives other results") {
  const Place place(painter);
  const std::string file = place.write("heron.toml", heron);
  run_of(place, file);
  place.write("weft.toml", "[state]\npath = \"state\"\n" + std::string(painter) +
                               "limits = { concurrency = 3 }\n");
  const std::string same = run_of(place, file);
  CHECK(count_events(place.events(same), "task.started") == 0);
  place.write("weft.toml", R"([state]
path = "state"
[services.painter]
component  = "testing"
operations = ["image.generate"]
price      = "0.04"
config     = { behaviour = { cost_micros = 40000, delay_ms = 1 } }
)");
  const std::string other = run_of(place, file);
  CHECK(count_events(place.events(other), "task.started") == 1);
  CHECK_THAT(why(place, other), Contains("service: its config.behaviour has changed"));
}

TEST_CASE("Equal tasks of one run are done once") {
  const Place place(painter);
  const std::string file = place.write("twins.toml", R"(
[pipeline]
name = "twins"
[tasks.picture]
for_each  = "[1, 1, 2]"
operation = "image.generate"
params    = { prompt = "a heron", seed = "${item}", options = { testing = { delay_ms = 50 } } }
[outputs]
pictures = "${tasks.picture.map(p, p.image)}"
)");
  const std::string run = run_of(place, file);
  const auto events = place.events(run);
  CHECK(count_events(events, "task.started") == 2);
  CHECK(count_events(events, "task.following") == 1);
  CHECK(count_events(events, "task.succeeded") == 3);
}

TEST_CASE("What is kept is listed, and forgotten when that is asked for") {
  const Place place(painter);
  const std::string file = place.write("heron.toml", heron);
  CHECK_THAT(place.weft({"cache", "list"}).out, Contains("no results are kept"));
  const std::string first = run_of(place, file);
  const json::value listed = json::parse(place.weft({"--json", "cache", "list"}).out);
  REQUIRE(listed.at("results").as_array().size() == 1);
  const json::object& one = listed.at("results").at(0).as_object();
  CHECK(has(one, "operation", "image.generate"));
  CHECK(has(one, "run", first));
  CHECK(has(one, "task", "picture"));
  CHECK(has(one, "service", "painter"));
  CHECK_THAT(place.weft({"cache", "list"}).out, Contains("painter") && Contains("one"));
  CHECK(json::parse(place.weft({"--json", "cache", "clear", "video.upscale"}).out).at("cleared") ==
        0);
  CHECK(place.weft({"cache", "clear", "video.upscal"}).exit_code == 2);
  CHECK(json::parse(place.weft({"--json", "cache", "clear"}).out).at("cleared") == 1);
  CHECK(count_events(place.events(run_of(place, file)), "task.started") == 1);
}

TEST_CASE("A result whose file is gone is made anew") {
  const Place place(painter);
  const std::string file = place.write("heron.toml", heron);
  const json::object made = place.run(run_of(place, file));
  const std::string digest(made.at("outputs").at("picture").at("$artifact").as_string());
  std::filesystem::remove(place.state() / "artifacts" / digest.substr(0, 2) / digest);
  CHECK(count_events(place.events(run_of(place, file)), "task.started") == 1);
}

TEST_CASE("A configuration may keep no results at all") {
  const Place place(std::string(painter) + "[cache]\nsize = \"0\"\n");
  const std::string file = place.write("heron.toml", heron);
  run_of(place, file);
  CHECK(count_events(place.events(run_of(place, file)), "task.started") == 1);
}

}  // namespace
}  // namespace weft::testing
