// SPDX-License-Identifier: Apache-2.0
// weft in a program of yours: open a runtime, submit a definition, follow its events, control it,
// ask about it, close.
//
//   auto runtime = weft::Runtime::open({});
//   if (!runtime) return complain(runtime.error());
//   auto run = (*runtime)->submit({.definition = text, .file = "shots.toml", .inputs = {{"seed",
//   weft::given_json("7")}}}); auto end = (*runtime)->wait(*run);            // end->state ==
//   "succeeded"
//
// Everything is in this process: no server, no second program. Values are flat: ids and JSON are
// text, so a program needs no library of ours but this header and <weft/result.hpp>.
//
// Threads: a Runtime may be used by any number of threads at once, unless a function says
// otherwise. Callbacks come on a thread of the runtime; they may call the runtime, but what they do
// holds up the next callback. No function throws; errors are values, and say what to do.
//
// One state folder has one executing runtime. A Runtime that opens a folder which another process
// executes is a client: it submits, controls and reads; what it asks for is done by the other one.
#pragma once
#include <weft/cleaning.hpp>
#include <weft/forking.hpp>
#include <weft/making.hpp>
#include <weft/pipelines.hpp>
#include <weft/preview.hpp>
#include <weft/projection.hpp>
#include <weft/rehearsal.hpp>
#include <weft/result.hpp>
#include <weft/results.hpp>
#include <weft/runs.hpp>
#include <weft/schedules.hpp>
#include <weft/services.hpp>
#include <weft/usage.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

// ----------------------------------------------------------------------------------------------------
// opening

enum class Role {
  execute,    // take the folder's lock at once, and start what schedules say; kind `conflict` when
              // another process has it
  on_demand,  // read and submit as a client; take the lock, if it is free, when something has to be
              // executed
  client,     // never execute
};

struct RuntimeOptions {
  std::filesystem::path config;  // "": looked up as configs/README.md says
  std::filesystem::path state;   // "": as the configuration says
  // A file of services to be tried: they stand in place of those of the configuration, and what is
  // done with them is kept in a state folder of its own, `tries` in that of the configuration.
  std::filesystem::path services;
  std::vector<std::filesystem::path> plugins;  // folders to search before the configuration's
  Role role = Role::on_demand;
  // Log lines, without secrets: (level, line). Unset: warnings and errors go to stderr.
  std::function<void(std::string_view, std::string_view)> log;
  // For tests of what a crash leaves behind: called right before (false) and after (true) the n-th
  // commit.
  std::function<void(bool after, std::uint64_t n)> commit_hook;
};

// ----------------------------------------------------------------------------------------------------
// submitting

// What an input is given: one of these.
struct GivenInput {
  std::string json;                 // a JSON value
  std::filesystem::path file;       // a file that becomes an artifact
  std::vector<GivenInput> list;     // not empty: an array of these
  std::optional<std::string> text;  // as a person wrote it: as it stands for an input that is
                                    // declared to be a string, else it is read as JSON
};
inline GivenInput given_json(std::string json) {
  return {std::move(json), {}, {}, {}};
}
inline GivenInput given_file(std::filesystem::path file) {
  return {{}, std::move(file), {}, {}};
}
inline GivenInput given_list(std::vector<GivenInput> list) {
  return {{}, {}, std::move(list), {}};
}
inline GivenInput given_text(std::string text) {
  return {{}, {}, {}, std::move(text)};
}

struct Submission {
  std::string definition;  // TOML or JSON text
  std::string file;        // its name in error messages; ".json" at its end means JSON
  std::map<std::string, GivenInput> inputs;
  std::string max_cost;  // "5.00" or "5.00 EUR": the limit of the run; "": none
  std::int32_t priority = 0;
  bool no_cache = false;  // everything is made anew, whatever results of earlier runs are kept
  std::string id;  // a UUID of yours, so that submitting twice is submitting once; "": one is made
};

struct PluginView {
  std::filesystem::path file;
  std::string id;
  std::string version;
  std::vector<std::string> components;
  std::string problem;  // why it could not be loaded; "" it was
};

