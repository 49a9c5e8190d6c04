// SPDX-License-Identifier: Apache-2.0
#include "power_vfs.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace weft::testing {
namespace {

constexpr std::size_t sector_bytes = 512;
namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

void PowerVfs::cut_at(std::uint64_t nth, Kept kept, std::uint64_t seed) {
  const std::lock_guard guard(mutex_);
  calls_ = 0;
  cut_at_ = nth;
  cut_ = false;
  kept_ = kept;
  lot_.seed(seed);
}

bool PowerVfs::is_cut() const {
  const std::lock_guard guard(mutex_);
  return cut_;
}

std::uint64_t PowerVfs::calls() const {
  const std::lock_guard guard(mutex_);
  return calls_;
}

void PowerVfs::start_again() {
  const std::lock_guard guard(mutex_);
  for (auto& [path, disk] : disks_) {
    fs::remove(path);
    fs::remove(path + "-shm");  // memory, not a file, as far as the disk is concerned
    if (disk.exists) std::ofstream(path, std::ios::binary) << disk.content;
  }
  disks_.clear();
  cut_at_ = 0;
  cut_ = false;
}

bool PowerVfs::power_goes() {
  if (cut_) return true;
  if (++calls_ != cut_at_) return false;
  cut_ = true;
  for (auto& [path, disk] : disks_) settle(disk);
  return true;
}

// What of the pending changes the disk got.
void PowerVfs::settle(Disk& disk) {
  const auto luck = [&] { return (lot_() & 1) != 0; };
  if (kept_ == Kept::nothing) return disk.pending.clear();
  if (!disk.exists) disk.exists = luck();
  for (const Change& change : disk.pending) {
    if (change.truncates || kept_ == Kept::some) {
      if (luck()) apply(disk, change);
      continue;
    }
    for (std::size_t done = 0; done < change.bytes.size(); done += sector_bytes)
      if (luck()) apply(disk, {change.at + done, change.bytes.substr(done, sector_bytes), false});
  }
  disk.pending.clear();
}

void PowerVfs::apply(Disk& disk, const Change& change) {
  if (change.truncates)
    return disk.content.resize(std::min<std::size_t>(disk.content.size(), change.at));
  const std::size_t end = change.at + change.bytes.size();
  if (disk.content.size() < end) disk.content.resize(end);
  std::ranges::copy(change.bytes, disk.content.begin() + static_cast<std::ptrdiff_t>(change.at));
}

int PowerVfs::before_open(const char* path, int flags) {
  const std::lock_guard guard(mutex_);
  if (cut_) return SQLITE_CANTOPEN;
  if (!path || (flags & SQLITE_OPEN_READWRITE) == 0 || disks_.contains(path)) return SQLITE_OK;
  disks_[path] = {fs::exists(path), content_of(path), {}};
  return SQLITE_OK;
}

int PowerVfs::before_read(const char*) {
  return is_cut() ? SQLITE_IOERR_READ : SQLITE_OK;
}

int PowerVfs::change(const char* path, Change change) {
  const std::lock_guard guard(mutex_);
  if (power_goes()) return SQLITE_IOERR_WRITE;
  if (path) disks_.at(path).pending.push_back(std::move(change));
  return SQLITE_OK;
}

int PowerVfs::before_write(const char* path, std::string_view& bytes, sqlite3_int64 at) {
  const int code = change(path, {static_cast<std::uint64_t>(at), std::string(bytes), false});
  if (code != SQLITE_OK) bytes = {};
  return code;
}

int PowerVfs::before_truncate(const char* path, sqlite3_int64 size) {
  return change(path, {static_cast<std::uint64_t>(size), {}, true});
}

int PowerVfs::before_sync(const char* path) {
  const std::lock_guard guard(mutex_);
  if (power_goes()) return SQLITE_IOERR_FSYNC;
  if (!path) return SQLITE_OK;
  Disk& disk = disks_.at(path);
  disk.exists = true;  // SQLite syncs the folder with the first sync of a file in it
  for (const Change& pending : disk.pending) apply(disk, pending);
  disk.pending.clear();
  return SQLITE_OK;
}

int PowerVfs::before_remove(const char* path, bool sync_folder) {
  const std::lock_guard guard(mutex_);
  if (power_goes()) return SQLITE_IOERR_DELETE;
  if (const auto found = disks_.find(path); found != disks_.end()) {
    if (sync_folder) found->second.exists = false;
    found->second.content.clear();
    found->second.pending.clear();
  }
  return SQLITE_OK;
}

}  // namespace weft::testing
