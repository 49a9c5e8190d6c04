// SPDX-License-Identifier: Apache-2.0
// A project: what a film is made of, as a person wrote it. Scenes, shots, settings, and files of
// one's own that stand for products. What is made of them, recipes say (plan/recipe.hpp).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/document.hpp"
#include "plan/recipe.hpp"

namespace weft {

// A scene or a shot. Its number counts from 1 over the whole project.
struct ProjectElement {
  std::string id;           // as written, else the number
  json::object values;      // what was written, with `id`, `number` and, of a shot, `scene`
  std::uint32_t scene = 0;  // of a shot: which of Project::scenes it belongs to
};

struct ProjectFile {
  std::string path;  // as written
  SourcePosition position;
};

struct Project {
  static constexpr std::uint32_t no_scene = UINT32_MAX;
  std::string name;
  std::string goal;  // what `weft make` makes when nothing is named; "": "film"
  std::vector<ProjectFile> recipe_files;  // relative to the project's
  json::object settings;                  // seen by recipes as `settings`
  std::vector<ProjectElement> scenes;
  std::vector<ProjectElement> shots;
  std::map<std::string, ProjectFile> files;  // by product: the file that is it
  std::vector<Recipe> recipes;               // of its own; they go before those of recipe_files
};

// All mistakes together, kind `invalid`. The file's name stands in diagnostics; ".json" at its end
// means JSON.
result<Project> read_project(std::string_view text, const std::string& file);

// "shot/3/video": words of [a-z0-9_-] with slashes between, the first of them begins with a letter.
bool is_product_name(std::string_view name) noexcept;

}  // namespace weft
