// SPDX-License-Identifier: Apache-2.0
// From running to an end: what a service says about an attempt, and what follows.
#include <algorithm>

#include "engine/core.hpp"
#include "route/retry.hpp"

namespace weft::engine {
namespace {

// Also one that waits for its service to come back.
ActiveAttempt* running(Run* run, const AttemptRef& ref) {
  if (!run) return nullptr;
  const auto found = run->active.find(ref.task);
  if (found == run->active.end() || found->second.record.attempt != ref.attempt) return nullptr;
  return found->second.record.ended_at ? nullptr : &found->second;
}

// What an end cost when the service did not say: nothing where nothing was bought, else what was
// reserved.
bool may_have_cost(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
    case Outcome::unknown:
    case Outcome::bad_output:
    case Outcome::cancelled:
    case Outcome::internal:
    case Outcome::exhausted:
    case Outcome::deadline:
      return true;
    default:
      return false;
  }
}

// May another service be asked after such an end?
bool goes_to_the_next(Outcome outcome, const RouteSettings& route) {
  return rule_of(outcome).next_service ||
         (outcome == Outcome::refused && route.refusal == Refusal::next);
}

std::string missing_output(const Operation& operation, const json::object& outputs) {
  for (const OperationOutput& output : operation.outputs)
    if (!outputs.contains(output.name)) return output.name;
  return {};
}

}  // namespace

void Core::on(const JobStarted& event) {
  Run* run = loaded(event.attempt.run);
  ActiveAttempt* attempt = running(run, event.attempt);
  if (!attempt) return;
  attempt->alive = true;
  if (event.by_service) found_out(*run, *attempt);
}

void Core::on(JobCheckpointed&& event) {
  Run* run = loaded(event.attempt.run);
  ActiveAttempt* attempt = running(run, event.attempt);
  if (!attempt) return;
  attempt->alive = true;
  attempt->record.token = event.token;
  found_out(*run, *attempt);
  write<PutCheckpoint>(*run, event.attempt, std::move(event.token));
  effects_.acts.push_back(ConfirmCheckpoint{event.attempt, event.op});
}

void Core::on(JobEnded&& event) {
  Run* run = loaded(event.attempt.run);
  if (ActiveAttempt* attempt = running(run, event.attempt)) {
    attempt->heard = true;
    return end_attempt(*run, event.attempt.task, std::move(event.result));
  }
  // Of a run that another runtime has taken, too: whoever owns it next looks there.
  effects_.batch.writes.push_back(PutLateResult{event.attempt, event.result.outcome,
                                                std::move(event.result.message),
                                                std::move(event.result.outputs)});
}

void Core::end_attempt(Run& run, TaskNo task, JobResult&& result) {
  run.foresee_dependents(task);
  const ActiveAttempt& active = run.active.at(task);
  const TaskDefinition& definition = run.definition(task);
  const StopCause stopped = active.stop;
  if (result.outcome == Outcome::ok)
    if (const auto missing = missing_output(*definition.operation, result.outputs);
        !missing.empty()) {
      result.outcome = Outcome::bad_output;
      result.message = "the service ended the task without its output '" + missing + "'";
    }
  const bool proved_free = active.free || (result.cost && result.cost->micros == 0);
  if (result.outcome == Outcome::lost && !proved_free) result.outcome = Outcome::unknown;
  // Looked up after a restart, and the service never had it: the crash came before the request.
  if (result.outcome == Outcome::lost && active.in_question && active.record.token.empty())
    result.outcome = Outcome::interrupted;
  if (result.outcome == Outcome::cancelled && stopped != StopCause::none &&
      stopped != StopCause::asked) {
    // Confirmed by the remote side. Whether it is billed nobody knows, so only the definition may
    // send it again.
    const bool ours = active.free || definition.route.rebuy != Rebuy::never ||
                      stopped != StopCause::attempt_timeout;
    result.outcome = ours ? Outcome::deadline : Outcome::unknown;
    result.message = stopped == StopCause::attempt_timeout
                         ? "the attempt took longer than its timeout"
                         : "the deadline passed";
  }
  // What is free may have failed of being interrupted; what is not has said what became of it.
  if (stopped == StopCause::shutdown && result.outcome != Outcome::ok &&
      (active.free || result.outcome == Outcome::cancelled))
    result.outcome = Outcome::interrupted;
  const bool unknown =
      result.outcome == Outcome::unknown && !active.free && definition.route.rebuy != Rebuy::allow;
  const bool given_up = stopped == StopCause::asked || run.record.cancelling;
  if (unknown && !given_up) return end_unknown(run, task, result);

  AttemptFacts attempt = close(run, task, result);
  if (result.outcome == Outcome::ok) {
    put_outputs(run, task, std::move(result.outputs));
    if (run.nodes[task].degraded && !std::exchange(run.record.degraded, true)) mark_dirty(run);
    return succeed(run, task, std::move(attempt));
  }
  if (given_up) return cancel_node(run, task);
  if (stopped == StopCause::task_deadline || stopped == StopCause::run_deadline)
    return fail(run, task, Outcome::deadline, result.message);
  after_failure(run, task, attempt, result);
}

