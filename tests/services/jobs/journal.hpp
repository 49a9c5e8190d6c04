// SPDX-License-Identifier: Apache-2.0
// One line of JSON per bill, so that the counts outlive the process.
#pragma once
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/result.hpp"
#include "job_book.hpp"

namespace weft::jobs {

class Journal {
 public:
  struct Opened;
  // Reads what is there and appends from then on. A last line without its end, left by a kill, is
  // dropped.
  static result<Opened> open(const std::filesystem::path& path);

  // On return the line is with the kernel: it outlives a kill of this process.
  void append(const Bill& bill);
  void clear();

 private:
  explicit Journal(std::filesystem::path path);
  std::filesystem::path path_;
  std::ofstream file_;
};

struct Journal::Opened {
  Journal journal;
  std::vector<Bill> bills;
};

}  // namespace weft::jobs
