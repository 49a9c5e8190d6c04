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

// Why no result was looked for, or none is kept.
std::string why_not_at_all(const store::TaskDetail& detail, const RunRecord& run,
                           const store::PipelineVersion& version,
                           const OperationCatalog& operations, const std::string& definition) {
  const auto operation = operations.find(detail.task.operation);
  const Reuse reuse = operation ? operation->reuse : Reuse::never;
  const auto not_taken = [](std::string_view reason) {
    return "Not from the cache: " + std::string(reason);
  };
  if (reuse == Reuse::never) return not_taken(why_not_reused(reuse, {}));
  const auto form = parse_json(version.canonical);
  const json::value* tasks = form ? find_member(*form, "tasks") : nullptr;
  const json::value* task = tasks ? find_member(*tasks, definition) : nullptr;
  const json::value* cache = task ? find_member(*task, "cache") : nullptr;
  if (cache && cache->is_string()) return not_taken("its definition says cache = \"off\"");
  if (run.fresh) return not_taken("the run was told to make everything anew");
  const std::string_view reason = why_not_reused(reuse, {});
  return not_taken(reason.empty() ? "what a placeholder makes is nobody else's" : reason);
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
    lines.push_back(
        why_not_at_all(detail, run, *version, environment_->config.operations, definition));
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