// Ends the attempt's row and its reservation, and gives back its slots.
AttemptFacts Core::close(Run& run, TaskNo task, const JobResult& result) {
  const auto found = run.active.find(task);
  ActiveAttempt& active = found->second;
  AttemptRecord& record = active.record;
  tell_service(run, active, result);
  slots_.give_back(active.claim);
  if (!run.keys.empty()) end_flight(run, task, &result);
  record.ended_at = moment_.now;
  record.outcome = result.outcome;
  record.message = result.message;
  record.cost = result.cost;
  record.cost_estimated = result.cost_estimated;
  if (!record.cost && may_have_cost(result.outcome))
    record.cost = record.reserved, record.cost_estimated = true;
  run.ledger.release(record.reserved);
  run.ledger.spend(record.cost);
  record.reserved.reset();
  count_cost(run, task, record.cost);
  AttemptFacts facts{record.attempt, record.service, moment_.now - record.started_at, record.cost};
  write<EndAttempt>(run, run.record.id, std::move(record), true, run.definition(task).operation,
                    active.waited, result.usage);
  run.active.erase(found);
  return facts;
}

void Core::count_cost(Run& run, TaskNo task, const MaybeMoney& cost) {
  const MaybeMoney& limit = run.definition(task).route.max_cost;
  if (limit && cost && cost->currency == limit->currency)
    run.trouble[task].spent_micros += cost->micros;
}

void Core::put_outputs(Run& run, TaskNo task, json::object outputs) {
  outputs_.push_back({run.record.id, task, outputs});
  write<PutOutputs>(run, run.record.id, task, std::move(outputs));
}

// It may have been bought, and nobody knows: a person decides. The reservation stays, the slots do
// not.
void Core::end_unknown(Run& run, TaskNo task, const JobResult& result) {
  ActiveAttempt& active = run.active.at(task);
  tell_service(run, active, result);
  slots_.give_back(std::exchange(active.claim, {}));
  if (!run.keys.empty()) end_flight(run, task, nullptr);
  found_out(run, active);
  active.record.ended_at = moment_.now;
  active.record.outcome = Outcome::unknown;
  active.record.message = result.message;
  write<EndAttempt>(run, run.record.id, active.record, false, nullptr, Duration{}, result.usage);
  wait_for(run, task, WaitReason::unknown_outcome, result.message);
}

// ---------------------------------------------------------------- after a failure

void Core::after_failure(Run& run, TaskNo task, const AttemptFacts& attempt,
                         const JobResult& result) {
  Node& node = run.nodes[task];
  const OutcomeRule rule = rule_of(result.outcome);
  if (rule.counts) ++node.attempts_counted;
  if (!rule.counts) {
    // Nobody's fault: again, at once.
    set_state(run, task, TaskState::ready);
    return enqueue(run, task);
  }
  remember_failure(run, task, attempt.service, result.outcome);
  const TaskDefinition& definition = run.definition(task);
  const std::uint32_t allowed = definition.retry.attempts;
  const bool next = goes_to_the_next(result.outcome, definition.route);
  if ((next || rule.same_service) && node.attempts_counted < allowed)
    return try_again(run, task, attempt, result);
  std::string message = result.message;
  if (node.attempts_counted > 1)
    message += " (after " + std::to_string(node.attempts_counted) + " attempts)";
  fail(run, task, result.outcome, message);
}

