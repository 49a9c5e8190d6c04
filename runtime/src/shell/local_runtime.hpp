// SPDX-License-Identifier: Apache-2.0
// weft::Runtime on a state folder of this machine.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <unordered_map>

#include "shell/definition_memory.hpp"
#include "shell/environment.hpp"
#include "shell/executor.hpp"
#include "shell/rest_board.hpp"
#include "shell/service_board.hpp"
#include "store/client.hpp"
#include "store/lock.hpp"
#include "store/queries.hpp"
#include "weft/runtime.hpp"

namespace weft::shell {

class ConfigWatch;
struct Surroundings;
struct Planned;
struct Preparation;
struct PreparedFork;
struct ProductHistory;
struct Standing;

class LocalRuntime final : public Runtime, private News {
 public:
  explicit LocalRuntime(std::shared_ptr<const Environment> environment)
      : environment_(std::move(environment)), schedules_(environment_->config.schedules) {}
  ~LocalRuntime() override { close(true); }  // and waits for local work that does not heed
  // For Role::execute: takes the lock.
  result<> begin();

  bool executing() const override;
  std::optional<Error> failure() const override;
  std::filesystem::path state_folder() const override { return environment_->state; }
  std::vector<std::filesystem::path> config_files() const override {
    return environment_->config.files;
  }
  result<PlanView> plan(const Submission& submission) override;
  result<std::string> submit(const Submission& submission) override;

  result<std::vector<PipelineVersionView>> pipelines(std::string_view name) override;
  result<PipelineVersionView> pipeline(std::string_view version) override;
  result<PipelineVersionView> save_pipeline(const PipelineSave& save) override;
  result<PipelineVersionView> roll_back_pipeline(std::string_view version,
                                                 const std::string& message,
                                                 const std::string& author) override;
  result<std::vector<PipelineChangeView>> compare_pipelines(const DefinitionView& before,
                                                            const DefinitionView& after) override;

  result<std::vector<TemplateView>> templates() override;
  result<DefinitionView> fill_template(const std::string& name,
                                       const std::map<std::string, std::string>& params) override;
  result<ForkView> plan_fork(const Fork& fork) override;
  result<ForkView> fork(const Fork& fork) override;

  result<MakingView> plan_making(const Making& making) override;
  result<MakingView> make(const Making& making) override;
  result<std::vector<ProductVersionView>> products(const std::filesystem::path& project) override;
  result<std::string> say_of_product(const std::filesystem::path& project,
                                     const std::string& product, ProductWord word) override;

  result<std::string> pause(std::string_view run) override;
  result<std::string> resume(std::string_view run, std::string_view max_cost) override;
  result<std::string> cancel(std::string_view run) override;
  result<std::string> retry(std::string_view run, std::string_view task, bool rebuy) override;
  result<std::string> skip(std::string_view run, std::string_view task) override;
  result<std::string> settle(std::string_view run, std::string_view task, bool bought,
                             const std::filesystem::path& file) override;
  result<std::string> approve(std::string_view run, std::string_view task,
                              std::optional<std::uint32_t> choice, std::string_view note) override;
  result<std::string> reject(std::string_view run, std::string_view task,
                             std::string_view note) override;
  result<std::string> give(std::string_view run, std::string_view task,
                           const std::map<std::string, GivenInput>& values) override;
  result<std::string> drain_service(std::string_view service, std::string_view reason) override;
  result<std::string> enable_service(std::string_view service) override;

  result<std::vector<ScheduleView>> schedules() override;
  result<ScheduleView> schedule(std::string_view name, std::uint32_t history) override;
  result<std::string> add_schedule(std::string_view name, std::string_view table,
                                   const std::map<std::string, GivenInput>& inputs) override;
  result<std::string> remove_schedule(std::string_view name) override;
  result<std::string> pause_schedule(std::string_view name, bool paused) override;
  result<std::string> run_schedule(std::string_view name) override;

  result<std::vector<RunView>> runs(const RunQuery& query) override;
  result<RunView> run(std::string_view run) override;
  result<std::vector<TaskView>> tasks(std::string_view run, const TaskQuery& query) override;
  result<TaskDetail> task(std::string_view run, std::string_view task) override;
  result<std::vector<ServiceView>> services(std::chrono::milliseconds span) override;
  result<std::vector<FoundServerView>> discover() override;
  result<std::vector<PluginView>> plugins() override;
  result<std::vector<CheckView>> check_plugin(const std::filesystem::path& file) override;
  result<std::vector<RehearsedJob>> rehearse(const Rehearsal& rehearsal) override;

