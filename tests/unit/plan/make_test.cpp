// SPDX-License-Identifier: Apache-2.0
#include "plan/make.hpp"

#include "../model/model_support.hpp"
#include "catch.hpp"
#include "model/plan_reads.hpp"
#include "plan/expand.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

const std::string recipes = R"(
[recipes."shot/{shot}/keyframe"]
operation = "image.generate"
params = { prompt = "${shot.prompt}", seed = "${shot.number + 100 * rejected}", style = "${has(settings.style) ? settings.style : null}" }
[recipes."shot/{shot}/video"]
operation = "video.from_image"
inputs = { image = "shot/{shot}/keyframe" }
params = { seconds = 2 }
timeout = "5m"
[recipes."scene/{scene}/clip"]
operation = "video.concat"
inputs = { clips = "shot/*/video" }
[recipes.film]
operation = "video.concat"
inputs = { clips = "scene/*/clip" }
)";

std::string train(const std::string& second_prompt = "a clock", const std::string& more = "") {
  return "[project]\nname = \"train\"\n[[scenes]]\nshots = [\"a platform\", \"" + second_prompt +
         "\"]\n[[scenes]]\nshots = [\"a window\"]\n" + more + recipes;
}

ArtifactInfo artifact(const std::string& bytes, const std::string& media_type = "video/mp4") {
  return {digest_of(bytes), bytes.size(), media_type, bytes};
}

// A project and what was made of it, as a store would know it.
struct Studio {
  explicit Studio(const std::string& text) : project(read_project(text, "film.toml").value()) {}

  Products find(const std::vector<std::string>& goals) const {
    const auto found =
        find_products(project, project.recipes, context().operations, goals, known.rejected);
    INFO((found.has_error() ? found.error().to_string() : ""));
    REQUIRE(found.has_value());
    return *found;
  }

  // "shot/1/video: missing", of all that is needed; those that are made begin with a "+".
  std::vector<std::string> reasons(const std::vector<std::string>& goals,
                                   const MakeOptions& options = {}) const {
    const Products products = find(goals);
    const auto steps = decide(products, known, options);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (steps[i].needed)
        all.push_back((steps[i].make ? "+" : "") + products.all[i].name + ": " + steps[i].reason);
    return all;
  }

  // Makes all that is missing; the bytes of a product tell of which making it is.
  void make(const std::vector<std::string>& goals) {
    const Products products = find(goals);
    const auto steps = decide(products, known, {});
    ++made;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (!steps[i].needed || !steps[i].make) continue;
      const Product& product = products.all[i];
      KnownProduct version;
      version.settings = settings_of(product);
      version.artifact = artifact(product.name + " #" + std::to_string(made));
      for (const Product::Use& use : product.inputs)
        for (const std::uint32_t input : use.products)
          version.inputs[use.input].push_back({products.all[input].name,
                                               products.all[input].file != nullptr,
                                               artifact_of(products.all[input]).digest});
      auto& versions = known.made[product.name];
      versions.insert(versions.begin(), version);
    }
  }

  const ArtifactInfo& artifact_of(const Product& product) const {
    return product.file ? known.files.at(product.name)
                        : known.made.at(product.name).front().artifact;
  }

  // The same studio with another project.
  Studio with(const std::string& text) const {
    Studio other(text);
    other.known = known;
    other.made = made;
    return other;
  }

  Project project;
  KnownProducts known;
  int made = 0;
};

using Texts = std::vector<std::string>;

std::string error_of(const std::string& text, const std::vector<std::string>& goals) {
  const auto project = read_project(text, "film.toml");
  INFO((project.has_error() ? project.error().to_string() : ""));
  const auto found =
      find_products(project.value(), project->recipes, context().operations, goals, {});
  return found.has_error() ? found.error().message + "; " + found.error().remedy : "";
}

}  // namespace

TEST_CASE("asking for one shot's video plans its keyframe first, and nothing else") {
  CHECK(Studio(train()).reasons({"shot/2/video"}) ==
        Texts{"+shot/2/keyframe: missing", "+shot/2/video: missing"});
}

TEST_CASE("what was made with the same settings of the same inputs is taken") {
  Studio studio(train());
  studio.make({"film"});
  CHECK(studio.reasons({"film"}) == Texts{"film: up to date"});
}

TEST_CASE("one changed prompt plans that shot's chain, its scene and the film, and says why") {
  Studio studio(train());
  studio.make({"film"});
  CHECK(studio.with(train("an old clock")).reasons({"film"}) ==
        Texts{"shot/1/video: up to date", "+shot/2/keyframe: prompt changed",
              "+shot/2/video: shot/2/keyframe is made anew",
              "+scene/1/clip: shot/2/video is made anew", "scene/2/clip: up to date",
              "+film: scene/1/clip is made anew"});
}

