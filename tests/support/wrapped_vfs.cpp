// SPDX-License-Identifier: Apache-2.0
#include "wrapped_vfs.hpp"

#include <new>

namespace weft::testing {
namespace {

// What SQLite holds of an open file; the system's own structure lies right behind it.
struct WrappedFile {
  sqlite3_file base;
  WrappedVfs* owner;
  const char* path;  // SQLite keeps it until the file is closed
  sqlite3_file* real() noexcept { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WrappedFile& as_wrapped(sqlite3_file* file) {
  return *reinterpret_cast<WrappedFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return as_wrapped(file).real();
}
WrappedVfs& owner_of(sqlite3_vfs* vfs) {
  return *static_cast<WrappedVfs*>(vfs->pAppData);
}

int close(sqlite3_file* file) {
  return real(file)->pMethods ? real(file)->pMethods->xClose(real(file)) : SQLITE_OK;
}
int read(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  const WrappedFile& wrapped = as_wrapped(file);
  if (const int code = wrapped.owner->before_read(wrapped.path); code != SQLITE_OK) return code;
  return real(file)->pMethods->xRead(real(file), into, size, at);
}
int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  const WrappedFile& wrapped = as_wrapped(file);
  std::string_view left(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  const int code = wrapped.owner->before_write(wrapped.path, left, at);
  const int written = left.empty()
                          ? SQLITE_OK
                          : real(file)->pMethods->xWrite(real(file), left.data(),
                                                         static_cast<int>(left.size()), at);
  return code != SQLITE_OK ? code : written;
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const WrappedFile& wrapped = as_wrapped(file);
  const int code = wrapped.owner->before_truncate(wrapped.path, size);
  return code != SQLITE_OK ? code : real(file)->pMethods->xTruncate(real(file), size);
}
int sync(sqlite3_file* file, int) {
  const WrappedFile& wrapped = as_wrapped(file);
  return wrapped.owner->before_sync(wrapped.path);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock(sqlite3_file* file, int kind) {
  return real(file)->pMethods->xLock(real(file), kind);
}
int unlock(sqlite3_file* file, int kind) {
  return real(file)->pMethods->xUnlock(real(file), kind);
}
int check_lock(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int control(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  real(file)->pMethods->xShmBarrier(real(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

const sqlite3_io_methods file_methods{
    2,         close,      read,    write,       truncate,        sync,    file_size, lock,
    unlock,    check_lock, control, sector_size, characteristics, shm_map, shm_lock,  shm_barrier,
    shm_unmap, nullptr,    nullptr};

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  WrappedVfs& owner = owner_of(vfs);
  auto* opened = new (file) WrappedFile{{nullptr}, &owner, path};
  if (const int code = owner.before_open(path, flags); code != SQLITE_OK) return code;
  const int code = owner.system()->xOpen(owner.system(), path, opened->real(), flags, out_flags);
  if (code == SQLITE_OK) opened->base.pMethods = &file_methods;
  return code;
}
int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  WrappedVfs& owner = owner_of(vfs);
  const int code = owner.before_remove(path, sync_folder != 0);
  return code != SQLITE_OK ? code : owner.system()->xDelete(owner.system(), path, 0);
}

}  // namespace

WrappedVfs::WrappedVfs(std::string name, bool by_default)
    : name_(std::move(name)), system_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *system_;  // what is not replaced works on no file; the system's functions ignore `this`
  vfs_.zName = name_.c_str();
  vfs_.szOsFile = static_cast<int>(sizeof(WrappedFile)) + system_->szOsFile;
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  sqlite3_vfs_register(&vfs_, by_default ? 1 : 0);
}

WrappedVfs::~WrappedVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(system_, 1);
}

int WrappedVfs::before_open(const char*, int) {
  return SQLITE_OK;
}
int WrappedVfs::before_read(const char*) {
  return SQLITE_OK;
}
int WrappedVfs::before_write(const char*, std::string_view&, sqlite3_int64) {
  return SQLITE_OK;
}
int WrappedVfs::before_truncate(const char*, sqlite3_int64) {
  return SQLITE_OK;
}
int WrappedVfs::before_sync(const char*) {
  return SQLITE_OK;
}
int WrappedVfs::before_remove(const char*, bool) {
  return SQLITE_OK;
}

}  // namespace weft::testing
