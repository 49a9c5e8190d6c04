// SPDX-License-Identifier: Apache-2.0
// Recipes: rules from a product to what it is made of. "shot/{shot}/video" is one rule for the
// video of every shot; its inputs name other products, of the same shot or of all.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "expr/template.hpp"
#include "model/document.hpp"
#include "model/table_reader.hpp"

namespace weft {

// "film", "shot/{shot}/video", "scene/{scene}/clip", "shot/*/video", "reference/*".
struct ProductPattern {
  enum class Over : std::uint8_t {
    nothing,  // the one product of that name
    scene,    // a scene's: "{scene}", or "*" in its place
    shot,     // a shot's
    files,    // "*" elsewhere: every file of the project whose name fits
  };
  std::string text;
  std::string before;  // what stands before the variable part; all of it when there is none
  std::string after;
  Over over = Over::nothing;
  bool all = false;  // "*": every one there is

  // The name for one scene or shot; of a pattern over nothing its text.
  std::string name_for(std::string_view id) const;
  // What stands in the variable part when the name fits the pattern.
  std::optional<std::string_view> match(std::string_view name) const;
};

// Kind `invalid` when the text is no pattern.
result<ProductPattern> parse_pattern(std::string_view text);

struct RecipeInput {
  std::string name;  // of the operation
  std::vector<ProductPattern> products;
  bool list = false;  // written as a list, or with a "*"
  SourcePosition position;
};

struct Recipe {
  ProductPattern product;
  std::string operation;
  std::string output;  // of the operation; "": its only one
  expr::Environment environment;
  expr::ValueTemplate params;  // an object; what comes out null is left out
  std::vector<RecipeInput> inputs;
  json::object task;  // priority, concurrency, retry, timeout, route, as written
  SourcePosition position;
};

// The tables under [recipes], by the product's pattern; mistakes are noted in `root`'s.
std::vector<Recipe> read_recipes(TableReader& root);
// A file of recipes alone. All mistakes together, kind `invalid`.
result<std::vector<Recipe>> read_recipe_file(std::string_view text, const std::string& file);

// The variables of recipes: project, settings, scene, shot, rejected.
expr::Environment recipe_environment();

}  // namespace weft
