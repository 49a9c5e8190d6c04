// SPDX-License-Identifier: Apache-2.0
#include "plan/goal.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"

namespace weft {
namespace {

using Over = ProductPattern::Over;

// The scene or shot that a product is of; a shot has its scene as well.
struct Subject {
  const ProjectElement* scene = nullptr;
  const ProjectElement* shot = nullptr;
};

class Finder {
 public:
  Finder(const Project& project, std::span<const Recipe> recipes,
         const OperationCatalog& operations, const Rejections& rejected)
      : project_(project),
        recipes_(recipes),
        operations_(operations),
        rejected_(rejected),
        settings_(expr::from_json(project.settings)),
        about_(expr::from_json(json::object{{"name", project.name}})) {
    for (const ProjectElement& one : project.scenes) scenes_.emplace(one.id, &one);
    for (const ProjectElement& one : project.shots) shots_.emplace(one.id, &one);
  }

  result<Products> find(std::span<const std::string> goals) {
    for (const std::string& text : goals) {
      auto pattern = parse_pattern(text);
      if (!pattern) return pattern.error();
      const std::vector<std::string> names = names_of(*pattern, {});
      if (names.empty())
        return not_found("nothing in the project is '" + text + "'",
                         pattern->over == Over::files ? "give it under [files]" : "");
      for (const std::string& name : names)
        if (auto added = add(name); !added) return added.error();
      for (const std::string& name : names) found_.goals.push_back(place_.at(name));
    }
    return std::move(found_);
  }

 private:
  // A product whose prerequisites are being looked at.
  struct Open {
    std::string name;
    Product product;
    std::vector<std::pair<std::size_t, std::string>> wanted;  // by place in product.inputs
    std::size_t next = 0;
  };

  // Adds the product and all that it is made of; with a stack of its own, for a chain may be long.
  result<> add(const std::string& goal) {
    if (place_.contains(goal)) return {};
    std::vector<Open> open;
    if (auto begun = begin(goal, open); !begun) return begun;
    while (!open.empty()) {
      Open& top = open.back();
      if (top.next < top.wanted.size()) {
        const std::string wanted = top.wanted[top.next++].second;
        if (place_.contains(wanted)) continue;
        if (auto begun = begin(wanted, open); !begun) return begun;
      } else {
        for (const auto& [input, name] : top.wanted)
          top.product.inputs[input].products.push_back(place_.at(name));
        place_.emplace(top.name, static_cast<std::uint32_t>(found_.all.size()));
        found_.all.push_back(std::move(top.product));
        open.pop_back();
      }
    }
    return {};
  }

  result<> begin(const std::string& name, std::vector<Open>& open) {
    for (const Open& one : open)
      if (one.name == name) return ring(name, open);
    Open begun;
    begun.name = begun.product.name = name;
    if (const auto file = project_.files.find(name); file != project_.files.end()) {
      begun.product.file = &file->second;
    } else {
      Subject subject;
      begun.product.recipe = recipe_for(name, subject);
      if (!begun.product.recipe) return nothing_makes(name, open);
      if (auto made = fill_in(subject, begun); !made) return made;
    }
    open.push_back(std::move(begun));
    return {};
  }

  const Recipe* recipe_for(const std::string& name, Subject& subject) const {
    for (const Recipe& recipe : recipes_) {
      const auto id = recipe.product.match(name);
      if (!id) continue;
      if (recipe.product.over == Over::nothing) return &recipe;
      subject = subject_of(recipe.product.over, *id);
      if (subject.shot || subject.scene) return &recipe;
    }
    return nullptr;
  }

  Subject subject_of(Over over, std::string_view id) const {
    const auto& known = over == Over::shot ? shots_ : scenes_;
    const auto found = known.find(id);
    if (found == known.end()) return {};
    if (over == Over::scene) return {found->second, nullptr};
    const std::uint32_t scene = found->second->scene;
    return {scene == Project::no_scene ? nullptr : &project_.scenes[scene], found->second};
  }

  result<> fill_in(const Subject& subject, Open& begun) const {
    const Recipe& recipe = *begun.product.recipe;
    auto operation = operation_of(recipe);
    if (!operation) return operation.error();
    auto output = output_of(recipe, **operation);
    if (!output) return output.error();
    begun.product.output = *output;
    auto params = params_of(recipe, subject, begun.name);
    if (!params) return params.error();
    begun.product.params = std::move(*params);
    for (const RecipeInput& input : recipe.inputs) {
      begun.product.inputs.push_back({input.name, input.list, {}});
      for (const ProductPattern& pattern : input.products)
        for (std::string& name : names_of(pattern, subject))
          begun.wanted.emplace_back(begun.product.inputs.size() - 1, std::move(name));
    }
    return {};
  }

  static Error wrong(const Recipe& recipe, std::string message, std::string remedy) {
    return invalid("recipe '" + recipe.product.text + "'",
                   {Diagnostic{recipe.position, std::move(message), std::move(remedy), false}});
  }

  result<std::shared_ptr<const Operation>> operation_of(const Recipe& recipe) const {
    auto operation = operations_.find(recipe.operation);
    if (operation) return operation;
    return wrong(recipe, "unknown operation '" + excerpt(recipe.operation, 60) + "'",
                 suggest(recipe.operation, operations_.names()));
  }

