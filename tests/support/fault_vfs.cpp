// SPDX-License-Identifier: Apache-2.0
#include "fault_vfs.hpp"

namespace weft::testing {

void FaultVfs::fail(std::uint64_t first, std::uint64_t last, Fault fault) noexcept {
  fault_ = fault;
  first_ = first;
  last_ = last;
  calls_ = 0;
}

bool FaultVfs::fails(Call call) noexcept {
  const Fault fault = fault_;
  const bool counts = fault == Fault::sync_fails   ? call == Call::sync
                      : fault == Fault::unreadable ? call == Call::read
                                                   : call != Call::read;
  if (!counts) return false;
  const std::uint64_t number = ++calls_;
  const std::uint64_t first = first_;
  return first != 0 && number >= first && number <= last_;
}

int FaultVfs::before_open(const char*, int flags) {
  return (flags & SQLITE_OPEN_READWRITE) != 0 && fails(Call::other) ? SQLITE_CANTOPEN : SQLITE_OK;
}

int FaultVfs::before_read(const char*) {
  return fails(Call::read) ? SQLITE_IOERR_READ : SQLITE_OK;
}

int FaultVfs::before_write(const char*, std::string_view& bytes, sqlite3_int64) {
  if (!fails(Call::write)) return SQLITE_OK;
  bytes = bytes.substr(0, fault_ == Fault::short_write ? bytes.size() / 2 : 0);
  return fault_ == Fault::io_error ? SQLITE_IOERR_WRITE : SQLITE_FULL;
}

int FaultVfs::before_truncate(const char*, sqlite3_int64) {
  return fails(Call::other) ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

int FaultVfs::before_sync(const char*) {
  return fails(Call::sync) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

int FaultVfs::before_remove(const char*, bool) {
  return fails(Call::other) ? SQLITE_IOERR_DELETE : SQLITE_OK;
}

}  // namespace weft::testing
