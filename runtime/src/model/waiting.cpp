// SPDX-License-Identifier: Apache-2.0
#include "model/waiting.hpp"

namespace weft {
namespace {

// What TaskDefinition::params of a task that waits holds.
Schema question_schema() {
  static const Schema schema =
      Schema::compile({{"type", "object"},
                       {"additionalProperties", false},
                       {"required", json::array{"message"}},
                       {"properties", json::object{{"message", json::object{{"type", "string"}}},
                                                   {"inputs", json::object{{"type", "object"}}},
                                                   {"choices", json::object{{"type", "array"},
                                                                            {"minItems", 1}}}}}})
          .value();
  return schema;
}

json::object verdict(const WaitDefinition& wait, bool approved, const std::string& note) {
  json::object outputs{{"approved", approved}, {"note", note}};
  if (wait.choices) outputs["choice"] = outputs["chosen"] = nullptr;
  return outputs;
}

}  // namespace

std::shared_ptr<const Operation> operation_of(const WaitDefinition& wait) {
  auto operation = std::make_shared<Operation>();
  operation->params = question_schema();
  if (wait.reason == WaitReason::input) {
    operation->name = "wait_for";
    operation->summary = "waits until somebody gives it";
    for (const InputDeclaration& output : wait.outputs)
      if (output.artifact)
        operation->outputs.push_back(
            {output.name, output.media_type.empty() ? "*/*" : output.media_type, nullptr});
      else
        operation->outputs.push_back({output.name, {}, output.schema.source()});
    return operation;
  }
  operation->name = "approve";
  operation->summary = "waits until somebody decides";
  operation->outputs = {{"approved", {}, json::object{{"type", "boolean"}}},
                        {"note", {}, json::object{{"type", "string"}}}};
  if (wait.choices) {
    operation->outputs.push_back(
        {"choice", {}, json::object{{"type", json::array{"integer", "null"}}}});
    operation->outputs.push_back({"chosen", {}, json::object{}});
  }
  return operation;
}

result<std::optional<std::size_t>> decide_choice(const WaitDefinition& wait,
                                                 const json::array& choices,
                                                 std::optional<std::uint32_t> choice) {
  if (!wait.choices) {
    if (choice) return conflict("there is nothing to choose from", "approve without a choice");
    return std::optional<std::size_t>();
  }
  const std::string numbers = "0 to " + std::to_string(choices.size() - 1);
  if (!choice && choices.size() > 1)
    return conflict("there are " + std::to_string(choices.size()) + " to choose from",
                    "say which, from " + numbers);
  if (choice && *choice >= choices.size())
    return conflict("there is no choice " + std::to_string(*choice), "they go from " + numbers);
  return std::optional<std::size_t>(choice.value_or(0));
}

json::object approved_outputs(const WaitDefinition& wait, const json::array& choices,
                              std::optional<std::size_t> choice, const std::string& note) {
  json::object outputs = verdict(wait, true, note);
  if (choice) {
    outputs["choice"] = static_cast<std::int64_t>(*choice);
    outputs["chosen"] = choices.at(*choice);
  }
  return outputs;
}

json::object rejected_outputs(const WaitDefinition& wait, const std::string& note) {
  return verdict(wait, false, note);
}

}  // namespace weft
