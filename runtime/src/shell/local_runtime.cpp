// SPDX-License-Identifier: Apache-2.0
// Opening and closing, the role of this process, submitting, waiting.
#include "shell/local_runtime.hpp"

#include <algorithm>

#include "shell/submission.hpp"
#include "shell/views.hpp"
#include "store/lock.hpp"

namespace weft {

result<std::unique_ptr<Runtime>> Runtime::open(RuntimeOptions options) {
  auto environment = shell::read_environment(std::move(options));
  if (!environment) return std::move(environment).error();
  auto runtime = std::make_unique<shell::LocalRuntime>(std::move(*environment));
  if (auto begun = runtime->begin(); !begun) return std::move(begun).error();
  return std::unique_ptr<Runtime>(std::move(runtime));
}

std::string_view version() noexcept {
  return WEFT_VERSION;
}

namespace shell {
namespace {

// How often a client looks whether the executing runtime has gone, or has written.
constexpr std::chrono::milliseconds look_every{50};
// And how often all the same where this process would be told.
constexpr std::chrono::milliseconds look_anyway_every{1000};

}  // namespace

result<> LocalRuntime::begin() {
  if (environment_->options.role != Role::execute) return {};
  {
    const std::lock_guard starting(start_mutex_);
    if (auto started = start_executing(Duty::everything); !started) return started;
  }
  return start_schedules();
}

// ---------------------------------------------------------------- the role

std::shared_ptr<Executor> LocalRuntime::executor() const {
  const std::lock_guard lock(mutex_);
  return executor_;
}

bool LocalRuntime::executing() const {
  return executor() != nullptr;
}

result<> LocalRuntime::try_to_execute(Duty duty) {
  if (environment_->options.role == Role::client) return {};
  const std::lock_guard starting(start_mutex_);
  if (const auto running = executor()) {
    if (running->duty() == Duty::everything || duty == Duty::commands) return {};
    stop_executing(false);
  }
  auto started = start_executing(duty);
  if (!started && started.error().kind == ErrorKind::conflict) return {};
  return started;
}

result<> LocalRuntime::start_executing(Duty duty) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return {};
  }
  const auto services = [this]() -> result<std::shared_ptr<ServiceBoard>> {
    if (describing_) return std::exchange(describing_, nullptr);
    return ServiceBoard::open(environment_);
  };
  auto started = Executor::start(environment_, services, duty, *this);
  if (!started) return std::move(started).error();
  const std::lock_guard lock(mutex_);
  if (!closed_) executor_ = std::move(*started);  // else closed meanwhile: it goes at once
  return {};
}

// Loads the services while another process executes: loading them takes longer than taking over.
void LocalRuntime::get_ready() {
  if (environment_->options.role == Role::client || executing()) return;
  // An error is told by whoever needs them.
  [[maybe_unused]] const auto services = board();
}

void LocalRuntime::stop_executing(bool at_once) {
  std::shared_ptr<Executor> leaving;
  {
    const std::lock_guard lock(mutex_);
    if (executor_) stopped_ = std::exchange(executor_, nullptr);
    leaving = stopped_;
  }
  if (leaving) leaving->stop(at_once);
}

std::optional<Error> LocalRuntime::failure() const {
  const auto running = executor();
  return running ? running->failure() : std::nullopt;
}

void LocalRuntime::published() {
  {
    const std::lock_guard lock(wake_mutex_);
    ++published_;
  }
  wake_.notify_all();
}

void LocalRuntime::interrupt() {
  {
    const std::lock_guard lock(wake_mutex_);
    interrupted_ = true;
  }
  wake_.notify_all();
  rests_.tell(std::nullopt);
}

void LocalRuntime::close(bool at_once) {
  interrupt();
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  stop_schedules();
  stop_executing(at_once);
}

// ---------------------------------------------------------------- what it stands on

result<store::Queries*> LocalRuntime::queries() {
  const std::lock_guard lock(mutex_);
  if (!queries_) {
    store::Options options;
    options.folder = environment_->state;
    auto opened = store::Queries::open(options);
    if (!opened) return std::move(opened).error();
    queries_ = std::move(*opened);
  }
  return queries_.get();
}