struct ArtifactView {
  std::string digest;  // SHA-256 in hex
  std::uint64_t size_bytes = 0;
  std::string media_type;
  std::string name;
  std::string run;  // that refers to it; "" none
  std::string task;
};

// One finding of `check_plugin`.
struct CheckView {
  std::string name;
  bool passed = false;
  std::string message;
};

// One value of a secret, as far as it may be shown.
struct SecretView {
  std::string name;
  std::string source;       // "store", "environment VARIABLE", "file PATH", "credential NAME"
  std::int64_t number = 0;  // of the store: names the value within its secret; else 0
  std::string hint;         // the last four characters; "": too short to show any, or not known
  bool missing = false;     // there is no value, or it cannot be read
  std::optional<TimePoint> created_at;  // of the store
  std::vector<std::string> services;    // that may use the secret
};
// Where a new value of a secret goes.
enum class SecretPlace {
  only,   // in place of all others
  first,  // is asked before the others
  last,   // is asked when the others are refused
};

struct RunQuery {
  std::string state;     // "": any
  std::string pipeline;  // "": any
  std::uint32_t limit = 50;
};
struct TaskQuery {
  std::string state;       // "": any
  std::uint32_t from = 0;  // the first task number
  std::uint32_t limit = UINT32_MAX;
};

// ----------------------------------------------------------------------------------------------------
// the runtime

class Runtime {
 public:
  static result<std::unique_ptr<Runtime>> open(RuntimeOptions options);
  // Closes as close() does.
  virtual ~Runtime() = default;

  // Does this process execute?
  virtual bool executing() const = 0;
  // Why this process executes nothing any more: its store has failed (a full disk, an I/O error).
  // Nothing while all is well. Close, mend the machine and open it again: nothing is lost.
  virtual std::optional<Error> failure() const = 0;
  // Configuration as read: where the state is, which files were read.
  virtual std::filesystem::path state_folder() const = 0;
  virtual std::vector<std::filesystem::path> config_files() const = 0;

  // ---- definitions
  // Everything that is wrong with a definition and its inputs, together; nothing is written.
  virtual result<PlanView> plan(const Submission& submission) = 0;
  // Durable on return. The run's id. Begins to execute when this runtime may and can.
  virtual result<std::string> submit(const Submission& submission) = 0;

  // ---- definitions under their names. `version`: "film", the newest, or "film@3".
  // All versions of one name, or of all (""): by name, the newest first.
  virtual result<std::vector<PipelineVersionView>> pipelines(std::string_view name = {}) = 0;
  virtual result<PipelineVersionView> pipeline(std::string_view version) = 0;
  // Checks it as plan() does, without inputs, and makes it the newest version of its name; no new
  // one when the newest means the same.
  virtual result<PipelineVersionView> save_pipeline(const PipelineSave& save) = 0;
  // Makes what that version means the newest one.
  virtual result<PipelineVersionView> roll_back_pipeline(std::string_view version,
                                                         const std::string& message = {},
                                                         const std::string& author = {}) = 0;
  // What is different in what they mean; nothing when they mean the same.
  virtual result<std::vector<PipelineChangeView>> compare_pipelines(
      const DefinitionView& before, const DefinitionView& after) = 0;

  // The templates that are compiled in.
  virtual result<std::vector<TemplateView>> templates() = 0;
  // A definition of one of them, or of a file of one's own. `params` as a person writes them: a
  // text as it stands where the param is one, else JSON. It is not checked further: plan() does.
  virtual result<DefinitionView> fill_template(
      const std::string& name, const std::map<std::string, std::string>& params) = 0;

  // ---- forks: a new run that takes over what another one has made, as far as it still means the
  // same and hangs on nothing that does not. Nothing that was paid for is bought again otherwise.
  virtual result<ForkView> plan_fork(const Fork& fork) = 0;
  // Durable on return, as submit().
  virtual result<ForkView> fork(const Fork& fork) = 0;

