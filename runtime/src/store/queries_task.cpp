// SPDX-License-Identifier: Apache-2.0
// Tasks, their attempts and their outputs.
#include <boost/json/array.hpp>
#include <map>

#include "store/queries_state.hpp"
#include "store/rows.hpp"

namespace weft::store {
namespace {

constexpr std::string_view progress_columns = ", p.permille, p.stage, t.label, t.operation";
constexpr std::string_view progress_join =
    " LEFT JOIN progress p ON p.run = t.run AND p.no = t.no AND t.state = 2 ";  // while it runs

std::vector<AttemptRecord> attempts_of(Connection& db, std::int64_t run, TaskNo no) {
  static const std::string select =
      sql({"SELECT ", attempt_columns,
           " FROM attempt a WHERE a.run = ?1 AND a.no = ?2 ORDER BY a.attempt"});
  std::vector<AttemptRecord> attempts;
  for (Rows rows = db.query(select, run, no); rows.next();) attempts.push_back(read_attempt(rows));
  return attempts;
}

std::map<AttemptNo, Usage> usage_of(Connection& db, std::int64_t run, TaskNo no) {
  std::map<AttemptNo, Usage> all;
  Rows rows = db.query(
      "SELECT attempt, cpu_ms, memory_bytes, gpu_memory_bytes, queue_place FROM attempt_usage "
      "WHERE run = ?1 AND no = ?2",
      run, no);
  while (rows.next()) {
    AttemptNo attempt = 0;
    Usage usage;
    rows.read(attempt, usage.cpu, usage.memory_bytes, usage.gpu_memory_bytes, usage.queue_place);
    all[attempt] = usage;
  }
  return all;
}

std::vector<DecisionRecord> decisions_of(Connection& db, std::int64_t run, TaskNo no) {
  std::vector<DecisionRecord> decisions;
  Rows rows = db.query(
      "SELECT no, attempt, chosen, detail FROM decision WHERE run = ?1 AND no = ?2 "
      "ORDER BY attempt",
      run, no);
  while (rows.next()) {
    DecisionRecord& decision = decisions.emplace_back();
    rows.read(decision.task, decision.attempt, decision.chosen, decision.detail);
  }
  return decisions;
}

std::vector<LateResult> late_results_of(Connection& db, std::int64_t run, TaskRef task) {
  std::vector<LateResult> results;
  Rows rows = db.query(
      "SELECT attempt, outcome, message, outputs FROM late_result WHERE run = ?1 AND no = ?2 "
      "ORDER BY attempt",
      run, task.task);
  while (rows.next()) {
    LateResult& late = results.emplace_back();
    late.attempt = {task.run, task.task, 0};
    rows.read(late.attempt.attempt, late.outcome, late.message, late.outputs);
  }
  return results;
}

}  // namespace

result<std::vector<TaskView>> Queries::tasks(RunId run, const TaskFilter& filter) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({"SELECT ", task_columns, progress_columns, " FROM task t", progress_join,
             "WHERE t.run = ?1 AND t.no >= ?2 AND (?3 IS NULL OR t.state = ?3) "
             "ORDER BY t.no LIMIT ?4"});
    const std::int64_t key = state_->key_of(run);
    Rows rows = db.query(select, key, filter.from, filter.state, filter.limit);
    return State::read_tasks(rows, state_->task_names(key));
  });
}

result<TaskDetail> Queries::task(TaskRef task) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({"SELECT ", task_columns, progress_columns, " FROM task t", progress_join,
             "WHERE t.run = ?1 AND t.no = ?2"});
    TaskDetail detail;
    const std::int64_t run = state_->key_of(task.run);
    Rows rows = db.query(select, run, task.task);
    std::vector<TaskView> views = State::read_tasks(rows, state_->task_names(run));
    if (views.empty()) {
      db.fail(not_found("run " + task.run.to_string() + " has no task number " +
                        std::to_string(task.task)));
      return detail;
    }
    detail.task = std::move(views.front());
    detail.attempts = attempts_of(db, run, task.task);
    detail.usage = usage_of(db, run, task.task);
    detail.decisions = decisions_of(db, run, task.task);
    detail.late_results = late_results_of(db, run, task);
    detail.outputs = state_->node_outputs(run, task.task);
    return detail;
  });
}

result<std::vector<TaskView>> Queries::dependencies(TaskRef task, std::uint32_t limit) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({"SELECT ", task_columns, progress_columns,
             " FROM task_edge e JOIN task t ON t.run = e.run AND t.no = e.needs", progress_join,
             "WHERE e.run = ?1 AND e.no = ?2 ORDER BY t.state IN (4, 6), t.no LIMIT ?3"});
    const std::int64_t run = state_->key_of(task.run);
    Rows rows = db.query(select, run, task.task, limit);
    return State::read_tasks(rows, state_->task_names(run));
  });
}

std::vector<json::value> Queries::State::outputs_of(std::int64_t run, TaskNo first,
                                                    std::uint32_t count) {
  std::vector<json::value> outputs(count);
  Rows rows =
      db->query("SELECT no, outputs FROM task_payload WHERE run = ?1 AND no >= ?2 AND no < ?2 + ?3",
                run, first, count);
  while (rows.next()) {
    TaskNo no = 0;
    json::value value;
    rows.read(no, value);
    outputs[no - first] = std::move(value);
  }
  return outputs;
}

json::value Queries::State::node_outputs(std::int64_t run, TaskNo no) {
  const auto items =
      db->value(std::optional<std::uint32_t>{},
                "SELECT item_count FROM task WHERE run = ?1 AND no = ?2 AND is_group = 1", run, no);
  if (!items) return std::move(outputs_of(run, no, 1).front());
  // Right after their group, unless they came only when the run had got there.
  const auto first =
      db->value(no + 1, "SELECT first FROM expansion WHERE run = ?1 AND no = ?2", run, no);
  std::vector<json::value> outputs = outputs_of(run, first, *items);
  return json::array(std::make_move_iterator(outputs.begin()),
                     std::make_move_iterator(outputs.end()));
}

result<std::vector<json::value>> Queries::outputs(RunId run, std::span<const TaskNo> tasks) {
  return state_->read([&](Connection&) {
    const std::int64_t key = state_->key_of(run);
    std::vector<json::value> outputs;
    for (const TaskNo no : tasks) outputs.push_back(state_->node_outputs(key, no));
    return outputs;
  });
}

result<std::vector<ProgressRecord>> Queries::progress(RunId run) {
  return state_->read([&](Connection& db) {
    std::vector<ProgressRecord> all;
    Rows rows = db.query("SELECT no, permille, stage FROM progress WHERE run = ?1 ORDER BY no",
                         state_->key_of(run));
    while (rows.next()) {
      ProgressRecord& progress = all.emplace_back();
      rows.read(progress.task, progress.permille, progress.stage);
    }
    return all;
  });
}

}  // namespace weft::store
