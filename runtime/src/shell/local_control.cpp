// SPDX-License-Identifier: Apache-2.0
// Pause, resume, cancel, retry, skip, settle, drain, enable: a command row, and its answer.
#include <algorithm>

#include "base/text.hpp"
#include "shell/local_runtime.hpp"
#include "shell/submission.hpp"

namespace weft::shell {
namespace {

constexpr std::chrono::milliseconds look_for_answer_every{20};
// After this long without an answer, and nobody there who could give one, waiting is over.
constexpr std::chrono::seconds patience{30};
// A client waits so long for somebody to execute.
constexpr std::chrono::seconds client_patience{1};

}  // namespace

result<TaskNo> LocalRuntime::find_task(RunId run, std::string_view name) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto tasks = (*reader)->tasks(run);
  if (!tasks) return std::move(tasks).error();
  std::vector<std::string> names;
  for (const store::TaskView& task : *tasks) {
    if (task.label == name) return task.task.no;
    names.push_back(task.label);
  }
  return not_found("the run has no task '" + std::string(name) + "'", suggest(name, names));
}

result<Command> LocalRuntime::command_for(CommandKind kind, std::string_view run,
                                          std::string_view task) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto found = (*reader)->find_run(run);
  if (!found) return std::move(found).error();
  Command command;
  command.id = new_command_id();
  command.run = found->run.id;
  command.kind = kind;
  if (!task.empty()) {
    auto no = find_task(command.run, task);
    if (!no) return std::move(no).error();
    command.task = *no;
  }
  return command;
}

result<CommandAnswer> LocalRuntime::wait_for_answer(const Command& command, Duty duty) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  const auto begun = std::chrono::steady_clock::now();
  const bool client = environment_->options.role == Role::client;
  for (;;) {
    if (auto tried = try_to_execute(duty); !tried) return std::move(tried).error();
    if (auto broken = failure()) return std::move(*broken);
    auto answer = (*reader)->answer(command.id);
    if (!answer) return std::move(answer).error();
    if (*answer) return **answer;
    const auto waited = std::chrono::steady_clock::now() - begun;
    if (client && waited > client_patience && !executed())
      return CommandAnswer{command.id, true,
                           "kept: the next process that executes this folder carries it out"};
    if (waited > patience)
      return conflict(
          "nobody has answered the command",
          "it stays in the store; a runtime that executes this folder will carry it out");
    std::unique_lock lock(wake_mutex_);
    if (interrupted_) return failed("waiting for the answer to a command was interrupted");
    const std::uint64_t seen = published_;
    wake_.wait_for(lock, look_for_answer_every, [&] { return published_ != seen || interrupted_; });
  }
}

result<std::string> LocalRuntime::control(const Command& command, Duty duty) {
  if (auto tried = try_to_execute(duty); !tried) return std::move(tried).error();
  if (const auto running = executor()) {
    if (auto done = running->submit(command); !done) return std::move(done).error();
  } else {
    auto handed_in = client();
    if (!handed_in) return std::move(handed_in).error();
    const std::lock_guard lock(client_mutex_);
    if (auto done = (*handed_in)->submit(command); !done) return std::move(done).error();
  }
  auto answer = wait_for_answer(command, duty);
  // Who executes only for a command's sake lets go again, after what the command began has ended.
  if (const auto running = executor(); running && running->duty() == Duty::commands) {
    if (answer && answer->done && command.kind == CommandKind::cancel)
      if (auto rested = wait(command.run.to_string(), {}); !rested)
        return std::move(rested).error();
    if (executor() == running) stop_executing(false);
  }
  if (!answer) return std::move(answer).error();
  if (!answer->done) return conflict(answer->text);
  return answer->text;
}

result<Command> LocalRuntime::command_for_service(CommandKind kind, std::string_view service) {
  std::vector<std::string> names;
  for (const ServiceConfig& one : environment_->config.services) names.push_back(one.name);
  if (std::ranges::find(names, service) == names.end())
    return not_found("no service '" + excerpt(service, 60) + "' is configured",
                     suggest(std::string(service), names));
  Command command;
  command.id = new_command_id();
  command.kind = kind;
  command.service = service;
  return command;
}

result<std::string> LocalRuntime::drain_service(std::string_view service, std::string_view reason) {
  auto command = command_for_service(CommandKind::drain, service);
  if (!command) return std::move(command).error();
  command->reason = join_lines(std::string(reason));
  return control(*command, Duty::commands);
}

result<std::string> LocalRuntime::enable_service(std::string_view service) {
  auto command = command_for_service(CommandKind::enable, service);
  if (!command) return std::move(command).error();
  return control(*command, Duty::commands);
}

result<std::string> LocalRuntime::pause(std::string_view run) {
  auto command = command_for(CommandKind::pause, run, {});
  if (!command) return std::move(command).error();
  return control(std::move(*command), Duty::commands);
}

result<std::string> LocalRuntime::resume(std::string_view run, std::string_view max_cost) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto row = (*reader)->find_run(run);
  if (!row) return std::move(row).error();
  if (is_final(row->run.state))
    return "nothing to do: the run is over, " + std::string(to_string(row->run.state));
  auto replaced = (*reader)->replaced_by(row->run.id);
  if (!replaced) return std::move(replaced).error();
  if (*replaced)  // it goes on itself after all
    if (auto said = give_way(row->run.id, std::nullopt); !said) return std::move(said).error();
  auto command = command_for(CommandKind::resume, run, {});
  if (!command) return std::move(command).error();
  if (!max_cost.empty()) {
    auto limit = Money::parse(max_cost, environment_->config.currency);
    if (!limit) return std::move(limit).error().in("max_cost");
    command->limit = *limit;
  }
  return control(std::move(*command), Duty::everything);
}

result<std::string> LocalRuntime::cancel(std::string_view run) {
  auto command = command_for(CommandKind::cancel, run, {});
  if (!command) return std::move(command).error();
  return control(std::move(*command), Duty::commands);
}

result<std::string> LocalRuntime::retry(std::string_view run, std::string_view task, bool rebuy) {
  auto command = command_for(CommandKind::retry, run, task);
  if (!command) return std::move(command).error();
  command->rebuy = rebuy;
  return control(std::move(*command), Duty::everything);
}

result<std::string> LocalRuntime::skip(std::string_view run, std::string_view task) {
  auto command = command_for(CommandKind::skip, run, task);
  if (!command) return std::move(command).error();
  return control(std::move(*command), Duty::commands);
}

result<std::string> LocalRuntime::settle(std::string_view run, std::string_view task, bool bought,
                                         const std::filesystem::path& file) {
  auto command = command_for(CommandKind::settle, run, task);
  if (!command) return std::move(command).error();
  command->bought = bought;
  if (!file.empty()) {
    auto artifact = describe_file(file);
    if (!artifact) return std::move(artifact).error();
    auto store = artifact_store();
    if (!store) return std::move(store).error();
    if (auto kept = (*store)->put_file(file); !kept) return std::move(kept).error();
    command->artifact = std::move(*artifact);
  }
  return control(std::move(*command), Duty::commands);
}

}  // namespace weft::shell
