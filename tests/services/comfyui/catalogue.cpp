// SPDX-License-Identifier: Apache-2.0
#include "catalogue.hpp"

#include <boost/json.hpp>

namespace weft::comfy_fake {
namespace {

std::optional<double> number(const json::value& options, std::string_view name) {
  const json::value* found = find_member(options, name);
  return found && found->is_number() ? std::optional(found->to_number<double>()) : std::nullopt;
}

bool flag(const json::value& options, std::string_view name) {
  const json::value* found = find_member(options, name);
  return found && found->is_bool() && found->get_bool();
}

// An input is [TYPE, {options}]; a choice is [[...], {}] or, of newer classes,
// ["COMBO", {"options": [...]}].
InputRule read_rule(std::string_view name, bool required, const json::array& said) {
  InputRule rule;
  rule.name = name;
  rule.required = required;
  const json::value options = said.size() > 1 ? said[1] : json::value(json::object());
  rule.is_file = flag(options, "image_upload") || flag(options, "video_upload") ||
                 flag(options, "audio_upload");
  if (said[0].is_array()) {
    rule.type = "COMBO";
    rule.choices = said[0].get_array();
  } else {
    rule.type = std::string(said[0].as_string());
    if (const json::value* list = find_member(options, "options"); list && list->is_array())
      rule.choices = list->get_array();
  }
  rule.min = number(options, "min");
  rule.max = number(options, "max");
  return rule;
}

}  // namespace

const json::object* Catalogue::find(std::string_view class_type) const noexcept {
  const json::value* found = info_.if_contains(class_type);
  return found ? found->if_object() : nullptr;
}

std::vector<InputRule> Catalogue::inputs(std::string_view class_type) const {
  std::vector<InputRule> rules;
  const json::object* node = find(class_type);
  if (!node) return rules;
  for (const char* group : {"required", "optional"}) {
    const json::value* members = find_member(node->at("input"), group);
    if (!members) continue;
    for (const auto& [name, said] : members->as_object())
      rules.push_back(read_rule(name, group == std::string_view("required"), said.as_array()));
  }
  return rules;
}

std::vector<std::string> Catalogue::outputs(std::string_view class_type) const {
  std::vector<std::string> types;
  if (const json::object* node = find(class_type))
    for (const json::value& type : node->at("output").as_array())
      types.push_back(type.is_string() ? std::string(type.get_string()) : "COMBO");
  return types;
}

bool Catalogue::is_output_node(std::string_view class_type) const noexcept {
  const json::object* node = find(class_type);
  return node && flag(*node, "output_node");
}

void Catalogue::set_choices(std::string_view class_type, std::string_view input,
                            json::array choices) {
  for (const char* group : {"required", "optional"}) {
    json::object& inputs = info_.at(class_type).at("input").as_object();
    json::value* members = inputs.if_contains(group);
    if (!members || !members->as_object().contains(input)) continue;
    json::array& said = members->as_object().at(input).as_array();
    if (said[0].is_array()) {
      said[0] = std::move(choices);
    } else {
      said[1].as_object()["options"] = std::move(choices);
    }
  }
}

}  // namespace weft::comfy_fake
