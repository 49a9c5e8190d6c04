// SPDX-License-Identifier: Apache-2.0
// What is different between two definitions, in what they mean: reformatting, comments and the
// order of keys are no difference. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace weft {

enum class ChangeKind : std::uint8_t { added, removed, renamed, changed };

struct PipelineChange {
  ChangeKind kind = ChangeKind::changed;
  std::string
      path;  // "tasks.video.params.seconds", in the second one; of what is gone, in the first
  json::value before;  // null: there was nothing; of a renamed task, its name
  json::value after;
};

// Both as Pipeline::canonical. In the order: pipeline, inputs, tasks, outputs, each by name. A task
// that is the same under another name is renamed, and what refers to it is not different for that.
std::vector<PipelineChange> compare_pipelines(const json::value& before, const json::value& after);

std::string_view to_string(ChangeKind kind) noexcept;

}  // namespace weft
