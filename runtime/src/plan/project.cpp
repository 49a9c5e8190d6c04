// SPDX-License-Identifier: Apache-2.0
#include "plan/project.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace weft {
namespace {

bool is_id(std::string_view id) {
  return !id.empty() && id.find('/') == id.npos && is_product_name("x" + std::string(id));
}

class ProjectReader {
 public:
  explicit ProjectReader(const Document& document)
      : document_(document), root_(document, "", "a project", mistakes_) {}

  result<Project> read() {
    read_head();
    if (const json::object* settings = root_.object("settings")) project_.settings = *settings;
    if (root_.has("scenes") && root_.has("shots"))
      mistakes_.add(root_.key_position("shots"), "shots stand in their scenes where there are any",
                    "write shots = […] in one of the [[scenes]]");
    if (const json::array* scenes = root_.array("scenes"))
      for (std::size_t i = 0; i < scenes->size(); ++i)
        read_scene(child_pointer("/scenes", std::to_string(i)));
    read_shots("", root_, Project::no_scene);
    read_files();
    project_.recipes = read_recipes(root_);
    root_.finish();
    if (mistakes_.any()) return invalid(document_.file(), mistakes_.take());
    return std::move(project_);
  }

 private:
  void read_head() {
    root_.require("project", "begin with [project] and a name");
    auto head = root_.table("project", "[project]");
    if (!head) return;
    head->require("name", "give it one: name = \"night_train\"");
    if (const json::string* name = head->text("name")) {
      project_.name = std::string(*name);
      if (!is_product_name(project_.name) || project_.name.find('/') != std::string::npos)
        head->wrong("name", "'" + excerpt(project_.name, 60) + "' cannot name a project",
                    "use a-z, 0-9, _ and -, and begin with a letter");
    }
    if (const json::string* goal = head->text("goal")) {
      project_.goal = std::string(*goal);
      if (auto pattern = parse_pattern(project_.goal); !pattern)
        mistakes_.add(pattern.error(), head->value_position("goal"));
    }
    const std::vector<std::string> files = head->texts("recipes");
    for (std::size_t i = 0; i < files.size(); ++i)
      project_.recipe_files.push_back(
          {files[i], document_.value_position(
                         child_pointer(head->pointer_of("recipes"), std::to_string(i)))});
    head->finish();
  }

  void read_scene(const std::string& pointer) {
    const json::value& written = *value_at(document_.root(), pointer);
    const auto number = static_cast<std::uint32_t>(project_.scenes.size() + 1);
    TableReader table(document_, pointer, "scene " + std::to_string(number), mistakes_);
    if (!written.is_object()) return;
    ProjectElement scene = element(written.get_object(), pointer, number, scene_ids_);
    scene.values.erase("shots");
    project_.scenes.push_back(std::move(scene));
    read_shots(pointer, table, number - 1);
  }

  void read_shots(const std::string& pointer, TableReader& table, std::uint32_t scene) {
    const json::array* shots = table.array("shots");
    for (std::size_t i = 0; shots && i < shots->size(); ++i)
      read_shot(child_pointer(child_pointer(pointer, "shots"), std::to_string(i)), (*shots)[i],
                scene);
  }

  void read_shot(const std::string& pointer, const json::value& written, std::uint32_t scene) {
    json::object values;
    if (const auto* prompt = written.if_string()) {
      values["prompt"] = *prompt;
    } else if (const auto* table = written.if_object()) {
      values = *table;
    } else {
      mistakes_.add(document_.value_position(pointer), "a shot is its prompt, or a table",
                    "such as \"a train leaves\" or { prompt = \"a train leaves\", seconds = 4 }");
      return;
    }
    const auto number = static_cast<std::uint32_t>(project_.shots.size() + 1);
    ProjectElement shot = element(std::move(values), pointer, number, shot_ids_);
    shot.scene = scene;
    if (scene != Project::no_scene) shot.values["scene"] = project_.scenes[scene].id;
    project_.shots.push_back(std::move(shot));
  }

  // Its id is what was written, or its number.
  ProjectElement element(json::object values, const std::string& pointer, std::uint32_t number,
                         std::set<std::string>& ids) {
    for (const char* key : {"number", "scene"})
      if (values.contains(key))
        mistakes_.add(document_.key_position(child_pointer(pointer, key)),
                      "'" + std::string(key) + "' is given by the place in the project",
                      "leave it out, or choose another name");
    ProjectElement one;
    one.id = std::to_string(number);
    if (const json::value* id = values.if_contains("id")) {
      const SourcePosition position = document_.value_position(child_pointer(pointer, "id"));
      if (!id->is_string() || !is_id(id->get_string()))
        mistakes_.add(position, "an id is a word of a-z, 0-9, _ and -", "such as id = \"arrival\"");
      else
        one.id = std::string(id->get_string());
    }
    if (!ids.insert(one.id).second)
      mistakes_.add(document_.key_position(pointer),
                    "there is another one with the id '" + one.id + "'",
                    "give this one an id of its own");
    values["id"] = one.id;
    values["number"] = std::int64_t{number};
    one.values = std::move(values);
    return one;
  }

  void read_files() {
    const json::object* files = root_.object("files");
    if (!files) return;
    for (const auto& member : *files) {
      const std::string product(member.key());
      const std::string pointer = child_pointer("/files", product);
      if (!is_product_name(product))
        mistakes_.add(document_.key_position(pointer),
                      "'" + excerpt(product, 60) + "' names no product",
                      "such as \"shot/3/keyframe\" = \"mine.png\"");
      else if (!member.value().is_string())
        mistakes_.add(document_.value_position(pointer), "a product of your own is a file's path",
                      "such as \"" + product + "\" = \"mine.png\"");
      else
        project_.files[product] = {std::string(member.value().get_string()),
                                   document_.value_position(pointer)};
    }
  }

  const Document& document_;
  Mistakes mistakes_;
  TableReader root_;
  Project project_;
  std::set<std::string> scene_ids_;
  std::set<std::string> shot_ids_;
};

}  // namespace

bool is_product_name(std::string_view name) noexcept {
  const auto pattern = parse_pattern(name);
  return pattern && pattern->over == ProductPattern::Over::nothing;
}

result<Project> read_project(std::string_view text, const std::string& file) {
  auto document =
      file.ends_with(".json") ? Document::from_json(text, file) : Document::from_toml(text, file);
  if (!document) return document.error();
  return ProjectReader(*document).read();
}

}  // namespace weft
