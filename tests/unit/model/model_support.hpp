// SPDX-License-Identifier: Apache-2.0
// What the tests of the model share.
#pragma once
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/config.hpp"
#include "model/definition.hpp"

namespace weft::testing {

inline std::string read_text(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// What definitions are read against: the canonical operations, the default classes and services;
// of the services what the storyboard says about its options.
inline const DefinitionContext& context() {
  static const OperationCatalog operations = OperationCatalog::canonical();
  static const std::vector<std::string> classes{"cpu", "gpu", "io"};
  static const std::vector<std::string> services{"media", "storyboard"};
  static const std::vector<ComponentOptions> options{
      {"storyboard", "image.generate",
       Schema::compile(
           {{"type", "object"},
            {"additionalProperties", false},
            {"properties", json::object{{"guides", json::object{{"type", "boolean"}}}}}})
           .value()},
      {"media", "video.concat", std::nullopt}};
  static const DefinitionContext all{operations, classes, services, "USD", options, {}};
  return all;
}

inline result<ReadPipeline> read_toml(const std::string& text) {
  return read_pipeline(text, "test.toml", context());
}
inline result<ReadPipeline> read_json(const std::string& text) {
  return read_pipeline(text, "test.json", context());
}

// An environment in which only HOME is set.
inline ConfigLookup lookup(const std::filesystem::path& working_folder = "/nowhere") {
  ConfigLookup where;
  where.working_folder = working_folder;
  where.environment = [](const char* name) {
    return std::string(name) == "HOME" ? std::string("/home/ada") : "";
  };
  return where;
}

}  // namespace weft::testing
