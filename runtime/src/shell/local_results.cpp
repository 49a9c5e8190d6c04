// SPDX-License-Identifier: Apache-2.0
// Results that later tasks may take: listing and removing them, and why a task took one or not.
#include <algorithm>
#include <future>

#include "base/text.hpp"
#include "model/result_key.hpp"
#include "shell/local_runtime.hpp"
#include "shell/views.hpp"

namespace weft::shell {
namespace {

// The one that differs least; of those of the same task of the same pipeline, if there are any.
struct Nearest {
  const store::KeptResult* kept = nullptr;
  std::vector<std::string> differences;
};

Nearest nearest_of(const std::vector<store::KeptResult>& all, const store::TaskResult& own,
                   const std::string& pipeline, const std::string& definition, Timestamp before) {
  Nearest nearest;
  bool of_same = false;
  for (const store::KeptResult& kept : all) {
    if (kept.origin.made_at >= before) continue;
    const bool same = kept.pipeline == pipeline && kept.definition == definition;
    if (nearest.kept && of_same && !same) continue;
    auto found = differences(kept.parts, own.parts);
    const bool better =
        !nearest.kept || (same && !of_same) || found.size() < nearest.differences.size();
    if (!better) continue;
    nearest = {&kept, std::move(found)};
    of_same = same;
  }
  return nearest;
}

std::string name_of(const ResultOrigin& origin) {
  return "'" + origin.task + "' of run " + origin.run.to_string();
}

// The definition of a task by its label, "scene[2]/shot[5]", which names it and those whose
// pipelines it is inside of. Of one that chooses between pipelines, the first with such a task.
const json::value* find_definition(const json::value& pipeline, std::string_view label) {
  const std::size_t slash = label.find('/');
  const std::string_view part = label.substr(0, slash);
  const json::value* tasks = find_member(pipeline, "tasks");
  const json::value* task = tasks ? find_member(*tasks, part.substr(0, part.find('['))) : nullptr;
  if (!task || slash == label.npos) return task;
  const std::string_view rest = label.substr(slash + 1);
  if (const json::value* body = find_member(*task, "pipeline")) return find_definition(*body, rest);
  const json::value* cases = find_member(*task, "cases");
  if (!cases || !cases->is_object()) return nullptr;
  for (const auto& one : cases->get_object())
    if (const json::value* found = find_definition(one.value(), rest)) return found;
  return nullptr;
}

// Why no result was looked for, or none is kept; "" when there is nothing to say.
std::string why_not_at_all(const store::TaskDetail& detail, const RunRecord& run,
                           const store::PipelineVersion& version, const Configuration& config) {
  const auto operation = config.operations.find(detail.task.operation);
  if (!operation || detail.attempts.empty()) return {};  // nobody was asked to make it
  const auto not_taken = [](std::string_view reason) {
    return "Not from the cache: " + std::string(reason);
  };
  if (operation->reuse == Reuse::never) return not_taken(why_not_reused(operation->reuse, {}));
  const auto form = parse_json(version.canonical);
  const json::value* task = form ? find_definition(*form, detail.task.label) : nullptr;
  const json::value* cache = task ? find_member(*task, "cache") : nullptr;
  if (cache && cache->is_string()) return not_taken("its definition says cache = \"off\"");
  if (run.fresh) return not_taken("the run was told to make everything anew");
  const std::string& service = detail.attempts.back().service;
  const auto configured = std::ranges::find(config.services, service, &ServiceConfig::name);
  if (configured != config.services.end() && configured->placeholder)
    return not_taken("what a placeholder makes is nobody else's");
  const json::value* params = task ? find_member(*task, "params") : nullptr;
  const std::string_view reason = why_not_reused(
      operation->reuse, params && params->is_object() ? params->get_object() : json::object());
  return reason.empty() ? std::string() : not_taken(reason);
}

std::string definition_of(const store::TaskView& task) {
  const std::string& label = task.label;  // "scene[2]/shot[5]"
  const std::size_t name = label.rfind('/') == label.npos ? 0 : label.rfind('/') + 1;
  return label.substr(name, label.find('[', name) - name);
}

template <class Ask>
result<std::size_t> wait_for_count(Ask ask) {
  std::promise<result<std::size_t>> promise;
  auto future = promise.get_future();
  ask([&promise](result<std::size_t> done) { promise.set_value(std::move(done)); });
  return future.get();
}

}  // namespace

result<std::vector<std::string>> LocalRuntime::tell_of_cache(TaskRef ref,
                                                             const store::TaskDetail& detail,
                                                             const RunRecord& run) {
  const TaskState state = detail.task.task.state;
  std::vector<std::string> lines;
  if (detail.task.task.group || state == TaskState::pending || state == TaskState::skipped)
    return lines;
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto own = (*reader)->task_result(ref);
  if (!own) return std::move(own).error();
  const std::string definition = definition_of(detail.task);
  if (!*own) {
    if (state == TaskState::ready) return lines;
    auto version = (*reader)->pipeline(run.pipeline);
    if (!version) return std::move(version).error();
    std::string why = why_not_at_all(detail, run, *version, environment_->config);
    if (!why.empty()) lines.push_back(std::move(why));
    return lines;
  }
  if (const auto& origin = (*own)->origin) {
    lines.push_back(
        (*own)->waits
            ? "Waits for the same work under way: " + name_of(*origin) + " at " + origin->service
            : "From the cache: the result of " + name_of(*origin) + ", made by " + origin->service +
                  " at " + to_string(origin->made_at) + "; it cost nothing");
    return lines;
  }
  if (run.fresh) {
    lines.emplace_back("Not from the cache: the run was told to make everything anew");
    return lines;
  }
  constexpr std::uint32_t looked_at = 500;
  auto kept = (*reader)->kept_results(detail.task.operation, looked_at);
  if (!kept) return std::move(kept).error();
  const Timestamp began = detail.attempts.empty() ? now() : detail.attempts.back().started_at;
  const Nearest nearest = nearest_of(*kept, **own, run.pipeline_name, definition, began);
  if (!nearest.kept) {
    lines.push_back("Not from the cache: no earlier result of " + detail.task.operation +
                    " is kept");
  } else if (nearest.differences.empty()) {
    lines.push_back("Not from the cache: the result of " + name_of(nearest.kept->origin) +
                    " is the same, but was too old for this task");
  } else {
    lines.push_back("Not from the cache: the nearest result, of " + name_of(nearest.kept->origin) +
                    ", differs in");
    for (const std::string& difference : nearest.differences) lines.push_back("  " + difference);
  }
  return lines;
}

result<std::vector<KeptResultView>> LocalRuntime::kept_results(std::string_view operation,
                                                               std::uint32_t limit) {
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found)
    return std::vector<KeptResultView>{};  // nothing was ever kept
  if (!reader) return std::move(reader).error();
  auto kept = (*reader)->kept_results(operation, limit);
  if (!kept) return std::move(kept).error();
  std::vector<KeptResultView> views;
  for (const store::KeptResult& one : *kept)
    views.push_back({one.key.to_string(), one.operation, one.origin.run.to_string(),
                     one.origin.task, one.pipeline, one.origin.service, one.size_bytes,
                     one.origin.made_at, one.used_at});
  return views;
}

result<std::uint64_t> LocalRuntime::clear_results(std::string_view operation) {
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found) return std::uint64_t{0};
  if (!reader) return std::move(reader).error();
  if (!operation.empty() && !environment_->config.operations.find(operation))
    return invalid("unknown operation '" + std::string(operation) + "'",
                   suggest(operation, environment_->config.operations.names()));
  if (auto tried = try_to_execute(Duty::commands); !tried) return std::move(tried).error();
  const auto running = executor();
  if (!running)
    return conflict("another process executes '" + environment_->state.string() + "'",
                    "clear the cache when it has gone");
  auto cleared = wait_for_count(
      [&](auto done) { running->store().clear_results(std::string(operation), std::move(done)); });
  if (running->duty() == Duty::commands) stop_executing(false);
  if (!cleared) return std::move(cleared).error();
  return std::uint64_t{*cleared};
}

}  // namespace weft::shell