TEST_CASE("what was changed and changed back is not bought again") {
  Studio studio(train());
  studio.make({"film"});
  Studio changed = studio.with(train("an old clock"));
  changed.make({"film"});
  CHECK(changed.with(train()).reasons({"film"}) == Texts{"film: up to date"});
  const auto steps = decide(changed.with(train()).find({"film"}), changed.known, {});
  CHECK(steps.back().artifact == studio.known.made.at("film").front().artifact);
}

TEST_CASE("a setting that a recipe does not read makes nothing anew") {
  Studio studio(train());
  studio.make({"film"});
  CHECK(studio.with(train("a clock", "[settings]\nnote = \"new\"\n")).reasons({"film"}) ==
        Texts{"film: up to date"});
  CHECK(studio.with(train("a clock", "[settings]\nstyle = \"noir\"\n"))
            .reasons({"shot/1/keyframe"}) == Texts{"+shot/1/keyframe: style changed"});
}

TEST_CASE("a shot that is added is made, and what is made of all shots with it") {
  Studio studio(train());
  studio.make({"film"});
  const std::string longer = train("a clock\", \"a whistle");
  CHECK(studio.with(longer).reasons({"scene/1/clip"}) ==
        Texts{"shot/1/video: up to date", "shot/2/video: up to date",
              // it took the number of the window's shot, whose prompt is another one
              "+shot/3/keyframe: prompt changed", "+shot/3/video: shot/3/keyframe is made anew",
              "+scene/1/clip: clips changed"});
}

TEST_CASE("a keyframe of one's own stands in for the made one, and what was made of that is old") {
  Studio studio(train());
  studio.make({"shot/1/video"});
  Studio own = studio.with(train("a clock", "[files]\n\"shot/1/keyframe\" = \"mine.png\"\n"));
  own.known.files["shot/1/keyframe"] = artifact("mine", "image/png");
  CHECK(own.reasons({"shot/1/video"}) ==
        Texts{"shot/1/keyframe: yours", "+shot/1/video: shot/1/keyframe is newer"});
}

TEST_CASE("a film of other shots is another film, though nothing of it is newer") {
  const std::string named = "a clock\", { id = \"b\", prompt = \"a bell\" }, \"a wall";
  Studio studio(train(named));
  studio.make({"scene/1/clip"});
  std::string replaced = named;
  replaced.replace(replaced.find("\"b\""), 3, "\"c\"");
  CHECK(studio.with(train(replaced)).reasons({"scene/1/clip"}).back() ==
        "+scene/1/clip: clips changed");
}

TEST_CASE("what was made of a picture of one's own is old once that is taken out") {
  Studio own(train("a clock", "[files]\n\"shot/1/keyframe\" = \"mine.png\"\n"));
  own.known.files["shot/1/keyframe"] = artifact("mine", "image/png");
  own.make({"shot/1/video"});
  CHECK(own.with(train()).reasons({"shot/1/video"}) ==
        Texts{"+shot/1/keyframe: missing",
              "+shot/1/video: shot/1/keyframe is no file of yours any more"});
}

TEST_CASE("of what is taken as it is, the version that fits is taken, not the newest") {
  Studio studio(train());
  studio.make({"shot/2/keyframe"});
  const TaskRef first{RunId{}, 7};
  studio.known.made.at("shot/2/keyframe").front().task = first;
  Studio changed = studio.with(train("an old clock"));
  changed.make({"shot/2/keyframe"});
  const Studio back = changed.with(train());
  MakeOptions only;
  only.only = true;
  const auto steps = decide(back.find({"shot/2/video"}), back.known, only);
  CHECK(steps.front().version == first);
}

TEST_CASE("a pinned product is kept whatever changes, and what is made of it is not made for it") {
  Studio studio(train());
  studio.make({"film"});
  Studio changed = studio.with(train("an old clock"));
  changed.known.pinned = {"shot/2/keyframe"};
  CHECK(changed.reasons({"film"}) == Texts{"film: up to date"});
}

TEST_CASE("a rejected product is made again with another seed, and so is what was made of it") {
  Studio studio(train());
  studio.make({"film"});
  studio.known.made.erase("shot/2/keyframe");
  studio.known.rejected["shot/2/keyframe"] = 1;
  CHECK(studio.reasons({"shot/2/video"}) ==
        Texts{"+shot/2/keyframe: rejected", "+shot/2/video: shot/2/keyframe is made anew"});
  CHECK(studio.find({"shot/2/keyframe"}).all.front().params.at("seed") == 102);
}

TEST_CASE("what is made of a lost picture is not bought again for that") {
  Studio studio(train());
  studio.make({"film"});
  studio.known.made.erase("shot/2/keyframe");
  CHECK(studio.reasons({"film"}) == Texts{"film: up to date"});
  CHECK(studio.reasons({"shot/2/keyframe"}) == Texts{"+shot/2/keyframe: missing"});
}

