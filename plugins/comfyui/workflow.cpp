// SPDX-License-Identifier: Apache-2.0
#include "workflow.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <fstream>
#include <sstream>
#include <weft/plugin/values.hpp>

#include "suggest.hpp"

namespace comfyui {
namespace {

using nlohmann::json;

[[noreturn]] void wrong(const std::filesystem::path& file, const std::string& what) {
  throw weft::error(WEFT_BAD_INPUT, file.string() + ": " + what);
}

json to_json(const toml::table& table) {
  std::ostringstream text;
  text << toml::json_formatter(table);
  return json::parse(text.str());
}

// The editor's format has lists `nodes` and `links`, and the server trips over it.
json read_graph(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) wrong(file, "cannot be read");
  const json graph = json::parse(stream, nullptr, false);
  if (!graph.is_object() || graph.empty()) wrong(file, "is no JSON object of nodes");
  if (graph.contains("nodes"))
    wrong(file, "is in the editor's format; export it with 'Export (API)'");
  for (const auto& [id, node] : graph.items())
    if (!node.is_object() || !node.value("class_type", json()).is_string() ||
        !node.value("inputs", json()).is_object())
      wrong(file, "node " + id + " has no class_type or no inputs");
  return graph;
}

std::vector<std::string> names_of(const json& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table.items()) names.push_back(name);
  return names;
}

void check_keys(const std::filesystem::path& file, const json& table,
                const std::vector<std::string>& known) {
  for (const auto& [key, value] : table.items())
    if (std::ranges::find(known, key) == known.end())
      wrong(file, "unknown key '" + key + "'" + suggestion(key, known));
}

std::string read_text(const std::filesystem::path& file, const json& table, const char* key) {
  const json said = table.value(key, json(""));
  if (!said.is_string()) wrong(file, std::string("'") + key + "' must be a text");
  return said.get<std::string>();
}

std::vector<BoundOutput> read_outputs(const std::filesystem::path& file, const json& table,
                                      const json& graph) {
  std::vector<BoundOutput> outputs;
  for (const auto& [name, said] : table.items()) {
    BoundOutput output{name, "", false};
    if (said.is_object()) check_keys(file, said, {"node", "temp"});
    output.node = said.is_object() ? said.value("node", "") : said.get<std::string>();
    output.takes_temp = said.is_object() && said.value("temp", false);
    if (!graph.contains(output.node))
      wrong(file, "output '" + name + "' names node '" + output.node + "', which is not there" +
                      suggestion(output.node, names_of(graph)));
    outputs.push_back(std::move(output));
  }
  if (outputs.empty()) wrong(file, "has no [outputs]");
  return outputs;
}

void read_ignored(const std::filesystem::path& file, const json& said, Workflow& made) {
  const json ignored = said.value("ignored", json::array());
  const json declared =
      made.params.is_object() ? made.params.value("properties", json::object()) : json::object();
  if (!ignored.is_array()) wrong(file, "'ignored' must be a list of names of params");
  for (const json& name : ignored) {
    if (!name.is_string() || !declared.contains(name.get<std::string>()))
      wrong(file,
            "'ignored' lists " + name.dump() + ", which is no param under [params]" +
                suggestion(name.is_string() ? name.get<std::string>() : "", names_of(declared)));
    made.ignored.insert(name.get<std::string>());
  }
}

// The choices of an input in either form, or null.
json choices_of(const json& info, const std::string& input) {
  for (const char* group : {"required", "optional"}) {
    const json said = info.at("input").value(group, json::object()).value(input, json());
    if (!said.is_array() || said.empty()) continue;
    const json options = said.size() > 1 ? said[1] : json::object();
    for (const char* upload : {"image_upload", "video_upload", "audio_upload"})
      if (options.value(upload, false)) return nullptr;
    return said[0].is_array() ? said[0] : options.value("options", json());
  }
  return nullptr;
}

std::string with_slash(std::string text, char from, char to) {
  std::ranges::replace(text, from, to);
  return text;
}

}  // namespace

Workflow read_workflow(const std::filesystem::path& file) {
  json said;
  try {
    said = to_json(toml::parse_file(file.string()));
  } catch (const toml::parse_error& error) {
    wrong(file,
          std::string(error.description()) + ", line " + std::to_string(error.source().begin.line));
  }
  check_keys(file, said, {"operation", "workflow", "when", "params", "ignored", "bind", "outputs"});
  Workflow made;
  made.name = file.stem().string();
  made.file = file;
  made.operation = read_text(file, said, "operation");
  made.when = read_text(file, said, "when");
  if (made.operation.empty()) wrong(file, "names no operation");
  const std::string graph = read_text(file, said, "workflow");
  made.graph = read_graph(file.parent_path() / (graph.empty() ? made.name + ".json" : graph));
  if (said.contains("params")) made.params = said["params"];
  read_ignored(file, said, made);
  const json bind = said.value("bind", json::object());
  for (const auto& [place, value] : bind.items()) {
    try {
      bound_place(made.graph, place);
    } catch (const weft::error& mistake) {
      wrong(file, mistake.what());
    }
    made.bind[place] = value;
  }
  made.outputs = read_outputs(file, said.value("outputs", json::object()), made.graph);
  return made;
}

