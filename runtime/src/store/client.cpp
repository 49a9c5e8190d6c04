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

}  // namespace weft::store
