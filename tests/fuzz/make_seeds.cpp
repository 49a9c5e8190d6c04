// SPDX-License-Identifier: Apache-2.0
// Writes FOLDER/<target>/seed-<n> and FOLDER/<target>.dict for each target.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "seeds.hpp"
#include "target.hpp"

namespace {

// A word in the form that libFuzzer's dictionaries have.
std::string dictionary_form(std::string_view word) {
  std::string text = "\"";
  for (const char c : word) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02X", static_cast<unsigned char>(c));
    const bool plain = c > ' ' && c < 0x7f && c != '"' && c != '\\';
    text += plain ? std::string(1, c) : std::string(hex);
  }
  return text + "\"";
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "weft-fuzz-seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path root = arguments[1];
  for (const auto& target : weft::fuzz::targets()) {
    const auto folder = root / target.name;
    std::filesystem::create_directories(folder);
    int number = 0;
    for (const std::string& seed : weft::fuzz::seeds_of(target.name))
      std::ofstream(folder / ("seed-" + std::to_string(++number)), std::ios::binary) << seed;
    std::ofstream words(root / (std::string(target.name) + ".dict"));
    for (const std::string& word : weft::fuzz::words_of(target.name))
      words << dictionary_form(word) << '\n';
    if (number == 0) {
      std::cerr << "no seeds for " << target.name << '\n';
      return 1;
    }
  }
}
