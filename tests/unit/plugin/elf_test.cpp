// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

namespace {

std::string bytes_of(const std::string& plugin) {
  std::ifstream stream(plugin_file(plugin), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}
// Asks everything there is to ask; how much was found.
std::size_t read_all(const std::string& bytes) {
  const auto elf = ElfFile::parse(std::as_bytes(std::span(bytes)));
  if (!elf) return 0;
  return elf->section(".weft_manifest").value_or(std::span<const std::byte>{}).size() +
         elf->exported_symbols().size() + elf->needed_libraries().size();
}

}  // namespace

TEST_CASE("a library's exports and what it needs are read from its dynamic section") {
  const std::string bytes = bytes_of("script");
  const auto elf = ElfFile::parse(std::as_bytes(std::span(bytes)));
  REQUIRE(elf.has_value());
  const auto symbols = elf->exported_symbols();
  REQUIRE(symbols.size() == 1);
  CHECK(symbols.front().name == "weft_entry_v1");
  CHECK_FALSE(symbols.front().unique);
  const auto needed = elf->needed_libraries();
  CHECK(std::ranges::count(needed, "libc.so.6") == 1);
}

TEST_CASE("a library that is cut off anywhere is refused or read in part, never beyond its end") {
  const std::string bytes = bytes_of("no_entry");
  const std::size_t whole = read_all(bytes);
  CHECK(whole > 0);
  for (std::size_t size = 0; size < bytes.size(); size += 97)
    CHECK(read_all(bytes.substr(0, size)) <= whole);
}

TEST_CASE("a library with any bytes of its tables damaged is read without harm") {
  const std::string bytes = bytes_of("no_entry");
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = bytes;
    for (int i = 0; i < 8; ++i) {
      // The header stands at the beginning, the section table at the end.
      const std::size_t at = random() % 64;
      const std::size_t tail =
          bytes.size() - 1 - random() % std::min<std::size_t>(2000, bytes.size());
      damaged[(random() & 1) != 0 ? at : tail] = static_cast<char>(random());
    }
    CHECK(read_all(damaged) <= bytes.size() * 3);
  }
}
