// SPDX-License-Identifier: Apache-2.0
// The four timeouts, the run's deadline, retry times. Deadlines stand still while a run is paused:
// its alarms ring in vain and are set anew when it goes on.
#include "engine/core.hpp"

namespace weft::engine {

void Core::arm_task(Run& run, TaskNo task) {
  const auto total = run.definition(task).timeouts.total;
  const auto ready_at = run.nodes[task].ready_at;
  if (total && ready_at)
    timers_.set({*ready_at + *total, AlarmKind::task_deadline, run.record.id, task, 0});
  arm_queue(run, task);
}

void Core::arm_queue(Run& run, TaskNo task) {
  const auto limit = run.definition(task).timeouts.queue;
  const auto queued_at = run.nodes[task].queued_at;
  if (limit && queued_at)
    timers_.set({*queued_at + *limit, AlarmKind::queue_timeout, run.record.id, task, 0});
}

void Core::arm_attempt(Run& run, const ActiveAttempt& active) {
  const TaskNo task = active.record.task;
  const Timeouts& timeouts = run.definition(task).timeouts;
  const auto arm = [&](const std::optional<Duration>& limit, AlarmKind kind) {
    if (limit)
      timers_.set({active.timed_from + *limit, kind, run.record.id, task, active.record.attempt});
  };
  if (!active.alive) arm(timeouts.start, AlarmKind::start_timeout);
  arm(active.run_limit, AlarmKind::run_timeout);
}

void Core::arm_run(Run& run) {
  if (run.record.deadline.is_set())
    timers_.set({run.record.deadline.at(), AlarmKind::run_deadline, run.record.id, 0, 0});
}

void Core::on(const Tick&) {
  while (const auto alarm = timers_.pop(moment_.now)) ring(*alarm);
}

void Core::ring(const Alarm& alarm) {
  if (alarm.kind == AlarmKind::opening) return;  // what waits for it looks at the end of the step
  if (alarm.kind == AlarmKind::suspicion) return ring_suspicion(alarm);
  if (alarm.kind == AlarmKind::probe) return ring_probe(alarm);
  Run* run = loaded(alarm.run);
  if (!run) return;
  if (alarm.kind == AlarmKind::stop_grace || alarm.kind == AlarmKind::lookup)
    return ring_for_attempt(*run, alarm);
  if (alarm.kind == AlarmKind::growth) return is_final(run->record.state) ? void() : take_up(*run);
  if (run->record.state != RunState::active) return;
  Node& node = run->nodes[alarm.task];
  switch (alarm.kind) {
    case AlarmKind::retry:
      if (node.stage == Stage::delayed && node.retry_at && *node.retry_at <= moment_.now)
        enqueue(*run, alarm.task);
      break;
    case AlarmKind::queue_timeout:
      if (const auto limit = run->definition(alarm.task).timeouts.queue;
          node.state == TaskState::ready && limit && node.queued_at &&
          *node.queued_at + *limit <= moment_.now) {
        leave_queue(*run, alarm.task);
        fail(*run, alarm.task, Outcome::deadline,
             "it waited for a slot longer than its queue timeout");
      }
      break;
    case AlarmKind::task_deadline:
      if (!task_deadline(*run, alarm.task).reached(moment_.now)) break;
      if (node.state == TaskState::running) stop(*run, alarm.task, StopCause::task_deadline);
      if (run->definition(alarm.task).wait) {
        wait_timed_out(*run, alarm.task);
      } else if (node.state == TaskState::ready) {
        leave_queue(*run, alarm.task);
        fail(*run, alarm.task, Outcome::deadline, "its timeout passed before an attempt succeeded");
      }
      break;
    case AlarmKind::run_deadline:
      run_deadline(*run);
      break;
    case AlarmKind::start_timeout:
    case AlarmKind::run_timeout:
    case AlarmKind::stop_grace:
    case AlarmKind::lookup:
      ring_for_attempt(*run, alarm);
      break;
    case AlarmKind::growth:
    case AlarmKind::opening:
    case AlarmKind::suspicion:
    case AlarmKind::probe:
      break;
  }
}

void Core::ring_for_attempt(Run& run, const Alarm& alarm) {
  const auto found = run.active.find(alarm.task);
  if (found == run.active.end() || found->second.record.attempt != alarm.stamp) return;
  ActiveAttempt& active = found->second;
  if (alarm.kind == AlarmKind::lookup) return found_out(run, active);
  const Timeouts& timeouts = run.definition(alarm.task).timeouts;
  const auto over = [&](const std::optional<Duration>& limit) {
    return limit && active.timed_from + *limit <= moment_.now;
  };
  if (run.nodes[alarm.task].state != TaskState::running) return;
  if (alarm.kind == AlarmKind::start_timeout && !active.alive && over(timeouts.start))
    stop(run, alarm.task, StopCause::attempt_timeout);
  if (alarm.kind == AlarmKind::run_timeout && over(active.run_limit))
    stop(run, alarm.task, StopCause::attempt_timeout);
  if (alarm.kind == AlarmKind::stop_grace && active.stop != StopCause::none &&
      active.stopped_at + time_to_end <= moment_.now) {
    active.heard = true;
    end_attempt(run, alarm.task,
                {active.free ? Outcome::cancelled : Outcome::unknown,
                 "the service did not end the attempt within 10 s after it was cancelled",
                 {},
                 {},
                 false,
                 {}});
  }
}

void Core::run_deadline(Run& run) {
  if (!run.record.deadline.reached(moment_.now)) return;
  for (TaskNo no = 0; no < run.nodes.size(); ++no) {
    if (run.definition(no).occasion != Occasion::ordinary) continue;  // see task_deadline
    if (run.nodes[no].state == TaskState::running) stop(run, no, StopCause::run_deadline);
    if (run.nodes[no].state != TaskState::ready && !waits_for_people(run, no)) continue;
    leave_queue(run, no);
    fail(run, no, Outcome::deadline, "the timeout of the run passed");
  }
}

}  // namespace weft::engine