  // ---- projects: what is asked for, and what is missing of it
  // Reads the project and its recipes and says what would be made, and why; nothing is written.
  virtual result<MakingView> plan_making(const Making& making) = 0;
  // Submits a run that makes what is missing; `run` is "" when nothing is. A run of the project
  // that makes all of that already is carried on. One that makes some of it, or made it another
  // way, is stopped first, once what it has under way has ended, so that no call is made twice;
  // what else it had to make is made with the rest.
  virtual result<MakingView> make(const Making& making) = 0;
  // The versions of the products of a project that were made or are being made, the newest first.
  virtual result<std::vector<ProductVersionView>> products(
      const std::filesystem::path& project) = 0;
  // Says it of the version of a product that would be taken, else of the newest, and answers what
  // was done.
  virtual result<std::string> say_of_product(const std::filesystem::path& project,
                                             const std::string& product, ProductWord word) = 0;

  // ---- control; each answers what was done, or, to a client while no process executes, that it is
  // kept for the next one that does. `run` is an id or a beginning of one that only one
  // run has; `task` a name: "video[3]", or "video" for all items of a group.
  virtual result<std::string> pause(std::string_view run) = 0;
  // Un-pauses, or carries on what a dead runtime left. `max_cost` is a new limit; "" leaves the old
  // one.
  virtual result<std::string> resume(std::string_view run, std::string_view max_cost = {}) = 0;
  virtual result<std::string> cancel(std::string_view run) = 0;
  // `task` "": every failed task. `rebuy`: also what may have been bought.
  virtual result<std::string> retry(std::string_view run, std::string_view task = {},
                                    bool rebuy = false) = 0;
  virtual result<std::string> skip(std::string_view run, std::string_view task) = 0;
  // Says what became of an attempt of unknown outcome. `file`: the result, when it was bought and
  // is at hand.
  virtual result<std::string> settle(std::string_view run, std::string_view task, bool bought,
                                     const std::filesystem::path& file = {}) = 0;

  // Answers a task that waits for somebody to decide, or all such items of a group. `choice`:
  // which, from 0, where there is something to choose from. `note` is for people.
  virtual result<std::string> approve(std::string_view run, std::string_view task,
                                      std::optional<std::uint32_t> choice = {},
                                      std::string_view note = {}) = 0;
  // What follows says the definition (`on_reject`).
  virtual result<std::string> reject(std::string_view run, std::string_view task,
                                     std::string_view note = {}) = 0;
  // Gives a task what it waits for. Kind `invalid`: it is not what the definition asks for; nothing
  // is changed, and the task waits on.
  virtual result<std::string> give(std::string_view run, std::string_view task,
                                   const std::map<std::string, GivenInput>& values) = 0;

  // A service out of use: it begins nothing more, what runs there ends well, and tasks go elsewhere
  // or wait. It stays so over a restart. `reason` is for people.
  virtual result<std::string> drain_service(std::string_view service,
                                            std::string_view reason = {}) = 0;
  // Back into use; one that is left alone because it failed may be tried out at once.
  virtual result<std::string> enable_service(std::string_view service) = 0;

  // ---- schedules: of the configuration, or made by hand
  virtual result<std::vector<ScheduleView>> schedules() = 0;
  // With so many of its history.
  virtual result<ScheduleView> schedule(std::string_view name, std::uint32_t history = 20) = 0;
  // `table`: what [schedules.NAME] of the configuration would hold, as a JSON object with absolute
  // paths. `inputs` come to those of the table: each means what submit() takes it for, and `${…}`
  // in a text hangs on the cause. All that can be told now of definition and inputs is checked.
  // Kind `conflict`: there is one of this name.
  virtual result<std::string> add_schedule(
      std::string_view name, std::string_view table,
      const std::map<std::string, GivenInput>& inputs = {}) = 0;
  // One that was made by hand.
  virtual result<std::string> remove_schedule(std::string_view name) = 0;
  // A paused one starts nothing, and what passes meanwhile is not made up for.
  virtual result<std::string> pause_schedule(std::string_view name, bool paused) = 0;
  // Asks for a run of it once, whatever goes on. A process that stands by starts it, now or when
  // the next one begins to.
  virtual result<std::string> run_schedule(std::string_view name) = 0;

