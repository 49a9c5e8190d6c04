// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

#include <dlfcn.h>
#include <weft/abi.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "plugin/elf.hpp"
#include "plugin/host.hpp"

namespace weft::plugin {
namespace {

namespace fs = std::filesystem;

const std::string entry_symbol = "weft_entry_v" + std::to_string(WEFT_ABI_MAJOR);

std::string show(weft_str text) {
  return {text.data, text.size};
}

result<std::string> read_file(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return not_found("no such file");
  if (!fs::is_regular_file(file, error)) return invalid("not a file");
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(fs::file_size(file, error), '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (error || !stream) return machine("cannot be read", "check its rights");
  return bytes;
}

result<std::string> manifest_in(const ElfFile& elf) {
  const auto section = elf.section(".weft_manifest");
  if (!section)
    return invalid("a shared library, but no plugin: it has no section .weft_manifest",
                   "write WEFT_MANIFEST(...) in one of its sources");
  std::string text(reinterpret_cast<const char*>(section->data()), section->size());
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

// An entry of another major has another name, so both can be told apart before any code runs.
result<> check_symbols(const ElfFile& elf) {
  constexpr std::string_view prefix = "weft_entry_v";
  std::string other;
  for (const ElfSymbol& symbol : elf.exported_symbols()) {
    if (symbol.name == entry_symbol) return {};
    if (symbol.name.starts_with(prefix)) other = symbol.name.substr(prefix.size());
  }
  if (!other.empty())
    return invalid("made for version " + other + " of the plugin ABI (it exports weft_entry_v" +
                       other + "); this runtime speaks version " + std::to_string(WEFT_ABI_MAJOR),
                   "build the plugin against this runtime's SDK");
  return invalid("it does not export " + entry_symbol,
                 "write WEFT_PLUGIN(...) in one of its sources");
}

result<> check_needs(const Manifest& manifest) {
  std::vector<std::string> offered;
  for (const std::string_view service : offered_services()) offered.emplace_back(service);
  for (const ComponentManifest& component : manifest.components)
    for (const std::string& need : component.needs)
      if (std::ranges::find(offered, need) == offered.end())
        return invalid("component '" + component.name + "' needs the host service " + need +
                           ", which this runtime does not offer",
                       suggest(need, offered));
  return {};
}

// Boost.DLL tells dlopen's own words only in the exception.
result<const weft_entry*> open(const fs::path& file) {
  namespace dll = boost::dll;
  try {
    const auto mode = static_cast<dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    dll::shared_library library(fs::absolute(file), mode);
    return &library.get<const weft_entry>(entry_symbol);
  } catch (const std::exception& failure) {
    const std::string text = failure.what();
    constexpr std::string_view undefined = "undefined symbol: ";
    if (const auto at = text.find(undefined); at != std::string::npos) {
      const auto from = at + undefined.size();
      const std::string symbol = text.substr(from, text.find_first_of(" \t,()", from) - from);
      return invalid("it uses the symbol " + symbol + ", which no library it names defines",
                     "link the library that defines it, and keep -Wl,-z,defs on");
    }
    return machine("cannot be loaded: " + excerpt(text, 400));
  }
}

result<> check_entry(const weft_entry& entry, std::string_view manifest) {
  if (!WEFT_HAS(&entry, weft_entry, create) || !entry.create)
    return invalid("its " + entry_symbol + " has no function `create`");
  if (entry.abi_major != WEFT_ABI_MAJOR)
    return invalid("its " + entry_symbol + " says version " + std::to_string(entry.abi_major) +
                   " of the plugin ABI");
  if (show(entry.manifest) != manifest)
    return invalid("the manifest in its entry is another one than in its section .weft_manifest");
  return {};
}

}  // namespace

result<std::string> read_manifest(const fs::path& file) {
  auto bytes = read_file(file);
  if (!bytes) return std::move(bytes.error()).in(file.string());
  auto elf = ElfFile::parse(std::as_bytes(std::span(*bytes)));
  if (!elf) return std::move(elf.error()).in(file.string());
  auto text = manifest_in(*elf);
  if (!text) return std::move(text.error()).in(file.string());
  return text;
}

result<std::shared_ptr<const Library>> Library::load(const fs::path& file) {
  auto library = load_checked(file);
  if (!library) return std::move(library.error()).in(file.string());
  return library;
}

// In the order in which less and less is certain: bytes, manifest, symbols, and only then code.
result<std::shared_ptr<const Library>> Library::load_checked(const fs::path& file) {
  const auto bytes = read_file(file);
  if (!bytes) return bytes.error();
  const auto elf = ElfFile::parse(std::as_bytes(std::span(*bytes)));
  if (!elf) return elf.error();
  const auto text = manifest_in(*elf);
  if (!text) return text.error();
  auto manifest = parse_manifest(*text, file.filename().string());
  if (!manifest) return manifest.error();
  if (auto checked = check_symbols(*elf); !checked) return checked.error();
  if (auto checked = check_needs(*manifest); !checked) return checked.error();
  const auto entry = open(file);
  if (!entry) return entry.error();
  if (auto checked = check_entry(**entry, *text); !checked) return checked.error();
  return std::shared_ptr<const Library>(new Library(file, std::move(*manifest), *entry));
}

Libraries Libraries::scan(std::span<const fs::path> folders) {
  Libraries libraries;
  for (const fs::path& folder : folders) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      if (at->path().extension() == ".so") files.push_back(at->path());
    if (error)
      libraries.problems_.push_back(
          machine("the plugin folder " + folder.string() + " cannot be read: " + error.message(),
                  "mend `plugins` in weft.toml"));
    std::ranges::sort(files);
    for (const fs::path& file : files) libraries.add(file);
  }
  return libraries;
}

void Libraries::add(const fs::path& file) {
  auto library = Library::load(file);
  if (!library) {
    problems_.push_back(std::move(library.error()));
    return;
  }
  const auto& components = (*library)->manifest().components;
  for (std::size_t i = 0; i < components.size(); ++i) {
    const auto [at, is_new] = components_.try_emplace(components[i].name, *library, i);
    if (!is_new)
      problems_.push_back(invalid("component '" + components[i].name + "' is in two libraries: " +
                                      at->second.library().file().string() + " (used) and " +
                                      file.string(),
                                  "remove one of them"));
  }
}

const Component* Libraries::find(std::string_view name) const {
  const auto found = components_.find(name);
  return found == components_.end() ? nullptr : &found->second;
}

}  // namespace weft::plugin
