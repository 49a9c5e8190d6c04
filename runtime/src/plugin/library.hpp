// SPDX-License-Identifier: Apache-2.0
// Plugin libraries: finding them, reading what they are without running them, loading them.
//
//   Libraries libraries = Libraries::scan(configuration.plugins);
//   for (const Error& problem : libraries.problems()) log.warn(problem.to_string());
//   if (auto component = libraries.find("comfyui")) ...Instance::create(...)
//
// A library that was loaded stays loaded as long as the process (RTLD_NODELETE): threads and static
// objects of what it links to make unloading unsafe.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "plugin/manifest.hpp"

struct weft_entry;

namespace weft::plugin {

// The bytes of the section ".weft_manifest" without the closing NUL. Runs no code of the library.
// Errors: kind not_found (no such file), machine (unreadable), invalid (not a shared library for
// this machine; a shared library that is no plugin).
result<std::string> read_manifest(const std::filesystem::path& file);

// One loaded library. Immutable; usable by any thread.
class Library {
 public:
  // The message tells what is wrong: not a shared library, no manifest, a wrong manifest, another
  // ABI version, no entry, a symbol that is nowhere to be found, a host service that is not
  // offered.
  static result<std::shared_ptr<const Library>> load(const std::filesystem::path& file);

  const std::filesystem::path& file() const noexcept { return file_; }
  const Manifest& manifest() const noexcept { return manifest_; }
  const weft_entry& entry() const noexcept { return *entry_; }

 private:
  static result<std::shared_ptr<const Library>> load_checked(const std::filesystem::path& file);
  Library(std::filesystem::path file, Manifest manifest, const weft_entry* entry)
      : file_(std::move(file)), manifest_(std::move(manifest)), entry_(entry) {}
  std::filesystem::path file_;
  Manifest manifest_;
  const weft_entry* entry_;
};

// A component of a loaded library. A handle: copies are cheap.
class Component {
 public:
  Component(std::shared_ptr<const Library> library, std::size_t index)
      : library_(std::move(library)), index_(index) {}
  const Library& library() const noexcept { return *library_; }
  const ComponentManifest& manifest() const noexcept {
    return library_->manifest().components[index_];
  }

 private:
  std::shared_ptr<const Library> library_;
  std::size_t index_;
};

// All components of some folders, by name.
class Libraries {
 public:
  // Loads every "*.so" of the folders, in the order of their names; a folder that is missing is a
  // problem, like a library that cannot be loaded. Of two components of one name the first is kept.
  static Libraries scan(std::span<const std::filesystem::path> folders);

  // The component of that name, or null.
  const Component* find(std::string_view name) const;
  const std::map<std::string, Component, std::less<>>& components() const noexcept {
    return components_;
  }
  // One error per library or folder that could not be used, and per name that was taken twice.
  const std::vector<Error>& problems() const noexcept { return problems_; }

 private:
  void add(const std::filesystem::path& file);
  std::map<std::string, Component, std::less<>> components_;
  std::vector<Error> problems_;
};

}  // namespace weft::plugin
