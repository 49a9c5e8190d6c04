// SPDX-License-Identifier: Apache-2.0
// From what a person hands in to a plan: read, check, turn files into artifacts, expand.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "artifact/artifact_store.hpp"
#include "model/artifact.hpp"
#include "model/batch.hpp"
#include "model/plan.hpp"
#include "model/records.hpp"
#include "model/service_use.hpp"
#include "shell/definition_memory.hpp"
#include "shell/environment.hpp"

namespace weft::shell {

// Makes an artifact of a file; a dry run only computes what it would be.
using TakeFile = std::function<result<ArtifactInfo>(const std::filesystem::path&)>;

struct Planned {
  std::shared_ptr<const Plan> plan;
  std::vector<Diagnostic> warnings;
};

// What was given, as JSON; what is wrong with it says complete_inputs().
result<json::object> read_inputs(const std::vector<InputDeclaration>& declarations,
                                 const std::map<std::string, GivenInput>& given,
                                 const TakeFile& take_file);

// Everything that is wrong with definition and inputs, together.
result<Planned> make_plan(const Submission& submission, const Environment& environment,
                          const Services& services, const TakeFile& take_file,
                          DefinitionMemory& definitions);
// The run row of a submission whose plan is made.
result<RunRecord> make_run(const Submission& submission, const Plan& plan,
                           const Environment& environment);
// The plan of a run that the store has. An error when the configuration cannot carry it any more.
result<std::shared_ptr<const Plan>> plan_again(const StoredRun& stored,
                                               const Environment& environment,
                                               const Services& services,
                                               DefinitionMemory& definitions);
// A file as an artifact, without storing it.
result<ArtifactInfo> describe_file(const std::filesystem::path& file);
// Stores it as an artifact, which is what was stored even if somebody writes to the file meanwhile.
result<ArtifactInfo> keep_file(artifact::ArtifactStore& artifacts,
                               const std::filesystem::path& file);
// What a dry run shows; `history` is what forecast() takes.
PlanView show_plan(const Planned& planned, const route::ServiceTable& services,
                   std::span<const ServiceMinute> history);

RunId new_run_id();
CommandId new_command_id();

}  // namespace weft::shell
