// SPDX-License-Identifier: Apache-2.0
// How a state folder is opened. It holds `weft.db` (SQLite, WAL) and the files of lock.hpp.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace weft::store {

// When a commit counts as done. `normal` leaves the last moments to the operating system: a power
// cut may lose them, a crash of the process does not.
enum class Synchronous { full, normal };

enum class CommitPoint { before, after };

struct Options {
  std::filesystem::path folder;  // made when missing, unless it is opened for reading only
  std::string owner;             // who claims runs, for people; "" is "pid <n>"
  std::string vfs;               // the name of a registered SQLite VFS; "" is the system's
  Synchronous synchronous = Synchronous::full;
  Duration busy_timeout = std::chrono::seconds{5};  // how long to wait for another process' commit
  // Called by the committing thread right before and right after the nth COMMIT (from 1).
  std::function<void(CommitPoint, std::uint64_t nth)> commit_hook;
  // The store is the clock of what it stamps itself: commands, claims, artifacts.
  std::function<Timestamp()> now = [] {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  };
};

std::filesystem::path database_file(const std::filesystem::path& folder);
// Makes the folder when it is not there.
result<> make_state_folder(const std::filesystem::path& folder);

}  // namespace weft::store
