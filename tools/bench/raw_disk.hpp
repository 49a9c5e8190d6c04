// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "harness.hpp"

namespace weft::bench {

// A file of 8.2 KiB (two pages of a WAL with their heads) that is written over and synced: the
// least that a durable transition can cost.
class RawDisk {
 public:
  explicit RawDisk(const std::filesystem::path& file);
  ~RawDisk();
  RawDisk(const RawDisk&) = delete;
  RawDisk& operator=(const RawDisk&) = delete;

  void overwrite();
  Work work();

 private:
  int file_;
  std::string bytes_;
};

}  // namespace weft::bench
