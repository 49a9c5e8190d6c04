// SPDX-License-Identifier: Apache-2.0
// Hands the log of a database to the disk in as few writes as it can. SQLite writes each frame's
// header and page by themselves: sixteen system calls for a commit of eight pages that lie one
// after the other. Here they are gathered, and written in one piece when they are synced, read, or
// more than the room there is. So nothing is on the disk later than SQLite asks for it.
//
// Only for a connection with `synchronous = FULL`: without a sync in each commit, others would be
// told of frames that are still here.
#pragma once
#include <sqlite3.h>

#include <memory>
#include <string>

namespace weft::store {

// Registered under its name while it lives, which is until its connections are closed.
class WalVfs {
 public:
  // Above the VFS of that name ("" is the system's); null when there is none.
  static std::unique_ptr<WalVfs> above(const std::string& name);
  ~WalVfs();
  WalVfs(const WalVfs&) = delete;
  WalVfs& operator=(const WalVfs&) = delete;

  const char* name() const noexcept { return name_.c_str(); }

 private:
  explicit WalVfs(sqlite3_vfs* below);
  static int open(sqlite3_vfs* self, const char* path, sqlite3_file* file, int flags, int* out);

  // Its other functions are those of the VFS below, which find there what they need.
  struct Table : sqlite3_vfs {
    sqlite3_vfs* below = nullptr;
  };
  std::string name_;
  Table table_;
};

}  // namespace weft::store
