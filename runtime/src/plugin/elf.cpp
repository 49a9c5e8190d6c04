// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace weft::plugin {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t this_machine = EM_AARCH64;
#else
#error "plugin libraries are read on x86-64 and AArch64 only"
#endif

// Copies a structure out of the file, whose offsets need not be aligned.
template <class T>
std::optional<T> read_at(std::span<const std::byte> bytes, std::uint64_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// The structures of a table, as many as its bytes hold.
template <class T>
std::vector<T> read_table(std::span<const std::byte> bytes) {
  std::vector<T> rows(bytes.size() / sizeof(T));
  if (!rows.empty()) std::memcpy(rows.data(), bytes.data(), rows.size() * sizeof(T));
  return rows;
}

}  // namespace

result<ElfFile> ElfFile::parse(std::span<const std::byte> bytes) {
  const auto head = read_at<Elf64_Ehdr>(bytes, 0);
  if (!head || std::memcmp(head->e_ident, ELFMAG, SELFMAG) != 0)
    return invalid("not a shared library");
  if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB ||
      head->e_machine != this_machine)
    return invalid("a library for another kind of machine");
  if (head->e_type != ET_DYN) return invalid("not a shared library");
  ElfFile file(bytes);
  if (auto read = file.read_sections(); !read) return read.error();
  return file;
}

result<> ElfFile::read_sections() {
  const auto head = *read_at<Elf64_Ehdr>(bytes_, 0);
  const Error damaged = invalid("a damaged shared library: its section table does not fit");
  if (head.e_shoff == 0 || head.e_shentsize != sizeof(Elf64_Shdr)) return damaged;
  const auto table = slice(head.e_shoff, std::uint64_t{head.e_shnum} * sizeof(Elf64_Shdr));
  if (!table || head.e_shstrndx >= head.e_shnum) return damaged;
  for (const auto& row : read_table<Elf64_Shdr>(*table)) {
    Section section{row.sh_name, row.sh_type, row.sh_link, {}};
    if (row.sh_type != SHT_NOBITS)
      section.content = slice(row.sh_offset, row.sh_size).value_or(std::span<const std::byte>{});
    sections_.push_back(section);
  }
  names_ = head.e_shstrndx;
  return {};
}

std::optional<std::span<const std::byte>> ElfFile::slice(std::uint64_t at,
                                                         std::uint64_t length) const {
  if (at > bytes_.size() || bytes_.size() - at < length) return std::nullopt;
  return bytes_.subspan(at, length);
}

std::string_view ElfFile::text_at(std::uint32_t section, std::uint64_t at) const {
  if (section >= sections_.size() || at >= sections_[section].content.size()) return {};
  const auto rest = sections_[section].content.subspan(at);
  const auto end = std::ranges::find(rest, std::byte{0});
  if (end == rest.end()) return {};
  return {reinterpret_cast<const char*>(rest.data()), static_cast<std::size_t>(end - rest.begin())};
}

std::optional<std::span<const std::byte>> ElfFile::section(std::string_view name) const {
  for (const Section& section : sections_)
    if (text_at(names_, section.name) == name) return section.content;
  return std::nullopt;
}

const ElfFile::Section* ElfFile::first_of_type(std::uint32_t type) const {
  const auto found =
      std::ranges::find_if(sections_, [&](const Section& s) { return s.type == type; });
  return found == sections_.end() ? nullptr : &*found;
}

std::vector<ElfSymbol> ElfFile::exported_symbols() const {
  std::vector<ElfSymbol> found;
  const Section* symbols = first_of_type(SHT_DYNSYM);
  if (!symbols) return found;
  for (const auto& symbol : read_table<Elf64_Sym>(symbols->content)) {
    const unsigned binding = ELF64_ST_BIND(symbol.st_info);
    if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL) continue;
    const std::string_view name = text_at(symbols->link, symbol.st_name);
    if (!name.empty()) found.push_back({std::string(name), binding == STB_GNU_UNIQUE});
  }
  return found;
}

std::vector<std::string> ElfFile::needed_libraries() const {
  std::vector<std::string> found;
  const Section* dynamic = first_of_type(SHT_DYNAMIC);
  if (!dynamic) return found;
  for (const auto& row : read_table<Elf64_Dyn>(dynamic->content)) {
    if (row.d_tag == DT_NULL) break;
    if (row.d_tag != DT_NEEDED) continue;
    const std::string_view name = text_at(dynamic->link, row.d_un.d_val);
    if (!name.empty()) found.emplace_back(name);
  }
  return found;
}

}  // namespace weft::plugin
