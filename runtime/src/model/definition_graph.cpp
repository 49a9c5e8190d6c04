// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "model/definition_parts.hpp"

namespace weft {
namespace {

using Index = std::uint32_t;
using Names = std::unordered_map<std::string_view, Index>;

Names index_names(const std::vector<TaskDraft>& tasks) {
  Names names(tasks.size());
  for (Index i = 0; i < tasks.size(); ++i) names[tasks[i].task.name] = i;
  return names;
}

// Puts at each place the task that `order` names for it. Follows the cycles of the permutation, so
// that each is moved once and no second list of them is needed.
void arrange(std::vector<TaskDraft>& tasks, std::vector<Index> order) {
  for (Index begin = 0; begin < order.size(); ++begin) {
    if (order[begin] == begin) continue;
    TaskDraft first = std::move(tasks[begin]);
    Index at = begin;
    for (Index from; (from = std::exchange(order[at], at)) != begin; at = from)
      tasks[at] = std::move(tasks[from]);
    tasks[at] = std::move(first);
  }
}

// Sorts copies of the names: these stand side by side, where the tasks are far from each other.
std::vector<Index> order_of_names(const std::vector<TaskDraft>& tasks) {
  std::vector<std::pair<std::string, Index>> named;
  named.reserve(tasks.size());
  for (Index i = 0; i < tasks.size(); ++i) named.emplace_back(tasks[i].task.name, i);
  std::ranges::sort(named);
  std::vector<Index> order;
  order.reserve(named.size());
  for (const auto& [name, i] : named) order.push_back(i);
  return order;
}

// Where each of the things ordered comes to stand.
std::vector<Index> places_of(const std::vector<Index>& order) {
  std::vector<Index> places(order.size());
  for (Index i = 0; i < order.size(); ++i) places[order[i]] = i;
  return places;
}

std::string suggest_task(const std::string& name, const std::vector<TaskDraft>& tasks,
                         const Mistakes& mistakes) {
  if (!mistakes.few()) return {};
  std::vector<std::string> all;
  for (const TaskDraft& draft : tasks) all.push_back(draft.task.name);
  return suggest(name, all);
}

// What each task waits for; each task once, in the order given.
std::vector<std::vector<Index>> find_dependencies(const std::vector<TaskDraft>& tasks,
                                                  const Names& names,
                                                  const std::vector<Index>& order,
                                                  Mistakes& mistakes) {
  const std::vector<Index> rank = places_of(order);
  std::vector<std::vector<Index>> dependencies(tasks.size());
  for (Index i = 0; i < tasks.size(); ++i) {
    const auto depend = [&](const std::string& name, const SourcePosition& position) {
      const auto found = names.find(name);
      if (found == names.end())
        mistakes.add(position, "there is no task '" + excerpt(name, 60) + "'",
                     suggest_task(name, tasks, mistakes));
      else if (found->second == i)
        mistakes.add(position, "task '" + name + "' refers to itself",
                     "a task can use only what others give");
      else
        dependencies[i].push_back(found->second);
    };
    for (const DraftNeed& need : tasks[i].needs) depend(need.task, need.position);
    for (const auto* reads : {&tasks[i].reads, &tasks[i].for_each_reads})
      for (const DraftRead& read : *reads) depend(read.task, read.read.position);
    std::ranges::sort(dependencies[i], {}, [&](Index other) { return rank[other]; });
    const auto repeated = std::unique(dependencies[i].begin(), dependencies[i].end());
    dependencies[i].erase(repeated, dependencies[i].end());
  }
  return dependencies;
}

constexpr Index no_depth = UINT32_MAX;

// The length of the longest way to each task (Kahn's algorithm); no_depth for those on a cycle or
// behind one.
std::vector<Index> find_depths(const std::vector<std::vector<Index>>& dependencies) {
  const std::size_t count = dependencies.size();
  std::vector<std::vector<Index>> dependents(count);
  std::vector<std::size_t> waits_for(count);
  std::vector<Index> ready, depths(count, no_depth);
  for (Index i = 0; i < count; ++i) {
    waits_for[i] = dependencies[i].size();
    for (const Index other : dependencies[i]) dependents[other].push_back(i);
    if (waits_for[i] == 0) ready.push_back(i);
  }
  while (!ready.empty()) {
    const Index i = ready.back();
    ready.pop_back();
    depths[i] = 0;
    for (const Index other : dependencies[i]) depths[i] = std::max(depths[i], depths[other] + 1);
    for (const Index other : dependents[i])
      if (--waits_for[other] == 0) ready.push_back(other);
  }
  return depths;
}

// Every task without a depth waits for another one without: following that leads around a cycle.
// Begins with tasks in the order given.
void report_cycles(const std::vector<TaskDraft>& tasks,
                   const std::vector<std::vector<Index>>& dependencies,
                   const std::vector<Index>& depths, const std::vector<Index>& order,
                   const Document& document, Mistakes& mistakes) {
  std::vector<bool> seen(tasks.size());
  for (const Index start : order) {
    std::vector<Index> path;
    Index at = start;
    while (depths[at] == no_depth && !seen[at]) {
      seen[at] = true;
      path.push_back(at);
      at = *std::find_if(dependencies[at].begin(), dependencies[at].end(),
                         [&](Index other) { return depths[other] == no_depth; });
    }
    const auto begin = std::find(path.begin(), path.end(), at);
    if (begin == path.end()) continue;
    std::string text;
    for (auto i = begin; i != path.end(); ++i) text += tasks[*i].task.name + " → ";
    mistakes.add(document.key_position(tasks[at].pointer),
                 "tasks wait for each other: " + text + tasks[at].task.name,
                 "take one of these references or needs out");
  }
}

// `places`: of the tasks that `names` knows, where they will stand.
std::vector<TaskRead> resolve(std::vector<DraftRead>& drafts, const Names& names,
                              const std::vector<Index>& places) {
  std::vector<TaskRead> reads;
  for (DraftRead& draft : drafts) {
    const auto found = names.find(draft.task);
    if (found == names.end()) continue;  // noted where the expression was compiled
    draft.read.task = places[found->second];
    reads.push_back(std::move(draft.read));
  }
  return reads;
}

// What comes after all else can give nothing to it.
void check_occasions(const std::vector<TaskDraft>& tasks, const std::vector<OutputDraft>& outputs,
                     const Names& names, Mistakes& mistakes) {
  const auto is_ordinary = [](const TaskDraft& draft) {
    return draft.task.occasion == Occasion::ordinary;
  };
  if (std::ranges::all_of(tasks, is_ordinary)) return;
  const auto check = [&](const std::string& name, const SourcePosition& position,
                         Occasion occasion) {
    const auto found = names.find(name);
    if (found == names.end()) return;
    const TaskDefinition& task = tasks[found->second].task;
    if (task.occasion == Occasion::ordinary || task.occasion == occasion) return;
    mistakes.add(
        position,
        "task '" + name + "' runs only once nothing else moves, so nothing can wait for it",
        "take its on_failure or finally out, or give it to this one as well");
  };
  for (const TaskDraft& draft : tasks) {
    if (draft.task.occasion != Occasion::ordinary && !draft.for_each_reads.empty())
      mistakes.add(draft.for_each_reads.front().read.position,
                   "what runs once nothing else moves goes over what is known before the run",
                   "go over a list of inputs");
    for (const DraftNeed& need : draft.needs) check(need.task, need.position, draft.task.occasion);
    for (const auto* reads : {&draft.reads, &draft.for_each_reads})
      for (const DraftRead& read : *reads)
        check(read.task, read.read.position, draft.task.occasion);
  }
  for (const OutputDraft& draft : outputs)
    for (const DraftRead& read : draft.reads)
      check(read.task, read.read.position, Occasion::ordinary);
}

}  // namespace

void order_tasks(const Document& document, std::vector<TaskDraft>& tasks,
                 std::vector<OutputDraft>& outputs, Mistakes& mistakes) {
  const Names names = index_names(tasks);
  std::vector<Index> order = order_of_names(tasks);
  const auto dependencies = find_dependencies(tasks, names, order, mistakes);
  const auto depths = find_depths(dependencies);
  report_cycles(tasks, dependencies, depths, order, document, mistakes);

  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return depths[a] < depths[b]; });
  const std::vector<Index> places = places_of(order);
  check_occasions(tasks, outputs, names, mistakes);
  for (TaskDraft& draft : tasks) {
    draft.task.reads = resolve(draft.reads, names, places);
    draft.task.for_each_reads = resolve(draft.for_each_reads, names, places);
    for (const DraftNeed& need : draft.needs)
      if (const auto found = names.find(need.task); found != names.end())
        draft.task.needs.push_back(places[found->second]);
    std::sort(draft.task.needs.begin(), draft.task.needs.end());
    draft.task.needs.erase(std::unique(draft.task.needs.begin(), draft.task.needs.end()),
                           draft.task.needs.end());
  }
  for (OutputDraft& draft : outputs) draft.output.reads = resolve(draft.reads, names, places);
  arrange(tasks, std::move(order));
}

}  // namespace weft
