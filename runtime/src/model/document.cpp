// SPDX-License-Identifier: Apache-2.0
#include "model/document.hpp"

#include <algorithm>
#include <tuple>

namespace weft {

Document Document::without_positions(json::value root, std::string file) {
  Document document;
  document.root_ = std::move(root);
  document.file_ = std::move(file);
  return document;
}

const Document::Mark* Document::nearest_mark(std::string_view pointer) const {
  for (;;) {
    if (const auto found = marks_.find(std::string(pointer)); found != marks_.end())
      return &found->second;
    if (pointer.empty()) return nullptr;
    pointer = pointer.substr(0, pointer.rfind('/'));
  }
}

SourcePosition Document::key_position(std::string_view pointer) const {
  const Mark* mark = nearest_mark(pointer);
  return mark ? mark->key : SourcePosition{file_, 0, 0};
}

SourcePosition Document::value_position(std::string_view pointer) const {
  const Mark* mark = nearest_mark(pointer);
  return mark ? mark->value : SourcePosition{file_, 0, 0};
}

SourcePosition Document::text_position(std::string_view pointer) const {
  const Mark* mark = nearest_mark(pointer);
  return mark ? mark->text : SourcePosition{file_, 0, 0};
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
  for (std::size_t at = 0; at < pointer.size(); ++at) {
    if (pointer[at] == '/')
      parts.emplace_back();
    else if (pointer[at] == '~' && at + 1 < pointer.size())
      parts.back() += pointer[++at] == '1' ? '/' : '~';
    else
      parts.back() += pointer[at];
  }
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
