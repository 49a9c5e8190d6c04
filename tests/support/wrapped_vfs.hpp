// SPDX-License-Identifier: Apache-2.0
// The system's SQLite VFS with a word to say before each call that reads or changes a file.
#pragma once
#include <sqlite3.h>

#include <string>
#include <string_view>

namespace weft::testing {

// Registered under its name while it lives; connections that use it must be closed before. The
// functions below are called by the threads of those connections, at once. Each answers SQLITE_OK
// to let the call happen, or the code it fails with. `path` is null for SQLite's temporary files.
class WrappedVfs {
 public:
  // `by_default`: connections that name no VFS use it as well.
  explicit WrappedVfs(std::string name, bool by_default = false);
  virtual ~WrappedVfs();
  WrappedVfs(const WrappedVfs&) = delete;
  WrappedVfs& operator=(const WrappedVfs&) = delete;

  const std::string& name() const noexcept { return name_; }
  sqlite3_vfs* system() const noexcept { return system_; }

  virtual int before_open(const char* path, int flags);
  virtual int before_read(const char* path);
  // May take bytes away: what is left of them is written even when the call fails.
  virtual int before_write(const char* path, std::string_view& bytes, sqlite3_int64 at);
  virtual int before_truncate(const char* path, sqlite3_int64 size);
  // Nothing is really synced: what the system has been told is what the next reader finds.
  virtual int before_sync(const char* path);
  virtual int before_remove(const char* path, bool sync_folder);

 private:
  std::string name_;
  sqlite3_vfs* system_;
  sqlite3_vfs vfs_{};
};

}  // namespace weft::testing
