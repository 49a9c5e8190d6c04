// SPDX-License-Identifier: Apache-2.0
#include "model/pipeline_diff.hpp"

#include <cctype>
#include <map>
#include <set>

namespace weft {
namespace {

const json::object& object_at(const json::value& value, std::string_view key) {
  static const json::object none;
  const json::value* found = find_member(value, key);
  return found && found->is_object() ? found->get_object() : none;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// "tasks.old" in expressions, by its new name.
std::string text_renamed(std::string_view text, const std::map<std::string, std::string>& renamed) {
  constexpr std::string_view mark = "tasks.";
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = text.find(mark); found != text.npos; found = text.find(mark, at)) {
    out += text.substr(at, found + mark.size() - at);
    at = found + mark.size();
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string name(text.substr(at, end - at));
    const bool whole = found == 0 || (!is_word(text[found - 1]) && text[found - 1] != '.');
    const auto known = renamed.find(name);
    out += whole && known != renamed.end() ? known->second : name;
    at = end;
  }
  return out + std::string(text.substr(at));
}

json::value renamed_in(const json::value& value,
                       const std::map<std::string, std::string>& renamed) {
  if (value.is_string()) return json::value(text_renamed(value.get_string(), renamed));
  if (value.is_array()) {
    json::array array;
    for (const json::value& element : value.get_array())
      array.push_back(renamed_in(element, renamed));
    return array;
  }
  if (!value.is_object()) return value;
  json::object object;
  for (const json::key_value_pair& member : value.get_object())
    object[member.key()] = renamed_in(member.value(), renamed);
  return object;
}

// `needs` names tasks without "tasks.".
json::value task_renamed(const json::value& task, const std::map<std::string, std::string>& names) {
  json::value out = renamed_in(task, names);
  const json::value* needs = find_member(task, "needs");
  if (!needs) return out;
  std::set<std::string> sorted;
  for (const json::value& need : needs->as_array()) {
    const auto known = names.find(std::string(need.as_string()));
    sorted.insert(known == names.end() ? std::string(need.as_string()) : known->second);
  }
  out.as_object()["needs"] = json::array(sorted.begin(), sorted.end());
  return out;
}

// Old names of tasks that are the same under a new one. A chain of renamed tasks is found from its
// beginning on: each found name makes others equal.
std::map<std::string, std::string> find_renamed(const json::object& before,
                                                const json::object& after) {
  std::map<std::string, std::string> renamed;
  std::set<std::string> taken;
  for (bool found = true; std::exchange(found, false);)
    for (const json::key_value_pair& old : before) {
      if (after.contains(old.key()) || renamed.contains(std::string(old.key()))) continue;
      const json::value task = task_renamed(old.value(), renamed);
      for (const json::key_value_pair& fresh : after) {
        const std::string name(fresh.key());
        if (before.contains(name) || taken.contains(name) || fresh.value() != task) continue;
        renamed[std::string(old.key())] = name;
        taken.insert(name);
        found = true;
        break;
      }
    }
  return renamed;
}

class Comparison {
 public:
  void compare(const std::string& path, const json::value* before, const json::value* after) {
    if (!before && !after) return;
    if (before && after && *before == *after) return;
    if (before && after && before->is_object() && after->is_object())
      return compare_members(path, before->get_object(), after->get_object());
    if (before && after && before->is_array() && after->is_array() &&
        before->get_array().size() == after->get_array().size())
      return compare_elements(path, before->get_array(), after->get_array());
    changes.push_back({!before  ? ChangeKind::added
                       : !after ? ChangeKind::removed
                                : ChangeKind::changed,
                       path, before ? *before : json::value(), after ? *after : json::value()});
  }

  void compare_members(const std::string& path, const json::object& before,
                       const json::object& after) {
    std::set<std::string> keys;
    for (const json::object* one : {&before, &after})
      for (const json::key_value_pair& member : *one) keys.emplace(member.key());
    for (const std::string& key : keys)
      compare(path + "." + key, before.if_contains(key), after.if_contains(key));
  }

  std::vector<PipelineChange> changes;

 private:
  void compare_elements(const std::string& path, const json::array& before,
                        const json::array& after) {
    for (std::size_t i = 0; i < before.size(); ++i)
      compare(path + "[" + std::to_string(i) + "]", &before[i], &after[i]);
  }
};

}  // namespace

std::vector<PipelineChange> compare_pipelines(const json::value& before, const json::value& after) {
  const json::object& old_tasks = object_at(before, "tasks");
  const json::object& new_tasks = object_at(after, "tasks");
  const auto renamed = find_renamed(old_tasks, new_tasks);
  json::object tasks;
  for (const json::key_value_pair& task : old_tasks) {
    const auto known = renamed.find(std::string(task.key()));
    tasks[known == renamed.end() ? std::string(task.key()) : known->second] =
        task_renamed(task.value(), renamed);
  }
  Comparison comparison;
  comparison.compare_members("pipeline", object_at(before, "pipeline"),
                             object_at(after, "pipeline"));
  comparison.compare_members("inputs", object_at(before, "inputs"), object_at(after, "inputs"));
  for (const auto& [old, fresh] : renamed)
    comparison.changes.push_back(
        {ChangeKind::renamed, "tasks." + fresh, json::value(old), json::value(fresh)});
  comparison.compare_members("tasks", tasks, new_tasks);
  const json::value outputs = renamed_in(json::value(object_at(before, "outputs")), renamed);
  comparison.compare_members("outputs", outputs.get_object(), object_at(after, "outputs"));
  return std::move(comparison.changes);
}

std::string_view to_string(ChangeKind kind) noexcept {
  switch (kind) {
    case ChangeKind::added:
      return "added";
    case ChangeKind::removed:
      return "removed";
    case ChangeKind::renamed:
      return "renamed";
    case ChangeKind::changed:
      break;
  }
  return "changed";
}

}  // namespace weft
