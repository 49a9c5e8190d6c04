// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: a new run that takes over what another one has made already
// (Runtime::plan_fork, Runtime::fork).
#pragma once
#include <weft/pipelines.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

struct GivenInput;

struct Fork {
  std::string run;                           // an id, or the beginning of one
  std::vector<std::string> tasks;            // made anew: "video[3]", "video" for all its items
  std::map<std::string, GivenInput> inputs;  // in place of those of the run
  std::optional<DefinitionView> definition;  // in place of that of the run
  std::string max_cost;                      // "5.00" or "5.00 EUR": the limit of the new run
  std::int32_t priority = 0;
};

struct ForkedTaskView {
  std::string name;  // "video[3]"
  std::string operation;
  bool keep = false;   // its result is taken over
  std::string reason;  // why it is made anew: "prompt changed", "needs keyframe[3]", "asked for"
};

struct ForkView {
  std::string run;   // the new one; "" of a plan
  std::string from;  // the whole id of the run that is forked
  std::string pipeline;
  std::vector<ForkedTaskView> tasks;  // without groups
  std::uint32_t kept = 0;
};

}  // namespace weft
