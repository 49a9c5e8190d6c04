// SPDX-License-Identifier: Apache-2.0
#include "store/wal_vfs.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace weft::store {
namespace {

// Half of what the system's VFS writes at once: it never cuts a piece in two.
constexpr int room = 64 * 1024;

// An open log. SQLite makes the memory, of szOsFile bytes; the file below follows this in it.
class WalFile {
 public:
  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* place, int flags, int* out);
  static WalFile& of(sqlite3_file* file) noexcept { return *reinterpret_cast<WalFile*>(file); }

  sqlite3_file* below() noexcept {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::byte*>(this) + sizeof *this);
  }

  int write(const void* bytes, int count, sqlite3_int64 at) {
    const bool follows = at == begin_ + used_ && count <= room - used_;
    if (!follows)
      if (const int code = flush(); code != SQLITE_OK) return code;
    if (count > room) return below()->pMethods->xWrite(below(), bytes, count, at);
    if (used_ == 0) begin_ = at;
    std::memcpy(gathered_.get() + used_, bytes, static_cast<std::size_t>(count));
    used_ += count;
    return SQLITE_OK;
  }

  // What cannot be written is gone: SQLite rolls the transaction back, and writes over the place.
  int flush() {
    if (used_ == 0) return SQLITE_OK;
    return below()->pMethods->xWrite(below(), gathered_.get(), std::exchange(used_, 0), begin_);
  }

  // What has not been synced belongs to no commit.
  int close() {
    const int code = below()->pMethods ? below()->pMethods->xClose(below()) : SQLITE_OK;
    this->~WalFile();
    return code;
  }

 private:
  explicit WalFile(std::unique_ptr<std::byte[]> gathered) noexcept
      : gathered_(std::move(gathered)) {}
  ~WalFile() = default;

  sqlite3_file sqlite_{};  // first: it is what SQLite knows of this
  std::unique_ptr<std::byte[]> gathered_;
  sqlite3_int64 begin_ = 0;
  int used_ = 0;
};
static_assert(alignof(WalFile) <= 8 && sizeof(WalFile) % 8 == 0, "as SQLite aligns what it makes");

// The file below, with everything on it that was written here.
template <class Call>
int flushed(sqlite3_file* file, Call call) {
  WalFile& log = WalFile::of(file);
  const int code = log.flush();
  return code != SQLITE_OK ? code : call(log.below());
}

constexpr sqlite3_io_methods log_methods = [] {
  sqlite3_io_methods m{};
  m.iVersion = 1;
  m.xClose = [](sqlite3_file* file) { return WalFile::of(file).close(); };
  m.xRead = [](sqlite3_file* file, void* bytes, int count, sqlite3_int64 at) {
    return flushed(file, [&](sqlite3_file* f) { return f->pMethods->xRead(f, bytes, count, at); });
  };
  m.xWrite = [](sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
    return WalFile::of(file).write(bytes, count, at);
  };
  m.xTruncate = [](sqlite3_file* file, sqlite3_int64 size) {
    return flushed(file, [&](sqlite3_file* f) { return f->pMethods->xTruncate(f, size); });
  };
  m.xSync = [](sqlite3_file* file, int flags) {
    return flushed(file, [&](sqlite3_file* f) { return f->pMethods->xSync(f, flags); });
  };
  m.xFileSize = [](sqlite3_file* file, sqlite3_int64* size) {
    return flushed(file, [&](sqlite3_file* f) { return f->pMethods->xFileSize(f, size); });
  };
  m.xLock = [](sqlite3_file* file, int level) {
    sqlite3_file* f = WalFile::of(file).below();
    return f->pMethods->xLock(f, level);
  };
  m.xUnlock = [](sqlite3_file* file, int level) {
    sqlite3_file* f = WalFile::of(file).below();
    return f->pMethods->xUnlock(f, level);
  };
  m.xCheckReservedLock = [](sqlite3_file* file, int* out) {
    sqlite3_file* f = WalFile::of(file).below();
    return f->pMethods->xCheckReservedLock(f, out);
  };
  m.xFileControl = [](sqlite3_file* file, int what, void* arg) {
    sqlite3_file* f = WalFile::of(file).below();
    return f->pMethods->xFileControl(f, what, arg);
  };
  m.xSectorSize = [](sqlite3_file* file) {
    sqlite3_file* f = WalFile::of(file).below();
    return f->pMethods->xSectorSize(f);
  };
  m.xDeviceCharacteristics = [](sqlite3_file* file) {
    sqlite3_file* f = WalFile::of(file).below();
    return f->pMethods->xDeviceCharacteristics(f);
  };
  return m;
}();

int WalFile::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* place, int flags, int* out) {
  place->pMethods = nullptr;  // nothing to close, unless this goes well
  std::unique_ptr<std::byte[]> gathered(new (std::nothrow) std::byte[room]);
  if (!gathered) return SQLITE_NOMEM;
  auto* log = new (place) WalFile(std::move(gathered));
  const int code = vfs->xOpen(vfs, path, log->below(), flags, out);
  if (code == SQLITE_OK)
    log->sqlite_.pMethods = &log_methods;
  else
    log->close();
  return code;
}

}  // namespace

std::unique_ptr<WalVfs> WalVfs::above(const std::string& name) {
  sqlite3_vfs* below = sqlite3_vfs_find(name.empty() ? nullptr : name.c_str());
  return below ? std::unique_ptr<WalVfs>(new WalVfs(below)) : nullptr;
}

WalVfs::WalVfs(sqlite3_vfs* below)
    : name_("weft-log-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))),
      table_{{*below}, below} {
  table_.zName = name_.c_str();
  table_.szOsFile = static_cast<int>(sizeof(WalFile)) + below->szOsFile;
  table_.xOpen = open;
  table_.pNext = nullptr;
  sqlite3_vfs_register(&table_, 0);
}

WalVfs::~WalVfs() {
  sqlite3_vfs_unregister(&table_);
}

int WalVfs::open(sqlite3_vfs* self, const char* path, sqlite3_file* file, int flags, int* out) {
  sqlite3_vfs* below = static_cast<Table*>(self)->below;
  const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
  return is_log ? WalFile::open(below, path, file, flags, out)
                : below->xOpen(below, path, file, flags, out);
}

}  // namespace weft::store
