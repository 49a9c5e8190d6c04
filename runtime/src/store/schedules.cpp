// SPDX-License-Identifier: Apache-2.0
// Schedules and what they have started: rows, and questions about them.
#include "store/schedules.hpp"

#include <boost/json/serialize.hpp>

#include "base/json_text.hpp"
#include "store/queries_state.hpp"
#include "store/rows.hpp"
#include "store/writes.hpp"

namespace weft::store {
namespace {

std::vector<FiringRow> read_firings(Rows rows) {
  std::vector<FiringRow> firings;
  while (rows.next()) {
    FiringRow& row = firings.emplace_back();
    rows.read(row.schedule, row.cause, row.at, row.decided_at, row.state, row.run, row.depth,
              row.reason, row.values);
  }
  return firings;
}

constexpr std::string_view firing_columns =
    "f.schedule, f.cause, f.at, f.decided_at, f.state, f.run, f.depth, f.reason, f.\"values\"";

std::string_view event_of(FiringState state) {
  switch (state) {
    case FiringState::waiting:
      return "schedule.waiting";
    case FiringState::started:
      return "schedule.started";
    case FiringState::skipped:
      return "schedule.skipped";
    case FiringState::asked:
    case FiringState::failed:
      break;
  }
  return "schedule.failed";
}

}  // namespace

// ---------------------------------------------------------------- writes

void Writes::put_schedule(const ScheduleRow& row) {
  std::optional<std::string> written;
  if (!row.written.is_null()) written = json::serialize(row.written);
  db_.run(
      "INSERT INTO schedule (name, written, paused, considered, cursor, created_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO UPDATE SET written = ?2",
      row.name, written, row.paused, row.considered, row.cursor, now_());
}

void Writes::remove_schedule(const std::string& name) {
  db_.run("DELETE FROM schedule WHERE name = ?1", name);
  db_.run(
      "DELETE FROM artifact_ref WHERE kind = ?2 AND run = 0 AND no IN (SELECT seq FROM firing "
      "WHERE schedule = ?1 AND state < 2)",
      name, RefKind::firing);
  db_.run("DELETE FROM firing WHERE schedule = ?1", name);
}

void Writes::pause_schedule(const std::string& name, bool paused) {
  db_.run("UPDATE schedule SET paused = ?2 WHERE name = ?1", name, paused);
  if (!paused)  // what passed meanwhile is not made up for
    db_.run(
        "UPDATE schedule SET considered = ?2, cursor = coalesce((SELECT max(seq) FROM event), 0) "
        "WHERE name = ?1",
        name, now_());
  append(
      {now_(), paused ? "schedule.paused" : "schedule.resumed", json_text({{"schedule", name}})});
}

void Writes::consider(const std::string& name, Timestamp considered, std::uint64_t cursor) {
  db_.run("UPDATE schedule SET considered = ?2, cursor = ?3 WHERE name = ?1", name, considered,
          cursor);
}

void Writes::missed(const std::string& name, const json::object& data) {
  json::object said{{"schedule", name}};
  for (const auto& [key, value] : data) said[key] = value;
  append({now_(), "schedule.missed", json::serialize(said)});
}

// What a run is to be made of stays until it is; then the run refers to it.
void Writes::keep_files_of(const FiringRow& row) {
  const auto seq =
      db_.value(std::int64_t{0}, "SELECT seq FROM firing WHERE schedule = ?1 AND cause = ?2",
                row.schedule, row.cause);
  if (row.state == FiringState::asked || row.state == FiringState::waiting)
    put_artifacts(0, RefKind::firing, seq, row.values);
  else
    db_.run("DELETE FROM artifact_ref WHERE kind = ?1 AND run = 0 AND no = ?2", RefKind::firing,
            seq);
}

bool Writes::put_firing(const FiringRow& row) {
  const std::string values = json::serialize(row.values);
  // What waits may still become something else; what is decided stays as it is.
  db_.run(
      "INSERT INTO firing (schedule, cause, at, decided_at, state, run, depth, reason, \"values\") "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (schedule, cause) DO UPDATE SET "
      "state = ?5, run = ?6, reason = ?8, decided_at = ?4 WHERE state < 2 AND state <> ?5",
      row.schedule, row.cause, row.at, now_(), row.state, row.run, row.depth, row.reason, values);
  if (db_.changes() == 0) return false;
  keep_files_of(row);
  if (row.state == FiringState::asked) return true;
  const std::string run = row.run ? row.run->to_string() : std::string();
  append({now_(), event_of(row.state),
          json_text({{"schedule", row.schedule},
                     {"cause", row.cause},
                     {"run", unless_empty(run)},
                     {"reason", unless_empty(row.reason)}})});
  return true;
}

// ---------------------------------------------------------------- questions

result<std::vector<ScheduleRow>> Queries::schedules() {
  return state_->read([](Connection& db) {
    std::vector<ScheduleRow> schedules;
    Rows rows = db.query(
        "SELECT name, written, paused, considered, cursor, created_at FROM schedule ORDER BY name");
    while (rows.next()) {
      ScheduleRow& row = schedules.emplace_back();
      rows.read(row.name, row.written, row.paused, row.considered, row.cursor, row.created_at);
    }
    return schedules;
  });
}

result<std::vector<FiringRow>> Queries::firings(std::string_view schedule, std::uint32_t limit) {
  return state_->read([&](Connection& db) {
    static const std::string select = sql({"SELECT ", firing_columns,
                                           " FROM firing f WHERE f.schedule = ?1 "
                                           "ORDER BY f.seq DESC LIMIT ?2"});
    return read_firings(db.query(select, schedule, limit));
  });
}

result<std::map<std::string, OpenFirings>> Queries::open_firings() {
  return state_->read([](Connection& db) {
    std::map<std::string, OpenFirings> open;
    Rows rows = db.query(
        "SELECT schedule, count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1) "
        "FROM firing INDEXED BY firing_open WHERE state < 2 GROUP BY schedule");
    while (rows.next()) {
      std::string schedule;
      OpenFirings count;
      rows.read(schedule, count.asked, count.waiting);
      open.emplace(std::move(schedule), count);
    }
    return open;
  });
}

result<std::vector<FiringRow>> Queries::open_firings(std::string_view schedule, FiringState state,
                                                     std::uint32_t limit) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({"SELECT ", firing_columns,
             " FROM firing f INDEXED BY firing_open WHERE f.schedule = ?1 AND f.state < 2 AND "
             "f.state = ?2 ORDER BY f.seq LIMIT ?3"});
    return read_firings(db.query(select, schedule, state, limit));
  });
}

