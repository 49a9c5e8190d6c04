// SPDX-License-Identifier: Apache-2.0
#include "counting_vfs.hpp"

namespace weft::bench {

// What an open file points to: the system's functions, and behind them whom to tell of a sync.
struct CountingVfs::Methods {
  sqlite3_io_methods table;
  const sqlite3_io_methods* system;
  CountingVfs* owner;
};

CountingVfs::CountingVfs(std::string name)
    : name_(std::move(name)), system_(sqlite3_vfs_find(nullptr)), vfs_(*system_) {
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = [](sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    auto& owner = *static_cast<CountingVfs*>(vfs->pAppData);
    const int code = owner.system()->xOpen(owner.system(), path, file, flags, out);
    if (file->pMethods) file->pMethods = owner.counting(file->pMethods);
    return code;
  };
  sqlite3_vfs_register(&vfs_, 0);
}

CountingVfs::~CountingVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

const sqlite3_io_methods* CountingVfs::counting(const sqlite3_io_methods* methods) {
  const std::lock_guard lock(mutex_);
  auto& made = methods_[methods];
  if (!made) {
    made = std::make_unique<Methods>(Methods{*methods, methods, this});
    made->table.xSync = sync;
  }
  return &made->table;
}

int CountingVfs::sync(sqlite3_file* file, int flags) {
  const auto* methods = reinterpret_cast<const Methods*>(file->pMethods);
  methods->owner->count_sync();
  return methods->system->xSync(file, flags);
}

}  // namespace weft::bench
