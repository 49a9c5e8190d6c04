// SPDX-License-Identifier: Apache-2.0
// A workflow: a prompt in ComfyUI's API format, and how an operation is bound to it.
#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace comfyui {

// Where an output comes from.
struct BoundOutput {
  std::string name;         // of the operation's output
  std::string node;         // that saves it
  bool takes_temp = false;  // files of PreviewImage too, which vanish with the server's process
};

struct Workflow {
  std::string name;  // of the file, without its ending
  std::filesystem::path file;
  std::string operation;
  std::string when;                            // for which jobs, an expression; "": all
  nlohmann::json params;                       // narrower schema; null: as the canonical one
  std::set<std::string> ignored;               // params that are taken, and used by nothing
  nlohmann::json graph;                        // {"6": {"class_type": ..., "inputs": {...}}}
  std::map<std::string, nlohmann::json> bind;  // "6.inputs.text" -> "${params.prompt}"
  std::vector<BoundOutput> outputs;
};

// Reads NAME.toml and the graph it names. Throws weft::error with what is wrong and where.
Workflow read_workflow(const std::filesystem::path& file);
// All of a folder, in the order of their names.
std::vector<Workflow> read_workflows(const std::filesystem::path& folder);

// "6.inputs.text" in a graph; throws, with what is there, if the node or its input is not.
nlohmann::json& bound_place(nlohmann::json& graph, std::string_view path);
// Files of one job lie under a prefix of their own, so that an identical prompt saves them anew
// instead of naming files that may be gone.
void separate_files(nlohmann::json& graph, std::string_view key);
std::set<std::string> classes_of(const nlohmann::json& graph);

// What keeps a server from running this workflow, in words; empty: nothing. `info` maps classes to
// what /object_info/{class} said. Model names that the server spells with the other slash are
// respelt.
std::vector<std::string> fit(Workflow& workflow, const nlohmann::json& info);

// By the workflow's own schema.
bool takes_param(const Workflow& workflow, const std::string& name);

// What describe says about an operation that these workflows serve.
nlohmann::json describe_operation(const std::vector<const Workflow*>& workflows);

}  // namespace comfyui
