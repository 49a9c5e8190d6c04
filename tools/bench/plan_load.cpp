// SPDX-License-Identifier: Apache-2.0
#include "plan_load.hpp"

#include "model/definition.hpp"
#include "plan/expand.hpp"

namespace weft::bench {
namespace {

// A fixed one of those before it.
std::string one_before(std::uint32_t task) {
  return std::to_string((task - 1) / 2);
}

}  // namespace

DefinitionText written_tasks(std::uint32_t tasks) {
  std::string text = R"({"pipeline": {"name": "written"},
"tasks": {)";
  for (std::uint32_t i = 0; i < tasks; ++i) {
    const std::string n = std::to_string(i);
    text += (i == 0 ? "\n\"shot_" : ",\n\"shot_") + n +
            R"(": {"operation": "image.generate", "params": {"prompt": "shot )" + n +
            R"( of the film", "seed": )" + n + "}";
    if (i > 0) text += R"(, "needs": ["shot_)" + one_before(i) + "\"]";
    text += "}";
  }
  return {text + "\n}}\n", "written.json"};
}

DefinitionText written_tasks_toml(std::uint32_t tasks) {
  std::string text = "[pipeline]\nname = \"written\"\n";
  for (std::uint32_t i = 0; i < tasks; ++i) {
    const std::string n = std::to_string(i);
    text += "[tasks.shot_" + n + "]\noperation = \"image.generate\"\nparams = { prompt = \"shot " +
            n + " of the film\", seed = " + n + " }\n";
    if (i > 0) text += "needs = [\"shot_" + one_before(i) + "\"]\n";
  }
  return {text, "written.toml"};
}

DefinitionText written_references(std::uint32_t tasks) {
  std::string text = R"({"pipeline": {"name": "references"},
"inputs": {"style": {"type": "string", "default": "ink"}},
"tasks": {)";
  for (std::uint32_t i = 0; i < tasks / 2; ++i) {
    const std::string n = std::to_string(i);
    text += (i == 0 ? "\n\"picture_" : ",\n\"picture_") + n +
            R"(": {"operation": "image.generate", "params": {"prompt": "${inputs.style}, shot )" +
            n + R"("}},
"clip_)" + n +
            R"(": {"operation": "video.from_image", "inputs": {"image": "${tasks.picture_)" + n +
            R"(.image}"}, "params": {"seconds": 3}, "retry": {"attempts": 3}, "timeout": "10m"})";
  }
  return {text + "\n}}\n", "references.json"};
}

DefinitionText task_for_each(std::uint32_t items) {
  std::string text = R"({"pipeline": {"name": "for_each"},
"inputs": {"shots": {"type": "array", "items": {"type": "integer"}, "default": [)";
  for (std::uint32_t i = 0; i < items; ++i) text += (i == 0 ? "" : ", ") + std::to_string(i);
  text += R"(]}},
"tasks": {"shot": {"for_each": "inputs.shots", "operation": "image.generate",
  "params": {"prompt": "shot of the film", "seed": "${item}"}}}}
)";
  return {text, "for_each.json"};
}

std::size_t PlanLoad::make(const DefinitionText& definition) const {
  const DefinitionContext context{operations_, {}, {}, "USD"};
  const auto read = read_pipeline(definition.text, definition.file, context).value();
  return expand(read.pipeline, {}).value().nodes.size();
}

}  // namespace weft::bench