result<store::Client*> LocalRuntime::client() {
  const std::lock_guard lock(mutex_);
  if (!client_) {
    store::Options options;
    options.folder = environment_->state;
    auto opened = store::Client::open(options);
    if (!opened) return std::move(opened).error();
    client_ = std::move(*opened);
  }
  return client_.get();
}

result<std::shared_ptr<const ServiceBoard>> LocalRuntime::board() {
  const std::lock_guard starting(start_mutex_);
  if (const auto running = executor()) return running->board();
  if (!describing_) {
    auto opened = ServiceBoard::open(environment_);
    if (!opened) return std::move(opened).error();
    describing_ = std::move(*opened);
  }
  return std::shared_ptr<const ServiceBoard>(describing_);
}

result<artifact::ArtifactStore*> LocalRuntime::artifact_store() {
  const std::lock_guard lock(mutex_);
  if (!artifacts_) {
    auto opened = artifact::ArtifactStore::open(environment_->state / "artifacts");
    if (!opened) return std::move(opened).error();
    artifacts_.emplace(std::move(*opened));
  }
  return &*artifacts_;
}

// ---------------------------------------------------------------- submitting

result<std::vector<ServiceMinute>> LocalRuntime::recent_use() {
  constexpr std::chrono::days recent{7};
  auto reader = queries();
  if (reader) return (*reader)->service_use(now() - recent);
  if (reader.error().kind != ErrorKind::not_found) return std::move(reader).error();
  return std::vector<ServiceMinute>{};  // nothing has run yet
}

result<PlanView> LocalRuntime::plan(const Submission& submission) {
  auto services = board();
  if (!services) return std::move(services).error();
  auto planned =
      make_plan(submission, *environment_, (*services)->table(), describe_file, definitions_);
  if (!planned) return std::move(planned).error();
  auto history = recent_use();
  if (!history) return std::move(history).error();
  return show_plan(*planned, *(*services)->table(), *history);
}

result<std::string> LocalRuntime::submit(const Submission& submission) {
  auto services = board();
  if (!services) return std::move(services).error();
  // First everything that can be wrong, without writing anything.
  auto planned =
      make_plan(submission, *environment_, (*services)->table(), describe_file, definitions_);
  if (!planned) return std::move(planned).error();
  return submit_planned(submission, *planned);
}

result<> LocalRuntime::keep_files(const std::map<std::string, GivenInput>& inputs) {
  auto artifacts = artifact_store();
  if (!artifacts) return std::move(artifacts).error();
  const std::function<result<>(const GivenInput&)> keep = [&](const GivenInput& given) -> result<> {
    for (const GivenInput& element : given.list)
      if (auto kept = keep(element); !kept) return kept;
    if (given.file.empty()) return {};
    auto kept = (*artifacts)->put_file(given.file);
    if (!kept) return std::move(kept).error();
    return {};
  };
  for (const auto& [name, given] : inputs)
    if (auto kept = keep(given); !kept) return std::move(kept).error().in("input '" + name + "'");
  return {};
}

result<std::string> LocalRuntime::submit_planned(const Submission& submission,
                                                 const Planned& planned,
                                                 std::shared_ptr<const TakenOver> taken_over) {
  auto run = make_run(submission, *planned.plan, *environment_);
  if (!run) return std::move(run).error();
  for (const Diagnostic& warning : planned.warnings) environment_->log->warn(on_one_line(warning));

  if (auto tried = try_to_execute(Duty::everything); !tried) return std::move(tried).error();
  if (auto kept = keep_files(submission.inputs); !kept) return std::move(kept).error();

  const std::string id = run->id.to_string();
  if (taken_over)
    run->degraded = std::ranges::any_of(taken_over->tasks, &TakenOver::Task::degraded);
  // What takes over results is loaded as any run that somebody else has put in.
  if (const auto running = executor(); running && !taken_over) {
    auto accepted = running->submit(std::move(*run), planned.plan);
    if (!accepted) return std::move(accepted).error();
    return id;
  }
  auto handed_in = client();
  if (!handed_in) return std::move(handed_in).error();
  const std::lock_guard lock(client_mutex_);
  if (auto done =
          (*handed_in)->submit(InsertRun{std::move(*run), planned.plan, std::move(taken_over)});
      !done)
    return std::move(done).error();
  return id;
}

