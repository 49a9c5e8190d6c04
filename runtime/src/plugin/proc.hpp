// SPDX-License-Identifier: Apache-2.0
// Reading what the kernel tells of processes, see proc(5).
#pragma once
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace weft::plugin {

// The text of a small file; empty where it cannot be read (its process has ended).
inline std::string read_proc(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  if (!file) return {};
  std::array<char, 8192> bytes;
  return {bytes.data(), std::fread(bytes.data(), 1, bytes.size(), file.get())};
}

// Calls `take(key, value)` for each line "key: value", of whatever blanks stand between.
template <class Take>
void for_each_entry(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto value = line.find_first_not_of(" \t", colon + 1);
    take(line.substr(0, colon),
         value == std::string_view::npos ? std::string_view() : line.substr(value));
  }
}

}  // namespace weft::plugin
