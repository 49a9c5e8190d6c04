// SPDX-License-Identifier: Apache-2.0
// The engine's core: step(state, event) -> effects. It does no I/O, reads no clock, rolls no dice
// and owns no thread; everything it knows came in as an event, everything it wants goes out as an
// effect. One thread at a time.
//
// A turn: any number of steps, asks answered in between (take_asks), then take() once: the batch
// that makes all of it durable, and the acts that wait for that.
//
// The life of a task: pending -> ready -> [a slot: bind -> look up -> choose -> reserve] -> running
// -> an end;
// see DESIGN words in runtime/README.md. A group succeeds when its items have.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/json_text.hpp"
#include "engine/effects.hpp"
#include "engine/events.hpp"
#include "engine/run_state.hpp"
#include "engine/service_state.hpp"
#include "engine/slots.hpp"
#include "engine/timers.hpp"

namespace weft::engine {

class Core {
 public:
  explicit Core(std::shared_ptr<const route::ServiceTable> services);

  void step(Event&& event, const Moment& moment);
  // The questions that the steps since the last call have left open, in place of what `asks` held;
  // none: all have been asked.
  void take_asks(std::vector<Ask>& asks);
  // What nodes have given in the steps since the last call, in place of what `outputs` held.
  void take_outputs(std::vector<NewOutputs>& outputs);
  // The same of results that other tasks may take.
  void take_results(std::vector<FoundResult>& results);
  bool has_results() const noexcept { return !results_.empty(); }
  // What the steps since the last call want durable and done.
  Effects take();

  // When a Tick would do something.
  Deadline next_wake() const { return timers_.next(); }
  // No run is loaded that could still move.
  bool idle() const noexcept;
  // Shutting down, and nothing local runs any more.
  bool may_stop() const noexcept;
  // For queries and invariants; null when it is not loaded.
  const Run* find(RunId run) const;
  // Whether the predicate holds for any run that is loaded.
  template <class Predicate>
  bool any_run(Predicate holds) const {
    for (const auto& [id, run] : runs_)
      if (holds(*run)) return true;
    return false;
  }
  std::size_t loaded_runs() const noexcept { return runs_.size(); }
  const Slots& slots() const noexcept { return slots_; }
  const ServiceStates& service_states() const noexcept { return states_; }

 private:
  // One per event.
  void on(SubmitRun&& event);
  void on(const LoadRun& event);
  void on(const GiveCommand& event);
  void on(const ServicesChanged& event);
  void on(const RestoreServices& event);
  void on(const ShutDown& event);
  void on(TaskBound&& event);
  void on(ResultLookedUp&& event);
  void on(ServiceChosen&& event);
  void on(const RunOutputsBound& event);
  void on(NodeExpanded&& event);
  void on(BodyOutputsBound&& event);
  void on(const JobStarted& event);
  void on(JobCheckpointed&& event);
  void on(JobEnded&& event);
  void on(const ServiceProbed& event);
  void on(const RunFenced& event);
  void on(const ReservationRefused& event);
  void on(const Tick& event);

  // ---- core.cpp: runs
  Run& add_run(RunRecord record, std::shared_ptr<const Plan> plan);
  void begin_run(Run& run);
  void settle(Run& run);  // the run may have come to rest
  void finish(Run& run, RunState state, JsonMembers data);
  // `type` is a literal.
  template <class Data>  // of the alternatives of EventData
  void write_event(Run& run, std::string_view type, std::optional<TaskNo> task, Data&& data) {
    write<AppendEvent>(run, run.record.id, ++run.run_seq, moment_.now, type, task,
                       std::forward<Data>(data));
  }
  void write_event(Run& run, std::string_view type, std::optional<TaskNo> task, JsonMembers data) {
    write_event(run, type, task, json_text(data));
  }
  void write_run_event(Run& run, std::string_view type, JsonMembers data) {
    write_event(run, type, std::nullopt, data);
  }
  // Made of its members where it stays: there are several for each task.
  template <class One, class... Members>  // of the alternatives of Write
  void write(Run& run, Members&&... members) {
    note(run);
    effects_.batch.writes.emplace_back(std::in_place_type<One>, std::forward<Members>(members)...);
  }
  void load_nodes(Run& run, const StoredRun& stored);
  void note(Run& run);   // the batch of this turn has something of it
  void touch(Run& run);  // settle it at the end of the step
  Run* loaded(RunId run);
  void drop(Run& run);