// ---------------------------------------------------------------- waiting

bool LocalRuntime::wait_for_events(std::uint64_t after, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(wake_mutex_);
      seen = published_;
      if (interrupted_) return false;
    }
    if (failure()) return false;
    auto reader = queries();
    if (reader)
      if (const auto last = (*reader)->last_event(); last && *last > after) return true;
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) return false;
    std::unique_lock lock(wake_mutex_);
    wake_.wait_for(lock, std::min<std::chrono::steady_clock::duration>(left, look_every),
                   [&] { return published_ != seen || interrupted_; });
  }
}

result<bool> LocalRuntime::at_rest(store::Queries& reader, const store::RunView& row) {
  if (is_final(row.run.state) || row.run.state == RunState::failed) return true;
  auto counts = reader.task_counts(row.run.id);
  if (!counts) return std::move(counts).error();
  const auto in = [&](TaskState state) { return (*counts)[static_cast<std::size_t>(state)]; };
  if (row.run.epoch == 0) return false;  // nobody has looked at it yet
  if (row.run.state == RunState::paused) return in(TaskState::running) == 0;
  return in(TaskState::ready) + in(TaskState::running) == 0 && in(TaskState::waiting) > 0;
}

result<std::optional<RunView>> LocalRuntime::look_whether_rested(store::Queries& reader,
                                                                 RunId run) {
  const store::Queries::Snapshot snapshot(reader);
  auto row = reader.run(run);
  if (!row) return std::move(row).error();
  auto rests = at_rest(reader, *row);
  if (!rests) return std::move(rests).error();
  if (!*rests) return std::optional<RunView>();
  auto view = show_run(reader, *row, executed());
  if (!view) return std::move(view).error();
  return std::optional<RunView>(*std::move(view));
}

bool LocalRuntime::carries_out(RunId run) const {
  const auto running = executor();
  return running && running->duty() == Duty::everything && !running->lost(run);
}

result<RunId> LocalRuntime::run_id(store::Queries& reader, std::string_view run) {
  if (auto whole = RunId::parse(run)) return *whole;
  auto found = reader.find_run(run);
  if (!found) return std::move(found).error();
  return found->run.id;
}

result<> LocalRuntime::show_news(store::Queries& reader, RunId run, std::uint64_t& cursor,
                                 const std::function<void(const EventView&)>& on_event) {
  constexpr std::uint32_t page = 1000;
  for (;;) {
    auto news = reader.events({cursor, run, page});
    if (!news) return std::move(news).error();
    for (const EventRecord& event : *news) {
      cursor = event.seq;
      auto view = show_event(event);
      if (!view) return std::move(view).error();
      on_event(*view);
    }
    if (news->size() < page) return {};
  }
}

result<RunView> LocalRuntime::wait(std::string_view run,
                                   const std::function<void(const EventView&)>& on_event) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto id = run_id(**reader, run);
  if (!id) return std::move(id).error();
  RestBoard::Seat seat(rests_, *id);
  std::uint64_t cursor = 0;
  for (;;) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(wake_mutex_);
      seen = published_;
    }
    if (auto broken = failure()) return std::move(*broken);
    auto rested = look_whether_rested(**reader, *id);
    if (!rested) return std::move(rested).error();
    if (!*rested) {
      if (auto tried = try_to_execute(Duty::everything); !tried) return std::move(tried).error();
      get_ready();
    }
    if (on_event)
      if (auto shown = show_news(**reader, *id, cursor, on_event); !shown)
        return std::move(shown).error();
    if (*rested) return **std::move(rested);
    const bool is_told = !on_event && carries_out(*id);
    std::unique_lock lock(wake_mutex_);
    if (interrupted_) return failed("waiting for run " + id->to_string() + " was interrupted");
    if (is_told) {
      lock.unlock();
      seat.wait(look_anyway_every);
    } else {
      wake_.wait_for(lock, look_every, [&] { return published_ != seen || interrupted_; });
    }
  }
}

}  // namespace shell
}  // namespace weft
