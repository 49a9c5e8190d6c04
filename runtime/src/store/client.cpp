// SPDX-License-Identifier: Apache-2.0
#include "store/client.hpp"

#include "store/schema.hpp"
#include "store/writes.hpp"

namespace weft::store {

struct Client::State {
  State(std::unique_ptr<Connection> opened, const Options& options)
      : connection(std::move(opened)), writes(*connection, options), hook(options.commit_hook) {}

  // Runs `work` as one transaction.
  template <class Work>
  result<> transact(Work work) {
    connection->run("BEGIN IMMEDIATE");
    writes.begin();
    result<> outcome = work();
    if (!outcome && connection->ok()) {
      connection->roll_back();
      return outcome;
    }
    ++commits;
    if (hook && connection->ok()) hook(CommitPoint::before, commits);
    connection->run("COMMIT");
    if (!connection->ok()) {
      Error error = connection->take_error();
      connection->roll_back();
      return error;
    }
    if (hook) hook(CommitPoint::after, commits);
    return {};
  }

  std::unique_ptr<Connection> connection;
  Writes writes;
  std::function<void(CommitPoint, std::uint64_t)> hook;
  std::uint64_t commits = 0;
};

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}
Client::~Client() = default;

result<std::unique_ptr<Client>> Client::open(const Options& options) {
  auto connection = Connection::open(options, Connection::Mode::write);
  if (!connection) return connection.error();
  if (auto migrated = migrate(**connection); !migrated) return migrated.error();
  return std::unique_ptr<Client>(
      new Client(std::make_unique<State>(*std::move(connection), options)));
}

result<> Client::submit(const InsertRun& run) {
  return state_->transact([&]() -> result<> {
    state_->writes.insert(run);
    return {};
  });
}

result<> Client::submit(const Command& command) {
  return state_->transact([&] { return state_->writes.insert(command); });
}

result<Client::Saved> Client::save_pipeline(const Pipeline& pipeline, SavedPipeline version) {
  Saved saved;
  auto done = state_->transact([&]() -> result<> {
    state_->writes.pipeline_version(pipeline);
    saved.version = state_->writes.save_pipeline(version, saved.is_new);
    return {};
  });
  if (!done) return std::move(done).error();
  return saved;
}

result<> Client::mark(std::string_view project, const ProductMark& mark) {
  return state_->transact([&]() -> result<> {
    state_->writes.put_mark(project, mark);
    return {};
  });
}

result<> Client::unmark(std::string_view project, const ProductMark& mark) {
  return state_->transact([&]() -> result<> {
    state_->writes.remove_mark(project, mark);
    return {};
  });
}

result<> Client::replace(RunId run, std::optional<RunId> by) {
  return state_->transact([&]() -> result<> {
    state_->connection->run(
        "UPDATE run_payload SET replaced_by = ?2 WHERE run = (SELECT key FROM run WHERE id = ?1)",
        run, by);
    return {};
  });
}

result<> Client::put_schedule(const ScheduleRow& row) {
  return state_->transact([&]() -> result<> {
    state_->writes.put_schedule(row);
    return {};
  });
}

result<> Client::remove_schedule(const std::string& name) {
  return state_->transact([&]() -> result<> {
    state_->writes.remove_schedule(name);
    return {};
  });
}

result<> Client::pause_schedule(const std::string& name, bool paused) {
  return state_->transact([&]() -> result<> {
    state_->writes.pause_schedule(name, paused);
    return {};
  });
}

result<> Client::consider(const std::string& name, Timestamp considered, std::uint64_t cursor,
                          const json::object& missed) {
  return state_->transact([&]() -> result<> {
    state_->writes.consider(name, considered, cursor);
    if (!missed.empty()) state_->writes.missed(name, missed);
    return {};
  });
}

result<bool> Client::fire(const FiringRow& firing, const InsertRun* run,
                          const std::vector<Command>& cancels) {
  bool is_new = false;
  auto done = state_->transact([&]() -> result<> {
    is_new = state_->writes.put_firing(firing);
    if (!is_new) return {};
    if (run) state_->writes.insert(*run);
    for (const Command& cancel : cancels)
      if (auto inserted = state_->writes.insert(cancel); !inserted) return inserted;
    return {};
  });
  if (!done) return std::move(done).error();
  return is_new;
}

result<> Client::put_secret(const SecretRow& secret, bool alone) {
  return state_->transact([&]() -> result<> {
    Connection& db = *state_->connection;
    if (alone) db.run("DELETE FROM secret WHERE name = ?1", secret.name);
    db.run(
        "INSERT INTO secret (name, no, sealed, hint, created_at) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (name, no) DO NOTHING",
        secret.name, secret.no, Bytes{secret.sealed}, secret.hint, secret.created_at);
    if (db.ok() && db.changes() == 0)
      return conflict("the secret '" + secret.name + "' was changed by somebody else meanwhile",
                      "look at it with 'weft secret list', then try again");
    return {};
  });
}

result<> Client::remove_secret(std::string_view name, std::optional<std::int64_t> no) {
  return state_->transact([&]() -> result<> {
    Connection& db = *state_->connection;
    db.run("DELETE FROM secret WHERE name = ?1 AND (?2 IS NULL OR no = ?2)", name, no);
    if (db.ok() && db.changes() == 0)
      return not_found("there is no such secret '" + std::string(name) + "' in the store",
                       "'weft secret list' lists them");
    return {};
  });
}

}  // namespace weft::store
