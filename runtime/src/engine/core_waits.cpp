// SPDX-License-Identifier: Apache-2.0
// Tasks that people end: approvals, and input from outside. Such a task binds what it shows,
// without a slot, and waits: pending -> ready -> waiting -> an end. What it shows is in the event
// that says so and nowhere in memory: there may be many that wait for long. Whoever chooses makes
// it known again, as a restart would.
#include <boost/json/serialize.hpp>

#include "engine/core.hpp"
#include "model/inputs.hpp"
#include "model/waiting.hpp"

namespace weft::engine {
namespace {

const std::string silence = "nobody answered within its timeout";

bool timed_out(const TaskDefinition& definition, const Node& node, Timestamp now) {
  const auto total = definition.timeouts.total;
  return total && node.ready_at && *node.ready_at + *total <= now;
}

std::string counted(std::string_view done, std::size_t tasks) {
  return std::string(done) + (tasks == 1 ? "" : ": " + std::to_string(tasks) + " tasks");
}

}  // namespace

bool Core::waits_for_people(const Run& run, TaskNo task) const {
  const Node& node = run.nodes[task];
  return node.state == TaskState::waiting && run.definition(task).wait.has_value();
}

// ---------------------------------------------------------------- the question

void Core::ask_people(Run& run, TaskNo task) {
  Node& node = run.nodes[task];
  node.stage = Stage::binding;
  asks_.push_back(AskBinding{run.record.id, task, ++node.ticket});
}

void Core::show_question(Run& run, TaskNo task, const json::object& question) {
  const WaitDefinition& wait = *run.definition(task).wait;
  leave_queue(run, task);
  set_state(run, task, TaskState::waiting);
  run.nodes[task].wait_reason = wait.reason;
  run.choices.erase(task);
  json::object data{{"reason", to_string(wait.reason)}}, outputs;
  for (const json::key_value_pair& part : question) data[part.key()] = part.value();
  for (const InputDeclaration& output : wait.outputs) outputs[output.name] = input_form(output);
  if (!outputs.empty()) data["outputs"] = std::move(outputs);
  write_event(run, "task.waiting", task, json::serialize(data));
  arm_task(run, task);  // a deadline may have passed before there was anybody to ask
  if (run.definition(task).occasion == Occasion::ordinary &&
      run.record.deadline.reached(moment_.now))
    fail(run, task, Outcome::deadline, "the timeout of the run passed");
}

// ---------------------------------------------------------------- the choices

// False: they are known, or the task does not wait for a choice any more.
bool Core::ask_for_choices(Run& run, TaskNo task) {
  if (!waits_for_people(run, task) || !run.definition(task).wait->choices) return false;
  const auto [known, is_new] = run.choices.try_emplace(task);
  if (is_new) asks_.push_back(AskBinding{run.record.id, task, ++run.nodes[task].ticket});
  return !known->second.has_value();
}

// Does the command approve what is to be chosen, of what nobody has asked yet?
bool Core::awaits_choices(Run& run, const Command& command) {
  if (command.kind != CommandKind::approve || !command.task || *command.task >= run.nodes.size())
    return false;
  bool awaits = false;
  for (const TaskNo no : addressed(run, *command.task)) awaits = ask_for_choices(run, no) || awaits;
  return awaits;
}

void Core::choices_bound(Run& run, TaskNo task, result<Binding>&& binding) {
  touch(run);  // commands may wait for it
  if (!binding) return fail(run, task, Outcome::bad_input, binding.error().in_one_line());
  if (!binding->run) return skip(run, task, "its condition is false by now");
  run.choices[task] = binding->task->params.at("choices").as_array();
  if (run.record.state == RunState::active &&
      timed_out(run.definition(task), run.nodes[task], moment_.now))
    wait_timed_out(run, task);
}

// ---------------------------------------------------------------- the answers

std::vector<TaskNo> Core::waiting_for(const Run& run, const Command& command,
                                      WaitReason reason) const {
  std::vector<TaskNo> tasks;
  if (!command.task) return tasks;
  for (const TaskNo no : addressed(run, *command.task))
    if (waits_for_people(run, no) && run.definition(no).wait->reason == reason) tasks.push_back(no);
  return tasks;
}

result<std::string> Core::approve(Run& run, const Command& command) {
  const auto tasks = waiting_for(run, command, WaitReason::approval);
  if (tasks.empty()) return not_waiting(run, command, WaitReason::approval);
  std::vector<std::optional<std::size_t>> taken;
  for (const TaskNo no : tasks) {
    auto choice = decide_choice(*run.definition(no).wait, choices_of(run, no), command.choice);
    if (!choice) return std::move(choice).error();
    taken.push_back(*choice);
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) approved(run, tasks[i], taken[i], command.reason);
  return counted("approved", tasks.size());
}

result<std::string> Core::reject(Run& run, const Command& command) {
  const auto tasks = waiting_for(run, command, WaitReason::approval);
  if (tasks.empty()) return not_waiting(run, command, WaitReason::approval);
  for (const TaskNo no : tasks) rejected(run, no, command.reason);
  return counted("rejected", tasks.size());
}

result<std::string> Core::give(Run& run, const Command& command) {
  const auto tasks = waiting_for(run, command, WaitReason::input);
  if (tasks.empty()) return not_waiting(run, command, WaitReason::input);
  const TaskDefinition& definition = run.definition(tasks.front());
  auto outputs =
      complete_inputs("task '" + definition.name + "'", definition.wait->outputs, command.given);
  if (!outputs) return std::move(outputs).error();
  for (const TaskNo no : tasks) {
    write_event(run, "task.given", no, {});
    put_outputs(run, no, *outputs);
    succeed(run, no, AttemptFacts{});
  }
  return counted("given", tasks.size());
}

Error Core::not_waiting(const Run& run, const Command& command, WaitReason reason) const {
  const std::string_view wanted = reason == WaitReason::approval ? "an approval" : "input";
  if (!command.task) return invalid(std::string(to_string(command.kind)) + " needs a task");
  const Node& node = run.nodes[*command.task];
  std::string state(to_string(node.state));
  if (node.state == TaskState::waiting) state += " for " + std::string(to_string(node.wait_reason));
  return conflict("the task is " + state + ", and does not wait for " + std::string(wanted),
                  "'weft show' says what waits");
}

const json::array& Core::choices_of(const Run& run, TaskNo task) const {
  static const json::array none;
  const auto found = run.choices.find(task);
  return found == run.choices.end() || !found->second ? none : *found->second;
}

void Core::approved(Run& run, TaskNo task, std::optional<std::size_t> choice,
                    const std::string& note) {
  JsonMember::Value number;
  if (choice) number = static_cast<std::int64_t>(*choice);
  write_event(run, "task.approved", task, {{"choice", number}, {"note", unless_empty(note)}});
  put_outputs(run, task,
              approved_outputs(*run.definition(task).wait, choices_of(run, task), choice, note));
  run.choices.erase(task);
  succeed(run, task, AttemptFacts{});
}

void Core::rejected(Run& run, TaskNo task, const std::string& note) {
  const WaitDefinition& wait = *run.definition(task).wait;
  write_event(run, "task.rejected", task, {{"note", unless_empty(note)}});
  run.choices.erase(task);
  switch (wait.on_reject) {
    case Rejection::fail:
      return fail(run, task, Outcome::rejected, note.empty() ? "it was rejected" : note);
    case Rejection::skip:
      return skip(run, task, note.empty() ? "it was rejected" : note);
    case Rejection::go_on:
      put_outputs(run, task, rejected_outputs(wait, note));
      return succeed(run, task, AttemptFacts{});
  }
}

// ---------------------------------------------------------------- no answer

void Core::wait_timed_out(Run& run, TaskNo task) {
  const TaskDefinition& definition = run.definition(task);
  if (!waits_for_people(run, task)) return;  // what is still to be shown comes to it when it is
  if (!timed_out(definition, run.nodes[task], moment_.now)) return;
  switch (definition.wait->on_timeout) {
    case Silence::fail:
      return fail(run, task, Outcome::deadline, silence);
    case Silence::reject:
      return rejected(run, task, silence);
    case Silence::approve:
      if (ask_for_choices(run, task)) return;
      if (definition.wait->choices) return approved(run, task, 0, silence);
      return approved(run, task, std::nullopt, silence);
  }
}

}  // namespace weft::engine
