// SPDX-License-Identifier: Apache-2.0
// The engine on simulated ports: a clock that stands still until it is told, a store in memory that
// can crash between any two commits, services that do what the test says.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/driver.hpp"
#include "model/definition.hpp"
#include "plan/expand.hpp"

namespace weft::engine::testing {

// What of a run is durable.
struct DurableRun {
  RunRecord run;
  std::shared_ptr<const Plan> plan;
  std::map<TaskNo, TaskRecord> tasks;
  std::map<TaskNo, json::value> outputs;
  std::vector<AttemptRecord> attempts;
  std::vector<EventRecord> events;
  std::vector<PutLateResult> late;
  std::vector<StoredExpansion> expansions;
  std::map<TaskNo, PutResultKey> keys;  // by what results are known
  std::map<TaskNo, TakeResult> taken;   // whose they are, or will be
  json::value run_outputs;
};

struct ServiceSpec {
  std::string name;
  std::string price = "0";  // "" unknown
  std::string slot_class = "cpu";
  std::uint32_t slots = 1;
  std::uint32_t concurrency = 0;
  route::Recover recover = route::Recover::token;
  bool local = false;
  bool placeholder = false;
  std::vector<std::string> operations = {"test.step", "test.list"};
  std::string unavailable = {};
  ServiceLimits limits = {};  // but for `concurrency`
  HealthPolicy health = {};
  bool enabled = true;
  std::string params = "{}";  // the JSON schema of what it takes
  std::string component = {};
};

class World final : public StorePort,
                    public ServicesPort,
                    public ClockPort,
                    public RandomPort,
                    public Callers {
 public:
  explicit World(std::vector<ServiceSpec> services = {{.name = "a"}}, std::uint32_t cpu_slots = 4);

  // ---- what people do
  // A definition of tasks of test.step and test.list, without its [pipeline] table. Settles.
  RunId submit(const std::string& tasks, const std::string& max_cost = {},
               const std::string& pipeline_keys = {});
  CommandAnswer command(RunId run, CommandKind kind, const std::string& task = {},
                        bool flag = false);
  CommandAnswer give(Command command);
  // About a service.
  CommandAnswer tell(CommandKind kind, const std::string& service, const std::string& reason = {});
  // The same in two steps, for a command that may have to wait for its answer.
  Command command_of(RunId run, CommandKind kind, const std::string& task = {}, bool flag = false);
  void hand_in(const Command& command);
  std::optional<CommandAnswer> answer(CommandId command) const;
  void change_services(std::vector<ServiceSpec> services, bool configuration_read = true,
                       std::uint32_t cpu_slots = 4);

  // ---- what services do; the newest job of the task
  void succeed(RunId run, const std::string& task, std::int64_t value = 1, MaybeMoney cost = {});
  void give_list(RunId run, const std::string& task, json::array values);  // of test.list
  void end(RunId run, const std::string& task, Outcome outcome,
           const std::string& message = "it broke", Duration retry_after = {});
  void end(const AttemptRef& attempt, JobResult result);
  void checkpoint(RunId run, const std::string& task, const std::string& token);
  // The answer to a probe.
  void answer_probe(const std::string& service, Outcome outcome, bool vouched = true);
  void report(RunId run, const std::string& task, std::int32_t permille);
  bool running(RunId run, const std::string& task) const;  // some service has its job
  const Job& job(RunId run, const std::string& task) const;

  // ---- time
  void advance(Duration span);
  // The same, and nobody has looked at the clock yet.
  void pass(Duration span) { now_ += span; }
  // Turns and commits until nothing more happens.
  void settle();
  // One turn, without any commit becoming durable.
  void turn() { driver_->turn(); }
  // The oldest batch that is not durable yet becomes so.
  bool commit_one();
  // The process dies: what is not durable is lost, what services hold stays. A new one begins.
  void crash();
  // The same, and the new one has not had its first turn.
  void restart();
  // What another runtime has had is taken up by this one.
  void take_up(RunId run);

  // ---- what is there to see: only what is durable
  TaskState state(RunId run, const std::string& task) const;
  RunState state(RunId run) const;
  const TaskRecord& row(RunId run, const std::string& task) const;
  const DurableRun& stored(RunId run) const { return runs_.at(run); }
  std::vector<std::string> event_types(RunId run) const;
  std::string why_failed(RunId run) const;  // what the last task that failed says
  std::vector<AttemptRecord> attempts(RunId run, const std::string& task) const;
  // What is known of a service; of one that was always well, nothing.
  ServiceHealth health(const std::string& service) const {
    const auto found = health_.find(service);
    return found == health_.end() ? ServiceHealth{} : found->second;
  }
  TaskNo number(RunId run, const std::string& task) const;

  std::size_t most_inserted = 0;                      // of tasks, in one write
  std::vector<Usage> usage;                           // that was written with the end of attempts
  std::vector<std::string> decisions;                 // of attempts, as JSON
  std::vector<std::string> service_events;            // type and data
  std::vector<Job> submitted;                         // every job handed to a service, in order
  std::vector<std::pair<Job, std::string>> attached;  // with the token
  std::vector<std::string> probed;                    // every service that was, in order
  std::vector<AttemptRef> cancelled, interrupted;
  std::vector<std::pair<AttemptRef, std::uint64_t>> checkpoints_confirmed;
  std::vector<RunId> fenced_runs, accepted_runs, rested_runs;
  std::optional<Error> failure;
  std::size_t commits = 0, outputs_loads = 0;
  std::set<RunId> fence;                // the next batch finds these owned by another
  std::set<TaskNo> refuse_reservation;  // of these tasks, once
  bool fail_commits = false;
  bool fresh = false;                  // what runs that are submitted are
  std::map<Digest, FoundResult> kept;  // results, by their keys
  std::size_t lookups = 0;             // how often the store was asked for one
  bool answer_lookups = true;          // else they wait

  Driver& driver() { return *driver_; }

  // ---- ports
  void commit(BatchNo no, Batch batch) override { pending_.push_back({no, std::move(batch)}); }
  void load_outputs(RunId run, std::vector<TaskNo> tasks) override;
  void find_result(LookupNo no, std::vector<Digest> keys, Timestamp made_after) override;
  void submit(Job job) override;
  void attach(Job job, std::string token) override;
  void cancel(AttemptRef attempt) override { cancelled.push_back(attempt); }
  void interrupt(AttemptRef attempt) override { interrupted.push_back(attempt); }
  void checkpointed(AttemptRef attempt, std::uint64_t op) override {
    checkpoints_confirmed.emplace_back(attempt, op);
  }
  void probe(const std::string& service) override { probed.push_back(service); }
  Timestamp now() override { return now_; }
  std::uint64_t next() override {
    return random_ = random_ * 6364136223846793005u + 1442695040888963407u;
  }
  void accepted(RunId run) override { accepted_runs.push_back(run); }
  void answered(const CommandAnswer& answer) override { answers_[answer.id] = answer; }
  void published() override {}
  void rested(RunId run) override { rested_runs.push_back(run); }
  void fenced(RunId run) override { fenced_runs.push_back(run); }
  void store_failed(const Error& error) override { failure = error; }

 private:
  struct Pending {
    BatchNo no = 0;
    Batch batch;
  };
  struct Load {
    RunId run;
    std::vector<TaskNo> tasks;
  };
  struct Lookup {
    LookupNo no = 0;
    std::optional<FoundResult> found;
  };
  std::shared_ptr<const route::ServiceTable> table(const std::vector<ServiceSpec>& specs,
                                                   std::uint32_t cpu_slots) const;
  void apply(const Write& write, const std::set<RunId>& without, std::vector<AttemptRef>& refused);
  bool insert_attempt(DurableRun& run, const InsertAttempt& insert);
  static void insert(DurableRun& run, const PutExpansion& put);
  void insert(DurableRun& run, const GrownTasks& grown);
  void start();
  StoredRun load(const DurableRun& run) const;

  OperationCatalog operations_;
  std::shared_ptr<const route::ServiceTable> table_;
  std::unique_ptr<Driver> driver_;
  std::deque<Pending> pending_;
  std::deque<Load> loads_;
  std::deque<Lookup> lookups_;
  std::map<RunId, DurableRun> runs_;
  std::map<CommandId, CommandAnswer> answers_;
  std::map<std::string, ServiceHealth> health_;
  std::map<std::pair<RunId, TaskNo>, Job> live_;  // what services hold
  Timestamp now_ = from_unix_ms(1'700'000'000'000);
  std::uint64_t random_ = 1;
  std::uint8_t next_id_ = 1;
};

}  // namespace weft::engine::testing
