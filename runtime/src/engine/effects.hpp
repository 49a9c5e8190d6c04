// SPDX-License-Identifier: Apache-2.0
// What the core wants done. Asks are answered inside the turn when they can be; acts wait until the
// batch that came out with them is durable.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "engine/job.hpp"
#include "model/batch.hpp"
#include "model/binding.hpp"
#include "route/choose.hpp"

namespace weft::engine {

// ---- asks

struct AskBinding {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
};
struct AskChoice {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
  std::shared_ptr<const BoundTask> bound;
  std::vector<route::Exclusion> excluded;
  MaybeMoney task_budget_left;
  MaybeMoney run_budget_left;
};
// Has anybody a result that is known by one of these keys, the first one first?
struct AskResult {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
  std::shared_ptr<const BoundTask> bound;
  std::vector<std::shared_ptr<const ResultKey>> keys;
  Timestamp made_after{};  // older ones do not count
};
struct AskRunOutputs {
  RunId run;
};
// What does a node stand for?
struct AskExpansion {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
};
// What does the body of a task give?
struct AskBodyOutputs {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
};
using Ask =
    std::variant<AskBinding, AskResult, AskChoice, AskRunOutputs, AskExpansion, AskBodyOutputs>;

// ---- acts

struct DispatchJob {
  Job job;
};
struct AttachJob {
  Job job;
  std::string token;
};
struct CancelJob {
  AttemptRef attempt;
};
struct InterruptJob {
  AttemptRef attempt;
};
struct ConfirmCheckpoint {
  AttemptRef attempt;
  std::uint64_t op = 0;
};
struct ProbeService {
  std::string service;
};
struct AnswerCaller {
  RunId run;
  CommandAnswer answer;
};
struct AcceptRun {
  RunId run;
};
using Act = std::variant<DispatchJob, AttachJob, CancelJob, InterruptJob, ConfirmCheckpoint,
                         ProbeService, AnswerCaller, AcceptRun>;
// The run that must still be ours when it is done; nil: it is about none.
RunId run_of(const Act& act);

// What a node has given, for whoever reads it before it can be read from the store.
struct NewOutputs {
  RunId run;
  TaskNo task = 0;
  json::object outputs;
};

struct Effects {
  Batch batch;
  std::vector<Act> acts;
  bool empty() const noexcept { return batch.writes.empty() && acts.empty(); }
};

}  // namespace weft::engine
