// SPDX-License-Identifier: Apache-2.0
// What tells, without reading it, that a file or folder is another one than before.
#pragma once
#include <cstdint>
#include <filesystem>

namespace weft {

// All 0: nothing is there.
struct FileStamp {
  std::uint64_t inode = 0;
  std::int64_t size = 0;         // bytes
  std::int64_t seconds = 0;      // of the last change, since 1970
  std::int64_t nanoseconds = 0;  // and beyond them
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const std::filesystem::path& path);

}  // namespace weft
