// SPDX-License-Identifier: Apache-2.0
// Several variants, and the best of them goes on.
#include <array>
#include <boost/json/parse.hpp>
#include <fstream>

#include "catch.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

json::object outputs_of(const Finished& done) {
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  const std::string_view lines = std::string_view(done.out).substr(0, done.out.size() - 1);
  const std::string_view last = lines.substr(lines.rfind('\n') + 1);
  return json::parse(last).at("run").at("outputs").as_object();
}

// Width and height, as the head of a PNG says them.
std::pair<std::uint32_t, std::uint32_t> sides_of(const std::filesystem::path& png) {
  std::array<unsigned char, 24> head{};
  std::ifstream(png, std::ios::binary)
      .read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  const auto number_at = [&](std::size_t at) {
    return static_cast<std::uint32_t>(head[at] << 24 | head[at + 1] << 16 | head[at + 2] << 8 |
                                      head[at + 3]);
  };
  return {number_at(16), number_at(20)};
}

const std::string variations = WEFT_PIPELINES "/variations_pick_best.toml";

// With the shipped services, in this place's state folder.
Finished run_shipped(const Place& place, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--json", "run"});
  return run_program(place.command(arguments, WEFT_CONFIGS "/weft.toml"), place.folder());
}

TEST_CASE("The variation with the best score is the picture that comes out") {
  const Place place;
  const json::object outputs =
      outputs_of(run_shipped(place, {variations, "-i", "prompt=a lighthouse at dawn", "-i",
                                     "seeds=[5, 6, 7]", "-i", "width=160", "-i", "height=96"}));
  const json::array& judgements = outputs.at("judgements").as_array();
  REQUIRE(judgements.size() == 3);
  std::size_t best = 0;
  for (std::size_t i = 1; i < judgements.size(); ++i)
    if (judgements[i].at("score").to_number<double>() >
        judgements[best].at("score").to_number<double>())
      best = i;
  CHECK(outputs.at("score") == judgements[best].at("score"));
  CHECK(outputs.at("seed").as_int64() == 5 + static_cast<std::int64_t>(best));
  CHECK(outputs.at("picture") == outputs.at("variations").as_array().at(best));
}

TEST_CASE("The best variation is enlarged when that is asked for") {
  const Place place;
  const Finished done = run_shipped(
      place, {variations, "-i", "prompt=the sea", "-i", "seeds=[1, 2]", "-i", "width=64", "-i",
              "height=32", "-i", "enlarge=true", "-o", "picture=best.png"});
  outputs_of(done);
  CHECK(sides_of(place.folder() / "best.png") == std::pair(128u, 64u));
}

TEST_CASE("An output that cannot be evaluated is told and missed, and the others are there") {
  const Place place(
      "[services.storyboard]\ncomponent = \"storyboard\"\nrole = \"placeholder\"\nprice = 0\n");
  const std::string file = place.write("wrong.toml", R"(
[pipeline]
name = "wrong"
[tasks.drawn]
operation = "image.generate"
params = { prompt = "a pier", width = 64, height = 48, seed = 1 }
[outputs]
picture = "${tasks.drawn.image}"
share = "${1 / (size(tasks.drawn.image.name) * 0)}"
)");
  const Finished told = place.weft({"run", file});
  INFO(told.out << told.err);
  CHECK(told.exit_code == 0);
  CHECK(told.out.find("share  missing  output 'share'") != std::string::npos);
  const Finished missed =
      place.weft({"run", file, "-o", "share=share.txt", "-o", "picture=best.png"});
  CHECK(missed.exit_code == 1);
  CHECK(missed.err.find("divide by zero") != std::string::npos);
  CHECK(std::filesystem::exists(place.folder() / "best.png"));
  const Finished shown = place.weft({"show", place.newest_run()});
  CHECK(shown.out.find("divide by zero") != std::string::npos);
}

TEST_CASE("Variants that were skipped are passed over, and collected with others") {
  const Place place;
  const std::string file = place.write("some.toml", R"(
[pipeline]
name = "some"
[tasks.drawn]
for_each  = "[1, 2, 3]"
if        = "item != 2"
operation = "image.generate"
params    = { prompt = "a mill", width = 64, height = 36, seed = "${item}" }
[tasks.judged]
for_each  = "[1, 2, 3]"
operation = "image.judge"
inputs    = { image = "${tasks.drawn[index].image}" }
params    = { criteria = "a mill" }
[tasks.other]
operation = "image.generate"
params    = { prompt = "another mill", width = 64, height = 36 }
[tasks.pairs]
operation = "data.zip"
params    = { lists = { picture = "${tasks.drawn}", judgement = "${tasks.judged}" } }
[tasks.best]
operation = "data.pick_best"
params    = { items = "${tasks.pairs.items}", scores = "${tasks.judged}", best = "lowest" }
[tasks.all]
operation = "data.collect"
params    = { from = ["${tasks.drawn}", "${tasks.other}"], at_least = 3 }
[tasks.told]
operation = "data.merge_json"
params    = { objects = [{ picture = { of = "a mill" } }, { picture = { index = "${tasks.best.index}" } }] }
[outputs]
count = "${tasks.all.count}"
index = "${tasks.best.index}"
pairs = "${tasks.pairs.items}"
told  = "${tasks.told.object}"
)");
  const json::object outputs = outputs_of(run_shipped(place, {file}));
  CHECK(outputs.at("count") == 3);
  CHECK(outputs.at("index") != 1);
  const json::array& pairs = outputs.at("pairs").as_array();
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[1].at("picture").is_null());
  CHECK(pairs[1].at("judgement").is_null());
  CHECK(outputs.at("told").at("picture").at("of") == "a mill");
  CHECK(outputs.at("told").at("picture").at("index") == outputs.at("index"));
}

}  // namespace
}  // namespace weft::testing