TEST_CASE("what --force names is made anew, and what is made of it") {
  Studio studio(train());
  studio.make({"film"});
  MakeOptions options;
  options.force = {"shot/3/video"};
  CHECK(studio.reasons({"film"}, options) ==
        Texts{"scene/1/clip: up to date", "shot/3/keyframe: up to date",
              "+shot/3/video: asked with --force", "+scene/2/clip: shot/3/video is made anew",
              "+film: scene/2/clip is made anew"});
}

TEST_CASE(
    "with --only, what the goals are made of is taken as it is, but what is missing is made") {
  Studio studio(train());
  studio.make({"film"});
  Studio changed = studio.with(train("an old clock"));
  MakeOptions options;
  options.only = true;
  CHECK(changed.reasons({"shot/2/video"}, options) == Texts{"shot/2/video: up to date"});
  changed.known.made.erase("shot/2/video");
  CHECK(changed.reasons({"shot/2/video"}, options) ==
        Texts{"shot/2/keyframe: taken as it is", "+shot/2/video: missing"});
  changed.known.made.erase("shot/2/keyframe");
  CHECK(changed.reasons({"shot/2/video"}, options) ==
        Texts{"+shot/2/keyframe: missing", "+shot/2/video: missing"});
}

TEST_CASE("a product that nothing makes is named, with who needs it and what was meant") {
  CHECK(error_of(train(), {"shot/2/vidoe"}) ==
        "nothing makes 'shot/2/vidoe'; did you mean 'shot/2/video'?");
  CHECK(error_of(train(), {"shot/9/video"}) == "there is no shot '9'; known: 1, 2, 3");
  CHECK(error_of("[project]\nname = \"a\"\n[recipes.film]\noperation = \"video.concat\"\n"
                 "inputs = { clips = [\"intro\"] }\n",
                 {"film"}) == "nothing makes 'intro', which 'film' is made of; known: film");
}

TEST_CASE("a ring of recipes is told as a path") {
  CHECK(error_of("[project]\nname = \"a\"\n"
                 "[recipes.one]\noperation = \"video.upscale\"\ninputs = { video = \"two\" }\n"
                 "[recipes.two]\noperation = \"video.upscale\"\ninputs = { video = \"one\" }\n",
                 {"one"}) ==
        "a product is made of itself: one → two → one; change the inputs of "
        "one of their recipes");
}

TEST_CASE("what is to be made becomes a definition that runs, and the plan knows its products") {
  Studio studio(train("costs $${5} \\\"here\\\""));
  studio.make({"shot/1/video"});
  const Products products = studio.find({"film"});
  const auto steps = decide(products, studio.known, {});
  const MadeDefinition made = define("train", products, steps);
  const auto pipeline = read_json(canonical(made.definition));
  INFO((pipeline.has_error() ? pipeline.error().to_string() : ""));
  REQUIRE(pipeline.has_value());
  json::object inputs;
  for (const auto& [name, product] : made.inputs)
    inputs[name] = to_json(studio.known.made.at(product).front().artifact);
  auto plan = expand(pipeline->pipeline, std::move(inputs));
  INFO((plan.has_error() ? plan.error().to_string() : ""));
  REQUIRE(plan.has_value());
  note_products(*plan, "train", products, steps, made);
  REQUIRE(plan->products.size() == 7);
  const auto clip = std::find_if(plan->products.begin(), plan->products.end(),
                                 [](const auto& one) { return one.name == "scene/1/clip"; });
  REQUIRE(clip != plan->products.end());
  const json::array& from = clip->inputs.at("clips").as_array();
  CHECK(from.at(0) == input_record("shot/1/video",
                                   studio.known.made.at("shot/1/video").front().artifact.digest,
                                   false));
  CHECK(from.at(1).at("product") == "shot/2/video");
  CHECK(display_name(*plan, static_cast<TaskNo>(from.at(1).at("task").as_int64())) ==
        "shot_2_video");
  const auto task =
      std::find_if(plan->root().pipeline->tasks.begin(), plan->root().pipeline->tasks.end(),
                   [](const auto& one) { return one.name == "shot_2_keyframe"; });
  const auto params = task->params.evaluate(bindings_of(*plan, plan->root().first.front()));
  CHECK(params.value().as_object().at("prompt").as_string() == "costs $${5} \"here\"");
}

TEST_CASE("two products whose names make one task name are two tasks") {
  Studio studio(
      "[project]\nname = \"a\"\n"
      "[recipes.a-b]\noperation = \"image.generate\"\nparams = { prompt = \"x\" }\n"
      "[recipes.a_b]\noperation = \"image.generate\"\nparams = { prompt = \"y\" }\n");
  const Products products = studio.find({"a-b", "a_b"});
  const MadeDefinition made = define("a", products, decide(products, {}, {}));
  CHECK(made.tasks.size() == 2);
}
