// SPDX-License-Identifier: Apache-2.0
// The examples in configs/ and every TOML block of its reference page are valid.
#include <algorithm>

#include "catch.hpp"
#include "model_support.hpp"
#include "plan/expand.hpp"
#include "plan/make.hpp"
#include "plan/project.hpp"

using namespace weft;
using namespace weft::testing;
namespace fs = std::filesystem;

namespace {

const fs::path folder = WEFT_CONFIGS;

std::vector<std::string> toml_blocks(const std::string& page) {
  const std::string begin = "```toml\n", end = "\n```";
  std::vector<std::string> blocks;
  for (std::size_t at = page.find(begin); at != page.npos; at = page.find(begin, at)) {
    at += begin.size();
    blocks.push_back(page.substr(at, page.find(end, at) + 1 - at));
  }
  return blocks;
}

std::vector<fs::path> files_of(const fs::path& where) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(where))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("the example configuration is valid, with all that it includes") {
  const auto config = read_config(folder / "weft.toml", lookup());
  INFO((config.has_error() ? config.error().to_string() : ""));
  REQUIRE(config.has_value());
  CHECK(config->files.size() ==
        1 + files_of(folder / "services").size() + files_of(folder / "operations").size());
  CHECK(config->services.size() == 4);
  CHECK(config->operations.find("image.caption"));
}

TEST_CASE("the example configuration says what the built-in one does") {
  const Configuration written = read_config(folder / "weft.toml", lookup()).value();
  const Configuration built_in = default_config(lookup());
  REQUIRE(written.services.size() == built_in.services.size());
  for (std::size_t i = 0; i < built_in.services.size(); ++i) {
    CHECK(written.services[i].name == built_in.services[i].name);
    CHECK(written.services[i].component == built_in.services[i].component);
    CHECK(written.services[i].placeholder == built_in.services[i].placeholder);
    CHECK(written.services[i].price->is_free());
  }
  CHECK(written.state == built_in.state);
  CHECK(written.currency == built_in.currency);
  REQUIRE(written.classes.size() == built_in.classes.size());
  for (std::size_t i = 0; i < built_in.classes.size(); ++i) {
    CHECK(written.classes[i].name == built_in.classes[i].name);
    CHECK(written.classes[i].slots == built_in.classes[i].slots);
  }
}

TEST_CASE("every example definition is valid, without a warning") {
  const std::vector<fs::path> files = files_of(folder / "pipelines");
  CHECK(files.size() >= 4);
  for (const fs::path& file : files) {
    const auto read = read_pipeline(read_text(file.string()), file.string(), context());
    INFO(file << "\n" << (read.has_error() ? read.error().to_string() : ""));
    REQUIRE(read.has_value());
    CHECK(read->warnings.empty());
    CHECK(read->pipeline->name == file.stem().string());
    CHECK(read->pipeline->outputs.size() >= 1);
  }
}

TEST_CASE("every example project can be made to the end with its recipes") {
  const std::vector<fs::path> files = files_of(folder / "projects");
  CHECK(files.size() >= 1);
  for (const fs::path& file : files) {
    auto project = read_project(read_text(file.string()), file.string());
    INFO(file << "\n" << (project.has_error() ? project.error().to_string() : ""));
    REQUIRE(project.has_value());
    CHECK(project->name == file.stem().string());
    std::vector<Recipe> recipes = project->recipes;
    for (const ProjectFile& more : project->recipe_files) {
      const std::string path = (file.parent_path() / more.path).string();
      for (Recipe& recipe : read_recipe_file(read_text(path), path).value())
        recipes.push_back(std::move(recipe));
    }
    const std::vector<std::string> goals{"film", "preview", "contact_sheet", "scene/*/clip"};
    const auto products = find_products(*project, recipes, context().operations, goals, {});
    INFO((products.has_error() ? products.error().to_string() : ""));
    REQUIRE(products.has_value());
    const auto made = define(project->name, *products, decide(*products, {}, {}));
    const auto pipeline = read_json(canonical(made.definition));
    INFO((pipeline.has_error() ? pipeline.error().to_string() : ""));
    CHECK(pipeline.has_value());
  }
}

TEST_CASE("the storyboard film runs without any input") {
  const std::string file = (folder / "pipelines/storyboard_to_film.toml").string();
  const auto pipeline = read_pipeline(read_text(file), file, context()).value().pipeline;
  const auto plan = expand(pipeline, {});
  INFO((plan.has_error() ? plan.error().to_string() : ""));
  REQUIRE(plan.has_value());
  CHECK(plan->nodes.size() == 4 * 4 + 1);  // four groups of three shots, and the film
}

TEST_CASE("every TOML block of the reference page is valid") {
  const std::vector<std::string> blocks = toml_blocks(read_text((folder / "README.md").string()));
  CHECK(blocks.size() >= 4);
  for (const std::string& block : blocks) {
    INFO(block);
    if (block.find("[project]") != block.npos) {
      const auto read = read_project(block, "README.md");
      INFO((read.has_error() ? read.error().to_string() : ""));
      CHECK(read.has_value());
      continue;
    }
    if (block.starts_with("[pipeline]")) {
      const auto read = read_pipeline(block, "README.md", context());
      INFO((read.has_error() ? read.error().to_string() : ""));
      CHECK(read.has_value());
      continue;
    }
    const fs::path file =
        fs::temp_directory_path() /
        ("weft-block-" + digest_of(std::string_view(block)).to_string() + ".toml");
    std::ofstream(file) << block;
    const auto config = read_config(file, lookup());
    fs::remove(file);
    INFO((config.has_error() ? config.error().to_string() : ""));
    CHECK(config.has_value());
  }
}

TEST_CASE("the reference page names every operation with all its params, inputs and outputs") {
  const std::string page = read_text((folder / "README.md").string());
  const OperationCatalog catalog = OperationCatalog::canonical();
  for (const std::string& name : catalog.names()) {
    const std::size_t begin = page.find("\n| `" + name + "` |");
    INFO(name);
    REQUIRE(begin != page.npos);
    const std::string row = page.substr(begin + 1, page.find('\n', begin + 1) - begin - 1);
    const auto operation = catalog.find(name);
    std::vector<std::string> words;
    for (const auto& param : operation->params.source().at("properties").as_object())
      if (param.key() != "options") words.emplace_back(param.key());
    for (const OperationInput& input : operation->inputs) words.push_back(input.name);
    for (const OperationOutput& output : operation->outputs) words.push_back(output.name);
    for (const std::string& word : words) {
      INFO(word);
      CHECK(row.find("`" + word + "`") != row.npos);
    }
  }
}
