// SPDX-License-Identifier: Apache-2.0
// The files of the fake: its folders input, output and temp, and the rules of /upload and /view.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/json.hpp"

namespace weft::comfy_fake {

struct FileName {
  std::string type;  // "input", "output", "temp"
  std::string subfolder;
  std::string name;
  auto operator<=>(const FileName&) const = default;
};

class Disk {
 public:
  // The name that the file gets: its own if it is free, holds the same bytes or may be overwritten,
  // else "x (1).png".
  std::string upload(FileName file, std::string bytes, bool overwrite);
  const std::string* read(const FileName& file) const noexcept;
  // Of the next file of that prefix: counters go on from what is there. "a/img" with ".png" is
  // {type, "a", "img_00001_.png"}.
  FileName next_name(std::string_view type, std::string_view prefix, std::string_view ending) const;
  void write(const FileName& file, std::string bytes) { files_[file] = std::move(bytes); }
  // Removes what is in a folder.
  void clear(std::string_view type);
  // "sub/name.png", "name.png [output]", "name.png [temp]": what a Load node is given.
  bool has_annotated(std::string_view text) const;
  std::size_t count(std::string_view type) const;

 private:
  std::map<FileName, std::string> files_;
};

// Escapes its folder.
bool climbs(std::string_view path) noexcept;

}  // namespace weft::comfy_fake
