// SPDX-License-Identifier: Apache-2.0
// The system's SQLite VFS, but its calls fail when they are told to.
#pragma once
#include <atomic>
#include <cstdint>

#include "wrapped_vfs.hpp"

namespace weft::testing {

// The first three fail calls that may change a file: opening for writing, write, sync, truncate,
// delete. The others fail, and count, the calls they name alone.
enum class Fault {
  io_error,     // EIO
  disk_full,    // ENOSPC
  short_write,  // half of the bytes arrive, then ENOSPC; a call that writes nothing fails
  sync_fails,   // fsync: EIO
  unreadable,   // read: EIO
};

class FaultVfs : public WrappedVfs {
 public:
  using WrappedVfs::WrappedVfs;

  // Of the calls that `fault` is about, the nth from now (from 1) fails, and every later one as
  // well; fail_once(): no later one.
  void fail_from(std::uint64_t nth, Fault fault) noexcept { fail(nth, UINT64_MAX, fault); }
  void fail_once(std::uint64_t nth, Fault fault) noexcept { fail(nth, nth, fault); }
  // No call fails.
  void pass() noexcept { fail(0, 0, Fault::io_error); }
  // Those that the fault is about, since it was last said.
  std::uint64_t calls() const noexcept { return calls_; }

  int before_open(const char* path, int flags) override;
  int before_read(const char* path) override;
  int before_write(const char* path, std::string_view& bytes, sqlite3_int64 at) override;
  int before_truncate(const char* path, sqlite3_int64 size) override;
  int before_sync(const char* path) override;
  int before_remove(const char* path, bool sync_folder) override;

 private:
  enum class Call { read, write, sync, other };
  void fail(std::uint64_t first, std::uint64_t last, Fault fault) noexcept;
  bool fails(Call call) noexcept;

  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> first_ = 0;  // 0: none
  std::atomic<std::uint64_t> last_ = 0;
  std::atomic<Fault> fault_ = Fault::io_error;
};

}  // namespace weft::testing
