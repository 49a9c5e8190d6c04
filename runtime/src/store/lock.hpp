// SPDX-License-Identifier: Apache-2.0
// Locks between processes. One state folder has one executing runtime: the process that holds the
// lock on `runtime.lock`. The kernel frees it when the process dies, however it dies.
#pragma once
#include <filesystem>
#include <optional>

#include "base/result.hpp"

namespace weft::store {

// A lock on a file, held for as long as it lives. The file stays: only the lock on it means
// anything.
class FileLock {
 public:
  // Owns the descriptor; closing it frees the lock.
  explicit FileLock(int descriptor) noexcept : descriptor_(descriptor) {}
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  int descriptor_ = -1;
};

// The lock of the executing runtime; the process id in the file is for people. Never waits. Kind
// `conflict`, naming the holder, when somebody else has it.
result<FileLock> lock_runtime(const std::filesystem::path& folder);
// Held while somebody finds out what is missing of a project and submits the run that makes it, so
// that two who ask at the same time do not both make it. Never waits; kind `conflict` as above.
result<FileLock> lock_making(const std::filesystem::path& folder);

// The process id of the executing runtime, 0 when it is not known; nothing when there is none.
std::optional<int> lock_holder(const std::filesystem::path& folder);

}  // namespace weft::store
