// SPDX-License-Identifier: Apache-2.0
// Reading: runs, tasks, services, events. Nothing here executes anything.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/text.hpp"
#include "plugin/check.hpp"
#include "shell/discovery.hpp"
#include "shell/local_runtime.hpp"
#include "shell/rehearsal.hpp"
#include "shell/submission.hpp"
#include "shell/views.hpp"
#include "store/lock.hpp"

namespace weft::shell {

// ---------------------------------------------------------------- runs

bool LocalRuntime::executed() const {
  return executing() || store::lock_holder(environment_->state);
}

result<std::vector<RunView>> LocalRuntime::runs(const RunQuery& query) {
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found)
    return std::vector<RunView>{};  // nothing has run yet
  if (!reader) return std::move(reader).error();
  store::RunFilter filter;
  filter.pipeline_name = query.pipeline;
  if (!query.state.empty()) {
    filter.state = run_state_from_string(query.state);
    if (!filter.state)
      return invalid("'" + query.state + "' is not a state of a run",
                     "known: active, paused, succeeded, degraded, failed, cancelled");
  }
  auto rows = (*reader)->runs(filter, query.limit);
  if (!rows) return std::move(rows).error();
  std::vector<RunView> views;
  for (const store::RunView& row : *rows) {
    auto view = show_run(**reader, row, executed());
    if (!view) return std::move(view).error();
    views.push_back(std::move(*view));
  }
  return views;
}

result<RunView> LocalRuntime::run(std::string_view run) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto row = (*reader)->find_run(run);
  if (!row) return std::move(row).error();
  return show_run(**reader, *row, executed());
}

// ---------------------------------------------------------------- tasks

result<void> LocalRuntime::look_at_services(const std::string& operation,
                                            Surroundings& surroundings) {
  surroundings.slots = "a slot";
  const auto services = board();
  if (!services) return {};
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  const auto health = (*reader)->service_health();
  if (!health) return health.error();
  const auto under_way = (*reader)->attempts_under_way();
  if (!under_way) return under_way.error();
  describe_wait(*(*services)->table(), operation, {*health, *under_way, now()}, surroundings);
  return {};
}

result<std::string> LocalRuntime::why(TaskRef ref, const store::TaskDetail& detail,
                                      const RunRecord& run) {
  Surroundings surroundings{run.state, run.pause_reason, executed(), {}, {}};
  if (detail.task.task.state == TaskState::ready && surroundings.executed)
    if (auto looked = look_at_services(detail.task.operation, surroundings); !looked)
      return std::move(looked).error();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  return explain(**reader, ref, detail, surroundings);
}

result<std::vector<TaskView>> LocalRuntime::tasks(std::string_view run, const TaskQuery& query) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto row = (*reader)->find_run(run);
  if (!row) return std::move(row).error();
  store::TaskFilter filter;
  filter.from = query.from;
  filter.limit = query.limit;
  if (!query.state.empty()) {
    filter.state = task_state_from_string(query.state);
    if (!filter.state)
      return invalid(
          "'" + query.state + "' is not a state of a task",
          "known: pending, ready, running, waiting, succeeded, failed, skipped, cancelled");
  }
  auto rows = (*reader)->tasks(row->run.id, filter);
  if (!rows) return std::move(rows).error();
  std::vector<TaskView> views;
  for (const store::TaskView& task : *rows) {
    const TaskRef ref{row->run.id, task.task.no};
    auto detail = (*reader)->task(ref);
    if (!detail) return std::move(detail).error();
    auto reason = why(ref, *detail, row->run);
    if (!reason) return std::move(reason).error();
    views.push_back(show_task(*detail, std::move(*reason), executed()));
  }
  return views;
}

result<TaskDetail> LocalRuntime::task(std::string_view run, std::string_view task) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto row = (*reader)->find_run(run);
  if (!row) return std::move(row).error();
  auto no = find_task(row->run.id, task);
  if (!no) return std::move(no).error();
  auto detail = (*reader)->task({row->run.id, *no});
  if (!detail) return std::move(detail).error();
  auto reason = why({row->run.id, *no}, *detail, row->run);
  if (!reason) return std::move(reason).error();
  TaskDetail view;
  view.task = show_task(*detail, std::move(*reason), executed());
  for (const AttemptRecord& attempt : detail->attempts)
    view.attempts.push_back(show_attempt(attempt, detail->usage[attempt.attempt]));
  if (!detail->decisions.empty())
    view.decision_json = json::serialize(detail->decisions.back().detail);
  if (!detail->outputs.is_null()) view.outputs_json = json::serialize(detail->outputs);
  auto cache = tell_of_cache({row->run.id, *no}, *detail, row->run);
  if (!cache) return std::move(cache).error();
  view.cache = std::move(*cache);
  auto question = waiting_question(**reader, {row->run.id, *no});
  if (!question) return std::move(question).error();
  if (!question->empty()) view.question_json = json::serialize(*question);
  return view;
}

// ---------------------------------------------------------------- previews

class LocalRuntime::LookAtPreviews final : public PreviewWatch {
 public:
  LookAtPreviews(LocalRuntime& runtime, RunId run)
      : runtime_(runtime), watch_(*runtime.environment_->previews, run) {}

