// SPDX-License-Identifier: Apache-2.0
#include "store/schema.hpp"

#include "store/migrations.hpp"

namespace weft::store {
namespace {

constexpr std::int64_t application_id = 0x77656674;  // "weft"

std::int64_t version_of(Connection& connection) {
  return connection.value(std::int64_t{0}, "PRAGMA user_version");
}

Error newer(const Connection& connection, std::int64_t version) {
  return conflict(connection.file().string() + " was written by a newer weft (schema " +
                      std::to_string(version) + ", this one knows " +
                      std::to_string(schema_version()) + ")",
                  "use that weft, or name another state folder");
}

bool is_marked(Connection& connection) {
  return connection.value(std::int64_t{0}, "PRAGMA application_id") == application_id;
}

bool is_empty(Connection& connection) {
  return connection.value(std::int64_t{0}, "SELECT count(*) FROM sqlite_schema") == 0;
}

Error foreign(const Connection& connection) {
  return error_of(SQLITE_NOTADB, "its tables are another program's", connection.file());
}

void run_migrations(Connection& connection, std::int64_t from) {
  for (auto i = static_cast<std::size_t>(from); i < migrations().size(); ++i)
    connection.run_script(migrations()[i]);
  connection.run_script("PRAGMA application_id = " + std::to_string(application_id));
  connection.run_script("PRAGMA user_version = " + std::to_string(schema_version()));
}

}  // namespace

int schema_version() noexcept {
  return static_cast<int>(migrations().size());
}

result<> migrate(Connection& connection) {
  if (version_of(connection) == schema_version() && is_marked(connection)) return {};
  // Another process may be at it: look again once nobody else can.
  connection.run("BEGIN IMMEDIATE");
  const std::int64_t version = version_of(connection);
  if (!is_marked(connection) && !is_empty(connection))
    connection.fail(foreign(connection));
  else if (version > schema_version())
    connection.fail(newer(connection, version));
  else if (version < schema_version())
    run_migrations(connection, version);
  connection.run("COMMIT");
  if (connection.ok()) return {};
  connection.roll_back();
  return connection.take_error();
}

bool has_no_tables(Connection& connection) {
  return version_of(connection) == 0 && is_empty(connection) && connection.ok();
}

result<> check_version(Connection& connection) {
  const std::int64_t version = version_of(connection);
  const bool is_ours = is_marked(connection) || is_empty(connection);
  if (!connection.ok()) return connection.take_error();
  if (!is_ours) return foreign(connection);
  if (version > schema_version()) return newer(connection, version);
  if (version < schema_version())
    return conflict(connection.file().string() + " has not been brought up to date",
                    "open it once with the right to write, such as by 'weft resume'");
  return {};
}

}  // namespace weft::store
