// SPDX-License-Identifier: Apache-2.0
#include "error_text.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "base/text.hpp"
#include "text.hpp"

namespace weft::cli {
namespace {

constexpr std::size_t longest_line_bytes = 200;  // nobody finds a caret under a longer one

// The text of that line, or "" when it cannot be read or shown. Tabs and other control characters
// become spaces, so that every byte before a column takes the room it seems to.
std::string source_line(const SourcePosition& position) {
  if (position.file.empty() || position.line <= 0) return {};
  std::ifstream file(position.file);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (number < position.line) continue;
    if (line.size() > longest_line_bytes || !is_utf8(line)) return {};
    for (char& byte : line)
      if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) byte = ' ';
    return line;
  }
  return {};
}

// The line, and the caret under the column when that lies within it.
std::string source_excerpt(const SourcePosition& position, bool color) {
  const std::string line = source_line(position);
  if (line.empty()) return {};
  const std::string number = std::to_string(position.line);
  std::string text = paint("  " + number + " | ", Tone::faint, color) + line + "\n";
  const auto column = static_cast<std::size_t>(std::max(0, position.column));
  if (column == 0 || column > line.size() + 1) return text;
  const auto left =
      static_cast<std::size_t>(display_width(std::string_view(line).substr(0, column - 1)));
  return text + paint("  " + std::string(number.size(), ' ') + " | ", Tone::faint, color) +
         std::string(left, ' ') + paint("^", Tone::bad, color) + "\n";
}

std::string label(bool warning, bool color) {
  return warning ? paint("warning:", Tone::careful, color) : paint("error:", Tone::bad, color);
}

std::string remedy_line(const std::string& remedy) {
  return remedy.empty() ? std::string{} : "    " + remedy + "\n";
}

}  // namespace

std::string diagnostic_text(const Diagnostic& diagnostic, bool color) {
  std::string text = diagnostic.position.to_string();
  if (!text.empty()) text = paint(text + ":", Tone::strong, color) + " ";
  return text + label(diagnostic.warning, color) + " " + diagnostic.message + "\n" +
         source_excerpt(diagnostic.position, color) + remedy_line(diagnostic.remedy);
}

std::string error_text(const Error& error, bool color) {
  std::string text = label(false, color) + " " + error.message + "\n" + remedy_line(error.remedy);
  for (const Diagnostic& diagnostic : error.diagnostics) text += diagnostic_text(diagnostic, color);
  return text;
}

}  // namespace weft::cli
