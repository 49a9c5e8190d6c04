// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: definitions that are kept under their names, in numbered versions.
// What runs keeps the definition that it began with, whatever is saved meanwhile.
#pragma once
#include <weft/services.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weft {

// A definition as text.
struct DefinitionView {
  std::string text;  // TOML or JSON
  std::string file;  // its name in error messages; ".json" at its end means JSON
};

struct PipelineVersionView {
  std::string name;
  std::uint32_t number = 0;  // from 1
  std::string author;
  std::string message;
  TimePoint saved_at{};
  std::string hash;           // of its meaning, SHA-256 in hex: equal ones mean the same
  DefinitionView definition;  // as it was written
  // All that it means, with what it uses as that was when it was saved: run this. Only of a version
  // that was asked for by its name.
  DefinitionView meaning;
  bool is_new = true;  // when it was saved: else the newest version means the same already
};

struct PipelineSave {
  DefinitionView definition;
  std::string message;  // for people, as the next
  std::string author;
};

// One difference between two definitions.
struct PipelineChangeView {
  std::string kind;         // added, removed, renamed, changed
  std::string path;         // "tasks.video.params.seconds"
  std::string before_json;  // "": there was nothing; of a renamed task, its name
  std::string after_json;
};

// What a template asks for.
struct TemplateParamView {
  std::string name;
  std::string type;  // of JSON: string, integer, number, boolean, array; "" any
  std::string description;
  std::string default_json;  // "": it must be given
};

// A definition with typed params, from which people begin one of their own.
struct TemplateView {
  std::string name;
  std::string description;
  std::vector<TemplateParamView> params;
};

}  // namespace weft
