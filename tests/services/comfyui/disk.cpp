// SPDX-License-Identifier: Apache-2.0
#include "disk.hpp"

#include <algorithm>
#include <cstdio>

namespace weft::comfy_fake {

bool climbs(std::string_view path) noexcept {
  return path.starts_with('/') || path == ".." || path.starts_with("../") ||
         path.find("/..") != std::string_view::npos;
}

std::string Disk::upload(FileName file, std::string bytes, bool overwrite) {
  const auto dot = file.name.rfind('.');
  const std::string stem = file.name.substr(0, dot);
  const std::string ending = dot == std::string::npos ? "" : file.name.substr(dot);
  for (int i = 1; !overwrite; ++i) {
    const std::string* there = read(file);
    if (!there || *there == bytes) break;
    file.name = stem + " (" + std::to_string(i) + ")" + ending;
  }
  write(file, std::move(bytes));
  return file.name;
}

const std::string* Disk::read(const FileName& file) const noexcept {
  const auto found = files_.find(file);
  return found == files_.end() ? nullptr : &found->second;
}

FileName Disk::next_name(std::string_view type, std::string_view prefix,
                         std::string_view ending) const {
  const auto slash = prefix.rfind('/');
  FileName file{std::string(type),
                std::string(slash == std::string_view::npos ? "" : prefix.substr(0, slash)),
                std::string()};
  const std::string stem(slash == std::string_view::npos ? prefix : prefix.substr(slash + 1));
  for (int counter = 1;; ++counter) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "_%05d_", counter);
    file.name = stem + digits;
    const bool taken = std::ranges::any_of(files_, [&](const auto& known) {
      return known.first.type == file.type && known.first.subfolder == file.subfolder &&
             known.first.name.starts_with(file.name);
    });
    if (taken) continue;
    file.name += ending;
    return file;
  }
}

void Disk::clear(std::string_view type) {
  std::erase_if(files_, [&](const auto& file) { return file.first.type == type; });
}

bool Disk::has_annotated(std::string_view text) const {
  FileName file{"input", "", ""};
  for (const char* type : {"input", "output", "temp"}) {
    const std::string mark = std::string(" [") + type + "]";
    if (!text.ends_with(mark)) continue;
    file.type = type;
    text.remove_suffix(mark.size());
  }
  const auto slash = text.rfind('/');
  if (slash != std::string_view::npos) file.subfolder = text.substr(0, slash);
  file.name = slash == std::string_view::npos ? text : text.substr(slash + 1);
  return read(file) != nullptr;
}

std::size_t Disk::count(std::string_view type) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(files_, [&](const auto& file) { return file.first.type == type; }));
}

}  // namespace weft::comfy_fake
