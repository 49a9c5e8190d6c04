// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace weft::bench {

// The system's SQLite VFS that counts how often a file is synced. Registered under its name while
// it lives; connections that use it must be closed before.
class CountingVfs {
 public:
  explicit CountingVfs(std::string name);
  ~CountingVfs();
  CountingVfs(const CountingVfs&) = delete;
  CountingVfs& operator=(const CountingVfs&) = delete;

  const std::string& name() const noexcept { return name_; }
  std::uint64_t syncs() const noexcept { return syncs_; }

  // For the functions that SQLite calls.
  void count_sync() noexcept { ++syncs_; }
  sqlite3_vfs* system() const noexcept { return system_; }
  // The system's methods of a file, but with a sync that counts.
  const sqlite3_io_methods* counting(const sqlite3_io_methods* methods);

 private:
  struct Methods;
  static int sync(sqlite3_file* file, int flags);

  std::string name_;
  sqlite3_vfs* system_;
  sqlite3_vfs vfs_{};
  std::atomic<std::uint64_t> syncs_ = 0;
  std::mutex mutex_;
  std::map<const sqlite3_io_methods*, std::unique_ptr<Methods>> methods_;  // by the system's own
};

}  // namespace weft::bench
