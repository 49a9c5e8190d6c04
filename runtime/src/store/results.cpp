// SPDX-License-Identifier: Apache-2.0
// Results that tasks may take from each other: what was kept, by what the results of tasks are
// known, and what goes when it is too old or too much.
#include "model/result_key.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

#include "store/queries_state.hpp"
#include "store/rows.hpp"
#include "store/writes.hpp"

namespace weft::store {
namespace {

// What is named several times counts several times.
std::uint64_t artifact_bytes(const json::value& value) {
  std::uint64_t bytes = 0;
  if (const auto artifact = artifact_from_json(value)) return artifact->size_bytes;
  if (const auto* list = value.if_array())
    for (const json::value& element : *list) bytes += artifact_bytes(element);
  if (const auto* object = value.if_object())
    for (const auto& member : *object) bytes += artifact_bytes(member.value());
  return bytes;
}

void remove_result(Connection& db, std::int64_t no) {
  db.run("DELETE FROM artifact_ref WHERE kind = ?1 AND run = 0 AND no = ?2", RefKind::result, no);
  db.run("DELETE FROM result_cache WHERE no = ?1", no);
}

std::size_t remove_results(Connection& db, const std::vector<std::int64_t>& results) {
  for (const std::int64_t no : results) remove_result(db, no);
  return results.size();
}

// Whoever was used last stays, as long as all that were used after it fit in with it. Those made
// before ?1 do not count.
constexpr std::string_view too_much =
    "(SELECT no, sum(size_bytes) OVER (ORDER BY used_at DESC, no DESC) AS used FROM result_cache "
    "WHERE made_at >= ?1) WHERE used > ?2";

// FROM result_cache.
constexpr std::string_view result_columns =
    "key, operation, run, task, service, made_at, pipeline, definition, parts, size_bytes, used_at";

KeptResult read_result(const Rows& rows) {
  KeptResult kept;
  rows.read(kept.key, kept.operation, kept.origin.run, kept.origin.task, kept.origin.service,
            kept.origin.made_at, kept.pipeline, kept.definition, kept.parts, kept.size_bytes,
            kept.used_at);
  return kept;
}

}  // namespace

// ---------------------------------------------------------------- writes

void Writes::write(std::int64_t run, const PutResultKey& put) {
  db_.run(
      "INSERT OR REPLACE INTO task_result (run, no, attempt, key, parts, waits) "
      "VALUES (?1, ?2, ?3, ?4, ?5, 0)",
      run, put.task, put.attempt, put.key->digest, put.key->parts);
}

void Writes::write(std::int64_t run, const TakeResult& take) {
  db_.run(
      "INSERT OR REPLACE INTO task_result (run, no, attempt, key, parts, waits, from_run, "
      "from_task, service, made_at) VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      run, take.task, take.key->digest, take.key->parts, take.waits, take.origin.run,
      take.origin.task, take.origin.service, take.origin.made_at);
  if (!take.waits)
    db_.run("UPDATE result_cache SET used_at = ?2 WHERE key = ?1", take.key->digest, now_());
}

void Writes::write(std::int64_t run, const KeepResult& keep) {
  constexpr std::string_view by_key = "SELECT no FROM result_cache WHERE key = ?1";
  const Digest& key = keep.key->digest;
  if (const auto older = db_.value(std::int64_t{0}, by_key, key); older != 0)
    remove_result(db_, older);
  const json::value outputs = keep.outputs;
  const std::string text = json::serialize(outputs);
  const std::uint64_t size_bytes = artifact_bytes(outputs) + text.size() + keep.key->parts.size();
  db_.run(
      "INSERT INTO result_cache (key, operation, run, task, service, made_at, pipeline, "
      "definition, parts, outputs, size_bytes, used_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT "
      "pipeline_name FROM run WHERE key = ?7), ?8, ?9, ?10, ?11, ?6)",
      key, keep.operation, keep.origin.run, keep.origin.task, keep.origin.service,
      keep.origin.made_at, run, keep.definition, keep.key->parts, text, size_bytes);
  results_grew_ = true;
  put_artifacts(0, RefKind::result, db_.value(std::int64_t{0}, by_key, key), outputs);
}

std::size_t Writes::trim_results(const CacheLimits& limits) {
  const Timestamp made_after = now_() - limits.ttl;
  const auto too_old = read_all<std::int64_t>(
      db_.query("SELECT no FROM result_cache WHERE made_at < ?1", made_after));
  std::size_t removed = remove_results(db_, too_old);
  if (!std::exchange(results_grew_, false)) return removed;
  static const std::string select = sql({"SELECT no FROM ", too_much});
  removed +=
      remove_results(db_, read_all<std::int64_t>(db_.query(select, made_after, limits.size_bytes)));
  return removed;
}

std::size_t Writes::clear_results(const std::string& operation) {
  return remove_results(
      db_, read_all<std::int64_t>(db_.query(
               "SELECT no FROM result_cache WHERE ?1 = '' OR operation = ?1", operation)));
}

// ---------------------------------------------------------------- queries

result<std::optional<FoundResult>> Queries::find_result(std::span<const Digest> keys,
                                                        Timestamp made_after) {
  return state_->read([&](Connection& db) -> std::optional<FoundResult> {
    for (const Digest& key : keys) {
      Rows rows = db.query(
          "SELECT run, task, service, made_at, outputs FROM result_cache WHERE key = ?1 AND "
          "made_at >= ?2",
          key, made_after);
      if (!rows.next()) continue;
      FoundResult found;
      rows.read(found.origin.run, found.origin.task, found.origin.service, found.origin.made_at,
                found.outputs);
      found.key = std::make_shared<const ResultKey>(ResultKey{key, {}});
      return found;
    }
    return std::nullopt;
  });
}

result<std::optional<TaskResult>> Queries::task_result(TaskRef task) {
  return state_->read([&](Connection& db) -> std::optional<TaskResult> {
    Rows rows = db.query(
        "SELECT key, parts, waits, from_run IS NOT NULL, coalesce(from_run, zeroblob(16)), "
        "coalesce(from_task, ''), coalesce(service, ''), coalesce(made_at, 0) FROM task_result "
        "WHERE run = ?1 AND no = ?2",
        state_->key_of(task.run), task.task);
    if (!rows.next()) return std::nullopt;
    TaskResult known;
    bool of_another = false;
    ResultOrigin origin;
    rows.read(known.key, known.parts, known.waits, of_another, origin.run, origin.task,
              origin.service, origin.made_at);
    if (of_another) known.origin = std::move(origin);
    return known;
  });
}

result<std::vector<KeptResult>> Queries::kept_results(std::string_view operation,
                                                      std::uint32_t limit) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({"SELECT ", result_columns,
             " FROM result_cache WHERE ?1 = '' OR operation = ?1 ORDER BY used_at DESC, no DESC "
             "LIMIT ?2"});
    std::vector<KeptResult> kept;
    for (Rows rows = db.query(select, operation, limit); rows.next();)
      kept.push_back(read_result(rows));
    return kept;
  });
}

result<std::size_t> Queries::excess_results(const CacheLimits& limits, Timestamp now) {
  return state_->read([&](Connection& db) {
    static const std::string select = sql(
        {"SELECT (SELECT count(*) FROM result_cache WHERE made_at < ?1) + (SELECT count(*) FROM ",
         too_much, ")"});
    return db.value(std::size_t{0}, select, now - limits.ttl, limits.size_bytes);
  });
}

}  // namespace weft::store
