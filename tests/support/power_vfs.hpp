// SPDX-License-Identifier: Apache-2.0
// The system's SQLite VFS on a machine whose power can be cut: only what was synced is sure to be
// on the disk.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "wrapped_vfs.hpp"

namespace weft::testing {

// What the disk has got, when the power goes, of what was written to a file since its last sync.
enum class Kept {
  nothing,
  some,  // each write or not, by lot
  torn,  // each sector of 512 bytes of each write or not, by lot
};

class PowerVfs : public WrappedVfs {
 public:
  using WrappedVfs::WrappedVfs;

  // At the nth call from now (from 1) that changes a file the power goes: it fails, and so does
  // every later call. 0: never. `seed` decides what is kept.
  void cut_at(std::uint64_t nth, Kept kept, std::uint64_t seed);
  bool is_cut() const;
  std::uint64_t calls() const;
  // Makes the files what the disk has of them, as the next start of the machine finds them. All
  // connections must be closed. From then on files are followed anew, and nothing fails.
  void start_again();

  int before_open(const char* path, int flags) override;
  int before_read(const char* path) override;
  int before_write(const char* path, std::string_view& bytes, sqlite3_int64 at) override;
  int before_truncate(const char* path, sqlite3_int64 size) override;
  int before_sync(const char* path) override;
  int before_remove(const char* path, bool sync_folder) override;

 private:
  struct Change {
    std::uint64_t at = 0;  // of a truncation: the new size
    std::string bytes;
    bool truncates = false;
  };
  struct Disk {
    bool exists = false;
    std::string content;
    std::vector<Change> pending;  // since the last sync
  };
  int change(const char* path, Change change);
  bool power_goes();
  void settle(Disk& disk);
  static void apply(Disk& disk, const Change& change);

  mutable std::mutex mutex_;
  std::map<std::string, Disk> disks_;  // by path
  std::uint64_t calls_ = 0;
  std::uint64_t cut_at_ = 0;
  bool cut_ = false;
  Kept kept_ = Kept::nothing;
  std::mt19937_64 lot_;
};

}  // namespace weft::testing