  std::vector<Preview> take(std::chrono::milliseconds limit) override {
    std::vector<Preview> previews;
    for (Frame& frame : watch_.take(limit)) {
      auto label = runtime_.label_of({frame.attempt.run, frame.attempt.task});
      if (!label) continue;  // the run was removed meanwhile
      previews.push_back({frame.attempt.run.to_string(), std::move(*label), frame.attempt.attempt,
                          std::move(frame.media_type), std::move(frame.bytes)});
    }
    return previews;
  }

 private:
  LocalRuntime& runtime_;
  PreviewBoard::Watch watch_;
};

result<std::unique_ptr<PreviewWatch>> LocalRuntime::watch_previews(std::string_view run) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto id = run_id(**reader, run);
  if (!id) return std::move(id).error();
  return std::unique_ptr<PreviewWatch>(std::make_unique<LookAtPreviews>(*this, *id));
}

// ---------------------------------------------------------------- services and plugins

result<std::vector<ServiceView>> LocalRuntime::services(std::chrono::milliseconds span) {
  auto services = board();
  if (!services) return std::move(services).error();
  auto views = (*services)->services();
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found) {  // nothing has run yet
    for (ServiceView& view : views) show_health({}, view);
    return views;
  }
  if (!reader) return std::move(reader).error();
  const auto use = (*reader)->service_use(now() - span);
  if (!use) return use.error();
  const auto under_way = (*reader)->attempts_under_way();
  if (!under_way) return under_way.error();
  const auto health = (*reader)->service_health();
  if (!health) return health.error();
  for (ServiceView& view : views) {
    view.use = show_use(*use, view.name);
    for (const auto& [service, count] : *under_way)
      if (service == view.name) view.in_flight = count;
    const auto known = std::ranges::find(*health, view.name, &ServiceHealth::service);
    show_health(known == health->end() ? ServiceHealth{} : *known, view);
  }
  return views;
}

result<std::vector<FoundServerView>> LocalRuntime::discover() {
  if (!environment_->config.discover) return std::vector<FoundServerView>{};
  auto found = find_servers(well_known_servers(), *environment_->log);
  std::erase_if(found, [&](const FoundServerView& server) {
    const std::string port = server.url.substr(server.url.rfind(':'));
    return std::ranges::any_of(environment_->config.services, [&](const ServiceConfig& service) {
      return service.written.find("127.0.0.1" + port) != std::string::npos ||
             service.written.find("localhost" + port) != std::string::npos;
    });
  });
  return found;
}

result<std::vector<PluginView>> LocalRuntime::plugins() {
  auto services = board();
  if (!services) return std::move(services).error();
  return (*services)->plugins();
}

result<std::vector<CheckView>> LocalRuntime::check_plugin(const std::filesystem::path& file) {
  std::vector<CheckView> views;
  for (plugin::Check& check : plugin::check_plugin(file))
    views.push_back({std::move(check.name), check.passed, join_lines(check.message)});
  return views;
}

result<std::vector<RehearsedJob>> LocalRuntime::rehearse(const Rehearsal& rehearsal) {
  return shell::rehearse(*environment_, rehearsal);
}

// ---------------------------------------------------------------- events

result<std::string> LocalRuntime::label_of(TaskRef task) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = labels_.find(task.run);
    if (known != labels_.end() && task.task < known->second.size() &&
        !known->second[task.task].empty())
      return known->second[task.task];
  }
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto tasks = (*reader)->tasks(task.run);
  if (!tasks) return std::move(tasks).error();
  std::vector<std::string> labels;
  for (store::TaskView& view : *tasks) {
    labels.resize(view.task.no + std::size_t{1});  // some may not have come yet
    labels.back() = std::move(view.label);
  }
  if (task.task >= labels.size() || labels[task.task].empty())
    return internal("run " + task.run.to_string() + " has no task " + std::to_string(task.task));
  const std::lock_guard lock(mutex_);
  return labels_.insert_or_assign(task.run, std::move(labels)).first->second[task.task];
}

result<EventView> LocalRuntime::show_event(const EventRecord& event) {
  EventView view;
  view.cursor = event.seq;
  if (!event.run.uuid.is_nil()) view.run = event.run.to_string();
  view.run_seq = event.run_seq;
  view.at = event.at;
  view.type = event.type;
  view.data_json = json::serialize(event.data);
  if (event.task) {
    auto label = label_of({event.run, *event.task});
    if (!label) return std::move(label).error();
    view.task = std::move(*label);
  }
  return view;
}

result<std::vector<EventView>> LocalRuntime::events(std::string_view run, std::uint64_t after,
                                                    std::uint32_t limit) {
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found && run.empty())
    return std::vector<EventView>{};
  if (!reader) return std::move(reader).error();
  store::EventFilter filter{after, std::nullopt, limit};
  if (!run.empty()) {
    auto row = (*reader)->find_run(run);
    if (!row) return std::move(row).error();
    filter.run = row->run.id;
  }
  auto rows = (*reader)->events(filter);
  if (!rows) return std::move(rows).error();
  std::vector<EventView> views;
  for (const EventRecord& event : *rows) {
    auto view = show_event(event);
    if (!view) return std::move(view).error();
    views.push_back(std::move(*view));
  }
  return views;
}

}  // namespace weft::shell
