// SPDX-License-Identifier: Apache-2.0
// What is stored and shown, as values. Each type is one row of the table it names.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/money.hpp"
#include "base/time.hpp"
#include "model/artifact.hpp"
#include "model/outcome.hpp"
#include "model/state.hpp"

namespace weft {

// Table `run`.
struct RunRecord {
  RunId id;
  std::string pipeline_name;
  Digest pipeline;  // into pipeline_version
  RunState state = RunState::active;
  PauseReason pause_reason = PauseReason::none;
  bool degraded = false;      // some task took a degradation
  bool fresh = false;         // takes no result of earlier runs: all is made anew
  bool cancelling = false;    // a cancel was asked for; running attempts are on their way out
  std::int32_t priority = 0;  // added to each task's
  MaybeMoney limit;           // of all attempts together
  Timestamp created_at{};
  std::optional<Timestamp> ended_at;
  Deadline deadline;
  Duration paused_for{};  // what past pauses add up to: deadlines stand still meanwhile
  std::optional<Timestamp> paused_at;
  std::uint32_t task_count = 0;  // nodes of the plan
  std::uint64_t epoch = 0;       // raised by whoever loads the run; every write carries it
};

// Table `task`: narrow and hot. What never changes is written once, when the run is.
struct TaskRecord {
  TaskNo no = 0;
  std::uint32_t definition = 0;
  std::uint32_t item = UINT32_MAX;
  bool group = false;
  std::uint32_t item_count = 0;
  TaskState state = TaskState::pending;
  WaitReason wait_reason = WaitReason::none;
  bool degraded = false;
  AttemptNo attempt = 0;               // the newest
  std::uint32_t attempts_counted = 0;  // of the present allowance
  std::optional<Timestamp> ready_at;   // first ready, of the present allowance
  std::optional<Timestamp> retry_at;   // not before
  std::optional<Timestamp> ended_at;
};

// Table `attempt`. A row without `ended_at` is the intent to dispatch: it is there before the
// service is asked.
struct AttemptRecord {
  TaskNo task = 0;
  AttemptNo attempt = 0;
  std::string service;
  Uuid idempotency_key;
  std::string token;  // the last durable checkpoint; "" none
  Timestamp started_at{};
  std::optional<Timestamp> ended_at;
  Outcome outcome = Outcome::ok;  // once ended
  std::string message;  // of a failure, one sentence, with an excerpt of the service's answer
  MaybeMoney cost;      // settled
  bool cost_estimated = false;  // the service did not bill it; the price table says so
  MaybeMoney reserved;          // while it runs, or while its outcome is unknown
};

// Table `decision`: one routing.
struct DecisionRecord {
  TaskNo task = 0;
  AttemptNo attempt = 0;
  std::string chosen;
  json::value detail;  // {"candidates": [{"service", "excluded": "reason"?}], "degraded": bool}
};

// Table `event`: the one log that everybody reads. Written as AppendEvent.
struct EventRecord {
  std::uint64_t seq = 0;      // commit order of the store; given by it
  RunId run;                  // nil: about a service
  std::uint64_t run_seq = 0;  // dense within the run, or among those about services
  Timestamp at{};
  std::string type;  // "task.succeeded"; runtime/README.md lists them all
  std::optional<TaskNo> task;
  json::object data;
};

// What an event tells of an attempt.
struct AttemptFacts {
  AttemptNo attempt = 0;
  std::string service;
  std::optional<Duration> took;
  MaybeMoney cost;
};
// The data of an event that is to be written. There are several about attempts for each task: those
// become JSON in the store's thread, not in the engine's.
using EventData = std::variant<std::string, AttemptFacts>;  // a JSON object as text, or its members
std::string json_text(const EventData& data);

struct ProgressRecord {
  TaskNo task = 0;
  std::int32_t permille = -1;  // 0...1000, -1 unknown
  std::string stage;
};

// What somebody asks of a run, or of a service; table `command`, idempotent by id.
enum class CommandKind : std::uint8_t {
  pause = 0,
  resume = 1,
  cancel = 2,
  retry = 3,
  skip = 4,
  settle = 5,
  // Of a service.
  drain = 6,   // out of use: it begins nothing more
  enable = 7,  // back into use, whatever closed it
  reopen = 8,  // what was wrong with its account may have been mended
  // Of a task that waits for people.
  approve = 9,
  reject = 10,
  give = 11,
};
struct Command {
  CommandId id;
  RunId run;  // nil: about a service
  CommandKind kind = CommandKind::pause;
  std::optional<TaskNo> task;            // retry without one means every failed task
  bool rebuy = false;                    // retry: also what may have been bought
  bool bought = false;                   // settle
  std::optional<ArtifactInfo> artifact;  // settle --bought FILE: the result
  MaybeMoney limit;                      // resume: a new limit for the run
  std::string service;                   // drain, enable, reopen
  std::string reason;                    // drain, approve, reject: for people, may be empty
  std::optional<std::uint32_t> choice;   // approve: which, from 0
  json::object given;                    // give: values and artifacts by name
};
struct CommandAnswer {
  CommandId id;
  bool done = false;
  std::string text;  // what was done, or why not
};

std::string_view to_string(CommandKind kind) noexcept;

}  // namespace weft
