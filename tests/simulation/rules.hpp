// SPDX-License-Identifier: Apache-2.0
// What must hold, checked where it could break: at each row on its way into the store, at each word
// to a service or a caller. A rule that does not hold throws Violation.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/driver.hpp"
#include "landscape.hpp"
#include "model_store.hpp"
#include "scene.hpp"

namespace weft::simulation {

class Rules {
 public:
  Rules(Scene& scene, Landscape& landscape) : scene_(scene), landscape_(landscape) {}

  [[noreturn]] void broken(const std::string& rule, const std::string& what, RunId run) const;
  void require(bool holds, const char* rule, const char* what, RunId run) const {
    if (!holds) broken(rule, what, run);
  }

  // ---- a process
  void process_began(std::uint64_t number);
  void process_shuts_down() noexcept { shutting_down_ = true; }
  std::uint64_t process() const noexcept { return process_; }
  Timestamp process_began_at() const noexcept { return process_began_at_; }
  // The driver is told of a run: it has this epoch from now on.
  void given(RunId run, std::uint64_t epoch) { epochs_[run] = epoch; }
  void loaded(StoredRunRows& run);
  // The turn that hears of the loss is over: nothing may be written to it any more.
  void lost(RunId run) { epochs_.erase(run); }
  void submitting(RunId run, std::shared_ptr<const Plan> plan) { plans_[run] = std::move(plan); }
  std::shared_ptr<const Plan> submitted_plan(RunId run, const std::shared_ptr<const Plan>& given);

  // ---- a batch that the driver hands over
  void handed_over(const Batch& batch, ModelStore& store);

  // ---- rows that are about to become durable
  void know(StoredAttempt& attempt);
  void run_row(const StoredRunRows& run, const RunRecord& next);
  void task_row(StoredRunRows& run, const StoredTask& task, const TaskRecord& next);
  void outputs(const StoredRunRows& run, const StoredTask& task);
  void attempt_inserted(const StoredRunRows& run, const AttemptRecord& attempt);
  void attempt_ended(StoredRunRows& run, StoredAttempt& attempt, const EndAttempt& end);
  void event(StoredRunRows& run, const AppendEvent& event);
  void command_answered(StoredRunRows& run, const StoredCommand& command);
  void service_command_answered(const StoredCommand& command);
  void batch_applied(StoredRunRows& run);
  void nothing_else_moves(const StoredRunRows& run) const;
  void result_taken(const StoredRunRows& run, const TakeResult& take);
  void health_row(const ServiceHealth& row, const ServiceHealth& next);
  void service_event(const AppendServiceEvent& event);
  // All that its batch says of the service is in the store.
  void service_asked(ModelStore& store, const AttemptRef& ref);
  static std::uint64_t checkpoint_number(const std::string& token);

  // ---- acts: everything is durable already
  void dispatched(ModelStore& store, const engine::Job& job);
  void attached(ModelStore& store, const engine::Job& job, const std::string& token);
  void cancelled(ModelStore& store, const AttemptRef& ref);
  void interrupted(ModelStore& store, const AttemptRef& ref);
  void checkpoint_confirmed(ModelStore& store, const AttemptRef& ref, std::uint64_t op);
  void answered(const ModelStore& store, const CommandAnswer& answer,
                const std::map<CommandId, StoredCommand>& commands);

  // ---- what a service says, on its way to the driver
  void answer_heard(ModelStore& store, const AttemptRef& ref, const engine::JobResult& result);

 private:
  void end_handed_over(ModelStore& store, const EndAttempt& end);
  bool asked_to_settle(ModelStore& store, RunId run) const;
  bool answer_fits(const StoredRunRows& run, const StoredAttempt& attempt, Outcome heard,
                   Outcome recorded) const;
  bool has_timeout(const StoredRunRows& run, const AttemptRecord& attempt) const;
  void look_at_refusals(const StoredRunRows& run, const engine::Job& job);
  void look_at_equals(ModelStore& store, const engine::Job& job);
  void result_kept(ModelStore& store, const KeepResult& keep);
  bool may_buy_again(const StoredRunRows& run, const StoredAttempt& earlier) const;
  void question(StoredRunRows& run, const AppendEvent& event);
  void answer_is_given(StoredRunRows& run, const TaskRecord& row, const TaskRecord& next);
  void task_is_consistent(const StoredRunRows& run, const StoredTask& task) const;
  const TaskDefinition& definition(const StoredRunRows& run, TaskNo task) const {
    return run.plan->definition(task);
  }

  Scene& scene_;
  Landscape& landscape_;
  std::uint64_t process_ = 0;
  bool shutting_down_ = false;
  Timestamp process_began_at_{};
  std::unordered_map<RunId, std::uint64_t> epochs_;
  std::unordered_map<RunId, std::shared_ptr<const Plan>> plans_;
  struct Asked {
    std::deque<Timestamp> last_minute;  // when attempts of the last minute began
    AttemptRef trial;                   // the newest
    Timestamp trial_at{};
  };
  std::map<std::string, Asked> asked_;  // by service, over all processes
  // What was ever made, by the keys under which others may take it.
  std::map<Digest, std::vector<json::object>> made_;
};

}  // namespace weft::simulation
