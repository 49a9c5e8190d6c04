// SPDX-License-Identifier: Apache-2.0
// What one turn of the engine makes durable: one transaction.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/health.hpp"
#include "model/plan.hpp"
#include "model/records.hpp"
#include "model/result_key.hpp"
#include "model/usage.hpp"

namespace weft {

// What a new run takes over from another one: tasks that have ended well already.
struct TakenOver {
  struct Task {
    TaskNo no = 0;  // of the new run
    TaskState state = TaskState::succeeded;
    bool degraded = false;
    std::optional<Timestamp> ended_at;
    json::object outputs;  // of a skipped one, and of a group, nothing
  };
  RunId from;
  std::vector<Task> tasks;
};
// A new run with all its nodes and edges, its pipeline version if that is new, and artifact_ref
// rows for its inputs, and for what it takes over.
struct InsertRun {
  RunRecord run;
  std::shared_ptr<const Plan> plan;
  std::shared_ptr<const TakenOver> taken_over = nullptr;
};
// Everything of the run row but id, pipeline, created_at and task_count. The epoch is the writer's.
struct UpdateRun {
  RunRecord run;
};
struct UpdateTask {
  RunId run;
  TaskRecord task;
};
// What a node of the plan stands for, now that it is known: a row of table `expansion`. The run's
// tasks are so many from now on; their rows follow, at once or later.
struct PutExpansion {
  RunId run;
  TaskNo task = 0;
  TaskNo first = 0;  // the number of the first new node
  std::uint32_t task_count = 0;
  std::uint32_t item_count = 0;               // of a group
  std::shared_ptr<const std::string> detail;  // an Expansion as JSON
};
// Nodes that an expansion has brought, with the edges into them and out of them.
struct GrownTasks {
  TaskNo first = 0;
  std::vector<PlanNode> nodes;
  std::vector<InnerName> names;  // of each, when they are inside a body; else none at all
  std::vector<PlanEdge> edges;
};
struct InsertTasks {
  RunId run;
  std::shared_ptr<const GrownTasks> tasks;
};
// The result of a task: an object of artifacts and plain values. Also writes the artifact rows and
// refs it names.
struct PutOutputs {
  RunId run;
  TaskNo task = 0;
  json::object outputs;
};
// The outputs of the run, once it has ended well.
struct PutRunOutputs {
  RunId run;
  json::object outputs;
  json::object errors;  // of outputs that cannot be evaluated: why, by name
};
// The intent to dispatch, with its reservation (ledger) when `attempt.reserved` is set. `limit` is
// the run's: the row goes in only while spent + reserved + this stays within it.
struct InsertAttempt {
  RunId run;
  AttemptRecord attempt;
  std::shared_ptr<const std::string> decision;  // DecisionRecord::detail, as JSON
};
struct PutCheckpoint {
  AttemptRef attempt;
  std::string token;
};
// The end of an attempt. The ledger: `settle` turns the reservation into the cost; without it the
// reservation stays (outcome unknown).
struct EndAttempt {
  RunId run;
  AttemptRecord attempt;
  bool settle = true;
  // Not stored with it; for the history of its service.
  std::shared_ptr<const Operation> operation = nullptr;
  Duration waited{};                             // for a slot, before it was dispatched
  std::shared_ptr<const Usage> usage = nullptr;  // none: nobody knows
};
struct PutProgress {
  RunId run;
  ProgressRecord progress;
};
// An EventRecord as it is written: its number in the log is the store's to give.
struct AppendEvent {
  RunId run;
  std::uint64_t run_seq = 0;
  Timestamp at{};
  std::string_view type;  // a literal
  std::optional<TaskNo> task;
  EventData data = "{}";
};
struct AnswerCommand {
  RunId run;  // nil: of a command about a service
  CommandAnswer answer;
};
// A result that came after its attempt had been given up, kept for whoever looks.
struct PutLateResult {
  AttemptRef attempt;
  Outcome outcome = Outcome::ok;
  std::string message;
  json::object outputs;
};

// By what the result of an attempt will be known; with its intent. Attempt 0: none has begun, and
// the task waits for none of another task any more. In place of what was known of the task before.
struct PutResultKey {
  RunId run;
  TaskNo task = 0;
  AttemptNo attempt = 0;
  std::shared_ptr<const ResultKey> key;
};
// The result of a task, for others that ask for the same; in place of an older one.
struct KeepResult {
  RunId run;  // of the origin, too
  std::shared_ptr<const ResultKey> key;
  ResultOrigin origin;
  std::string operation;
  std::string definition;  // the name of the task without its item
  json::object outputs;
};
// The task has taken a result, or waits for one that is being made.
struct TakeResult {
  RunId run;
  TaskNo task = 0;
  std::shared_ptr<const ResultKey> key;
  ResultOrigin origin;
  bool waits = false;
};

// What is known of a service, in place of what was. Of no run, as the next.
struct PutServiceHealth {
  ServiceHealth health;
};
// An EventRecord about a service.
struct AppendServiceEvent {
  Timestamp at{};
  std::string_view type;  // a literal
  std::string data;       // a JSON object
};

using Write = std::variant<InsertRun, UpdateRun, UpdateTask, PutExpansion, InsertTasks, PutOutputs,
                           PutRunOutputs, InsertAttempt, PutCheckpoint, EndAttempt, PutProgress,
                           AppendEvent, AnswerCommand, PutLateResult, PutResultKey, KeepResult,
                           TakeResult, PutServiceHealth, AppendServiceEvent>;

// In the order in which they were decided; the store keeps it. The store checks for each run that
// the writer's epoch is still the row's; a run that it is not true for is reported in Committed and
// none of its writes happen.
struct Batch {
  std::vector<Write> writes;
  std::vector<std::pair<RunId, std::uint64_t>>
      epochs;  // each run written to, with the writer's epoch
};

// A PutExpansion as it was.
struct StoredExpansion {
  TaskNo task = 0;
  TaskNo first = 0;
  json::value detail;
  std::uint32_t rows = 0;  // so many of its nodes have been taken up; the others follow
};

// A run as a restart finds it: its row, and of its tasks only those that may still move.
struct StoredRun {
  RunRecord run;
  json::value pipeline;  // canonical
  json::object inputs;
  std::vector<TaskRecord> unfinished;  // by no; and those that a retry of others brings back
  std::vector<AttemptRecord> open;     // without an end, or those of unknown outcome that tasks
                                       // wait for
  std::vector<AttemptRecord> ended;    // of unfinished tasks: which services have failed them
  std::vector<PutLateResult> late;     // what came for open attempts after their runtime had lost
                                       // the run
  // By what the results of open attempts will be known.
  std::vector<std::pair<TaskNo, std::shared_ptr<const ResultKey>>> keys;
  std::vector<Money> spent;                 // of the whole run, by currency
  std::vector<StoredExpansion> expansions;  // in their order
  std::uint64_t last_run_seq = 0;
};

}  // namespace weft
