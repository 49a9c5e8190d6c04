// SPDX-License-Identifier: Apache-2.0
// What is durable: the tables of the store as values, with the store's own rules (epochs, the
// ledger's insert, late results, what a claim loads). It survives every crash. Beside each attempt
// stands what really happened, which no runtime may see.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/events.hpp"
#include "model/batch.hpp"
#include "scene.hpp"

namespace weft::simulation {

struct RemoteJob;

// What the world knows about an attempt.
struct Truth {
  std::shared_ptr<RemoteJob> remote;  // null: no service has heard of it
  bool free = true;                   // its service buys nothing
  bool local = false;
  std::uint64_t checkpoint = 0;  // number of the last one that is durable
  bool permitted = false;        // a person said that the task may be bought again
  // The answer on which its durable end rests.
  std::optional<engine::JobResult> settled_with;

  // ---- of the process that has it
  bool submitted = false;     // ever
  std::uint64_t process = 0;  // that has submitted or attached it; 0: the present one has not
  bool in_doubt = false;      // taken up without a token: nobody knows whether it was sent
  bool told_to_end = false;
  std::optional<engine::JobResult> heard;  // the first answer
  bool handed_over_end = false;            // a batch with its end is on its way, or durable
  bool handed_over_unknown = false;        // so, and the outcome is unknown
};

struct StoredAttempt {
  AttemptRecord row;
  bool refused = false;  // its reservation was
  Truth truth;
};

struct StoredTask {
  TaskRecord row;
  bool exists = true;  // a node that an expansion has brought has its row only later
  json::value outputs;
  bool has_outputs = false;
  std::vector<StoredAttempt> attempts;  // by number, from 1
  std::optional<PutResultKey> key;      // by what its result will be known
  std::optional<Timestamp> own_deadline;
};

struct LedgerTotals {
  std::int64_t spent_micros = 0;
  std::int64_t reserved_micros = 0;
};

struct LateRow {
  AttemptRef attempt;
  engine::JobResult result;
};

struct StoredRunRows {
  RunRecord row;
  std::shared_ptr<const Plan> plan;  // as it was submitted, and has grown since
  std::vector<StoredExpansion> expansions;
  std::vector<StoredTask> tasks;
  std::vector<std::vector<TaskNo>> needs;  // by task: what it waits for
  std::uint64_t last_run_seq = 0;
  std::string last_run_event;  // the last of those about the run itself
  std::map<Currency, LedgerTotals> money;
  std::vector<LateRow> late;
  bool has_outputs = false;
  Deadline first_deadline;               // the earliest it has ever had
  std::array<std::uint32_t, 8> count{};  // tasks by state
  bool counted_as_finished = false;

  // Of the batch that is being applied: what changes, with the state before, and how many attempts
  // that count have ended, by task.
  std::vector<std::pair<TaskNo, TaskState>> changed;
  std::map<TaskNo, std::uint32_t> ended;
  bool commanded = false;              // somebody has asked something of it
  std::set<TaskNo> asked;              // have a question open
  std::map<TaskNo, CommandKind> said;  // what people have answered to it

  StoredAttempt* attempt(TaskNo task, AttemptNo no) {
    return task < tasks.size() && no >= 1 && no <= tasks[task].attempts.size()
               ? &tasks[task].attempts[no - 1]
               : nullptr;
  }
};

struct StoredCommand {
  Command command;
  std::optional<CommandAnswer> answer;
};

class Rules;

class ModelStore {
 public:
  ModelStore(Scene& scene, Rules& rules) : scene_(scene), rules_(rules) {}

  struct Report {
    std::vector<RunId> fenced;
    std::vector<AttemptRef> refused;
  };
  Report apply(const Batch& batch);
  // Raises the epoch and loads the run. As a client does it, `insert` puts one in that nobody has.
  StoredRun claim(RunId run);
  void insert(const RunRecord& run, std::shared_ptr<const Plan> plan);
  json::value outputs(RunId run, TaskNo task) const;
  std::optional<FoundResult> find_result(const std::vector<Digest>& keys,
                                         Timestamp made_after) const;

  StoredRunRows* find(RunId run) {
    const auto found = runs_.find(run);
    return found == runs_.end() ? nullptr : &found->second;
  }
  std::unordered_map<RunId, StoredRunRows>& runs() noexcept { return runs_; }
  std::map<CommandId, StoredCommand>& commands() noexcept { return commands_; }
  const std::map<std::string, ServiceHealth>& health() const noexcept { return health_; }
  // The runs that a starting runtime takes up, in the order of their arrival.
  std::vector<RunId> unfinished() const;
  const std::vector<RunId>& order() const noexcept { return order_; }
  void forget(RunId run);

 private:
  class BatchScope;
  void write(StoredRunRows& run, const UpdateRun& update);
  void write(StoredRunRows& run, const UpdateTask& update);
  void write(StoredRunRows& run, const PutExpansion& put);
  void write(StoredRunRows& run, const InsertTasks& insert);
  void write(StoredRunRows& run, const PutOutputs& put);
  void write(StoredRunRows& run, const PutRunOutputs& put);
  void write(StoredRunRows& run, const PutCheckpoint& put);
  void write(StoredRunRows& run, const EndAttempt& end);
  void write(StoredRunRows& run, const PutProgress&) { (void)run; }
  void write(StoredRunRows& run, const AppendEvent& event);
  void write(StoredRunRows& run, const AnswerCommand& answer);
  void write(StoredRunRows& run, const PutResultKey& put);
  void write(StoredRunRows& run, const KeepResult& keep);
  void write(StoredRunRows& run, const TakeResult& take);
  bool insert_attempt(StoredRunRows& run, const InsertAttempt& insert);
  void put_late(const PutLateResult& put);
  bool insert(const InsertRun& insert);

  Scene& scene_;
  Rules& rules_;
  std::unordered_map<RunId, StoredRunRows> runs_;
  std::vector<RunId> order_;
  std::map<CommandId, StoredCommand> commands_;
  std::map<std::string, ServiceHealth> health_;  // by service
  std::map<Digest, FoundResult> kept_;
};

}  // namespace weft::simulation
