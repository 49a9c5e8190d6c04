// SPDX-License-Identifier: Apache-2.0
// The targets over what fuzzing begins with and what it has found, in an ordinary build.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "seeds.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> findings_of(std::string_view target) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(fs::path(WEFT_FINDINGS) / target, none))
    files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

TEST_CASE("every target takes what fuzzing begins with") {
  for (const Target& target : targets()) {
    const auto seeds = seeds_of(target.name);
    CHECK_FALSE(seeds.empty());
    for (const std::string& seed : seeds) {
      INFO(target.name << " with " << seed);
      CHECK_NOTHROW(target.run(seed));
    }
  }
}

TEST_CASE("every target takes what once broke it") {
  std::size_t count = 0;
  for (const Target& target : targets()) {
    for (const fs::path& file : findings_of(target.name)) {
      INFO(file.string());
      std::ifstream stream(file, std::ios::binary);
      const std::string input{std::istreambuf_iterator<char>(stream), {}};
      CHECK_NOTHROW(target.run(input));
      ++count;
    }
  }
  CHECK(count > 0);
}

TEST_CASE("findings are kept for targets that there are") {
  for (const auto& entry : fs::directory_iterator(WEFT_FINDINGS))
    CHECK_NOTHROW(find_target(entry.path().filename().string()));
}

}  // namespace
}  // namespace weft::fuzz
