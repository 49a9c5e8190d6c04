// SPDX-License-Identifier: Apache-2.0
#include "base/file_stamp.hpp"

#include <sys/stat.h>

namespace weft {

FileStamp stamp_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

}  // namespace weft