void Core::remember_failure(Run& run, TaskNo task, const std::string& service, Outcome outcome) {
  Trouble& trouble = run.trouble[task];
  ++trouble.failures;
  const Trouble::Failure failure{service, "tried: " + std::string(to_string(outcome))};
  if (!rule_of(outcome).same_service) return trouble.barred.push_back(failure);
  // A service has one turn in a round: its next one began another.
  const auto same = [&](const Trouble::Failure& other) { return other.service == failure.service; };
  if (std::any_of(trouble.tried.begin(), trouble.tried.end(), same)) trouble.tried.clear();
  trouble.tried.push_back(failure);
}

void Core::try_again(Run& run, TaskNo task, const AttemptFacts& attempt, const JobResult& result) {
  Trouble& trouble = run.trouble[task];
  const auto decide = [&] {
    auto excluded = excluded_for(run, task);
    add_closed(excluded, run.definition(task).operation->name, Claim::none);
    return route::choose(*services_, request_for(run, task, excluded));
  };
  route::Decision decision = decide();
  Timestamp at = moment_.now, opens = moment_.now;
  // Who is only busy will have his turn: the task waits for him.
  const bool had_all_turns = !decision.chosen && decision.obstacle() != route::Obstacle::busy;
  if (!goes_to_the_next(result.outcome, run.definition(task).route) || had_all_turns) {
    trouble.tried.clear();  // everybody had a turn: from the first again, after a while
    decision = decide();
    if (!decision.has_hope()) return fail(run, task, result.outcome, result.message);
    at += route::backoff_delay(run.definition(task).retry, trouble.failures, moment_.random[0]);
    opens = opening_of(decision);  // somebody may open it sooner, so the task queues for it
  }
  // Who it goes to is known only if it goes at once; else whoever has failed now is the best guess.
  if (const auto asked = decision.chosen ? decision.chosen : services_->find(attempt.service))
    at = std::max(at, states_.retry_at(*asked, moment_.now));
  if (task_deadline(run, task).reached(std::max(at, opens)))
    return fail(run, task, Outcome::deadline,
                "the next attempt would come after the deadline; the last one: " + result.message);
  set_state(run, task, TaskState::ready);
  const std::string retry_at = at > moment_.now ? to_string(at) : std::string();
  write_event(run, "task.retrying", task,
              {{"attempt", attempt.attempt},
               {"service", attempt.service},
               {"outcome", to_string(result.outcome)},
               {"message", result.message},
               {"retry_at", unless_empty(retry_at)}});
  if (at > moment_.now) return delay(run, task, at);
  enqueue(run, task);
}

// ---------------------------------------------------------------- told to end

void Core::stop(Run& run, TaskNo task, StopCause cause) {
  ActiveAttempt& active = run.active.at(task);
  const bool already = active.stop != StopCause::none;
  if (active.stop != StopCause::asked) active.stop = cause;
  if (already) return;
  active.stopped_at = moment_.now;
  mark_dirty(run, task);  // a run that is another's by now is not written to, nor cancelled
  effects_.acts.push_back(CancelJob{{run.record.id, task, active.record.attempt}});
  timers_.set({moment_.now + time_to_end, AlarmKind::stop_grace, run.record.id, task,
               active.record.attempt});
}

void Core::on(const ReservationRefused& event) {
  Run* run = loaded(event.attempt.run);
  if (!run || !running(run, event.attempt)) return;
  close(*run, event.attempt.task,
        {Outcome::budget, "the limit of the run is reached", {}, {}, false, {}});
  reservation_refused(*run, event.attempt.task);
}

// Nothing was sent. The task goes on when the run does.
void Core::reservation_refused(Run& run, TaskNo task) {
  if (run.record.cancelling) return cancel_node(run, task);
  set_state(run, task, TaskState::ready);
  pause_for_budget(run, "the limit of the run is reached");
}

}  // namespace weft::engine
