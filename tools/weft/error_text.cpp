// SPDX-License-Identifier: Apache-2.0
#include "error_text.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "text.hpp"

namespace weft::cli {
namespace {

constexpr std::size_t longest_line_bytes = 200;  // nobody finds a caret under a longer one

// The lines of the files that diagnostics speak of; each file is read once, for there may be
// thousands of mistakes in it.
class Sources {
 public:
  // The text of that line, or "" when it cannot be read or shown. Tabs and other control characters
  // become spaces, so that every byte before a column takes the room it seems to.
  std::string line_at(const SourcePosition& position) {
    if (position.file.empty() || position.line <= 0) return {};
    const std::vector<std::string>& lines = lines_of(position.file);
    const auto index = static_cast<std::size_t>(position.line) - 1;
    if (index >= lines.size() || !is_utf8(lines[index])) return {};
    std::string line = lines[index];
    for (char& byte : line)
      if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) byte = ' ';
    return line;
  }

 private:
  const std::vector<std::string>& lines_of(const std::string& name) {
    const auto [found, added] = files_.try_emplace(name);
    if (!added) return found->second;
    std::ifstream file(name);
    for (std::string line; std::getline(file, line);)
      found->second.push_back(line.size() > longest_line_bytes ? std::string{} : line);
    return found->second;
  }

  std::map<std::string, std::vector<std::string>> files_;
};

// The line, and the caret under the column when that lies within it.
std::string source_excerpt(Sources& sources, const SourcePosition& position, bool color) {
  const std::string line = sources.line_at(position);
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

std::string text_of(Sources& sources, const Diagnostic& diagnostic, bool color) {
  std::string text = diagnostic.position.to_string();
  if (!text.empty()) text = paint(text + ":", Tone::strong, color) + " ";
  return text + label(diagnostic.warning, color) + " " + diagnostic.message + "\n" +
         source_excerpt(sources, diagnostic.position, color) + remedy_line(diagnostic.remedy);
}

}  // namespace

std::string diagnostic_text(const Diagnostic& diagnostic, bool color) {
  Sources sources;
  return text_of(sources, diagnostic, color);
}

std::string error_text(const Error& error, bool color) {
  std::string text;
  if (!error.is_told_by_diagnostics())
    text = label(false, color) + " " + error.message + "\n" + remedy_line(error.remedy);
  Sources sources;
  for (const Diagnostic& diagnostic : error.diagnostics)
    text += text_of(sources, diagnostic, color);
  return text;
}

}  // namespace weft::cli
