// SPDX-License-Identifier: Apache-2.0
// Reads definitions. Everything that is wrong with one is found and reported together, each with
// file:line:column and what to do, before anything runs.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/pipeline.hpp"

namespace weft {

// What a configured service makes of options.<component> in the params of an operation.
struct ComponentOptions {
  std::string component;
  std::string operation;
  std::optional<Schema> schema;  // none: it takes no options
};

// A definition that another one uses.
struct PipelineText {
  std::string text;
  std::string file;  // as of read_pipeline()
};

struct DefinitionContext {
  const OperationCatalog& operations;
  std::span<const std::string> classes;   // names that `concurrency` may use
  std::span<const std::string> services;  // names that `route.degrade` may use
  std::string currency;                   // of a bare amount of money
  // Of each configured service and operation that it offers.
  std::span<const ComponentOptions> options = {};
  // Components of services that cannot tell now what they take; their options are left for the run.
  std::span<const std::string> silent_components = {};
  // What `use` names ("scene", "scene@3"), for a definition in the file `from`; null: nothing.
  std::function<result<PipelineText>(const std::string& name, const std::string& from)>
      find_pipeline = {};
  // The files of the definitions that this one is used in, the outermost first.
  std::vector<std::string> used_in = {};
};

struct ReadPipeline {
  std::shared_ptr<const Pipeline> pipeline;
  std::vector<Diagnostic> warnings;
};

// `file` stands in diagnostics; ".json" at its end means JSON, anything else TOML.
result<ReadPipeline> read_pipeline(std::string_view text, const std::string& file,
                                   const DefinitionContext& context);
// From Pipeline::canonical, as the store keeps it.
result<std::shared_ptr<const Pipeline>> read_canonical(const json::value& canonical,
                                                       const DefinitionContext& context);

}  // namespace weft