std::vector<Workflow> read_workflows(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  if (files.empty()) wrong(folder, error ? error.message() : "has no workflow (*.toml)");
  std::ranges::sort(files);
  std::vector<Workflow> all;
  for (const auto& file : files) all.push_back(read_workflow(file));
  return all;
}

json& bound_place(json& graph, std::string_view path) {
  const std::string quoted = "bind '" + std::string(path) + "'";
  const auto first = path.find('.');
  const auto second = path.find('.', first + 1);
  const std::string node(path.substr(0, first));
  if (second == std::string_view::npos || path.substr(first, second - first) != ".inputs")
    throw weft::error(WEFT_BAD_INPUT, quoted + " is no \"NODE.inputs.NAME\"");
  if (!graph.contains(node))
    throw weft::error(WEFT_BAD_INPUT, quoted + ": the workflow has no node '" + node + "'" +
                                          suggestion(node, names_of(graph)));
  json& inputs = graph[node]["inputs"];
  const std::string input(path.substr(second + 1));
  if (!inputs.contains(input))
    throw weft::error(WEFT_BAD_INPUT, quoted + ": node " + node + " (" +
                                          graph[node]["class_type"].get<std::string>() +
                                          ") has no input '" + input + "'" +
                                          suggestion(input, names_of(inputs)));
  return inputs[input];
}

void separate_files(json& graph, std::string_view key) {
  for (auto& [id, node] : graph.items()) {
    json& inputs = node["inputs"];
    if (inputs.contains("filename_prefix") && inputs["filename_prefix"].is_string())
      inputs["filename_prefix"] =
          "weft/" + std::string(key) + "/" + inputs["filename_prefix"].get<std::string>();
  }
}

std::set<std::string> classes_of(const json& graph) {
  std::set<std::string> classes;
  for (const auto& [id, node] : graph.items())
    classes.insert(node["class_type"].get<std::string>());
  return classes;
}

std::vector<std::string> fit(Workflow& workflow, const json& info) {
  std::vector<std::string> missing;
  for (const std::string& name : classes_of(workflow.graph))
    if (!info.contains(name)) missing.push_back("the node class " + name);
  if (!missing.empty()) return missing;
  for (auto& [id, node] : workflow.graph.items()) {
    for (auto& [input, value] : node["inputs"].items()) {
      if (!value.is_string() || workflow.bind.contains(id + ".inputs." + input)) continue;
      const json choices = choices_of(info[node["class_type"].get<std::string>()], input);
      if (!choices.is_array() || std::ranges::find(choices, value) != choices.end()) continue;
      const auto text = value.get<std::string>();
      const json windows = with_slash(text, '/', '\\'), posix = with_slash(text, '\\', '/');
      if (std::ranges::find(choices, windows) != choices.end()) {
        value = windows;
      } else if (std::ranges::find(choices, posix) != choices.end()) {
        value = posix;
      } else {
        missing.push_back("'" + text + "' for " + input + " of node " + id);
      }
    }
  }
  return missing;
}

bool takes_param(const Workflow& workflow, const std::string& name) {
  if (!workflow.params.is_object()) return true;
  const bool is_open = workflow.params.value("additionalProperties", json(true)) != false;
  return is_open || workflow.params.value("properties", json::object()).contains(name);
}

// One workflow: its own schema. Several: params that one of them takes.
json describe_operation(const std::vector<const Workflow*>& workflows) {
  json said = {{"name", workflows.front()->operation}};
  for (const Workflow* one : workflows)
    said["revision"].push_back({{"graph", one->graph}, {"bind", one->bind}, {"when", one->when}});
  const bool all_narrow =
      std::ranges::none_of(workflows, [](const Workflow* one) { return one->params.is_null(); });
  if (workflows.size() == 1 && all_narrow) said["params"] = workflows.front()->params;
  if (workflows.size() == 1 || !all_narrow) return said;
  json any = json::array(), properties = json::object();
  for (const Workflow* workflow : workflows) {
    any.push_back(workflow->params);
    const json own = workflow->params.value("properties", json::object());
    for (const auto& [name, schema] : own.items()) {
      if (!properties.contains(name)) {
        properties[name] = schema;
      } else if (properties[name] != schema) {
        properties[name] = json::object();  // as the one that takes it says
      }
    }
  }
  said["params"] = {{"type", "object"},
                    {"properties", std::move(properties)},
                    {"additionalProperties", false},
                    {"anyOf", std::move(any)}};
  return said;
}

}  // namespace comfyui
