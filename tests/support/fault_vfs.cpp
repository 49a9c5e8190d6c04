// SPDX-License-Identifier: Apache-2.0
#include "fault_vfs.hpp"

#include <new>

namespace weft::testing {
namespace {

// What SQLite holds of an open file; the system's own structure lies right behind it.
struct FaultFile {
  sqlite3_file base;
  FaultVfs* owner;
  sqlite3_file* real() noexcept { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile* as_fault(sqlite3_file* file) {
  return reinterpret_cast<FaultFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return as_fault(file)->real();
}
FaultVfs* owner_of(sqlite3_vfs* vfs) {
  return static_cast<FaultVfs*>(vfs->pAppData);
}

int close(sqlite3_file* file) {
  const int code = real(file)->pMethods ? real(file)->pMethods->xClose(real(file)) : SQLITE_OK;
  as_fault(file)->~FaultFile();
  return code;
}
int read(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  return real(file)->pMethods->xRead(real(file), into, size, at);
}
int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  FaultVfs& owner = *as_fault(file)->owner;
  if (!owner.next_call_fails()) return real(file)->pMethods->xWrite(real(file), bytes, size, at);
  if (owner.fault() == Fault::io_error) return SQLITE_IOERR_WRITE;
  if (owner.fault() == Fault::short_write)
    real(file)->pMethods->xWrite(real(file), bytes, size / 2, at);
  return SQLITE_FULL;
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (as_fault(file)->owner->next_call_fails()) return SQLITE_IOERR_TRUNCATE;
  return real(file)->pMethods->xTruncate(real(file), size);
}
int sync(sqlite3_file* file, int) {
  // No test cuts the power: what the file system has been told is what the next reader finds.
  return as_fault(file)->owner->next_call_fails() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
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
  FaultVfs& owner = *owner_of(vfs);
  auto* opened = new (file) FaultFile{{nullptr}, &owner};
  if ((flags & SQLITE_OPEN_READWRITE) != 0 && owner.next_call_fails()) return SQLITE_CANTOPEN;
  const int code = owner.system()->xOpen(owner.system(), path, opened->real(), flags, out_flags);
  if (code == SQLITE_OK) opened->base.pMethods = &file_methods;
  return code;
}
int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  FaultVfs& owner = *owner_of(vfs);
  if (owner.next_call_fails()) return SQLITE_IOERR_DELETE;
  return owner.system()->xDelete(owner.system(), path, sync_folder);
}

}  // namespace

FaultVfs::FaultVfs(std::string name) : name_(std::move(name)), system_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *system_;  // what is not replaced works on no file; the system's functions ignore `this`
  vfs_.zName = name_.c_str();
  vfs_.szOsFile = static_cast<int>(sizeof(FaultFile)) + system_->szOsFile;
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

void FaultVfs::fail_from(std::uint64_t nth, Fault fault) noexcept {
  fault_ = fault;
  fail_from_ = nth;
  calls_ = 0;
}

bool FaultVfs::next_call_fails() noexcept {
  const std::uint64_t call = ++calls_;
  const std::uint64_t from = fail_from_;
  return from != 0 && call >= from;
}

}  // namespace weft::testing
