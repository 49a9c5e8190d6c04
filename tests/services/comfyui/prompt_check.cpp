// SPDX-License-Identifier: Apache-2.0
#include "prompt_check.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

namespace weft::comfy_fake {
namespace {

class Checker {
 public:
  Checker(const json::object& prompt, const Catalogue& catalogue, const Disk& disk)
      : prompt_(prompt), catalogue_(catalogue), disk_(disk) {}

  // Is this node, and all it depends on, in order? Mistakes are kept per node.
  bool check(const std::string& id, const std::string& output) {
    if (on_path_.contains(id)) {
      note(id, output, "dependency_cycle", "Dependency cycle detected", id);
      return false;
    }
    on_path_.insert(id);
    const json::object& node = prompt_.at(id).as_object();
    const std::string class_type(node.at("class_type").as_string());
    bool good = true;
    for (const InputRule& rule : catalogue_.inputs(class_type))
      good = check_input(id, output, node.at("inputs").as_object(), rule) && good;
    on_path_.erase(id);
    return good;
  }
  json::object errors() const {
    json::object all;
    for (const auto& [id, found] : errors_)
      all[id] = {{"errors", found.errors},
                 {"dependent_outputs", json::array(found.outputs.begin(), found.outputs.end())},
                 {"class_type", prompt_.at(id).at("class_type")}};
    return all;
  }

 private:
  struct Found {
    json::array errors;
    std::set<std::string> outputs;
  };

  bool check_input(const std::string& id, const std::string& output, const json::object& inputs,
                   const InputRule& rule) {
    const json::value* value = inputs.if_contains(rule.name);
    if (!value) {
      if (!rule.required) return true;
      return note(id, output, "required_input_missing", "Required input is missing", rule.name);
    }
    if (const json::array* link = link_of(*value)) return check_link(id, output, *link, rule);
    if (rule.is_file) {
      if (value->is_string() && disk_.has_annotated(value->get_string())) return true;
      return note(id, output, "custom_validation_failed", "Custom validation failed for node",
                  rule.name + " - Invalid file: " + json::serialize(*value));
    }
    if (rule.choices) {
      if (std::ranges::find(*rule.choices, *value) != rule.choices->end()) return true;
      return note(id, output, "value_not_in_list", "Value not in list",
                  rule.name + ": " + json::serialize(*value) + " not in " +
                      json::serialize(json::value(*rule.choices)));
    }
    return check_number(id, output, *value, rule);
  }

  bool check_number(const std::string& id, const std::string& output, const json::value& value,
                    const InputRule& rule) {
    const bool wants_number = rule.type == "INT" || rule.type == "FLOAT";
    const bool wants_text = rule.type == "STRING";
    const bool is_wrong =
        (wants_number && !value.is_number()) || (wants_text && !value.is_string());
    if (is_wrong || (!wants_number && !wants_text && rule.type != "BOOLEAN"))
      return note(id, output, "invalid_input_type", "Failed to convert an input value",
                  rule.name + ", " + json::serialize(value) + ", " + rule.type);
    if (!wants_number) return true;
    const auto number = value.to_number<double>();
    if (rule.min && number < *rule.min)
      return note(id, output, "value_smaller_than_min", "Value smaller than min", rule.name);
    if (rule.max && number > *rule.max)
      return note(id, output, "value_bigger_than_max", "Value bigger than max", rule.name);
    return true;
  }

  bool check_link(const std::string& id, const std::string& output, const json::array& link,
                  const InputRule& rule) {
    const std::string source(link[0].as_string());
    const json::value* node = prompt_.if_contains(source);
    const auto types = node ? catalogue_.outputs(std::string(node->at("class_type").as_string()))
                            : std::vector<std::string>();
    const auto slot = static_cast<std::size_t>(link[1].to_number<std::int64_t>());
    if (slot >= types.size())
      return note(id, output, "exception_during_inner_validation", "Exception when validating node",
                  source);
    if (types[slot] != rule.type && types[slot] != "*" && rule.type != "*")
      return note(id, output, "return_type_mismatch", "Return type mismatch between linked nodes",
                  rule.name + ", received_type(" + types[slot] + ") mismatch input_type(" +
                      rule.type + ")");
    return check(source, output);
  }

  bool note(const std::string& id, const std::string& output, std::string_view type,
            std::string_view message, std::string_view details) {
    Found& found = errors_[id];
    found.outputs.insert(output);
    json::object error = error_object(type, message, details);
    if (std::ranges::find(found.errors, json::value(error)) == found.errors.end())
      found.errors.push_back(std::move(error));
    return false;
  }

  const json::object& prompt_;
  const Catalogue& catalogue_;
  const Disk& disk_;
  std::set<std::string> on_path_;
  std::map<std::string, Found> errors_;
};

json::object refusal(const json::object& error, json::object node_errors = {}) {
  return {{"error", error}, {"node_errors", std::move(node_errors)}};
}

}  // namespace

json::object error_object(std::string_view type, std::string_view message,
                          std::string_view details) {
  return {
      {"type", type}, {"message", message}, {"details", details}, {"extra_info", json::object()}};
}

const json::array* link_of(const json::value& value) noexcept {
  const json::array* list = value.if_array();
  const bool is_link =
      list && list->size() == 2 && (*list)[0].is_string() && (*list)[1].is_number();
  return is_link ? list : nullptr;
}

std::variant<CheckedPrompt, RefusedPrompt> check_prompt(const json::value& prompt,
                                                        const Catalogue& catalogue,
                                                        const Disk& disk,
                                                        std::string_view missing_type) {
  if (!prompt.is_object()) return RefusedPrompt{500};
  const json::object& nodes = prompt.get_object();
  std::vector<std::string> outputs;
  for (const auto& [id, node] : nodes) {
    if (!node.is_object()) return RefusedPrompt{500};  // the format of the editor: {nodes, links}
    const json::value* type = node.get_object().if_contains("class_type");
    if (!type || !type->is_string() || !catalogue.find(type->get_string()))
      return RefusedPrompt{
          400, refusal(error_object(missing_type, "Node '" + std::string(id) + "' not found.",
                                    "Node ID '#" + std::string(id) + "'"))};
    if (!node.get_object().contains("inputs")) return RefusedPrompt{500};
    if (catalogue.is_output_node(type->get_string())) outputs.emplace_back(id);
  }
  if (outputs.empty())
    return RefusedPrompt{400,
                         refusal(error_object("prompt_no_outputs", "Prompt has no outputs", ""))};
  Checker checker(nodes, catalogue, disk);
  CheckedPrompt checked;
  for (const std::string& output : outputs)
    if (checker.check(output, output)) checked.outputs.push_back(output);
  checked.node_errors = checker.errors();
  if (checked.outputs.empty())
    return RefusedPrompt{400, refusal(error_object("prompt_outputs_failed_validation",
                                                   "Prompt outputs failed validation", ""),
                                      checked.node_errors)};
  return checked;
}

}  // namespace weft::comfy_fake
