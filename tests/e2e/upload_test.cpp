// SPDX-License-Identifier: Apache-2.0
// A service that takes a large order slowly, or only its beginning.
#include <boost/algorithm/string/replace.hpp>

#include "catch.hpp"
#include "cloud.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view edit = R"(
[pipeline]
name = "edit"
[inputs]
image = { type = "artifact" }
[tasks.one]
operation = "image.edit"
inputs    = { image = "${inputs.image}" }
params    = { prompt = "a heron in winter" }
retry     = { attempts = 6, backoff = "50ms", max_backoff = "200ms" }
[outputs]
result = "${tasks.one.image}"
)";

// OpenAI's pictures behind the slow door, each request given up after `patience`.
struct SlowPlace : Cloud, Place {
  explicit SlowPlace(const std::string& patience)
      : Place(boost::replace_all_copy(boost::replace_all_copy(described("openai_images.toml"),
                                                              "\"10m\"", '"' + patience + '"'),
                                      url(), slow_url()) +
              "\n[secrets]\nopenai_key = { file = \"key\" }\n") {
    write("key", "k3y");
    std::string picture = "\x89PNG\r\n\x1a\n";
    picture.resize(24 << 20, 'x');  // more than kernels hold between a client and the door
    write("a.png", picture);
  }
  std::vector<std::string> order(const std::string& pipeline = std::string(edit)) const {
    return {"run", write("edit.toml", pipeline),
            "-i",  "image=@" + (folder() / "a.png").string(),
            "-o",  "picture.png"};
  }
  // What the attempts so far ended as, "" of the one under way.
  std::vector<std::string> outcomes() const {
    std::vector<std::string> all;
    const Finished shown = weft({"--json", "show", newest_run(), "one"});
    const json::value task = json::parse(shown.out);
    for (const json::value& attempt : task.at("attempts").as_array()) {
      const json::value& outcome = attempt.at("outcome");
      all.push_back(outcome.is_string() ? std::string(outcome.as_string()) : "");
    }
    return all;
  }
};

TEST_CASE("A large order that is taken slowly, and rests in the middle, is done and billed once") {
  const SlowPlace place("5m");
  place.script(R"({"reading": {"pause_ms": 1, "stop_after_bytes": 4000000}})");
  Program run = place.start(place.order());
  REQUIRE(eventually([&] { return place.stat("taken_bytes") >= 4'000'000; }));
  CHECK(place.stat("posts") == 0);
  place.script(R"({"reading": {"pause_ms": 1}})");
  const Finished done = run.finish();
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(place.outcomes() == std::vector<std::string>{"ok"});
  CHECK(place.stat("accepted") == 1);
  CHECK(place.stat("posts") == 1);
}

TEST_CASE("An order of which only a part went out in time was not sent, and is sent again") {
  const SlowPlace place("3s");
  place.script(R"({"reading": {"stop_after_bytes": 4000000}})");
  Program run = place.start(place.order());
  REQUIRE(eventually([&] { return place.stat("taken_bytes") >= 4'000'000; }));
  REQUIRE(eventually([&] {
    const auto outcomes = place.outcomes();
    return !outcomes.empty() && !outcomes.front().empty();
  }));
  place.script(R"({"reading": {}})");
  const Finished done = run.finish();
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  const auto outcomes = place.outcomes();
  REQUIRE(outcomes.size() > 1);
  CHECK(outcomes.front() == "not_sent");
  CHECK(outcomes.back() == "ok");
  CHECK(place.stat("accepted") == 1);
}

TEST_CASE("An order that went out whole and is not answered in time waits for a person") {
  const SlowPlace place("2s");
  place.script(R"({"next": [{"answer": "silent"}]})");
  const Finished done = place.weft(place.order());
  INFO(done.out << done.err);
  CHECK(done.exit_code == 1);
  CHECK(place.outcomes() == std::vector<std::string>{"unknown"});
  CHECK(place.stat("posts") == 1);
}

}  // namespace
}  // namespace weft::testing
