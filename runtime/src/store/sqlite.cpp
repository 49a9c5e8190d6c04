// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include <system_error>

namespace weft::store {

std::filesystem::path database_file(const std::filesystem::path& folder) {
  return folder / "weft.db";
}

result<> make_state_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return machine("cannot make the state folder " + folder.string() + ": " + error.message(),
                 "make it, or name another one that this user may write");
}

Error error_of(int code, std::string_view message, const std::filesystem::path& file) {
  const std::string name = file.string();
  const std::string folder = file.parent_path().string();
  const std::string said = ": " + std::string(message);
  switch (code & 0xff) {  // the primary code of an extended one
    case SQLITE_FULL:
      return machine("no space left to write " + name + said,
                     "free space on the disk of " + folder + ", then run 'weft resume'");
    case SQLITE_IOERR:
      return machine("reading or writing " + name + " failed" + said,
                     "check the disk of " + folder +
                         " and the kernel's log for its errors, then run 'weft resume'");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return machine(name + " may not be written" + said,
                     "give this user the right to write " + folder + " and the files in it");
    case SQLITE_CANTOPEN:
      return machine("cannot open " + name + said,
                     "check that " + folder + " exists and that this user may enter and use it");
    case SQLITE_NOTADB:
      return machine(name + " is not a database of weft" + said,
                     "move it away, or name another state folder");
    case SQLITE_CORRUPT:
      return machine(name + " is damaged" + said,
                     "stop weft, keep a copy of " + folder +
                         ", and put back a backup or try 'sqlite3 weft.db .recover'");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return machine(
          name + " is locked by another process" + said,
          "try again; if it stays so, see which process has it open ('fuser " + name + "')");
    case SQLITE_NOMEM:
      return machine("out of memory while using " + name + said, "free memory, then try again");
    default:
      return internal("statement on " + name + " failed" + said);
  }
}

bool Rows::next() {
  if (!statement_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_->fail_with(code);
  return false;
}

result<std::unique_ptr<Connection>> Connection::open(const Options& options, Mode mode) {
  const std::filesystem::path file = database_file(options.folder);
  const bool write = mode == Mode::write;
  if (write)
    if (auto made = make_state_folder(options.folder); !made) return std::move(made).error();
  // One thread at a time uses a connection, so SQLite's own mutexes are left out.
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  auto log_vfs =
      write && options.synchronous == Synchronous::full ? WalVfs::above(options.vfs) : nullptr;
  const char* vfs = log_vfs ? log_vfs->name() : options.vfs.empty() ? nullptr : options.vfs.c_str();
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, vfs);
  std::unique_ptr<Connection> connection(new Connection(handle, file, std::move(log_vfs)));
  if (code != SQLITE_OK)
    return error_of(code, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code), file);
  if (write && sqlite3_db_readonly(handle, "main") == 1)  // it falls back silently
    return error_of(SQLITE_READONLY, sqlite3_errstr(SQLITE_READONLY), file);
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  if (write) connection->set_up_writer(options);
  connection->run("SELECT count(*) FROM sqlite_schema");  // reads the file for the first time
  if (!connection->ok()) return connection->take_error();
  return connection;
}

Connection::~Connection() {
  statements_.clear();
  sqlite3_close(handle_);
}

void Connection::set_up_writer(const Options& options) {
  // The WAL is kept when the last process leaves: overwriting one costs half of growing one, and
  // who may only read can open the database as long as it is there.
  int keep = 1;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  turn_to_wal(options.busy_timeout);
  run(options.synchronous == Synchronous::full ? "PRAGMA synchronous = FULL"
                                               : "PRAGMA synchronous = NORMAL");
  run("PRAGMA cache_size = -16384");  // KiB
  run("PRAGMA temp_store = MEMORY");
}

// SQLite does not let two wait for each other that both turn a new database into one with a WAL.
void Connection::turn_to_wal(Duration limit) {
  constexpr Duration pause{2};
  const auto turn = [this] {
    return sqlite3_exec(handle_, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
  };
  int code = turn();
  for (Duration waited{0}; (code & 0xff) == SQLITE_BUSY && waited < limit; waited += pause) {
    sqlite3_sleep(static_cast<int>(pause.count()));
    code = turn();
  }
  if (code != SQLITE_OK) fail_with(code);
}

sqlite3_stmt* Connection::prepared(std::string_view sql) {
  if (!ok()) return nullptr;
  Prepared& known = statements_[sql.data()];
  if (known.statement && known.text == sql) return known.statement.get();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    fail_with(code);
    return nullptr;
  }
  known.text = sql;
  known.statement.reset(statement);
  return statement;
}

void Connection::finish(sqlite3_stmt* statement) {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  if (code != SQLITE_DONE) fail_with(code);
  sqlite3_reset(statement);
}

void Connection::run_script(const std::string& sql) {
  if (!ok()) return;
  if (const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
      code != SQLITE_OK)
    fail_with(code);
}

void Connection::fail_with(int code) {
  if (!ok()) return;
  std::string message = sqlite3_errmsg(handle_);
  if (const int number = sqlite3_system_errno(handle_);
      number != 0 && ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN))
    message += " (" + std::generic_category().message(number) + ")";
  error_ = error_of(code, message, file_);
  code_ = code;
}

void Connection::fail(Error error) {
  if (!ok()) return;
  error_ = std::move(error);
  code_ = SQLITE_ABORT;
}

Error Connection::take_error() {
  code_ = SQLITE_OK;
  return std::move(error_);
}

void Connection::roll_back() noexcept {
  if (sqlite3_get_autocommit(handle_)) return;  // SQLite has done it itself
  sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace weft::store