  result<std::vector<SecretView>> secrets() override;
  result<> set_secret(std::string_view name, std::string_view value, SecretPlace place) override;
  result<> remove_secret(std::string_view name, std::optional<std::int64_t> number) override;
  result<std::vector<CheckView>> test_secret(std::string_view name) override;

  result<std::vector<EventView>> events(std::string_view run, std::uint64_t after,
                                        std::uint32_t limit) override;
  bool wait_for_events(std::uint64_t after, std::chrono::milliseconds limit) override;
  result<RunView> wait(std::string_view run,
                       const std::function<void(const EventView&)>& on_event) override;
  void interrupt() override;
  result<std::unique_ptr<PreviewWatch>> watch_previews(std::string_view run) override;

  result<std::vector<ArtifactView>> artifacts(std::string_view run, std::uint32_t limit) override;
  result<std::filesystem::path> artifact(std::string_view digest,
                                         const std::filesystem::path& file) override;
  result<std::vector<ArtifactView>> verify_artifacts(std::string_view run) override;
  result<std::vector<KeptResultView>> kept_results(std::string_view operation,
                                                   std::uint32_t limit) override;
  result<std::uint64_t> clear_results(std::string_view operation) override;
  result<CleaningReport> clean(const Cleaning& cleaning) override;
  void close(bool at_once) override;

 private:
  // ---- local_runtime.cpp: which role this process has
  // Executes from now on if it may and can. An error is never `conflict`: then it stays a client.
  result<> try_to_execute(Duty duty);
  void get_ready();
  std::shared_ptr<Executor> executor() const;
  void stop_executing(bool at_once);
  result<store::Queries*> queries();
  result<store::Client*> client();
  // The services, from the executor or from a look at the configuration.
  result<std::shared_ptr<const ServiceBoard>> board();
  // With start_mutex_ held.
  result<> start_executing(Duty duty);
  result<artifact::ArtifactStore*> artifact_store();
  void published() override;
  void rested(std::optional<RunId> run) override { rests_.tell(run); }
  // Is it this process that makes the run go on?
  bool carries_out(RunId run) const;
  result<RunId> run_id(store::Queries& reader, std::string_view run);
  // Its events after `cursor`, which goes on.
  result<> show_news(store::Queries& reader, RunId run, std::uint64_t& cursor,
                     const std::function<void(const EventView&)>& on_event);

  // What became of attempts lately: what a forecast goes by.
  result<std::vector<ServiceMinute>> recent_use();
  // Files among what was given become artifacts of the store.
  result<> keep_files(const std::map<std::string, GivenInput>& inputs);
  // `planned` as make_plan() gave it for the submission.
  result<std::string> submit_planned(const Submission& submission, const Planned& planned,
                                     std::shared_ptr<const TakenOver> taken_over = nullptr);

  // ---- local_forking.cpp
  result<std::unique_ptr<PreparedFork>> prepare_fork(const Fork& fork);
  result<> decide(PreparedFork& prepared, const Plan& former,
                  const std::vector<std::string>& tasks);

  // ---- local_pipelines.cpp
  // A version, and all that it means: what it uses may lie elsewhere by now, or be another one.
  struct KeptPipeline {
    store::SavedPipeline row;
    DefinitionView meaning;
  };
  result<KeptPipeline> kept_pipeline(std::string_view version);
  // What `use` names, when it is kept under that name.
  result<PipelineText> saved_text(const std::string& name);
  result<PipelineVersionView> keep_version(const Pipeline& pipeline, store::SavedPipeline row);

  // ---- local_making.cpp
  // Waits for whoever has it, and says so before long. Kind `failed` after interrupt().
  result<store::FileLock> lock_making();
  result<> wait_a_little();
  // Empty while nothing has run.
  result<ProductHistory> history_of(const std::string& project);
  // Stops runs that make something else; what they have under way ends, and counts. Until the one
  // they give way to is there, the lock keeps others from asking for the same. `making.max_cost`
  // becomes less where one had less left, if it `inherits`.
  result<store::FileLock> replace(const Standing& standing, RunId by, const std::string& project,
                                  bool inherits, Making& making);
  result<> refuse_unsettled(RunId run, const std::string& project);
  // Says that the run gives way to that one, or to none any more.
  result<> give_way(RunId run, std::optional<RunId> to);
  // Waits until it has given way, or does not any more.
  result<> see_off(RunId run);
  // Less than `limit` ("": none) where the run has less left of its own.
  result<std::string> limit_with(RunId run, std::string limit);
  result<MakingView> submit_making(Preparation& prepared, const Planned& planned, RunId run,
                                   MakingView view);
  result<MakingView> carry_on(RunId run, std::string_view max_cost, MakingView view);

