// SPDX-License-Identifier: Apache-2.0
// The files of this tree that its rules are about.
#pragma once
#include <string>
#include <vector>

namespace weft::tidy {

struct SourceFile {
  std::string path;  // from the top of the tree: "runtime/src/base/ids.cpp"
  std::string text;
};

// Every text file under version control's eyes: no build output, no dot-files, no pictures. Throws
// what the file system throws.
std::vector<SourceFile> read_tree(const std::string& top);

bool is_code(const std::string& path);    // C or C++
bool is_script(const std::string& path);  // CMake, shell, and TOML that is not a test's input

}  // namespace weft::tidy
