// SPDX-License-Identifier: Apache-2.0
#include "plan/recipe.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace weft {
namespace {

using Over = ProductPattern::Over;

// What a recipe says of its task and the definition's reader checks.
constexpr std::string_view task_keys[] = {"priority", "concurrency", "retry", "timeout", "route"};

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Words with slashes between them, but for a variable part, which `text` has an 'x' for.
bool is_name(std::string_view text) {
  if (text.empty() || text.front() < 'a' || text.front() > 'z') return false;
  if (text.back() == '/' || text.find("//") != text.npos) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '/' || is_word_character(c); });
}

Error no_pattern(std::string_view text, std::string remedy) {
  return invalid("'" + excerpt(text, 60) + "' names no product", std::move(remedy));
}

void read_input_product(TableReader& inputs, std::string_view pointer, const json::value& written,
                        RecipeInput& input) {
  const SourcePosition position = inputs.document().value_position(pointer);
  if (!written.is_string()) {
    inputs.mistakes().add(position, "an input is the name of a product or a list of them",
                          "such as \"shot/{shot}/keyframe\" or \"shot/*/video\"");
    return;
  }
  auto pattern = parse_pattern(written.get_string());
  if (!pattern) return inputs.mistakes().add(pattern.error(), position);
  input.list = input.list || pattern->all;
  input.products.push_back(std::move(*pattern));
}

std::vector<RecipeInput> read_inputs(TableReader& recipe) {
  std::vector<RecipeInput> inputs;
  auto table = recipe.table("inputs", "inputs of " + recipe.what());
  if (!table) return inputs;
  for (const auto& member : *recipe.object("inputs")) {
    RecipeInput input;
    input.name = std::string(member.key());
    const std::string pointer = table->pointer_of(input.name);
    input.position = table->key_position(input.name);
    const json::value& written = *table->any(input.name);
    if (const auto* list = written.if_array()) {
      input.list = true;
      for (std::size_t i = 0; i < list->size(); ++i)
        read_input_product(*table, child_pointer(pointer, std::to_string(i)), (*list)[i], input);
    } else {
      read_input_product(*table, pointer, written, input);
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

// A pattern with a variable is filled in by the recipe's own one: they must be the same.
void check_input(const Recipe& recipe, const ProductPattern& wanted, const SourcePosition& position,
                 Mistakes& mistakes) {
  if (wanted.all || wanted.over == Over::nothing) return;
  const Over own = recipe.product.over;
  if (own == wanted.over || (own == Over::shot && wanted.over == Over::scene)) return;
  const std::string kind = wanted.over == Over::shot ? "shot" : "scene";
  mistakes.add(position,
               "'" + wanted.text + "' does not say which " + kind + ": '" + recipe.product.text +
                   "' has no {" + kind + "}",
               "write * in place of {" + kind + "} for all of them");
}

expr::ValueTemplate read_params(TableReader& table, const Recipe& recipe) {
  const json::object* written = table.object("params");
  const std::string pointer = table.pointer_of("params");
  auto compiled =
      expr::compile_json(written ? json::value(*written) : json::value(json::object()),
                         recipe.environment, [&](std::string_view within) {
                           return table.document().text_position(pointer + std::string(within));
                         });
  if (compiled) return *compiled;
  table.mistakes().add(compiled.error(), table.value_position("params"));
  return {};
}

Recipe read_recipe(TableReader& table, ProductPattern product) {
  Recipe recipe;
  recipe.product = std::move(product);
  recipe.environment = recipe_environment();
  recipe.position = table.position();
  table.require("operation", "say what makes it: operation = \"video.from_image\"");
  if (const json::string* name = table.text("operation")) recipe.operation = std::string(*name);
  if (const json::string* output = table.text("output")) recipe.output = std::string(*output);
  recipe.params = read_params(table, recipe);
  recipe.inputs = read_inputs(table);
  for (const RecipeInput& input : recipe.inputs)
    for (const ProductPattern& wanted : input.products)
      check_input(recipe, wanted, input.position, table.mistakes());
  for (const std::string_view key : task_keys)
    if (const json::value* value = table.any(key)) recipe.task[key] = *value;
  table.finish();
  return recipe;
}

}  // namespace

std::string ProductPattern::name_for(std::string_view id) const {
  return over == Over::nothing ? text : before + std::string(id) + after;
}

std::optional<std::string_view> ProductPattern::match(std::string_view name) const {
  if (over == Over::nothing) return name == text ? std::optional(std::string_view()) : std::nullopt;
  if (name.size() <= before.size() + after.size() || !name.starts_with(before) ||
      !name.ends_with(after))
    return std::nullopt;
  return name.substr(before.size(), name.size() - before.size() - after.size());
}

result<ProductPattern> parse_pattern(std::string_view text) {
  ProductPattern pattern;
  pattern.text = text;
  pattern.before = text;
  std::string plain(text);
  const std::size_t star = text.find('*');
  const std::size_t brace = text.find('{');
  if (star != text.npos) {
    pattern.all = true;
    pattern.before = text.substr(0, star);
    pattern.after = text.substr(star + 1);
    pattern.over = pattern.before == "shot/"    ? Over::shot
                   : pattern.before == "scene/" ? Over::scene
                                                : Over::files;
  } else if (brace != text.npos) {
    const bool shot = text.starts_with("shot/{shot}/");
    if (!shot && !text.starts_with("scene/{scene}/"))
      return no_pattern(text, "a variable stands as in shot/{shot}/video or scene/{scene}/clip");
    pattern.over = shot ? Over::shot : Over::scene;
    pattern.before = shot ? "shot/" : "scene/";
    pattern.after = text.substr(text.find('}') + 1);
  }
  if (pattern.over != Over::nothing) plain = pattern.before + "x" + pattern.after;
  if (!is_name(plain))
    return no_pattern(text,
                      "names are words of a-z, 0-9, _ and - with slashes between them, such as "
                      "film, shot/{shot}/video or shot/*/video");
  return pattern;
}

expr::Environment recipe_environment() {
  using expr::Kind;
  static const expr::Environment environment({{"project", Kind::map},
                                              {"settings", Kind::map},
                                              {"scene", Kind::map},
                                              {"shot", Kind::map},
                                              {"rejected", Kind::integer}});
  return environment;
}

std::vector<Recipe> read_recipes(TableReader& root) {
  std::vector<Recipe> recipes;
  auto all = root.table("recipes", "[recipes]");
  if (!all) return recipes;
  for (const auto& member : *root.object("recipes")) {
    const std::string text(member.key());
    TableReader table(root.document(), all->pointer_of(text), "recipe '" + text + "'",
                      root.mistakes());
    auto pattern = parse_pattern(text);
    if (pattern && pattern->all)
      pattern =
          no_pattern(text, "a recipe is for one product: shot/{shot}/video, not shot/*/video");
    if (!pattern)
      root.mistakes().add(pattern.error(), table.position());
    else
      recipes.push_back(read_recipe(table, std::move(*pattern)));
  }
  return recipes;
}

result<std::vector<Recipe>> read_recipe_file(std::string_view text, const std::string& file) {
  auto document =
      file.ends_with(".json") ? Document::from_json(text, file) : Document::from_toml(text, file);
  if (!document) return document.error();
  Mistakes mistakes;
  TableReader root(*document, "", "a file of recipes", mistakes);
  root.require("recipes", "give some: [recipes.\"shot/{shot}/video\"]");
  std::vector<Recipe> recipes = read_recipes(root);
  root.finish();
  if (mistakes.any()) return invalid(file, mistakes.take());
  return recipes;
}

}  // namespace weft