  // ---- core_nodes.cpp: what follows from a node's new state
  void set_state(Run& run, TaskNo task, TaskState state);
  void mark_dirty(Run& run, TaskNo task);
  void mark_dirty(Run& run);
  void make_ready(Run& run, TaskNo task);  // its dependencies have ended well: a fresh allowance
  void satisfy_dependents(Run& run, TaskNo task);  // it has ended well
  template <class Data>                            // of the alternatives of EventData
  void succeed(Run& run, TaskNo task, Data&& data) {
    set_state(run, task, TaskState::succeeded);
    if (!run.trouble.empty() && run.late.empty()) run.trouble.erase(task);
    if (!run.plan->stands_for_others(task))
      write_event(run, "task.succeeded", task, std::forward<Data>(data));
    satisfy_dependents(run, task);
  }
  void fail(Run& run, TaskNo task, Outcome outcome, const std::string& message);
  void skip(Run& run, TaskNo task, const std::string& reason);
  void cancel_node(Run& run, TaskNo task);
  void wait_for(Run& run, TaskNo task, WaitReason reason, const std::string& message);
  Deadline task_deadline(const Run& run, TaskNo task) const;

  // ---- core_growth.cpp: nodes that stand for others, and what becomes known only in a run
  void prepare_growth(Run& run);
  void give_lanes(Run& run);
  void gather(Run& run, TaskNo task);  // nothing holds it back any more
  Run* answered(RunId id, TaskNo task, std::uint32_t ticket);
  void expand(Run& run, TaskNo task, Expansion&& expansion);
  void take_up(Run& run);
  void take_up(Run& run, Growth& growth);
  void load_growth(Run& run, const StoredRun& stored);
  void go_on_growing(Run& run, const StoredRun& stored);

  // ---- core_groups.cpp: groups with a limit, and those that can do without some of their items
  void count_item(Run& run, TaskNo task, TaskState before, TaskState after);
  bool has_place(Run& run, TaskNo task);
  void load_groups(Run& run, const StoredRun& stored);
  void see_groups();
  void see_group(Run& run, TaskNo group);
  void see_gate(Run& run, Gate& gate, std::uint32_t limit);
  void let_go_on(Run& run, Gate& gate, TaskNo item);
  bool moves(const Run& run, TaskNo item) const;
  bool rests(const Run& run, TaskNo item) const;
  void see_failing(Run& run, TaskNo group, std::set<TaskNo>& failing);
  bool any_of_item(const Run& run, TaskNo item, bool (*is)(TaskState)) const;

  // ---- core_late.cpp: what runs once nothing else moves
  void begin_late(Run& run);
  void take_back_late(Run& run, const std::vector<TaskNo>& retried);

  // ---- core_schedule.cpp: from ready to running
  void enqueue(Run& run, TaskNo task);
  void delay(Run& run, TaskNo task, Timestamp until);
  std::optional<LaneNo> lane_for(Run& run, TaskNo task);
  LaneKey lane_key(const Run& run, TaskNo task, const route::Decision& decision) const;
  void push(Run& run, TaskNo task, LaneNo lane);
  void fill_slots();
  bool has_room(const Claim& claim) const;
  void take(Node& node, const Claim& claim);
  void ask_choice(Run& run, TaskNo task, std::shared_ptr<const BoundTask> bound);
  void release(Run& run, TaskNo task);      // gives back the slots of a task that is not running
  void leave_queue(Run& run, TaskNo task);  // it will not be dispatched now
  void start_attempt(Run& run, TaskNo task, ServiceChosen&& choice);
  std::shared_ptr<const std::string> text_of(route::Decision&& decision);
  void no_service(Run& run, TaskNo task, const route::Decision& decision);
  void wait_for_one_of(Run& run, TaskNo task, const route::Decision& decision);
  bool another_round(Run& run, TaskNo task, const route::Decision& decision);
  void requeue_all();
  route::Request request_for(const Run& run, TaskNo task,
                             const std::vector<route::Exclusion>& excluded) const;
  std::vector<route::Exclusion> excluded_for(const Run& run, TaskNo task) const;
  MaybeMoney task_budget_left(const Run& run, TaskNo task) const;
  std::shared_ptr<const BoundTask> adapted_for(const TaskDefinition& definition,
                                               const std::string& service,
                                               std::shared_ptr<const BoundTask> bound) const;
  Job job_for(const Run& run, TaskNo task, const ActiveAttempt& active,
              std::shared_ptr<const BoundTask> bound) const;

