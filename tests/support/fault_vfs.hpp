// SPDX-License-Identifier: Apache-2.0
// The system's SQLite VFS, but calls that change files fail when they are told to.
#pragma once
#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace weft::testing {

enum class Fault {
  io_error,     // EIO
  disk_full,    // ENOSPC
  short_write,  // half of the bytes arrive, then ENOSPC; a call that writes nothing fails
};

// Registered under its name while it lives; connections that use it must be closed before. Counts
// the calls that may change a file: opening for writing, write, sync, truncate, delete.
class FaultVfs {
 public:
  explicit FaultVfs(std::string name);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // The nth call from now (from 1) fails, and every later one as well.
  void fail_from(std::uint64_t nth, Fault fault) noexcept;
  // No call fails.
  void pass() noexcept { fail_from(0, Fault::io_error); }
  // Counted since the last fail_from() or pass().
  std::uint64_t calls() const noexcept { return calls_; }
  const std::string& name() const noexcept { return name_; }

  // For the functions that SQLite calls: counts a call, and tells whether it shall fail.
  bool next_call_fails() noexcept;
  Fault fault() const noexcept { return fault_; }
  sqlite3_vfs* system() const noexcept { return system_; }

 private:
  std::string name_;
  sqlite3_vfs* system_;
  sqlite3_vfs vfs_{};
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> fail_from_ = 0;
  std::atomic<Fault> fault_ = Fault::io_error;
};

}  // namespace weft::testing
