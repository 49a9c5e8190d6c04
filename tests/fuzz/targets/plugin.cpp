// SPDX-License-Identifier: Apache-2.0
// Plugin libraries as bytes, and what they say about themselves.
#include <string>

#include "plugin/elf.hpp"
#include "plugin/manifest.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

using namespace plugin;

void check_components(const Manifest& manifest) {
  expect(!manifest.components.empty(), "a plugin has components");
  for (const ComponentManifest& component : manifest.components) {
    expect(!component.name.empty(), "a component has a name");
    if (!component.config_schema.is_object()) continue;
    const auto filled = check_config(component, {}, {"weft.toml", 1, 1});
    if (!filled) continue;
    const auto again = check_config(component, *filled, {"weft.toml", 1, 1});
    expect(again && *again == *filled, "a configuration with its defaults is complete");
  }
}

}  // namespace

void manifest(std::string_view input) {
  const auto manifest = parse_manifest(input, "fuzz.so");
  if (manifest)
    check_components(*manifest);
  else
    expect(!manifest.error().to_string().empty(), "an error says something");
  const auto offer = parse_offer(input, "fuzz");
  if (offer)
    for (const OfferedOperation& operation : offer->operations)
      expect(!operation.name.empty(), "an operation has a name");
}

void elf(std::string_view input) {
  const auto file = ElfFile::parse(std::as_bytes(std::span(input)));
  if (!file) return;
  for (const ElfSymbol& symbol : file->exported_symbols())
    expect(!symbol.name.empty(), "a symbol has a name");
  for (const std::string& library : file->needed_libraries())
    expect(!library.empty(), "a library has a name");
  const auto section = file->section(".weft_manifest");
  if (!section) return;
  expect(section->size() <= input.size(), "a section lies within its file");
  (void)parse_manifest({reinterpret_cast<const char*>(section->data()), section->size()},
                       "fuzz.so");
}

}  // namespace weft::fuzz
