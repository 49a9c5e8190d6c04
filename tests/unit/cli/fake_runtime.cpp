// SPDX-License-Identifier: Apache-2.0
#include "fake_runtime.hpp"

#include <fstream>
#include <sstream>
#include <thread>

#include "command_line.hpp"

namespace weft::cli::test {
namespace {

template <class View>
std::vector<View> first(const std::vector<View>& views, std::uint32_t limit) {
  return {views.begin(), views.begin() + std::min<std::ptrdiff_t>(limit, std::ssize(views))};
}

std::string text(std::string_view view) {
  return std::string(view);
}

}  // namespace

result<std::string> FakeRuntime::did(std::string what) {
  world_.note(what);
  if (world_.on_control) world_.on_control();
  return what + " is done";
}

result<PlanView> FakeRuntime::plan(const Submission& submission) {
  world_.submission = submission;
  return world_.plan;
}

result<std::vector<PipelineVersionView>> FakeRuntime::pipelines(std::string_view name) {
  std::vector<PipelineVersionView> all = world_.versions;
  std::erase_if(all, [&](const auto& one) { return !name.empty() && one.name != name; });
  return all;
}

result<PipelineVersionView> FakeRuntime::pipeline(std::string_view version) {
  for (const PipelineVersionView& one : world_.versions)
    if (one.name == version || one.name + "@" + std::to_string(one.number) == version) return one;
  return not_found("no pipeline '" + std::string(version) + "' is saved");
}

result<PipelineVersionView> FakeRuntime::save_pipeline(const PipelineSave& save) {
  world_.note("save " + save.definition.file + " by " + save.author + ": " + save.message);
  return world_.versions.front();
}

result<PipelineVersionView> FakeRuntime::roll_back_pipeline(std::string_view version,
                                                            const std::string& message,
                                                            const std::string& author) {
  world_.note("roll back to " + std::string(version) + " by " + author + ": " + message);
  return world_.versions.front();
}

result<std::vector<PipelineChangeView>> FakeRuntime::compare_pipelines(
    const DefinitionView& before, const DefinitionView& after) {
  world_.note("compare " + before.file + " with " + after.file);
  return world_.changes;
}

result<std::vector<TemplateView>> FakeRuntime::templates() {
  return world_.templates;
}

result<DefinitionView> FakeRuntime::fill_template(
    const std::string& name, const std::map<std::string, std::string>& params) {
  std::string text = "# " + name;
  for (const auto& [param, value] : params) text += " " + param + "=" + value;
  return DefinitionView{text + "\n", name + ".toml"};
}

result<ForkView> FakeRuntime::plan_fork(const Fork& fork) {
  world_.fork = fork;
  return world_.forked;
}

result<ForkView> FakeRuntime::fork(const Fork& fork) {
  world_.note("fork " + fork.run);
  world_.fork = fork;
  return world_.forked;
}

result<MakingView> FakeRuntime::plan_making(const Making& making) {
  world_.made = making;
  return world_.making;
}

result<MakingView> FakeRuntime::make(const Making& making) {
  world_.note("make " + making.project.string());
  world_.made = making;
  MakingView view = world_.making;
  if (view.to_make == 0) return view;
  view.run = run_id;
  if (!world_.runs_made.empty()) {
    view.run = world_.runs_made.front();
    world_.runs_made.erase(world_.runs_made.begin());
  }
  return view;
}

result<std::vector<ProductVersionView>> FakeRuntime::products(const std::filesystem::path&) {
  return world_.products;
}

result<std::string> FakeRuntime::say_of_product(const std::filesystem::path& project,
                                                const std::string& product, ProductWord word) {
  world_.note("say " + project.string() + " " + product + " " +
              std::to_string(static_cast<int>(word)));
  return product + " is noted";
}

result<std::string> FakeRuntime::submit(const Submission& submission) {
  world_.submitted = true;
  world_.submission = submission;
  if (world_.submit_error) return *world_.submit_error;
  return std::string(run_id);
}

result<std::string> FakeRuntime::pause(std::string_view run) {
  return did("pause " + text(run));
}

result<std::string> FakeRuntime::resume(std::string_view run, std::string_view max_cost) {
  return did("resume " + text(run) + (max_cost.empty() ? "" : " with " + text(max_cost)));
}

result<std::string> FakeRuntime::cancel(std::string_view run) {
  return did("cancel " + text(run));
}

result<std::string> FakeRuntime::retry(std::string_view run, std::string_view task, bool rebuy) {
  return did("retry " + text(run) + (task.empty() ? "" : " " + text(task)) +
             (rebuy ? " rebuy" : ""));
}

result<std::string> FakeRuntime::skip(std::string_view run, std::string_view task) {
  return did("skip " + text(run) + " " + text(task));
}

result<std::string> FakeRuntime::drain_service(std::string_view service, std::string_view reason) {
  return did("drain " + text(service) + (reason.empty() ? "" : " for " + text(reason)));
}

result<std::string> FakeRuntime::enable_service(std::string_view service) {
  return did("enable " + text(service));
}

result<std::string> FakeRuntime::settle(std::string_view run, std::string_view task, bool bought,
                                        const std::filesystem::path& file) {
  return did("settle " + text(run) + " " + text(task) + (bought ? " bought" : " not bought") +
             (file.empty() ? "" : " " + file.string()));
}

result<std::string> FakeRuntime::approve(std::string_view run, std::string_view task,
                                         std::optional<std::uint32_t> choice,
                                         std::string_view note) {
  return did("approve " + text(run) + " " + text(task) +
             (choice ? " choice " + std::to_string(*choice) : "") +
             (note.empty() ? "" : " note " + text(note)));
}

result<std::string> FakeRuntime::reject(std::string_view run, std::string_view task,
                                        std::string_view note) {
  return did("reject " + text(run) + " " + text(task) +
             (note.empty() ? "" : " note " + text(note)));
}

result<std::vector<KeptResultView>> FakeRuntime::kept_results(std::string_view operation,
                                                              std::uint32_t limit) {
  std::vector<KeptResultView> kept;
  for (const KeptResultView& one : world_.results)
    if ((operation.empty() || one.operation == operation) && kept.size() < limit)
      kept.push_back(one);
  return kept;
}

result<std::uint64_t> FakeRuntime::clear_results(std::string_view operation) {
  return std::erase_if(world_.results, [&](const KeptResultView& one) {
    return operation.empty() || one.operation == operation;
  });
}

result<std::string> FakeRuntime::give(std::string_view run, std::string_view task,
                                      const std::map<std::string, GivenInput>& values) {
  std::string what = "give " + text(run) + " " + text(task);
  for (const auto& [name, given] : values)
    what += " " + name + "=" + (given.text ? *given.text : given.file.string());
  return did(what);
}

result<ScheduleView> FakeRuntime::schedule(std::string_view name, std::uint32_t) {
  for (const ScheduleView& view : world_.schedules)
    if (view.name == name) return view;
  return not_found("no schedule '" + text(name) + "'");
}

result<std::string> FakeRuntime::add_schedule(std::string_view name, std::string_view table,
                                              const std::map<std::string, GivenInput>& inputs) {
  std::string what = "add " + text(name) + " " + text(table);
  for (const auto& [input, given] : inputs) what += " " + input + "=" + given.text.value_or("?");
  return did(what);
}
result<std::string> FakeRuntime::remove_schedule(std::string_view name) {
  return did("remove " + text(name));
}
result<std::string> FakeRuntime::pause_schedule(std::string_view name, bool paused) {
  return did((paused ? "pause " : "resume ") + text(name));
}
result<std::string> FakeRuntime::run_schedule(std::string_view name) {
  return did("run " + text(name));
}

result<std::vector<RunView>> FakeRuntime::runs(const RunQuery& query) {
  std::vector<RunView> found;
  for (const RunView& run : world_.runs)
    if (query.state.empty() || query.state == run.state) found.push_back(run);
  return first(found, query.limit);
}

result<RunView> FakeRuntime::run(std::string_view run) {
  for (const RunView& view : world_.runs)
    if (view.id.starts_with(run)) return view;
  return not_found("no run '" + text(run) + "'", "weft runs lists them");
}

result<std::vector<TaskView>> FakeRuntime::tasks(std::string_view, const TaskQuery& query) {
  std::vector<TaskView> found;
  for (const TaskView& task : world_.tasks)
    if (query.state.empty() || query.state == task.state) found.push_back(task);
  return first(found, query.limit);
}

result<TaskDetail> FakeRuntime::task(std::string_view, std::string_view task) {
  if (world_.detail.task.name != task) return not_found("no task '" + text(task) + "'");
  return world_.detail;
}

result<std::vector<CheckView>> FakeRuntime::check_plugin(const std::filesystem::path&) {
  return world_.checks;
}

result<std::vector<RehearsedJob>> FakeRuntime::rehearse(const Rehearsal& rehearsal) {
  world_.rehearsal = rehearsal;
  return world_.rehearsed;
}

result<std::vector<EventView>> FakeRuntime::events(std::string_view, std::uint64_t after,
                                                   std::uint32_t limit) {
  std::vector<EventView> found;
  for (const EventView& event : world_.events)
    if (event.cursor > after) found.push_back(event);
  return first(found, limit);
}

bool FakeRuntime::wait_for_events(std::uint64_t, std::chrono::milliseconds) {
  if (world_.while_waiting) world_.while_waiting();
  return true;
}

result<RunView> FakeRuntime::wait(std::string_view run,
                                  const std::function<void(const EventView&)>& on_event) {
  for (const EventView& event : world_.events) on_event(event);
  if (world_.while_waiting) {
    world_.while_waiting();
    while (!interrupted_) std::this_thread::yield();
    return failed("interrupted");
  }
  return this->run(run);
}

result<std::unique_ptr<PreviewWatch>> FakeRuntime::watch_previews(std::string_view run) {
  class Watch final : public PreviewWatch {
   public:
    explicit Watch(std::vector<Preview> previews) : previews_(std::move(previews)) {}
    std::vector<Preview> take(std::chrono::milliseconds) override {
      return std::exchange(previews_, {});
    }

   private:
    std::vector<Preview> previews_;
  };
  world_.note("previews " + std::string(run));
  return std::unique_ptr<PreviewWatch>(std::make_unique<Watch>(world_.previews));
}

void FakeRuntime::close(bool at_once) {
  world_.note(at_once ? "close at once" : "close");
  if (at_once) {
    hastened_ = true;
  } else if (world_.while_closing) {
    world_.while_closing();
    while (!hastened_) std::this_thread::yield();
  }
}

result<std::vector<ArtifactView>> FakeRuntime::artifacts(std::string_view, std::uint32_t limit) {
  return first(world_.artifacts, limit);
}

result<std::filesystem::path> FakeRuntime::artifact(std::string_view digest,
                                                    const std::filesystem::path& file) {
  if (file.empty()) return std::filesystem::path("/state/artifacts") / digest;
  std::ofstream(file) << "bytes of " << digest;
  return file;
}

result<std::vector<ArtifactView>> FakeRuntime::verify_artifacts(std::string_view) {
  return world_.damaged;
}

result<CleaningReport> FakeRuntime::clean(const Cleaning& cleaning) {
  world_.cleaning = cleaning;
  return world_.report;
}

result<std::vector<ServiceView>> FakeRuntime::services(std::chrono::milliseconds span) {
  world_.note("services of " + std::to_string(span.count()) + " ms");
  return world_.services;
}

result<> FakeRuntime::set_secret(std::string_view name, std::string_view value, SecretPlace place) {
  constexpr const char* places[] = {"only", "first", "last"};
  world_.note("set " + std::string(name) + " " + std::string(value) + " " +
              places[static_cast<std::size_t>(place)]);
  return {};
}
result<> FakeRuntime::remove_secret(std::string_view name, std::optional<std::int64_t> number) {
  world_.note("remove " + std::string(name) + (number ? " " + std::to_string(*number) : ""));
  return {};
}
result<std::vector<CheckView>> FakeRuntime::test_secret(std::string_view name) {
  world_.note("test " + std::string(name));
  return world_.checks;
}

Outcome run_weft(World& world, std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const Surroundings surroundings{
      out,
      err,
      -1,
      -1,
      [&world](RuntimeOptions options) -> result<std::unique_ptr<Runtime>> {
        world.options = std::move(options);
        if (world.log_lines)
          for (const char* level : {"error", "warn", "info", "debug"})
            world.options.log(level, std::string_view(level).substr(0, 1));
        if (world.open_error) return *world.open_error;
        return std::unique_ptr<Runtime>(std::make_unique<FakeRuntime>(world));
      },
      "0.1.0",
      [&world](int code) { world.left_with = code; },
      [&world](const std::string&) -> result<std::string> { return world.typed; }};
  Outcome outcome;
  outcome.code = run_command_line(surroundings, std::move(arguments));
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

RunView a_run(const std::string& state, const std::string& id) {
  RunView run;
  run.id = id;
  run.pipeline = "film";
  run.state = state;
  run.created_at = moment();
  if (state != "active" && state != "paused" && state != "failed")
    run.ended_at = moment(std::chrono::seconds(125));
  run.tasks = {{"succeeded", 1}};
  return run;
}

TaskView a_task(std::uint32_t number, const std::string& name, const std::string& state) {
  TaskView task;
  task.number = number;
  task.name = name;
  task.operation = "video.generate";
  task.state = state;
  if (state == "running") {
    task.service = "comfy-a";
    task.started_at = moment();
  }
  return task;
}

EventView an_event(std::uint64_t seq, const std::string& type, const std::string& task,
                   const std::string& data) {
  return {seq, run_id, seq, moment(std::chrono::seconds(seq)), type, task, data};
}

TimePoint moment(std::chrono::milliseconds later) {
  return TimePoint(std::chrono::milliseconds(1795231657120)) + later;
}

}  // namespace weft::cli::test
