// SPDX-License-Identifier: Apache-2.0
#include "tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace weft::tidy {
namespace {

namespace fs = std::filesystem;

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

std::vector<SourceFile> read_tree(const std::string& top) {
  std::vector<SourceFile> files;
  const auto add = [&](const fs::path& file) {
    if (ends_with_any(file.string(), {".png", ".mp4", ".jpg", ".so"})) return;
    files.push_back({fs::relative(file, top).generic_string(), read(file)});
  };
  for (const char* folder : {"configs", "plugins", "runtime", "sdk", "tests", "tools"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(top) / folder))
      if (entry.is_regular_file()) add(entry.path());
  for (const char* file : {"CMakeLists.txt", "README.md"}) add(fs::path(top) / file);
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

bool is_code(const std::string& path) {
  return ends_with_any(path, {".cpp", ".hpp", ".c", ".h"});
}

bool is_script(const std::string& path) {
  return !path.starts_with("tests/data/") && !path.starts_with("tests/fuzz/findings/") &&
         ends_with_any(path, {".cmake", "CMakeLists.txt", ".sh", ".toml"});
}

}  // namespace weft::tidy
