// SPDX-License-Identifier: Apache-2.0
#include "plan/fork.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "model/inputs.hpp"

namespace weft {
namespace {

constexpr TaskNo no_match = UINT32_MAX;

std::optional<std::uint32_t> find_definition(const Pipeline& pipeline, const std::string& name) {
  const auto found = std::ranges::find(pipeline.tasks, name, &TaskDefinition::name);
  if (found == pipeline.tasks.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - pipeline.tasks.begin());
}

// Which item of a group was which before: by its place when it is the same there, else by what it
// is, so that one put in before others does not shift them all.
void match_items(const std::vector<json::value>& items, TaskNo first,
                 const std::vector<json::value>& old_items, TaskNo old_first,
                 std::vector<TaskNo>& matches) {
  std::unordered_multimap<std::string, std::uint32_t> moved;
  for (std::uint32_t k = 0; k < old_items.size(); ++k)
    if (k >= items.size() || items[k] != old_items[k]) moved.emplace(canonical(old_items[k]), k);
  for (std::uint32_t k = 0; k < items.size(); ++k) {
    if (k < old_items.size() && items[k] == old_items[k]) {
      matches[first + k] = old_first + k;
    } else if (const auto found = moved.find(canonical(items[k])); found != moved.end()) {
      matches[first + k] = old_first + found->second;
      moved.erase(found);
    } else if (k < old_items.size()) {
      matches[first + k] = old_first + k;  // what it is has changed: is that used at all?
    }
  }
}

// By node, which one of the former plan it was. What is known only in a run, and what is inside the
// body of a task, was none.
std::vector<TaskNo> match(const Plan& plan, const Plan& former) {
  std::vector<TaskNo> matches(plan.nodes.size(), no_match);
  const PlanScope& root = plan.root();
  for (std::uint32_t i = 0; i < root.pipeline->tasks.size(); ++i) {
    const auto old = find_definition(*former.root().pipeline, root.pipeline->tasks[i].name);
    if (!old) continue;
    const TaskNo first = root.first[i], old_first = former.root().first[*old];
    if (plan.nodes[first].group != former.nodes[old_first].group) continue;
    matches[first] = old_first;
    if (!plan.nodes[first].group || plan.nodes[first].unexpanded) continue;
    match_items(root.items[i], root.first_item[i], former.root().items[*old],
                former.root().first_item[*old], matches);
  }
  return matches;
}

// What is different between two tasks as bound; "" nothing.
std::string difference(const BoundTask& before, const BoundTask& after) {
  std::vector<std::string> names;
  for (const json::object* params : {&before.params, &after.params})
    for (const json::key_value_pair& param : *params) names.emplace_back(param.key());
  for (const std::string& name : names) {
    const json::value* old = before.params.if_contains(name);
    const json::value* fresh = after.params.if_contains(name);
    if (!old || !fresh || *old != *fresh) return name + " changed";
  }
  const auto digests = [](const BoundTask& task) {
    std::map<std::string, std::vector<Digest>> all;
    for (const BoundInput& input : task.inputs)
      for (const ArtifactInfo& artifact : input.artifacts)
        all[input.name].push_back(artifact.digest);
    return all;
  };
  const auto old = digests(before), fresh = digests(after);
  for (const auto& [name, list] : fresh)
    if (!old.contains(name) || old.at(name) != list) return name + " changed";
  for (const auto& [name, list] : old)
    if (!fresh.contains(name)) return name + " changed";
  return {};
}

// What people are asked for beside what the params say.
json::value question_of(const TaskDefinition& task) {
  if (!task.wait) return nullptr;
  json::object outputs;
  for (const InputDeclaration& output : task.wait->outputs)
    outputs[output.name] = input_form(output);
  return {task.wait->choices, std::move(outputs)};
}

class Forking {
 public:
  Forking(const Plan& plan, const FormerRun& former, const std::set<std::string, std::less<>>& anew)
      : plan_(plan),
        former_(former),
        anew_(anew),
        matches_(match(plan, former.plan)),
        steps_(plan.nodes.size()),
        incoming_(plan.nodes.size()) {
    for (const PlanEdge& edge : plan.edges) incoming_[edge.to].push_back(&edge);
  }

  std::vector<ForkStep> decide() {
    for (const TaskNo first : plan_.root().first) {
      if (!is_expanded_group(first)) {
        decide(first);
        continue;
      }
      for (const TaskNo item : items_of(first)) decide(item);
      decide_group(first);
    }
    for (TaskNo no = 0; no < plan_.nodes.size(); ++no) {
      if (plan_.nodes[no].scope == 0) continue;
      const ForkStep& around = steps_[in_root(no)];
      steps_[no] = around.keep ? around : ForkStep{false, 0, "inside a pipeline that is used"};
    }
    return std::move(steps_);
  }