result<bool> Queries::has_firing(std::string_view schedule, std::string_view cause) {
  return state_->read([&](Connection& db) {
    return db.value(std::int64_t{0}, "SELECT 1 FROM firing WHERE schedule = ?1 AND cause = ?2",
                    schedule, cause) != 0;
  });
}

result<std::map<std::string, std::vector<RunId>>> Queries::runs_of_schedules() {
  return state_->read([](Connection& db) {
    std::map<std::string, std::vector<RunId>> runs;
    // States 0 and 1: active and paused.
    Rows rows = db.query(
        "SELECT f.schedule, r.id FROM run r INDEXED BY run_unfinished "
        "JOIN firing f INDEXED BY firing_run ON f.run = r.id WHERE r.state < 2 ORDER BY r.key");
    while (rows.next()) {
      std::string schedule;
      RunId run;
      rows.read(schedule, run);
      runs[std::move(schedule)].push_back(run);
    }
    return runs;
  });
}

result<std::optional<Starter>> Queries::starter_of(RunId run) {
  return state_->read([&](Connection& db) -> std::optional<Starter> {
    Rows rows =
        db.query("SELECT schedule, depth FROM firing INDEXED BY firing_run WHERE run = ?1", run);
    if (!rows.next()) return std::nullopt;
    Starter starter;
    rows.read(starter.schedule, starter.depth);
    return starter;
  });
}

}  // namespace weft::store
