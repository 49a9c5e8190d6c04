// SPDX-License-Identifier: Apache-2.0
// Events, commands, artifacts and the small values of services.
#include "store/queries_state.hpp"
#include "store/rows.hpp"

namespace weft::store {
namespace {

// FROM command c JOIN run r.
Command read_command(const Rows& rows) {
  Command command;
  json::value artifact;
  rows.read(command.id, command.run, command.kind, command.task, command.rebuy, command.bought,
            artifact, command.limit, command.service, command.reason, command.choice,
            command.given);
  command.artifact = artifact_from_json(artifact);
  return command;
}

// FROM artifact_ref f JOIN artifact a LEFT JOIN run r.
constexpr std::string_view reference_columns =
    "f.digest, a.size_bytes, a.media_type, f.name, f.kind, r.id, f.no";
constexpr std::string_view reference_tables =
    "artifact_ref f JOIN artifact a ON a.digest = f.digest LEFT JOIN run r ON r.key = f.run";

std::vector<ArtifactRef> read_references(Rows rows) {
  std::vector<ArtifactRef> references;
  while (rows.next()) {
    ArtifactRef& reference = references.emplace_back();
    std::int64_t no = -1;
    rows.read(reference.artifact.digest, reference.artifact.size_bytes,
              reference.artifact.media_type, reference.artifact.name, reference.kind, reference.run,
              no);
    if (no >= 0) reference.task = static_cast<TaskNo>(no);
  }
  return references;
}

}  // namespace

result<std::vector<EventRecord>> Queries::events(const EventFilter& filter) {
  return state_->read([&](Connection& db) {
    constexpr std::string_view of_all =
        "SELECT e.seq, r.id, e.run_seq, e.at, e.type, e.no, e.data FROM event e "
        "LEFT JOIN run r ON r.key = e.run WHERE e.seq > ?1 AND (r.key IS NOT NULL OR e.run = 0) "
        "ORDER BY e.seq LIMIT ?2";
    // Within a run, seq and run_seq have the same order.
    constexpr std::string_view of_run =
        "SELECT e.seq, r.id, e.run_seq, e.at, e.type, e.no, e.data FROM event e "
        "INDEXED BY event_run JOIN run r ON r.key = e.run "
        "WHERE e.run = ?3 AND e.seq > ?1 ORDER BY e.run_seq LIMIT ?2";
    const std::int64_t run = filter.run ? state_->key_of(*filter.run) : 0;
    std::vector<EventRecord> events;
    Rows rows = filter.run ? db.query(of_run, filter.after, filter.limit, run)
                           : db.query(of_all, filter.after, filter.limit);
    while (rows.next()) {
      EventRecord& event = events.emplace_back();
      rows.read(event.seq, event.run, event.run_seq, event.at, event.type, event.task, event.data);
    }
    return events;
  });
}

result<json::object> Queries::last_event_of(TaskRef task, std::string_view type) {
  return state_->read([&](Connection& db) {
    json::object data;
    Rows rows = db.query(
        "SELECT data FROM event INDEXED BY event_run WHERE run = ?1 AND no = ?2 AND type = ?3 "
        "ORDER BY run_seq DESC LIMIT 1",
        state_->key_of(task.run), task.task, type);
    if (rows.next()) rows.read(data);
    return data;
  });
}

result<std::uint64_t> Queries::last_event() {
  return state_->read([](Connection& db) {
    return db.value(std::uint64_t{0}, "SELECT coalesce(max(seq), 0) FROM event");
  });
}

result<std::vector<Command>> Queries::open_commands() {
  return state_->read([](Connection& db) {
    std::vector<Command> commands;
    Rows rows = db.query(
        "SELECT c.id, coalesce(r.id, zeroblob(16)), c.kind, c.no, c.rebuy, c.bought, c.artifact, "
        "c.limit_micros, "
        "c.limit_currency, coalesce(c.service, ''), coalesce(c.reason, ''), c.choice, c.given "
        "FROM command c INDEXED BY command_open LEFT JOIN run r ON r.key = c.run "
        "WHERE c.answered_at IS NULL ORDER BY c.seq");
    while (rows.next()) commands.push_back(read_command(rows));
    return commands;
  });
}

result<std::optional<CommandAnswer>> Queries::answer(CommandId id) {
  return state_->read([&](Connection& db) -> std::optional<CommandAnswer> {
    Rows rows = db.query(
        "SELECT answered_at IS NOT NULL, coalesce(done, 0), answer FROM command WHERE id = ?1", id);
    if (!rows.next()) {
      db.fail(not_found("there is no command " + id.to_string()));
      return std::nullopt;
    }
    bool answered = false;
    CommandAnswer answer;
    answer.id = id;
    rows.read(answered, answer.done, answer.text);
    if (!answered) return std::nullopt;
    return answer;
  });
}

result<ArtifactInfo> Queries::artifact(const Digest& digest) {
  return state_->read([&](Connection& db) {
    ArtifactInfo artifact;
    Rows rows = db.query(
        "SELECT a.digest, a.size_bytes, a.media_type, (SELECT name FROM artifact_ref f "
        "WHERE f.digest = a.digest AND name <> '' LIMIT 1) FROM artifact a WHERE a.digest = ?1",
        digest);
    if (rows.next())
      rows.read(artifact.digest, artifact.size_bytes, artifact.media_type, artifact.name);
    else
      db.fail(not_found("there is no artifact " + digest.to_string()));
    return artifact;
  });
}

result<std::vector<ArtifactRef>> Queries::artifacts(std::optional<RunId> run, std::uint32_t limit) {
  return state_->read([&](Connection& db) {
    static const std::string of_run =
        sql({"SELECT ", reference_columns, " FROM ", reference_tables,
             " WHERE f.run = ?1 ORDER BY f.no, f.kind, f.name LIMIT ?2"});
    static const std::string of_all =
        sql({"SELECT ", reference_columns, " FROM ", reference_tables,
             " ORDER BY a.created_at DESC, f.run DESC, f.no LIMIT ?1"});
    if (!run) return read_references(db.query(of_all, limit));
    return read_references(db.query(of_run, state_->key_of(*run), limit));
  });
}

result<std::vector<ArtifactRef>> Queries::references(const Digest& digest) {
  return state_->read([&](Connection& db) {
    static const std::string select = sql({"SELECT ", reference_columns, " FROM ", reference_tables,
                                           " WHERE f.digest = ?1 ORDER BY f.run, f.no"});
    return read_references(db.query(select, digest));
  });
}

result<std::vector<Digest>> Queries::unreferenced(std::span<const Digest> digests) {
  return state_->read([&](Connection& db) {
    std::vector<Digest> found;
    for (const Digest& digest : digests)
      if (db.value(0, "SELECT 1 FROM artifact_ref WHERE digest = ?1 LIMIT 1", digest) == 0)
        found.push_back(digest);
    return found;
  });
}

}  // namespace weft::store
