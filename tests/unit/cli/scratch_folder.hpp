// SPDX-License-Identifier: Apache-2.0
// Files of a test's own, removed with it.
#pragma once
#include <fstream>
#include <iterator>
#include <string>

#include "temp_folder.hpp"

namespace weft::cli::test {

class ScratchFolder {
 public:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  // Makes a file and answers its path.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  testing::TempFolder folder_;
};

}  // namespace weft::cli::test
