// SPDX-License-Identifier: Apache-2.0
// The rows of the model as SELECTs give them: each list of columns stands beside the function that
// reads it.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "model/records.hpp"
#include "store/sqlite.hpp"

namespace weft::store {

// FROM run_tables.
inline constexpr std::string_view run_columns =
    "r.id, r.pipeline_name, v.hash, r.state, r.pause_reason, r.degraded, r.cancelling, r.priority, "
    "r.limit_micros, r.limit_currency, r.created_at, r.ended_at, r.deadline, r.paused_for, "
    "r.paused_at, r.task_count, r.epoch, r.fresh, r.owner";
inline constexpr int run_column_count = 19;
inline constexpr std::string_view run_tables =
    "run r JOIN pipeline_version v ON v.key = r.pipeline_version";
RunRecord read_run(const Rows& rows, std::string& owner);

// FROM task t.
inline constexpr std::string_view task_columns =
    "t.no, t.definition, t.item, t.is_group, t.item_count, t.state, t.wait_reason, t.degraded, "
    "t.attempt, t.attempts_counted, t.ready_at, t.retry_at, t.ended_at";
inline constexpr int task_column_count = 13;
TaskRecord read_task(const Rows& rows);

// FROM attempt a. What is reserved stands in the ledger, until it is spent.
inline constexpr std::string_view attempt_columns =
    "a.no, a.attempt, a.service, a.idempotency_key, a.token, a.started_at, a.ended_at, a.outcome, "
    "a.message, a.cost_micros, a.cost_currency, a.cost_estimated, "
    "(SELECT l.reserved_micros FROM ledger l WHERE l.run = a.run AND l.no = a.no AND "
    "l.attempt = a.attempt AND l.spent_micros = 0), "
    "(SELECT l.currency FROM ledger l WHERE l.run = a.run AND l.no = a.no AND "
    "l.attempt = a.attempt AND l.spent_micros = 0)";
inline constexpr int attempt_column_count = 14;
AttemptRecord read_attempt(const Rows& rows);

// One text of several pieces.
std::string sql(std::initializer_list<std::string_view> pieces);

}  // namespace weft::store
