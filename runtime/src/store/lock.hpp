// SPDX-License-Identifier: Apache-2.0
// One state folder has one executing runtime: the process that holds the lock on `runtime.lock`.
// The kernel frees it when the process dies, however it dies.
#pragma once
#include <filesystem>
#include <optional>

#include "base/result.hpp"

namespace weft::store {

// Held from take() to destruction. The file stays: only the lock on it means anything. The process
// id in it is for people.
class RuntimeLock {
 public:
  // Never waits. Kind `conflict`, naming the holder, when somebody else has it.
  static result<RuntimeLock> take(const std::filesystem::path& folder);
  RuntimeLock(RuntimeLock&& other) noexcept;
  RuntimeLock& operator=(RuntimeLock&& other) noexcept;
  ~RuntimeLock();

 private:
  explicit RuntimeLock(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

// The process id of the executing runtime, 0 when it is not known; nothing when there is none.
std::optional<int> lock_holder(const std::filesystem::path& folder);

}  // namespace weft::store
