// SPDX-License-Identifier: Apache-2.0
#include "shell/submission.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "artifact/media_type.hpp"
#include "base/text.hpp"
#include "model/inputs.hpp"
#include "plan/expand.hpp"
#include "shell/projecting.hpp"

namespace weft::shell {
namespace {

// So much of a file tells what it is.
constexpr std::size_t head_bytes = 4096;

template <std::size_t size>
std::array<std::uint8_t, size> random_bytes() {
  std::array<std::uint8_t, size> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

result<json::value> read_input(const std::vector<InputDeclaration>& declarations,
                               const std::string& name, const GivenInput& given,
                               const TakeFile& take_file) {
  if (given.text) {
    const auto declared = std::ranges::find(declarations, name, &InputDeclaration::name);
    return declared == declarations.end() ? json::value(*given.text)
                                          : input_from_text(*declared, *given.text);
  }
  if (!given.list.empty()) {
    json::array list;
    for (const GivenInput& element : given.list) {
      auto value = read_input(declarations, name, element, take_file);
      if (!value) return std::move(value).error();
      list.push_back(std::move(*value));
    }
    return json::value(std::move(list));
  }
  if (given.file.empty()) return parse_json(given.json, "input '" + name + "'");
  auto artifact = take_file(given.file);
  if (!artifact) return std::move(artifact).error().in("input '" + name + "'");
  return to_json(*artifact);
}

// Whoever has one file for a list of them names just that: a second one would make the list.
bool takes_list(const std::vector<InputDeclaration>& declarations, const std::string& name) {
  const auto declared = std::ranges::find(declarations, name, &InputDeclaration::name);
  if (declared == declarations.end() || !declared->schema.source().is_object()) return false;
  const json::value* type = declared->schema.source().get_object().if_contains("type");
  return type && *type == "array";
}

}  // namespace

RunId new_run_id() {
  return {Uuid::v7(now(), random_bytes<10>())};
}
CommandId new_command_id() {
  return {Uuid::v7(now(), random_bytes<10>())};
}

result<json::object> read_inputs(const std::vector<InputDeclaration>& declarations,
                                 const std::map<std::string, GivenInput>& given,
                                 const TakeFile& take_file) {
  json::object inputs;
  for (const auto& [name, one] : given) {
    auto value = read_input(declarations, name, one, take_file);
    if (!value) return std::move(value).error();
    const bool alone = !one.file.empty() && takes_list(declarations, name);
    inputs[name] = alone ? json::array{std::move(*value)} : std::move(*value);
  }
  return inputs;
}

result<Planned> make_plan(const Submission& submission, const Environment& environment,
                          const Services& services, const TakeFile& take_file,
                          DefinitionMemory& definitions) {
  auto read = definitions.read(submission.definition, submission.file, environment, services);
  if (!read) return std::move(read).error();
  auto inputs = read_inputs(read->pipeline->inputs, submission.inputs, take_file);
  if (!inputs) return std::move(inputs).error();
  auto plan = expand(read->pipeline, std::move(*inputs));
  if (!plan) return std::move(plan).error();
  return Planned{std::make_shared<const Plan>(std::move(*plan)), std::move(read->warnings)};
}

result<RunRecord> make_run(const Submission& submission, const Plan& plan,
                           const Environment& environment) {
  constexpr std::int32_t priority_at_most = 100;
  RunRecord run;
  run.id = new_run_id();
  if (!submission.id.empty()) {
    auto id = RunId::parse(submission.id);
    if (!id) return std::move(id).error();
    run.id = *id;
  }
  if (!submission.max_cost.empty()) {
    auto limit = Money::parse(submission.max_cost, environment.config.currency);
    if (!limit) return std::move(limit).error().in("max_cost");
    run.limit = *limit;
  }
  if (submission.priority < -priority_at_most || submission.priority > priority_at_most)
    return invalid("priority " + std::to_string(submission.priority) + " is out of range",
                   "it goes from -100 to 100");
  run.priority = submission.priority;
  run.fresh = submission.no_cache;
  run.pipeline_name = plan.root().pipeline->name;
  run.pipeline = plan.root().pipeline->hash;
  run.created_at = now();
  run.task_count = static_cast<std::uint32_t>(plan.nodes.size());
  return run;
}

result<std::shared_ptr<const Plan>> plan_again(const StoredRun& stored,
                                               const Environment& environment,
                                               const Services& services,
                                               DefinitionMemory& definitions) {
  auto pipeline = definitions.read_stored(stored, environment, services);
  if (!pipeline) return std::move(pipeline).error();
  auto plan = expand_again(*pipeline, stored);
  if (!plan) return std::move(plan).error();
  if (plan->nodes.size() != stored.run.task_count)
    return conflict("run " + stored.run.id.to_string() + " was planned by another version of weft",
                    "finish it with that version, or submit it anew");
  return std::make_shared<const Plan>(std::move(*plan));
}

result<ArtifactInfo> describe_file(const std::filesystem::path& file) {
  constexpr std::size_t chunk_bytes = 1 << 16;
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file))
    return invalid("'" + file.string() + "' cannot be read as a file");
  DigestBuilder digest;
  ArtifactInfo artifact;
  std::string head;
  std::vector<char> chunk(chunk_bytes);
  while (stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size())),
         stream.gcount() > 0) {
    const std::string_view bytes(chunk.data(), static_cast<std::size_t>(stream.gcount()));
    digest.add(bytes);
    artifact.size_bytes += bytes.size();
    if (head.size() < head_bytes) head += bytes.substr(0, head_bytes - head.size());
  }
  artifact.digest = digest.finish();
  artifact.name = file.filename().string();
  artifact.media_type = artifact::sniff_media_type(std::as_bytes(std::span(head)), artifact.name);
  return artifact;
}