  static result<std::string> output_of(const Recipe& recipe, const Operation& operation) {
    std::vector<std::string> artifacts;
    for (const OperationOutput& output : operation.outputs)
      if (!output.media_type.empty()) artifacts.push_back(output.name);
    if (recipe.output.empty() && artifacts.size() == 1) return artifacts.front();
    if (std::ranges::find(artifacts, recipe.output) != artifacts.end()) return recipe.output;
    return wrong(
        recipe,
        recipe.output.empty()
            ? "'" + operation.name + "' does not give exactly one artifact"
            : "'" + operation.name + "' gives no artifact '" + excerpt(recipe.output, 60) + "'",
        artifacts.empty() ? "a product is an artifact: use another operation"
                          : suggest(recipe.output, artifacts));
  }

  result<json::object> params_of(const Recipe& recipe, const Subject& subject,
                                 const std::string& name) const {
    expr::Bindings bindings(recipe.environment);
    bindings.set("project", about_);
    bindings.set("settings", settings_);
    if (subject.scene) bindings.set("scene", expr::from_json(subject.scene->values));
    if (subject.shot) bindings.set("shot", expr::from_json(subject.shot->values));
    const auto rejected = rejected_.find(name);
    bindings.set("rejected", std::int64_t{rejected == rejected_.end() ? 0 : rejected->second});
    auto params = recipe.params.evaluate(bindings);
    if (!params) return Error(params.error()).in("the params of '" + name + "'");
    json::object kept;
    for (auto& member : params->as_object())
      if (!member.value().is_null()) kept[member.key()] = std::move(member.value());
    return kept;
  }

  // In the order of the project. A scene's recipe means its own shots by "shot/*".
  std::vector<std::string> names_of(const ProductPattern& pattern, const Subject& subject) const {
    std::vector<std::string> names;
    if (pattern.over == Over::nothing) {
      names.push_back(pattern.text);
    } else if (pattern.over == Over::files) {
      for (const auto& [name, file] : project_.files)
        if (pattern.match(name)) names.push_back(name);
    } else if (!pattern.all) {
      const ProjectElement* own = pattern.over == Over::shot ? subject.shot : subject.scene;
      if (own) names.push_back(pattern.name_for(own->id));
    } else if (pattern.over == Over::scene) {
      for (const ProjectElement& one : project_.scenes) names.push_back(pattern.name_for(one.id));
    } else {
      const bool of_scene = subject.scene && !subject.shot;
      for (const ProjectElement& one : project_.shots)
        if (!of_scene || &project_.scenes[one.scene] == subject.scene)
          names.push_back(pattern.name_for(one.id));
    }
    return names;
  }

  static Error ring(const std::string& name, const std::vector<Open>& open) {
    std::string path;
    bool within = false;
    for (const Open& one : open) {
      within = within || one.name == name;
      if (within) path += one.name + " → ";
    }
    return invalid("a product is made of itself: " + path + name,
                   "change the inputs of one of their recipes");
  }

  Error nothing_makes(const std::string& name, const std::vector<Open>& open) const {
    const std::string needed = open.empty() ? "" : ", which '" + open.back().name + "' is made of";
    for (const std::string_view kind : {"shot", "scene"}) {
      const std::string prefix = std::string(kind) + "/";
      if (!name.starts_with(prefix)) continue;
      const std::string id =
          name.substr(prefix.size(), name.find('/', prefix.size()) - prefix.size());
      const auto& known = kind == "shot" ? shots_ : scenes_;
      if (known.contains(id)) continue;
      std::vector<std::string> ids;
      for (const auto& [one, unused] : known) ids.push_back(one);
      return not_found("there is no " + std::string(kind) + " '" + excerpt(id, 60) + "'" + needed,
                       ids.empty() ? "" : suggest(id, ids));
    }
    return not_found("nothing makes '" + excerpt(name, 100) + "'" + needed,
                     suggest(name, possible_names(name)));
  }

  // What could have been meant by a name: all products of the same shot or scene, and of none.
  std::vector<std::string> possible_names(const std::string& name) const {
    std::vector<std::string> names;
    const auto begin = name.find('/');
    const auto end = begin == name.npos ? name.npos : name.find('/', begin + 1);
    const std::string id = end == name.npos ? "" : name.substr(begin + 1, end - begin - 1);
    for (const Recipe& recipe : recipes_)
      if (recipe.product.over == Over::nothing || !id.empty())
        names.push_back(recipe.product.name_for(id));
    return names;
  }

  const Project& project_;
  std::span<const Recipe> recipes_;
  const OperationCatalog& operations_;
  const Rejections& rejected_;
  const expr::Value settings_;
  const expr::Value about_;
  std::map<std::string, const ProjectElement*, std::less<>> scenes_;
  std::map<std::string, const ProjectElement*, std::less<>> shots_;
  Products found_;
  std::unordered_map<std::string, std::uint32_t> place_;
};

}  // namespace

result<Products> find_products(const Project& project, std::span<const Recipe> recipes,
                               const OperationCatalog& operations,
                               std::span<const std::string> goals, const Rejections& rejected) {
  return Finder(project, recipes, operations, rejected).find(goals);
}

}  // namespace weft