  // ---- local_products.cpp
  // Kind `not_found` when it is not.
  result<std::string> unpin(const std::string& project, const std::string& product,
                            const ProductHistory& history);

  // ---- local_control.cpp
  result<std::string> control(const Command& command, Duty duty);
  result<CommandAnswer> wait_for_answer(const Command& command, Duty duty);
  result<Command> command_for(CommandKind kind, std::string_view run, std::string_view task);
  result<Command> command_for_service(CommandKind kind, std::string_view service);
  result<TaskNo> find_task(RunId run, std::string_view name);

  // ---- local_schedules.cpp
  result<> start_schedules();
  void keep_schedules(const std::stop_token& stop);
  void stop_schedules();
  bool read_schedules_again(ConfigWatch& watch);
  // Those of the table and those that are given, as the definition of the schedule declares them.
  result<json::object> fixed_inputs(const Schedule& schedule,
                                    const std::map<std::string, GivenInput>& given);
  std::vector<Schedule> configured_schedules() const;
  // Of the store, which is made where nothing has run yet.
  result<std::vector<store::ScheduleRow>> schedule_rows();
  result<std::vector<Schedule>> all_schedules(const std::vector<store::ScheduleRow>& rows);
  result<Schedule> find_schedule(const std::vector<store::ScheduleRow>& rows,
                                 std::string_view name);
  result<store::ScheduleRow> row_of_schedule(std::string_view name);
  // Makes it known, from now on.
  result<std::string> put_schedule(const Schedule& schedule);

  // ---- local_looking.cpp
  bool executed() const;  // does this process or another one execute the folder now?
  result<EventView> show_event(const EventRecord& event);
  result<std::string> label_of(TaskRef task);
  class LookAtPreviews;
  result<std::vector<std::string>> tell_of_cache(TaskRef ref, const store::TaskDetail& detail,
                                                 const RunRecord& run);
  result<std::string> why(TaskRef ref, const store::TaskDetail& detail, const RunRecord& run);
  result<> look_at_services(const std::string& operation, Surroundings& surroundings);
  result<bool> at_rest(store::Queries& reader, const store::RunView& row);
  // What became of it; nothing while it goes on.
  result<std::optional<RunView>> look_whether_rested(store::Queries& reader, RunId run);

  // ---- local_artifacts.cpp
  result<ArtifactInfo> find_artifact(std::string_view digest);
  Error how_to_make_again(const Digest& digest, Error missing);

  const std::shared_ptr<const Environment> environment_;

  std::mutex start_mutex_;  // held while services are loaded or an executor is started
  std::shared_ptr<ServiceBoard> describing_;  // until an executor takes it over

  // Of everything below. Never held for long, nor during a call to the executor: close() takes it.
  mutable std::mutex mutex_;
  std::shared_ptr<Executor> executor_;
  std::shared_ptr<Executor> stopped_;  // the last one, or on its way there: may be hastened
  std::unique_ptr<store::Queries> queries_;
  std::unique_ptr<store::Client> client_;
  std::mutex client_mutex_;
  std::optional<artifact::ArtifactStore> artifacts_;
  std::unordered_map<RunId, std::vector<std::string>> labels_;  // of tasks, by number
  std::vector<Schedule> schedules_;                             // of the configuration

  DefinitionMemory definitions_{[this](const std::string& name) { return saved_text(name); }};
  RestBoard rests_;
  // Of the thread that looks at schedules.
  std::unique_ptr<store::Queries> schedule_queries_;
  std::unique_ptr<store::Client> schedule_client_;
  std::mutex scheduling_mutex_;  // held while that thread is joined
  std::mutex wake_mutex_;
  std::condition_variable wake_;
  std::uint64_t published_ = 0;
  bool interrupted_ = false;
  bool closed_ = false;
  std::jthread scheduling_;
};

}  // namespace weft::shell
