// SPDX-License-Identifier: Apache-2.0
// A runtime that answers what a test tells it and remembers what it was asked, and a command line
// around it.
#pragma once
#include <weft/runtime.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weft::cli::test {

inline constexpr const char* run_id = "0192f0c1-abcd-7e3f-8a11-000102030405";

// What the runtime holds and what was asked of it; shared, for the command line owns its runtime.
struct World {
  std::vector<RunView> runs;
  std::vector<TaskView> tasks;
  std::vector<EventView> events;
  std::vector<ArtifactView> artifacts;
  std::vector<ArtifactView> damaged;
  std::vector<ServiceView> services;
  std::vector<FoundServerView> servers;
  std::vector<PluginView> plugins;
  std::vector<CheckView> checks;
  std::vector<SecretView> secrets;
  std::vector<RehearsedJob> rehearsed;
  std::optional<Rehearsal> rehearsal;  // that was asked for last
  std::string typed;                   // what ask_secret() is answered
  std::vector<Preview> previews;       // are there for whoever looks
  PlanView plan;
  std::vector<PipelineVersionView> versions;
  std::vector<PipelineChangeView> changes;
  std::vector<TemplateView> templates;
  ForkView forked;
  std::optional<Fork> fork;  // that was planned or made last
  MakingView making;
  std::optional<Making> made;          // what was planned or made last
  std::vector<std::string> runs_made;  // make() answers these in turn; else run_id
  std::vector<ProductVersionView> products;
  TaskDetail detail;
  std::vector<ScheduleView> schedules;
  std::vector<KeptResultView> results;
  CleaningReport report;
  std::optional<Error> open_error;  // each: what the function of that name fails with
  std::optional<Error> submit_error;
  std::optional<Error> failure;
  std::function<void()> while_waiting;  // called by wait() before it ends
  std::function<void()> while_closing;  // called by close(false); it then waits for close(true)

  std::function<void()> on_control;  // called by what pauses, resumes, …
  bool log_lines = false;            // logs one line of each level when it is opened

  // Signals ask from a thread of their own.
  void note(const std::string& what) {
    const std::lock_guard lock(*mutex);
    asked.push_back(what);
  }
  std::shared_ptr<std::mutex> mutex = std::make_shared<std::mutex>();
  std::vector<std::string> asked;        // "pause 0192", "settle 0192 video[3] bought shot.mp4"
  std::optional<Submission> submission;  // that was planned or submitted last
  bool submitted = false;
  std::optional<Cleaning> cleaning;
  RuntimeOptions options;
  std::optional<int> left_with;  // the process would have ended at once, with this exit code
  bool executing = true;
};

class FakeRuntime : public Runtime {
 public:
  explicit FakeRuntime(World& world) : world_(world) {}

  bool executing() const override { return world_.executing; }
  std::optional<Error> failure() const override { return world_.failure; }
  std::filesystem::path state_folder() const override { return "/state"; }
  std::vector<std::filesystem::path> config_files() const override { return {"/etc/weft.toml"}; }

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
  result<std::vector<ScheduleView>> schedules() override { return world_.schedules; }
  result<std::vector<KeptResultView>> kept_results(std::string_view operation,
                                                   std::uint32_t limit) override;
  result<std::uint64_t> clear_results(std::string_view operation) override;
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
  result<std::vector<FoundServerView>> discover() override { return world_.servers; }
  result<std::vector<RehearsedJob>> rehearse(const Rehearsal& rehearsal) override;
  result<std::vector<PluginView>> plugins() override { return world_.plugins; }
  result<std::vector<CheckView>> check_plugin(const std::filesystem::path& file) override;
  result<std::vector<SecretView>> secrets() override { return world_.secrets; }
  result<> set_secret(std::string_view name, std::string_view value, SecretPlace place) override;
  result<> remove_secret(std::string_view name, std::optional<std::int64_t> number) override;
  result<std::vector<CheckView>> test_secret(std::string_view name) override;
  result<std::vector<EventView>> events(std::string_view run, std::uint64_t after,
                                        std::uint32_t limit) override;
  bool wait_for_events(std::uint64_t after, std::chrono::milliseconds limit) override;
  result<RunView> wait(std::string_view run,
                       const std::function<void(const EventView&)>& on_event) override;
  void interrupt() override { interrupted_ = true; }
  result<std::unique_ptr<PreviewWatch>> watch_previews(std::string_view run) override;
  result<std::vector<ArtifactView>> artifacts(std::string_view run, std::uint32_t limit) override;
  result<std::filesystem::path> artifact(std::string_view digest,
                                         const std::filesystem::path& file) override;
  result<std::vector<ArtifactView>> verify_artifacts(std::string_view run) override;
  result<CleaningReport> clean(const Cleaning& cleaning) override;
  void close(bool at_once) override;

 private:
  result<std::string> did(std::string what);
  World& world_;
  std::atomic<bool> interrupted_ = false;
  std::atomic<bool> hastened_ = false;
};

// What a command line printed and how it ended.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};
// `weft` with these arguments upon that world; neither output is a terminal.
Outcome run_weft(World& world, std::vector<std::string> arguments);

// A run, a task, an event with the members that most tests want.
RunView a_run(const std::string& state, const std::string& id = run_id);
TaskView a_task(std::uint32_t number, const std::string& name, const std::string& state);
EventView an_event(std::uint64_t seq, const std::string& type, const std::string& task,
                   const std::string& data);
// 2026-11-21T03:27:37.120Z, and later.
TimePoint moment(std::chrono::milliseconds later = {});

}  // namespace weft::cli::test
