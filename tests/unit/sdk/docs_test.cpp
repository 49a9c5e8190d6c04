// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"

namespace {

const std::filesystem::path sdk = WEFT_SDK;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Block {
  std::string source;  // "examples/echo_cpp/echo.cpp", from the comment line before the block
  std::string text;
};

// The fenced blocks that follow a line <!-- file: NAME -->.
std::vector<Block> quoted_files(const std::string& markdown) {
  std::vector<Block> blocks;
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("<!-- file: ")) continue;
    Block block;
    block.source = line.substr(11, line.find(" -->") - 11);
    std::getline(lines, line);  // ```cpp
    while (std::getline(lines, line) && line != "```") block.text += line + "\n";
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace

TEST_CASE("the guide quotes the examples as they are compiled") {
  const auto blocks = quoted_files(text_of(sdk / "docs/writing.md"));
  CHECK(blocks.size() >= 4);
  for (const Block& block : blocks) {
    CAPTURE(block.source);
    const std::string file = text_of(sdk / block.source);
    CHECK(file.find(block.text) != std::string::npos);
  }
}

TEST_CASE("an echo in C++ fits on a page") {
  const std::string echo = text_of(sdk / "examples/echo_cpp/echo.cpp");
  CHECK(std::count(echo.begin(), echo.end(), '\n') <= 45);
}
