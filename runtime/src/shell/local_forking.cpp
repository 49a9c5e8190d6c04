// SPDX-License-Identifier: Apache-2.0
// Forks: a new run that takes over what another one has made already.
#include <boost/json/serialize.hpp>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "plan/expand.hpp"
#include "plan/fork.hpp"
#include "shell/local_runtime.hpp"
#include "shell/submission.hpp"

namespace weft::shell {

// All that is known of a run, and what would become of it in another one.
struct PreparedFork {
  Submission submission;
  Planned planned;
  RunId from;
  std::vector<ForkStep> steps;
  std::vector<TaskRecord> tasks;                    // of the former run, by no
  std::unordered_map<TaskNo, json::value> outputs;  // of those that are kept
};

namespace {

// What was given to the former run, as far as the definition still asks for it.
void keep_inputs(const json::object& former, const Pipeline& pipeline, Submission& submission) {
  for (const InputDeclaration& input : pipeline.inputs)
    if (const json::value* value = former.if_contains(input.name);
        value && !submission.inputs.contains(input.name))
      submission.inputs[input.name] = given_json(json::serialize(*value));
}

result<std::set<std::string, std::less<>>> names_of(const std::vector<std::string>& tasks,
                                                    const Plan& plan) {
  std::set<std::string, std::less<>> known;
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) known.insert(display_name(plan, no));
  for (const std::string& task : tasks)
    if (!known.contains(task)) {
      const std::vector<std::string> names(known.begin(), known.end());
      return not_found("there is no task '" + excerpt(task, 100) + "' in what would run",
                       suggest(task, names));
    }
  return std::set<std::string, std::less<>>(tasks.begin(), tasks.end());
}

ForkView show_fork(const PreparedFork& prepared) {
  const Plan& plan = *prepared.planned.plan;
  ForkView view;
  view.from = prepared.from.to_string();
  view.pipeline = plan.root().pipeline->name;
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
    const ForkStep& step = prepared.steps[no];
    const bool is_known = !plan.stands_for_others(no) || plan.nodes[no].unexpanded;
    if (!is_known) continue;
    const auto& operation = plan.definition(no).operation;
    view.tasks.push_back(
        {display_name(plan, no), operation ? operation->name : "", step.keep, step.reason});
    view.kept += step.keep ? 1 : 0;
  }
  return view;
}

std::shared_ptr<const TakenOver> taken_over(PreparedFork& prepared) {
  auto taken = std::make_shared<TakenOver>();
  taken->from = prepared.from;
  for (TaskNo no = 0; no < prepared.steps.size(); ++no) {
    const ForkStep& step = prepared.steps[no];
    if (!step.keep) continue;
    const TaskRecord& former = prepared.tasks[step.former];
    TakenOver::Task& task = taken->tasks.emplace_back();
    task.no = no;
    task.state = former.state;
    task.degraded = former.degraded;
    task.ended_at = former.ended_at;
    const auto outputs = prepared.outputs.find(step.former);
    if (!former.group && outputs != prepared.outputs.end() && outputs->second.is_object())
      task.outputs = outputs->second.get_object();
  }
  return taken;
}

}  // namespace

result<std::unique_ptr<PreparedFork>> LocalRuntime::prepare_fork(const Fork& fork) {
  auto services = board();
  if (!services) return std::move(services).error();
  const Services& table = (*services)->table();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto row = (*reader)->find_run(fork.run);
  if (!row) return std::move(row).error();
  auto prepared = std::make_unique<PreparedFork>();
  prepared->from = row->run.id;
  auto version = (*reader)->pipeline(row->run.pipeline);
  if (!version) return std::move(version).error();
  auto inputs = (*reader)->run_inputs(row->run.id);
  if (!inputs) return std::move(inputs).error();
  auto meaning = parse_json(version->canonical, "run " + fork.run);
  if (!meaning) return std::move(meaning).error();

  Submission& submission = prepared->submission;
  // What the run means, not how it was written: what that uses may be another one by now.
  submission.definition = fork.definition ? fork.definition->text : version->canonical;
  submission.file = fork.definition ? fork.definition->file : version->name + ".json";
  submission.inputs = fork.inputs;
  submission.max_cost = fork.max_cost;
  submission.priority = fork.priority;
  submission.no_cache = !fork.tasks.empty();  // else what is asked for anew would be the old result
  auto read = definitions_.read(submission.definition, submission.file, *environment_, table);
  if (!read) return std::move(read).error();
  keep_inputs(*inputs, *read->pipeline, submission);
  auto planned = make_plan(submission, *environment_, table, describe_file, definitions_);
  if (!planned) return std::move(planned).error();
  prepared->planned = std::move(*planned);

  StoredRun stored;
  stored.run = row->run;
  stored.pipeline = std::move(*meaning);
  stored.inputs = std::move(*inputs);
  auto pipeline = definitions_.read_stored(stored, *environment_, table);
  if (!pipeline) return std::move(pipeline).error();
  auto former = expand(*pipeline, stored.inputs);  // as it was before it ran
  if (!former) return std::move(former).error();
  if (auto decided = decide(*prepared, *former, fork.tasks); !decided)
    return std::move(decided).error();
  return prepared;
}

result<> LocalRuntime::decide(PreparedFork& prepared, const Plan& former,
                              const std::vector<std::string>& tasks) {
  auto anew = names_of(tasks, *prepared.planned.plan);
  if (!anew) return std::move(anew).error();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  const store::Queries::Snapshot snapshot(**reader);
  auto rows = (*reader)->tasks(prepared.from);
  if (!rows) return std::move(rows).error();
  std::vector<TaskNo> ended;
  for (const store::TaskView& row : *rows) {
    prepared.tasks.push_back(row.task);
    if (row.task.state == TaskState::succeeded) ended.push_back(row.task.no);
  }
  auto outputs = (*reader)->outputs(prepared.from, ended);
  if (!outputs) return std::move(outputs).error();
  for (std::size_t i = 0; i < ended.size(); ++i)
    prepared.outputs.emplace(ended[i], std::move((*outputs)[i]));
  const json::value none;
  const OutputsOf outputs_of = [&](TaskNo no) -> const json::value& {
    const auto found = prepared.outputs.find(no);
    return found == prepared.outputs.end() ? none : found->second;
  };
  const json::object run{{"id", prepared.from.to_string()}, {"name", former.root().pipeline->name}};
  prepared.steps =
      decide_fork(*prepared.planned.plan, {former, run, prepared.tasks, outputs_of}, *anew);
  return {};
}

result<ForkView> LocalRuntime::plan_fork(const Fork& fork) {
  auto prepared = prepare_fork(fork);
  if (!prepared) return std::move(prepared).error();
  return show_fork(**prepared);
}

result<ForkView> LocalRuntime::fork(const Fork& fork) {
  auto prepared = prepare_fork(fork);
  if (!prepared) return std::move(prepared).error();
  ForkView view = show_fork(**prepared);
  auto run = submit_planned((*prepared)->submission, (*prepared)->planned, taken_over(**prepared));
  if (!run) return std::move(run).error();
  view.run = std::move(*run);
  return view;
}

}  // namespace weft::shell
