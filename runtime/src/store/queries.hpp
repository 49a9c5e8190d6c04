// SPDX-License-Identifier: Apache-2.0
// Reading the store. A connection of its own, read-only: it never waits for the writer, never makes
// it wait, and sees what is committed. All functions may be called by any thread; they take turns.
//
// Errors are kind `not_found` when what was named is not there, else `machine` (or `internal`).
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/config.hpp"
#include "model/health.hpp"
#include "model/service_use.hpp"
#include "store/options.hpp"
#include "store/schedules.hpp"
#include "store/views.hpp"

namespace weft::store {

class Queries {
 public:
  // While it lives, all that this thread reads is of one moment, and is read faster; other threads
  // wait. Not for long, therefore, and not over a call of somebody else's code.
  class Snapshot {
   public:
    explicit Snapshot(Queries& queries);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

   private:
    Queries& queries_;
  };

  // Kind `not_found` when the folder has no database yet. Needs the right to read only.
  static result<std::unique_ptr<Queries>> open(const Options& options);
  ~Queries();
  Queries(const Queries&) = delete;
  Queries& operator=(const Queries&) = delete;

  // Runs, newest first.
  result<std::vector<RunView>> runs(const RunFilter& filter, std::uint32_t limit);
  result<RunView> run(RunId id);
  // By whole id or by a beginning of it (hex digits, dashes optional) that only one run has.
  result<RunView> find_run(std::string_view id_or_prefix);
  // Of its nodes; groups are not counted.
  result<TaskCounts> task_counts(RunId run);
  // Only what has work of its own: no task that stands for the tasks of a pipeline it uses.
  result<TaskCounts> work_counts(RunId run);
  result<json::object> run_inputs(RunId run);
  // The run that it took results over from, which may be gone; nothing for most.
  result<std::optional<RunId>> forked_from(RunId run);
  // The run that it gives way to, which may not be there yet; nothing for most.
  result<std::optional<RunId>> replaced_by(RunId run);
  // Null until the run has ended well.
  result<json::value> run_outputs(RunId run);
  // Of those that could not be evaluated: why, by name. Null for most.
  result<json::value> run_output_errors(RunId run);
  result<std::vector<LedgerTotal>> ledger(RunId run);

  // For the executing runtime: runs that want to be claimed at its start (active or paused), and
  // those that nobody has claimed yet. Oldest first.
  result<std::vector<RunId>> unfinished_runs();
  result<std::vector<RunId>> unclaimed_runs();

  result<PipelineVersion> pipeline(const Digest& hash);
  // Newest first; of one name, or of all ("").
  result<std::vector<PipelineVersion>> pipelines(std::string_view name, std::uint32_t limit);
  // What is kept under one name, or all (""): by name, the newest version first.
  result<std::vector<SavedPipeline>> saved_pipelines(std::string_view name);
  // `number` 0: the newest.
  result<SavedPipeline> saved_pipeline(std::string_view name, std::uint32_t number);

  result<std::vector<TaskView>> tasks(RunId run, const TaskFilter& filter = {});
  result<TaskDetail> task(TaskRef task);
  // What a task waits for or has waited for: tasks that have not ended well come first.
  result<std::vector<TaskView>> dependencies(TaskRef task, std::uint32_t limit);
  // The outputs of these nodes, in the order asked for: null when it has none; of a group, the
  // array of its items' outputs.
  result<std::vector<json::value>> outputs(RunId run, std::span<const TaskNo> tasks);
  result<std::vector<ProgressRecord>> progress(RunId run);

  // A result that is known by one of these keys, the first one first, made since then. Of its key
  // only the digest is there.
  result<std::optional<FoundResult>> find_result(std::span<const Digest> keys,
                                                 Timestamp made_after);
  // Nothing when the result of the task was or is nobody else's.
  result<std::optional<TaskResult>> task_result(TaskRef task);
  // Of one operation, or of all (""); those used last come first.
  result<std::vector<KeptResult>> kept_results(std::string_view operation, std::uint32_t limit);
  // How many of them Store::trim_results() would remove now.
  result<std::size_t> excess_results(const CacheLimits& limits, Timestamp now);

  // In order of seq.
  result<std::vector<EventRecord>> events(const EventFilter& filter);
  // The data of the newest event of this type about this task; empty when there is none.
  result<json::object> last_event_of(TaskRef task, std::string_view type);
  // The newest seq, 0 when there is none.
  result<std::uint64_t> last_event();

  // Commands without an answer, in the order of their arrival.
  result<std::vector<Command>> open_commands();
  // Nothing while it has not been answered.
  result<std::optional<CommandAnswer>> answer(CommandId id);

  result<ArtifactInfo> artifact(const Digest& digest);
  // Of one run, in the order of its tasks; or of all, newest first.
  result<std::vector<ArtifactRef>> artifacts(std::optional<RunId> run, std::uint32_t limit);
  result<std::vector<ArtifactRef>> references(const Digest& digest);
  // Those of `digests` that nothing refers to.
  result<std::vector<Digest>> unreferenced(std::span<const Digest> digests);

  // What became of attempts that ended since then: the minutes of each service and operation put
  // together, `minute` being the first of them.
  result<std::vector<ServiceMinute>> service_use(Timestamp since);
  // How well services are, as the executing runtime knew last, by name; of those that have always
  // been well, nothing.
  result<std::vector<ServiceHealth>> service_health();
  // How many attempts are under way at each service.
  result<std::vector<std::pair<std::string, std::uint32_t>>> attempts_under_way();

  // All versions of the products of a project, the oldest first, and what was said of them.
  result<std::vector<ProductRow>> products(std::string_view project);
  // Of a run that was removed, what was rejected: as many marks, of no run.
  result<std::vector<ProductMark>> product_marks(std::string_view project);

  // Schedules that somebody has looked at, or made by hand; by name.
  result<std::vector<ScheduleRow>> schedules();
  // What one has started or not, the newest first.
  result<std::vector<FiringRow>> firings(std::string_view schedule, std::uint32_t limit);
  // What is not decided yet, by schedule; of others nothing.
  result<std::map<std::string, OpenFirings>> open_firings();
  // Those that are `asked` or `waiting`, the oldest first.
  result<std::vector<FiringRow>> open_firings(std::string_view schedule, FiringState state,
                                              std::uint32_t limit);
  result<bool> has_firing(std::string_view schedule, std::string_view cause);
  // Runs that schedules have started and that have not ended, by schedule, the oldest first.
  result<std::map<std::string, std::vector<RunId>>> runs_of_schedules();
  // Nothing when no schedule did.
  result<std::optional<Starter>> starter_of(RunId run);

  // Of one name, or of all (""), in the order in which they are asked.
  result<std::vector<SecretRow>> secrets(std::string_view name);

  // Nothing when there is no such key.
  result<std::optional<std::string>> state(std::string_view service, std::string_view key);

 private:
  struct State;
  explicit Queries(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weft::store