result<ArtifactInfo> keep_file(artifact::ArtifactStore& artifacts,
                               const std::filesystem::path& file) {
  auto blob = artifacts.put_file(file);
  if (!blob) return std::move(blob).error();
  auto stored = artifacts.find(blob->digest, blob->size_bytes);
  if (!stored) return std::move(stored).error();
  std::array<char, head_bytes> head{};
  std::ifstream stream(*stored, std::ios::binary);
  stream.read(head.data(), head.size());
  const std::span read(head.data(), static_cast<std::size_t>(stream.gcount()));
  ArtifactInfo artifact;
  artifact.digest = blob->digest;
  artifact.size_bytes = blob->size_bytes;
  artifact.name = file.filename().string();
  artifact.media_type = artifact::sniff_media_type(std::as_bytes(read), artifact.name);
  return artifact;
}

PlanView show_plan(const Planned& planned, const route::ServiceTable& services,
                   std::span<const ServiceMinute> history) {
  const Plan& plan = *planned.plan;
  PlanView view{plan.root().pipeline->name, {}, {}, planned.warnings, {}};
  for (const auto& output : plan.root().pipeline->outputs) view.outputs.push_back(output.name);
  const Routes routes = routes_of(plan, services);
  const Forecast known = forecast(plan, services, routes, history);
  view.projection = show_projection(plan, project(plan, known));
  view.tasks.reserve(plan.nodes.size());
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
    const TaskDefinition& definition = plan.definition(no);
    PlannedTask& task = view.tasks.emplace_back();
    task.name = display_name(plan, no);
    task.group = plan.stands_for_others(no);
    task.later = plan.nodes[no].unexpanded;
    if (!definition.operation) continue;
    task.operation = definition.operation->name;
    if (!definition.wait) task.services = services_for(routes.of(no), services);
    if (task.group) continue;
    task.estimate = show_cost(known.costs[no]);
    task.forecast = show_forecast(known, no);
  }
  for (const PlanEdge& edge : plan.edges) {
    const PlanNode& to = plan.nodes[edge.to];
    const bool inside = plan.stands_for_others(edge.to) && !to.unexpanded &&
                        (to.group || plan.scope_of(edge.from).parent == edge.to);
    if (inside) continue;  // a group waits for its items: that goes without saying
    view.tasks[edge.to].waits_for.push_back(view.tasks[edge.from].name);
  }
  return view;
}

}  // namespace weft::shell
