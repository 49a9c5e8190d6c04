// SPDX-License-Identifier: Apache-2.0
#include "store/rows.hpp"

namespace weft::store {

RunRecord read_run(const Rows& rows, std::string& owner) {
  RunRecord run;
  rows.read(run.id, run.pipeline_name, run.pipeline, run.state, run.pause_reason, run.degraded,
            run.cancelling, run.priority, run.limit, run.created_at, run.ended_at, run.deadline,
            run.paused_for, run.paused_at, run.task_count, run.epoch, run.fresh, owner);
  return run;
}

TaskRecord read_task(const Rows& rows) {
  TaskRecord task;
  rows.read(task.no, task.definition, task.item, task.group, task.item_count, task.state,
            task.wait_reason, task.degraded, task.attempt, task.attempts_counted, task.ready_at,
            task.retry_at, task.ended_at);
  return task;  // the item -1 has become PlanNode::no_item
}

AttemptRecord read_attempt(const Rows& rows) {
  AttemptRecord attempt;
  rows.read(attempt.task, attempt.attempt, attempt.service, attempt.idempotency_key, attempt.token,
            attempt.started_at, attempt.ended_at, attempt.outcome, attempt.message, attempt.cost,
            attempt.cost_estimated, attempt.reserved);
  return attempt;
}

std::string sql(std::initializer_list<std::string_view> pieces) {
  std::string text;
  for (const std::string_view piece : pieces) text += piece;
  return text;
}

}  // namespace weft::store
