// SPDX-License-Identifier: Apache-2.0
// As much of an ELF file as tells about a plugin library. Pure; every offset and length is checked,
// so any bytes may be given.
// Format: System V ABI, chapters 4 and 5 (ELF64, little endian, as on x86-64 and AArch64).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace weft::plugin {

struct ElfSymbol {
  std::string name;
  bool unique = false;  // STB_GNU_UNIQUE: one for all libraries of a process
};

// Borrows the bytes of the file.
class ElfFile {
 public:
  // Kind invalid unless it is a shared library for this machine.
  static result<ElfFile> parse(std::span<const std::byte> bytes);

  // The content of the first section of that name.
  std::optional<std::span<const std::byte>> section(std::string_view name) const;
  // What other libraries can see: defined, global or weak, in the dynamic symbol table.
  std::vector<ElfSymbol> exported_symbols() const;
  // The names of the libraries it needs (DT_NEEDED).
  std::vector<std::string> needed_libraries() const;

 private:
  struct Section {
    std::uint32_t name = 0;
    std::uint32_t type = 0;
    std::uint32_t link = 0;
    std::span<const std::byte> content;  // empty where the file holds none, or the header lies
  };
  explicit ElfFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::optional<std::span<const std::byte>> slice(std::uint64_t at, std::uint64_t length) const;
  result<> read_sections();
  const Section* first_of_type(std::uint32_t type) const;
  std::string_view text_at(std::uint32_t section, std::uint64_t at) const;

  std::span<const std::byte> bytes_;
  std::vector<Section> sections_;
  std::uint32_t names_ = 0;  // the section that holds the names of sections
};

}  // namespace weft::plugin
