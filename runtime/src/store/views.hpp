// SPDX-License-Identifier: Apache-2.0
// What store::Queries answers: rows put together for those who look at them.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "model/records.hpp"
#include "model/result_key.hpp"
#include "model/usage.hpp"

namespace weft::store {

struct RunView {
  RunRecord run;
  std::string owner;  // who claimed it last; "" nobody yet
};

// How many tasks of a run are in each state, by TaskState. Groups do not count: their items do.
using TaskCounts = std::array<std::uint32_t, 8>;

struct RunFilter {
  std::optional<RunState> state;
  std::string pipeline_name;  // "" any
};

// A pipeline as it was submitted; table `pipeline_version`.
struct PipelineVersion {
  Digest hash;
  std::string name;
  std::string canonical;  // JSON
  std::string source;     // as written
  std::string format;     // "toml" or "json"
  Timestamp created_at{};
};

// A version of a definition that is kept under its name; table `saved_pipeline`. Those of a name
// are numbered from 1.
struct SavedPipeline {
  std::string name;
  std::uint32_t number = 0;
  Digest hash;         // of what it means
  std::string source;  // as written
  std::string format;  // "toml" or "json"
  std::string author;
  std::string message;
  Timestamp saved_at{};
};

struct TaskView {
  TaskRecord task;
  std::string name;                        // of its definition: "video"
  std::string label;                       // "video[3]"
  std::string operation;                   // "video.generate"
  std::optional<ProgressRecord> progress;  // while it runs
};

struct LateResult {
  AttemptRef attempt;
  Outcome outcome = Outcome::ok;
  std::string message;
  json::object outputs;
};

struct TaskDetail {
  TaskView task;
  std::vector<AttemptRecord> attempts;
  std::map<AttemptNo, Usage> usage;  // of those of which it is known
  std::vector<DecisionRecord> decisions;
  std::vector<LateResult> late_results;
  json::value outputs;  // null: none
};

struct TaskFilter {
  std::optional<TaskState> state;
  TaskNo from = 0;  // the first task to show
  std::uint32_t limit = UINT32_MAX;
};

struct EventFilter {
  std::uint64_t after = 0;   // seq
  std::optional<RunId> run;  // only of this run
  std::uint32_t limit = 1000;
};

// Money of one run in one currency.
struct LedgerTotal {
  Currency currency;
  std::int64_t spent_micros = 0;
  std::int64_t reserved_micros = 0;  // by attempts that run, or whose outcome is unknown
};

// Why a blob is kept; table `artifact_ref`. The numbers are stored: never change one.
enum class RefKind : std::uint8_t {
  run_input = 0,
  task_output = 1,
  run_output = 2,
  pin = 3,
  result = 4,
  firing = 5,  // of a schedule, that is not decided yet
};
struct ArtifactRef {
  ArtifactInfo artifact;
  RefKind kind = RefKind::task_output;
  std::optional<RunId> run;
  std::optional<TaskNo> task;
};

// A result that later tasks may take; table `result_cache`.
struct KeptResult {
  Digest key;
  std::string operation;
  ResultOrigin origin;
  std::string pipeline;    // of the origin, by name
  std::string definition;  // its task without the item
  json::value parts;       // ResultKey::parts
  std::uint64_t size_bytes = 0;
  Timestamp used_at{};
};

// By what the result of a task is or would be known; table `task_result`.
struct TaskResult {
  Digest key;
  json::value parts;
  std::optional<ResultOrigin> origin;  // whose result it has taken; none: it has made its own
  bool waits = false;                  // it has not got it yet
};

// A version of a product of a project: the task that makes or made it; table `product`.
struct ProductRow {
  std::string name;
  TaskRef task;
  RunState run_state = RunState::active;
  std::optional<RunId> replaced_by;  // the run that its run gives way to
  TaskState state = TaskState::pending;
  WaitReason wait_reason = WaitReason::none;
  std::string output;
  json::value settings;
  json::value inputs;   // by input, a list of digests and of task numbers of this run
  json::value outputs;  // of the task; null: none yet
};

// What people said of a version; table `product_mark`. The numbers are stored: never change one.
enum class ProductMarkKind : std::uint8_t {
  pinned = 0,    // it is taken whatever changes
  rejected = 1,  // it is not taken any more
  touched = 2,   // it counts as made with other settings and inputs
};
struct ProductMark {
  std::string name;
  ProductMarkKind kind = ProductMarkKind::pinned;
  TaskRef task;
  json::value settings;  // of a touched one, else null
  json::value inputs;
};

// One value of a secret; table `secret`. Of one name the lowest number is asked first.
struct SecretRow {
  std::string name;
  std::int64_t no = 0;
  std::string sealed;  // weft::seal
  std::string hint;    // its last characters, for people
  Timestamp created_at{};
};

}  // namespace weft::store