 private:
  // A skip stands, and so is handed on to whatever reads what was skipped.
  void decide(TaskNo no) {
    ForkStep& step = steps_[no];
    for (const PlanEdge* edge : incoming_[no])
      if (edge->carries_skip && was_skipped(edge->from)) {
        step = {true, steps_[edge->from].former, {}};
        return;
      }
    step.reason = reason_against(no);
    step.keep = step.reason.empty();
    if (step.keep) step.former = matches_[no];
  }

  // The task of the pipeline itself that it is, or is inside of.
  TaskNo in_root(TaskNo no) const {
    while (plan_.nodes[no].scope != 0) no = plan_.scope_of(no).parent;
    return no;
  }
  bool is_expanded_group(TaskNo no) const {
    return plan_.nodes[no].group && !plan_.nodes[no].unexpanded;
  }
  std::vector<TaskNo> items_of(TaskNo group) const {
    std::vector<TaskNo> items(plan_.nodes[group].item_count);
    std::iota(items.begin(), items.end(), plan_.first_item_of(group));
    return items;
  }

  // Its outputs are those of its items.
  void decide_group(TaskNo no) {
    const std::uint32_t count = plan_.nodes[no].item_count;
    ForkStep& step = steps_[no];
    step.keep = count > 0 && matches_[no] != no_match;
    for (const TaskNo item : items_of(no)) step.keep = step.keep && steps_[item].keep;
    if (step.keep) step.former = matches_[no];
  }

  // "" when it is kept.
  std::string reason_against(TaskNo no) const {
    const TaskDefinition& task = plan_.definition(no);
    if (anew_.contains(display_name(plan_, no)) || anew_.contains(task.name)) return "asked for";
    if (task.body) return "its work is a pipeline of its own";
    if (plan_.nodes[no].unexpanded) return "its items are known only in the run";
    if (task.occasion != Occasion::ordinary) return "it runs when nothing else does";
    if (task.repeat_until) return "its rounds are made in the run";
    if (matches_[no] == no_match) return "new";
    for (const PlanEdge* edge : incoming_[no])
      if (!holds(edge->from)) return "needs " + display_name(plan_, edge->from);
    const TaskRecord& record = former_.tasks[matches_[no]];
    const TaskDefinition& old = former_.plan.definition(matches_[no]);
    if (record.state != TaskState::succeeded && record.state != TaskState::skipped)
      return "it " + std::string(record.state == TaskState::failed ? "failed" : "had not ended");
    // Its group could do without it.
    const bool let_go = record.state == TaskState::skipped && old.min_success_permille != 1000;
    if (let_go && record.attempt > 0) return "it failed";
    if (!old.operation || task.operation->name != old.operation->name) return "operation changed";
    if (task.route.adapt != old.route.adapt || task.route.degrade != old.route.degrade)
      return "route changed";
    if (question_of(task) != question_of(old)) return "what people are asked for changed";
    return record.state == TaskState::skipped ? against_skipped(no) : against_done(no);
  }

  // A skip that was said by hand stands; so does an `if` that still says no.
  std::string against_skipped(TaskNo no) const {
    const auto before = bind_former(no);
    const auto after = bind_fresh(no);
    if (!after) return "its params are others";
    if (!after->run || (before && before->run)) return {};
    return "its `if` says yes now";
  }

  std::string against_done(TaskNo no) const {
    const auto before = bind_former(no);
    const auto after = bind_fresh(no);
    if (!before || !after) return "its params are others";
    if (!after->run || !before->run) return "its `if` says no now";
    return difference(*before->task, *after->task);
  }

  // An edge from a group without items has nothing to wait for.
  bool holds(TaskNo from) const {
    return steps_[from].keep || (is_expanded_group(from) && plan_.nodes[from].item_count == 0);
  }
  bool was_skipped(TaskNo from) const {
    return steps_[from].keep && former_.tasks[steps_[from].former].state == TaskState::skipped;
  }

  result<Binding> bind_former(TaskNo no) const {
    return bind(former_.plan, matches_[no], former_.run, former_.outputs);
  }
  // With what is kept of those before it: nothing else can it wait for.
  result<Binding> bind_fresh(TaskNo no) const {
    json::value group;
    const OutputsOf outputs = [&](TaskNo from) -> const json::value& {
      if (!plan_.nodes[from].group) return former_.outputs(steps_[from].former);
      json::array items;
      for (const TaskNo item : items_of(from))
        items.push_back(former_.outputs(steps_[item].former));
      group = std::move(items);
      return group;
    };
    return bind(plan_, no, former_.run, outputs);
  }

  const Plan& plan_;
  const FormerRun& former_;
  const std::set<std::string, std::less<>>& anew_;
  std::vector<TaskNo> matches_;  // by node: which it was; no_match: none
  std::vector<ForkStep> steps_;
  std::vector<std::vector<const PlanEdge*>> incoming_;
};

}  // namespace

std::vector<ForkStep> decide_fork(const Plan& plan, const FormerRun& former,
                                  const std::set<std::string, std::less<>>& anew) {
  return Forking(plan, former, anew).decide();
}

}  // namespace weft