  // ---- core_cache.cpp: results that are there already, or are being made
  struct Follower {
    TaskRef task;
    std::uint32_t ticket = 0;
  };
  struct Flight {
    std::vector<TaskRef> makers;
    std::vector<Follower> followers;
  };
  std::shared_ptr<const ResultKey> key_at(const Run& run, TaskNo task, route::ServiceIndex index,
                                          const std::shared_ptr<const BoundTask>& bound) const;
  std::vector<std::shared_ptr<const ResultKey>> keys_for(
      const Run& run, TaskNo task, const std::shared_ptr<const BoundTask>& bound) const;
  bool look_up(Run& run, TaskNo task, const std::shared_ptr<const BoundTask>& bound);
  void take_result(Run& run, TaskNo task, const FoundResult& found);
  bool is_ending(const TaskRef& maker) const;
  bool follow(Run& run, TaskNo task, const std::shared_ptr<const ResultKey>& key);
  void start_or_follow(Run& run, TaskNo task, ServiceChosen&& choice);
  void begin_flight(Run& run, TaskNo task, std::shared_ptr<const ResultKey> key);
  void end_flight(Run& run, TaskNo task, const JobResult* ended);
  void land(const Follower& follower, const ResultKey& key, const FoundResult* made);

  // ---- core_services.cpp: what services can bear, and what they are told of
  void add_closed(std::vector<route::Exclusion>& excluded, std::string_view operation,
                  route::ServiceIndex own) const;
  void tell_service(const Run& run, const ActiveAttempt& active, const JobResult& result);
  Timestamp opening_of(const route::Decision& decision) const;
  void arm_opening();
  Outcome account_trouble(const route::Decision& decision) const;
  void watch(route::ServiceIndex service);
  void watch(route::ServiceIndex service, Duration wait);
  void ring_suspicion(const Alarm& alarm);
  void arm_probe(route::ServiceIndex service);
  void ring_probe(const Alarm& alarm);
  static std::optional<Duration> run_limit(const TaskDefinition& definition,
                                           const route::Service& service);
  route::Chance chance() const noexcept { return {moment_.now, moment_.random[1]}; }

  // ---- core_attempts.cpp: from running to an end
  void end_attempt(Run& run, TaskNo task, JobResult&& result);
  void after_failure(Run& run, TaskNo task, const AttemptFacts& attempt, const JobResult& result);
  void remember_failure(Run& run, TaskNo task, const std::string& service, Outcome outcome);
  void end_unknown(Run& run, TaskNo task, const JobResult& result);
  void put_outputs(Run& run, TaskNo task, json::object outputs);
  void count_cost(Run& run, TaskNo task, const MaybeMoney& cost);
  AttemptFacts close(Run& run, TaskNo task, const JobResult& result);
  void stop(Run& run, TaskNo task, StopCause cause);
  void try_again(Run& run, TaskNo task, const AttemptFacts& attempt, const JobResult& result);

