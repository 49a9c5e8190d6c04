// SPDX-License-Identifier: Apache-2.0
// A SQLite connection that remembers its first failure: everything after it does nothing, and reads
// find no row. So a group of statements is written plainly and judged once, at its end:
//
//   db.run("BEGIN IMMEDIATE");
//   db.run("UPDATE task SET state = ?3 WHERE run = ?1 AND no = ?2", run, no, state);
//   for (Rows rows = db.query("SELECT no FROM task WHERE run = ?1", run); rows.next();)
//     rows.read(no);
//   db.run("COMMIT");
//   if (!db.ok()) return db.take_error();
//
// Statements are prepared once and kept by the place of their text. For one thread at a time.
#pragma once
#include <sqlite3.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"
#include "store/columns.hpp"
#include "store/options.hpp"
#include "store/wal_vfs.hpp"

namespace weft::store {

// The rows of a query that has been started. Do not start the same text again before it is gone.
class Rows {
 public:
  Rows(class Connection& connection, sqlite3_stmt* statement)
      : connection_(&connection), statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { sqlite3_reset(statement_); }
  // Steps to the next row; false after the last one.
  bool next();
  // Assigns the columns, from the first one on.
  template <class... T>
  void read(T&... values) const {
    read_from(0, values...);
  }
  // The same from column `at` on, counted from 0.
  template <class... T>
  void read_from(int at, T&... values) const {
    ((values = Column<T>::get(statement_, at), at += Column<T>::width), ...);
  }

 private:
  Connection* connection_;
  sqlite3_stmt* statement_;
};

class Connection {
 public:
  enum class Mode { write, read };
  static result<std::unique_ptr<Connection>> open(const Options& options, Mode mode);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Runs one statement to its end. Parameters are bound from ?1 on.
  template <class... T>
  void run(std::string_view sql, const T&... values) {
    sqlite3_stmt* statement = start(sql, values...);
    if (statement) finish(statement);
  }
  // The values must live until the rows are read.
  template <class... T>
  Rows query(std::string_view sql, const T&... values) {
    return Rows(*this, start(sql, values...));
  }
  // Several statements in one text, without parameters.
  void run_script(const std::string& sql);
  // The one value of a query that gives at most one row; `otherwise` when it gives none.
  template <class Value, class... T>
  Value value(Value otherwise, std::string_view sql, const T&... values) {
    Rows rows = query(sql, values...);
    if (rows.next()) rows.read(otherwise);
    return otherwise;
  }

  // Rows that the last run() inserted, changed or removed.
  std::int64_t changes() const noexcept { return ok() ? sqlite3_changes64(handle_) : 0; }
  bool ok() const noexcept { return code_ == SQLITE_OK; }
  // Reports what is not for SQLite to find; counts as this connection's failure.
  void fail(Error error);
  // The failure, which is forgotten.
  Error take_error();
  // Ends a transaction that is to leave nothing behind. Does not touch the failure.
  void roll_back() noexcept;

  const std::filesystem::path& file() const noexcept { return file_; }

 private:
  friend class Rows;
  Connection(sqlite3* handle, std::filesystem::path file, std::unique_ptr<WalVfs> log_vfs) noexcept
      : log_vfs_(std::move(log_vfs)), handle_(handle), file_(std::move(file)) {}
  void set_up_writer(const Options& options);
  void turn_to_wal(Duration limit);
  sqlite3_stmt* prepared(std::string_view sql);
  void finish(sqlite3_stmt* statement);
  void fail_with(int code);

  template <class... T>
  sqlite3_stmt* start(std::string_view sql, const T&... values) {
    sqlite3_stmt* statement = prepared(sql);
    if (!statement) return nullptr;
    [[maybe_unused]] int at = 1;
    int code = SQLITE_OK;
    ((code = code == SQLITE_OK ? Column<T>::put(statement, at, values) : code,
      at += Column<T>::width),
     ...);
    if (code == SQLITE_OK) return statement;
    fail_with(code);
    return nullptr;
  }

  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  // By the place of their text: most texts are literals. Another text in the same place is seen.
  struct Prepared {
    std::string text;
    std::unique_ptr<sqlite3_stmt, Finalizer> statement;
  };
  const std::unique_ptr<WalVfs> log_vfs_;  // of the one that writes; else null
  sqlite3* handle_;
  std::filesystem::path file_;
  int code_ = SQLITE_OK;
  Error error_;
  std::unordered_map<const char*, Prepared> statements_;
};

// What a SQLite result code means to an operator: the file, SQLite's words, and the remedy.
Error error_of(int code, std::string_view message, const std::filesystem::path& file);

}  // namespace weft::store
