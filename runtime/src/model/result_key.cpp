// SPDX-License-Identifier: Apache-2.0
#include "model/result_key.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/artifact.hpp"

namespace weft {
namespace {

bool is_zero(const json::value* value) {
  return value && value->is_number() && value->to_number<double>() == 0;
}

// The name under which an artifact goes says nothing about its bytes.
void forget_names(json::value& value) {
  if (value.is_array()) {
    for (json::value& element : value.get_array()) forget_names(element);
  } else if (value.is_object()) {
    if (const auto artifact = artifact_from_json(value))
      value = json::object{{"$artifact", artifact->digest.to_string()}};
    else
      for (json::key_value_pair& member : value.get_object()) forget_names(member.value());
  }
}

json::object params_part(const json::object& params, std::string_view component) {
  json::object part;
  for (const json::key_value_pair& member : params) {
    if (member.key() != "options") {
      forget_names(part[member.key()] = member.value());
    } else if (const json::value* own = find_member(member.value(), component)) {
      forget_names(part["options"] = *own);
    }
  }
  return part;
}

json::object inputs_part(const std::vector<BoundInput>& inputs) {
  json::object part;
  for (const BoundInput& input : inputs) {
    json::array digests;
    for (const ArtifactInfo& artifact : input.artifacts)
      digests.emplace_back(artifact.digest.to_string());
    part[input.name] = std::move(digests);
  }
  return part;
}

std::string shown(const json::value* value) {
  constexpr std::size_t enough = 60;
  if (!value) return "nothing";
  if (value->is_string()) return "'" + excerpt(value->get_string(), enough) + "'";
  return excerpt(canonical(*value), enough);
}

const json::object& object_at(const json::value& parts, std::string_view name) {
  static const json::object none;
  const json::value* found = find_member(parts, name);
  return found && found->is_object() ? found->get_object() : none;
}

// Calls `say` with each name whose values differ, in order of names; null: it has none.
template <class Say>
void compare(const json::object& earlier, const json::object& later, const Say& say) {
  std::vector<std::string> names;
  for (const auto* side : {&earlier, &later})
    for (const json::key_value_pair& member : *side) names.emplace_back(member.key());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names) {
    const json::value* before = earlier.if_contains(name);
    const json::value* after = later.if_contains(name);
    if (!before || !after || *before != *after) say(name, before, after);
  }
}

void compare_params(const std::string& path, const json::object& earlier, const json::object& later,
                    std::vector<std::string>& found) {
  compare(earlier, later,
          [&](const std::string& name, const json::value* before, const json::value* after) {
            const std::string place = path + "." + name;
            if (before && after && before->is_object() && after->is_object())
              return compare_params(place, before->get_object(), after->get_object(), found);
            found.push_back(place + ": " + shown(before) + " -> " + shown(after));
          });
}

std::string input_difference(const std::string& name, const json::value* before,
                             const json::value* after) {
  const auto count = [](const json::value* digests) {
    return digests && digests->is_array() ? digests->get_array().size() : 0;
  };
  if (count(before) != count(after))
    return "input " + name + ": " + std::to_string(count(before)) + " -> " +
           std::to_string(count(after)) + (count(after) == 1 ? " artifact" : " artifacts");
  for (std::size_t i = 0; count(before) > 1 && i < count(before); ++i)
    if (before->get_array()[i] != after->get_array()[i])
      return "input " + name + "[" + std::to_string(i) + "]: other bytes";
  return "input " + name + ": other bytes";
}

}  // namespace

std::string_view why_not_reused(Reuse reuse, const json::object& params) {
  const json::value* seed = params.if_contains("seed");
  switch (reuse) {
    case Reuse::never:
      return "each task of its operation is done anew";
    case Reuse::zero_temperature:
      if (!is_zero(params.if_contains("temperature")))
        return "only a text written with temperature = 0 comes out the same again";
      break;
    case Reuse::same_seed:
      if (!seed || seed->is_null()) return "it has no seed, so each one is to be another";
      break;
    case Reuse::deterministic:
      break;
  }
  return {};
}

std::shared_ptr<const ResultKey> result_key(std::string_view operation, const BoundTask& task,
                                            std::string_view component,
                                            const json::object& identity) {
  json::object service = identity;
  service["component"] = component;
  const json::value parts = json::object{{"operation", operation},
                                         {"params", params_part(task.params, component)},
                                         {"inputs", inputs_part(task.inputs)},
                                         {"service", std::move(service)}};
  ResultKey key;
  key.parts = canonical(parts);
  key.digest = digest_of(std::string_view(key.parts));
  return std::make_shared<const ResultKey>(std::move(key));
}

std::vector<std::string> differences(const json::value& earlier, const json::value& later) {
  std::vector<std::string> found;
  const json::value* before = find_member(earlier, "operation");
  const json::value* after = find_member(later, "operation");
  if (shown(before) != shown(after))
    found.push_back("operation: " + shown(before) + " -> " + shown(after));
  compare_params("params", object_at(earlier, "params"), object_at(later, "params"), found);
  compare(object_at(earlier, "inputs"), object_at(later, "inputs"),
          [&](const std::string& name, const json::value* was, const json::value* is) {
            found.push_back(input_difference(name, was, is));
          });
  compare(object_at(earlier, "service"), object_at(later, "service"),
          [&](const std::string& name, const json::value* was, const json::value* is) {
            // Of the configuration a key knows only digests: it may hold what is nobody's business.
            found.push_back(name == "component" ? "service: " + shown(was) + " -> " + shown(is)
                                                : "service: its " + name + " " +
                                                      (!was  ? "is new"
                                                       : !is ? "is gone"
                                                             : "has changed"));
          });
  return found;
}

}  // namespace weft
