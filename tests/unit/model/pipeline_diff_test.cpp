// SPDX-License-Identifier: Apache-2.0
#include "model/pipeline_diff.hpp"

#include "catch.hpp"
#include "model/pipeline_reference.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

using Texts = std::vector<std::string>;

json::value meaning(const std::string& definition) {
  auto read = read_toml("[pipeline]\nname = \"p\"\n" + definition);
  INFO((read.has_error() ? read.error().to_string() : ""));
  REQUIRE(read.has_value());
  return read->pipeline->canonical;
}

Texts differences(const std::string& before, const std::string& after) {
  Texts all;
  for (const PipelineChange& change : compare_pipelines(meaning(before), meaning(after)))
    all.push_back(std::string(to_string(change.kind)) + " " + change.path + " " +
                  canonical(change.before) + " " + canonical(change.after));
  return all;
}

const std::string two_tasks = R"([inputs]
seed = { type = "integer", default = 1 }
[tasks.keyframe]
operation = "image.generate"
params = { prompt = "a cat", seed = "${inputs.seed}" }
[tasks.video]
operation = "video.from_image"
inputs = { image = "${tasks.keyframe.image}" }
params = { seconds = 3 }
[outputs]
film = "${tasks.video.video}"
)";

std::string with(std::string text, const std::string& old, const std::string& fresh) {
  for (std::size_t at = text.find(old); at != text.npos; at = text.find(old, at + fresh.size()))
    text.replace(at, old.size(), fresh);
  return text;
}

}  // namespace

TEST_CASE("comments, formatting and the order of keys are no difference") {
  CHECK(differences(two_tasks, "# a comment\n" + with(two_tasks, "seconds = 3", "seconds   = 3")) ==
        Texts{});
}

TEST_CASE("what is different is named by its path") {
  CHECK(differences(two_tasks, with(two_tasks, "seconds = 3", "seconds = 5")) ==
        Texts{"changed tasks.video.params.seconds 3.0 5.0"});
  CHECK(differences(two_tasks, with(two_tasks, "default = 1", "default = 7")) ==
        Texts{"changed inputs.seed.default 1 7"});
  CHECK(differences(two_tasks, with(two_tasks, "params = { seconds = 3 }",
                                    "params = { seconds = 3 }\nretry = { attempts = 9 }\n"
                                    "timeout = \"5m\"\nroute = { refusal = \"next\" }")) ==
        Texts{R"(added tasks.video.retry null {"attempts":9})",
              R"(added tasks.video.route null {"refusal":"next"})",
              R"(added tasks.video.timeout null {"total":"5m"})"});
  CHECK(differences(two_tasks, with(two_tasks, "film = ", "clip = ")) ==
        Texts{R"(added outputs.clip null "${tasks.video.video}")",
              R"(removed outputs.film "${tasks.video.video}" null)"});
}

TEST_CASE("a task under another name is renamed, and what refers to it is not different for that") {
  CHECK(differences(two_tasks, with(two_tasks, "keyframe", "picture")) ==
        Texts{R"(renamed tasks.picture "keyframe" "picture")"});
  CHECK(differences(two_tasks,
                    with(with(two_tasks, "keyframe", "picture"), "tasks.video", "tasks.clip")) ==
        Texts{R"(renamed tasks.picture "keyframe" "picture")",
              R"(renamed tasks.clip "video" "clip")"});
}

TEST_CASE("a task that was renamed and changed is another task") {
  const Texts found = differences(
      two_tasks, with(with(two_tasks, "tasks.video", "tasks.clip"), "seconds = 3", "seconds = 5"));
  REQUIRE(found.size() == 3);
  CHECK(found[0].starts_with("added tasks.clip null"));
  CHECK(found[1].starts_with("removed tasks.video "));
  CHECK(found[2].starts_with("changed outputs.film"));
}

TEST_CASE("a version is named by a name, and a number from 1") {
  CHECK(parse_pipeline_reference("film").value().number == 0);
  CHECK(parse_pipeline_reference("film@12").value().number == 12);
  CHECK(parse_pipeline_reference("my-film.2@1").value().to_string() == "my-film.2@1");
  for (const char* wrong :
       {"", "@1", "film@", "film@0", "film@-1", "film@1x", "a b", "film@99999999999"})
    CHECK(parse_pipeline_reference(wrong).has_error());
}
