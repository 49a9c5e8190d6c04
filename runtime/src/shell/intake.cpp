// SPDX-License-Identifier: Apache-2.0
#include "shell/intake.hpp"

#include <boost/asio/post.hpp>

#include "base/json_text.hpp"
#include "shell/submission.hpp"

namespace weft::shell {
namespace {

namespace asio = boost::asio;

constexpr Duration poll_every{100};

}  // namespace

result<> Intake::begin() {
  if (parts_.take_runs) {
    auto runs = parts_.queries.unfinished_runs();
    if (!runs) return std::move(runs).error();
    for (const RunId run : *runs) take_over(run, {});
  }
  look_around();
  poll_later();
  return {};
}

void Intake::close() {
  closed_ = true;
  poll_.cancel();
}

void Intake::poll_later() {
  poll_.expires_after(poll_every);
  poll_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled || closed_) return;
    parts_.store.poll([this](const result<bool>& changed) {
      if (changed && *changed) asio::post(parts_.io, [this] { look_around(); });
    });
    poll_later();
  });
}

void Intake::look_around() {
  if (closed_) return;
  if (parts_.take_runs)
    if (const auto runs = parts_.queries.unclaimed_runs())
      for (const RunId run : *runs) take_over(run, {});
  if (const auto commands = parts_.queries.open_commands())
    for (const Command& command : *commands)
      if (open_commands_.emplace(command.id, command.run).second) give(command);
}

void Intake::fenced(RunId run) {
  std::erase_if(open_commands_, [run](const auto& entry) { return entry.second == run; });
  asio::post(parts_.io, [this] { look_around(); });
}

void Intake::give(const Command& command) {
  if (!command.service.empty()) return deliver(engine::GiveCommand{command});
  if (parts_.driver.core().find(command.run)) return deliver(engine::GiveCommand{command});
  const auto run = parts_.queries.run(command.run);
  if (!run) return parts_.environment.log->error(on_one_line(run.error()));
  if (is_final(run->run.state))
    return answer(command, run->run,
                  conflict("the run is over: " + std::string(to_string(run->run.state)),
                           "submit the definition again to run it anew"));
  take_over(command.run, command);
}

// Without the engine: the run cannot move.
void Intake::answer(const Command& command, const RunRecord& run, const Error& error) {
  Batch batch;
  batch.epochs.emplace_back(run.id, run.epoch);
  batch.writes.push_back(AnswerCommand{command.run, {command.id, false, error.to_string()}});
  commit(std::move(batch));
}

void Intake::commit(Batch batch) {
  parts_.store.commit(std::move(batch), [this](const result<store::CommitReport>&) {
    asio::post(parts_.io, [this] {
      parts_.news.published();
      parts_.news.rested(std::nullopt);
    });
  });
}

// Loads a run, and then gives it `command`, if any.
void Intake::take_over(RunId run, std::optional<Command> command) {
  if (parts_.driver.core().find(run) || !claiming_.insert(run).second) {
    if (command) open_commands_.erase(command->id);  // seen again at the next look
    return;
  }
  parts_.store.claim_run(
      run, [this, run, command = std::move(command)](result<StoredRun> stored) mutable {
        asio::post(parts_.io, [this, run, command = std::move(command),
                               stored = std::move(stored)]() mutable {
          if (stored)
            load(std::move(*stored), command);
          else
            parts_.environment.log->error(on_one_line(stored.error()), {{"run", run.to_string()}});
          // After the turn that loads it: until then nobody would see that it is here, and a second
          // claim would fence the first. Then for commands that came meanwhile.
          asio::post(parts_.io, [this, run] {
            claiming_.erase(run);
            look_around();
          });
        });
      });
}

void Intake::load(StoredRun stored, const std::optional<Command>& command) {
  auto plan = plan_again(stored, parts_.environment, parts_.board.table(), definitions_);
  if (!plan) return refuse(stored, plan.error(), command);
  deliver(engine::LoadRun{std::move(stored), std::move(*plan)});
  if (command) deliver(engine::GiveCommand{*command});
}

// A run that this configuration cannot carry. One that has never run fails, so that its owner hears
// of it; one that has is left as it is for a configuration that can.
void Intake::refuse(const StoredRun& stored, const Error& error,
                    const std::optional<Command>& command) {
  parts_.environment.log->error(on_one_line(error), {{"run", stored.run.id.to_string()}});
  if (command) answer(*command, stored.run, error);
  const bool never_ran = stored.ended.empty() && stored.open.empty() &&
                         stored.unfinished.size() == stored.run.task_count;
  if (!never_ran || stored.run.state != RunState::active) return;
  RunRecord run = stored.run;
  run.state = RunState::failed;
  run.ended_at = now();
  AppendEvent event;
  event.run = run.id;
  event.run_seq = stored.last_run_seq + 1;
  event.at = *run.ended_at;
  event.type = "run.failed";
  event.data = json_text({{"message", error.to_string()}});
  Batch batch;
  batch.epochs.emplace_back(run.id, run.epoch);
  batch.writes.push_back(UpdateRun{std::move(run)});
  batch.writes.push_back(AppendEvent{std::move(event)});
  commit(std::move(batch));
}

void Intake::deliver(engine::Event event) {
  parts_.driver.deliver(std::move(event));
  parts_.want_turn();
}

}  // namespace weft::shell
