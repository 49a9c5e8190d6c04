// SPDX-License-Identifier: Apache-2.0
#include "model/document.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

namespace weft {
namespace {

// Takes the first part off a pointer. `unescaped` holds it if it is not written as it is meant.
std::string_view take_part(std::string_view& pointer, std::string& unescaped) {
  pointer.remove_prefix(1);
  const std::string_view part = pointer.substr(0, pointer.find('/'));
  pointer.remove_prefix(part.size());
  if (part.find('~') == part.npos) return part;
  unescaped.clear();
  for (std::size_t at = 0; at < part.size(); ++at)
    if (part[at] == '~' && at + 1 < part.size())
      unescaped += part[++at] == '1' ? '/' : '~';
    else
      unescaped += part[at];
  return unescaped;
}

// Which of the members or elements of a value that part of a pointer is.
std::optional<std::size_t> index_of(const json::value& value, std::string_view part) {
  if (const json::object* object = value.if_object()) {
    const auto member = object->find(part);
    if (member == object->end()) return std::nullopt;
    return static_cast<std::size_t>(member - object->begin());
  }
  const json::array* array = value.if_array();
  if (!array) return std::nullopt;
  std::size_t index = 0;
  const auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), index);
  const bool number = problem == std::errc{} && end == part.data() + part.size();
  return number && index < array->size() ? std::optional(index) : std::nullopt;
}

const json::value* child_at(const json::value& value, std::size_t index) {
  if (const json::array* array = value.if_array()) return &(*array)[index];
  return &(value.get_object().begin() + static_cast<std::ptrdiff_t>(index))->value();
}

}  // namespace

Document Document::without_positions(json::value root, std::string file) {
  return {std::move(file), std::move(root)};
}

std::uint32_t Document::add_marks(std::uint32_t parent, std::size_t count) {
  const auto first = static_cast<std::uint32_t>(marks_.size());
  marks_[parent].children = first;
  marks_.resize(first + count);
  return first;
}

SourcePosition Document::position_of(std::string_view pointer, Place Mark::*which) const {
  if (marks_.empty()) return {file_, 0, 0};
  const json::value* value = &root_;
  std::size_t mark = 0;
  std::string unescaped;
  while (!pointer.empty()) {
    const auto index = index_of(*value, take_part(pointer, unescaped));
    if (!index) break;
    value = child_at(*value, *index);
    mark = marks_[mark].children + *index;
  }
  const Place& place = marks_[mark].*which;
  return {file_, place.line, place.column};
}

SourcePosition Document::key_position(std::string_view pointer) const {
  return position_of(pointer, &Mark::key);
}

SourcePosition Document::value_position(std::string_view pointer) const {
  return position_of(pointer, &Mark::value);
}

SourcePosition Document::text_position(std::string_view pointer) const {
  return position_of(pointer, &Mark::text);
}

const json::value* value_at(const json::value& root, std::string_view pointer) {
  const json::value* at = &root;
  std::string unescaped;
  while (!pointer.empty()) {
    const auto index = index_of(*at, take_part(pointer, unescaped));
    if (!index) return nullptr;
    at = child_at(*at, *index);
  }
  return at;
}

std::string child_pointer(std::string_view pointer, std::string_view key) {
  std::string child(pointer);
  child += '/';
  for (const char c : key) {
    if (c == '~')
      child += "~0";
    else if (c == '/')
      child += "~1";
    else
      child += c;
  }
  return child;
}

std::vector<std::string> split_pointer(std::string_view pointer) {
  std::vector<std::string> parts;
  std::string unescaped;
  while (!pointer.empty()) parts.emplace_back(take_part(pointer, unescaped));
  return parts;
}

std::string pointer_to_path(std::string_view pointer) {
  std::string path;
  for (const std::string& part : split_pointer(pointer)) {
    const bool number = !part.empty() && part.find_first_not_of("0123456789") == part.npos;
    if (number)
      path += "[" + part + "]";
    else
      path += (path.empty() ? "" : ".") + part;
  }
  return path;
}

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
  const auto place = [](const Diagnostic& d) {
    return std::tie(d.position.file, d.position.line, d.position.column);
  };
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  const auto same = [&](const Diagnostic& a, const Diagnostic& b) {
    return place(a) == place(b) && a.message == b.message;
  };
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end(), same), diagnostics.end());
}

}  // namespace weft