  // ---- core_recovery.cpp: attempts that a dead runtime left
  void take_up(Run& run, const AttemptRecord& record, const StoredRun& stored);
  void follow_up(Run& run, TaskNo task);
  void park(Run& run, TaskNo task, const std::string& trouble);
  void reservation_refused(Run& run, TaskNo task);
  void remember_failures(Run& run, const std::vector<AttemptRecord>& ended);
  void found_out(Run& run, ActiveAttempt& attempt);  // what became of it, or enough has been waited
  void attach(Run& run, TaskNo task, std::shared_ptr<const BoundTask> bound);

  // ---- core_commands.cpp: what people ask for
  void decide_service(const Command& command);
  bool in_question(const Run& run, const Command& command) const;
  void decide(Run& run, const Command& command);
  void decide_held(Run& run);
  result<std::string> pause(Run& run);
  result<std::string> resume(Run& run, const Command& command);
  result<std::string> cancel(Run& run);
  result<std::string> retry(Run& run, const Command& command);
  result<std::string> skip_by_hand(Run& run, const Command& command);
  result<std::string> settle_by_hand(Run& run, const Command& command);
  void pause_for_budget(Run& run, const std::string& message);
  void shift_deadlines(Run& run, Timestamp paused_at);
  void reopen(Run& run, TaskNo task);
  static void forget_trouble(Run& run, TaskNo task);
  void fresh_deadline(Run& run);  // another one when it has passed
  std::vector<TaskNo> addressed(const Run& run, TaskNo task) const;  // of a group: its items

  // ---- core_waits.cpp: tasks that people end
  void ask_people(Run& run, TaskNo task);  // its dependencies have ended well
  void show_question(Run& run, TaskNo task, const json::object& question);
  void choices_bound(Run& run, TaskNo task, result<Binding>&& binding);
  bool awaits_choices(Run& run, const Command& command);
  bool ask_for_choices(Run& run, TaskNo task);
  std::vector<TaskNo> waiting_for(const Run& run, const Command& command, WaitReason reason) const;
  result<std::string> approve(Run& run, const Command& command);
  result<std::string> reject(Run& run, const Command& command);
  result<std::string> give(Run& run, const Command& command);
  void approved(Run& run, TaskNo task, std::optional<std::size_t> choice, const std::string& note);
  void rejected(Run& run, TaskNo task, const std::string& note);
  Error not_waiting(const Run& run, const Command& command, WaitReason reason) const;
  const json::array& choices_of(const Run& run, TaskNo task) const;
  bool waits_for_people(const Run& run, TaskNo task) const;
  void wait_timed_out(Run& run, TaskNo task);

  // ---- core_alarms.cpp
  void arm_task(Run& run, TaskNo task);
  void arm_queue(Run& run, TaskNo task);
  void arm_attempt(Run& run, const ActiveAttempt& active);
  void arm_run(Run& run);
  void ring(const Alarm& alarm);
  void ring_for_attempt(Run& run, const Alarm& alarm);
  void run_deadline(Run& run);

  std::shared_ptr<const route::ServiceTable> services_;
  Slots slots_;
  ServiceStates states_;
  Lanes lanes_;
  Timestamp opening_at_{};           // the alarm that is set for it; in the past: none
  std::vector<bool> watched_;        // by ServiceIndex: an alarm is set for its attempts' age
  std::uint32_t table_version_ = 0;  // the stamp of those alarms
  Timers timers_;
  std::unordered_map<RunId, std::unique_ptr<Run>> runs_;
  Run* recent_ = nullptr;  // the run that was looked up last
  std::vector<std::pair<RunId, TaskNo>> groups_to_see_;
  std::vector<RunId> touched_;
  std::vector<RunId> changed_;
  std::vector<Ask> asks_;
  std::vector<NewOutputs> outputs_;
  std::vector<FoundResult> results_;
  std::unordered_map<Digest, Flight> flights_;  // by the key of what is being made
  // What was last stored of a decision: the next one mostly says the same.
  route::Decision decision_;
  std::shared_ptr<const std::string> decision_text_;
  Effects effects_;
  Moment moment_;            // of the present step
  bool look_again_ = false;  // for slots, at the end of the step
  bool shutting_down_ = false;
};

}  // namespace weft::engine