  // ---- looking
  virtual result<std::vector<RunView>> runs(const RunQuery& query) = 0;
  virtual result<RunView> run(std::string_view run) = 0;
  virtual result<std::vector<TaskView>> tasks(std::string_view run,
                                              const TaskQuery& query = {}) = 0;
  virtual result<TaskDetail> task(std::string_view run, std::string_view task) = 0;
  // With what became of their attempts in the last hour, or another span up to 30 days.
  virtual result<std::vector<ServiceView>> services(
      std::chrono::milliseconds span = std::chrono::hours{1}) = 0;
  // Asks this machine for servers at well-known ports, if the configuration says `discover = true`;
  // takes a second at most. They are offered, never used by themselves.
  virtual result<std::vector<FoundServerView>> discover() = 0;
  virtual result<std::vector<PluginView>> plugins() = 0;
  virtual result<std::vector<CheckView>> check_plugin(const std::filesystem::path& file) = 0;
  // Reads a file of services and says what they would send, without sending anything; with answers,
  // what they make of them. All mistakes of the file come together, with their places.
  virtual result<std::vector<RehearsedJob>> rehearse(const Rehearsal& rehearsal) = 0;

  // ---- secrets; a value goes in and never comes out
  virtual result<std::vector<SecretView>> secrets() = 0;
  // Seals it into the store. Kind `invalid`: no name, or no value that can stand in a header.
  virtual result<> set_secret(std::string_view name, std::string_view value, SecretPlace place) = 0;
  // One value of it, or all, out of the store.
  virtual result<> remove_secret(std::string_view name, std::optional<std::int64_t> number) = 0;
  // Asks each service that may use the secret whether it is well, which costs nothing; by name of
  // the service.
  virtual result<std::vector<CheckView>> test_secret(std::string_view name) = 0;

  // ---- events: the one log, in commit order. `run` "": of all runs.
  virtual result<std::vector<EventView>> events(std::string_view run, std::uint64_t after,
                                                std::uint32_t limit = 1000) = 0;
  // Returns when something after `after` may be there to read, or at the time limit; false at the
  // time limit, after interrupt(), and when there is a failure().
  virtual bool wait_for_events(std::uint64_t after, std::chrono::milliseconds limit) = 0;
  // Waits until the run rests: it has ended, has failed, is paused, or only waits for people.
  // Executes meanwhile when this runtime may, and takes over when the executing process goes.
  // `on_event` (may be empty) gets its events, on the calling thread. Kind `failed` when
  // interrupt() was called meanwhile.
  virtual result<RunView> wait(std::string_view run,
                               const std::function<void(const EventView&)>& on_event = {}) = 0;
  // Makes every wait() of this runtime return soon, and what waits for the answer to a command.
  // Safe in a signal handler's thread, not in the handler itself.
  virtual void interrupt() = 0;
  // Of what this process executes: previews are in memory only, and never stored.
  virtual result<std::unique_ptr<PreviewWatch>> watch_previews(std::string_view run) = 0;

  // ---- artifacts; `digest` in hex, or a beginning of it that only one artifact has
  virtual result<std::vector<ArtifactView>> artifacts(std::string_view run,
                                                      std::uint32_t limit = 100) = 0;
  // Copies it to `file`; "" answers its path inside the store, for reading only.
  virtual result<std::filesystem::path> artifact(std::string_view digest,
                                                 const std::filesystem::path& file = {}) = 0;
  // Reads every artifact (of one run, or all: "") and compares; answers those that are damaged or
  // missing.
  virtual result<std::vector<ArtifactView>> verify_artifacts(std::string_view run) = 0;

  // ---- results that later tasks may take; of one operation, or of all (""), the last used first
  virtual result<std::vector<KeptResultView>> kept_results(std::string_view operation = {},
                                                           std::uint32_t limit = 100) = 0;
  // Answers how many; their artifacts go with the next clean(), unless a run refers to them.
  virtual result<std::uint64_t> clear_results(std::string_view operation = {}) = 0;

  virtual result<CleaningReport> clean(const Cleaning& cleaning) = 0;

  // Stops dispatching, ends local work as interrupted, leaves remote jobs alone, frees the lock.
  // `at_once`: without waiting for local work to end; called while another thread is in close(), it
  // makes that return soon. Afterwards only the destructor may be called, which does wait.
  virtual void close(bool at_once = false) = 0;
};

// The version of this library: "0.1.0".
std::string_view version() noexcept;

}  // namespace weft
