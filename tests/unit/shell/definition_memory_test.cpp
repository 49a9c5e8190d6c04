// SPDX-License-Identifier: Apache-2.0
#include "shell/definition_memory.hpp"

#include <fstream>

#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::shell;

namespace {

const std::string picture = R"(
[pipeline]
name = "picture"
[tasks.a]
operation = "image.generate"
params = { prompt = "a fox" }
)";

// A configuration with one service, and what it may offer.
struct Shop {
  Shop() {
    const auto config = folder.path() / "weft.toml";
    std::ofstream(config) << "[services.painter]\ncomponent = \"painter\"\n";
    RuntimeOptions options;
    options.config = config;
    options.state = folder.path() / "state";
    environment = read_environment(std::move(options)).value();
  }
  Services services(const std::string& operation) const {
    auto table = std::make_shared<route::ServiceTable>();
    table->classes = environment->config.classes;
    table->services.emplace_back().name = "painter";
    table->services.back().operations.emplace_back().name = operation;
    return table;
  }
  testing::TempFolder folder;
  std::shared_ptr<const Environment> environment;
};

}  // namespace

TEST_CASE("a text that was read before is the same pipeline") {
  const Shop shop;
  const Services services = shop.services("image.generate");
  DefinitionMemory memory;
  const auto first = memory.read(picture, "a.toml", *shop.environment, services);
  REQUIRE(first);
  const auto again = memory.read(picture, "a.toml", *shop.environment, services);
  REQUIRE(again);
  CHECK(first->pipeline == again->pipeline);
  const auto other = memory.read(picture + "# more\n", "a.toml", *shop.environment, services);
  REQUIRE(other);
  CHECK(other->pipeline != first->pipeline);
}

TEST_CASE("what other services can do is found out anew") {
  const Shop shop;
  DefinitionMemory memory;
  REQUIRE(memory.read(picture, "a.toml", *shop.environment, shop.services("image.generate")));
  const auto unserved =
      memory.read(picture, "a.toml", *shop.environment, shop.services("video.concat"));
  REQUIRE_FALSE(unserved);
  CHECK(unserved.error().to_string().find("no service can do") != std::string::npos);
}

TEST_CASE("a definition that is wrong is wrong each time") {
  const Shop shop;
  const Services services = shop.services("image.generate");
  DefinitionMemory memory;
  for (int i = 0; i < 2; ++i)
    CHECK_FALSE(memory.read("[pipeline]\n", "a.toml", *shop.environment, services));
}

TEST_CASE("runs of one stored definition share one pipeline") {
  const Shop shop;
  const Services services = shop.services("image.generate");
  DefinitionMemory memory;
  const auto read = memory.read(picture, "a.toml", *shop.environment, services);
  REQUIRE(read);
  StoredRun stored;
  stored.pipeline = read->pipeline->canonical;
  stored.run.pipeline = read->pipeline->hash;
  const auto first = memory.read_stored(stored, *shop.environment, services);
  REQUIRE(first);
  CHECK((*first)->hash == read->pipeline->hash);
  CHECK(memory.read_stored(stored, *shop.environment, services).value() == *first);
}

TEST_CASE("a definition without a file uses nothing that lies in the present folder") {
  const Shop shop;
  const Services services = shop.services("image.generate");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(shop.folder.path());
  std::ofstream("picture.toml") << picture;
  const std::string uses = "[pipeline]\nname = \"uses\"\n[tasks.a]\nuse = \"picture\"\n";
  std::ofstream("uses.toml") << uses;
  DefinitionMemory memory;
  CHECK(memory.read(uses, "uses.toml", *shop.environment, services));
  const auto lost = memory.read(uses, "uses@1", *shop.environment, services);
  std::filesystem::current_path(before);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().to_string().find("there is no pipeline 'picture'") != std::string::npos);
}
