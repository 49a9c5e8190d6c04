// SPDX-License-Identifier: Apache-2.0
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

#include "model/document.hpp"

namespace weft {
namespace {

constexpr int depth_at_most =
    48;  // less than JSON's 64: what is read here is stored and read again as JSON

// The lines of a text, to find in O(1) what stands at a position.
std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// toml++ counts columns in characters; so does this.
std::string_view rest_of_line(std::string_view line, int column) {
  std::size_t at = 0;
  for (int i = 1; i < column && at < line.size(); ++i) {
    do ++at;
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80);
  }
  return line.substr(at);
}

}  // namespace

class TomlDocumentReader {
 public:
  TomlDocumentReader(std::string_view text, const std::string& file)
      : lines_(split_lines(text)), document_(file) {}

  result<Document> read(std::string_view text) {
    try {
      const toml::table table = toml::parse(text, std::string_view(document_.file_));
      document_.marks_.push_back({start, start, start});
      document_.root_ = convert_table(table, 0, 0);
    } catch (const toml::parse_error& error) {
      mistake(place_of(error.source()), "not valid TOML: " + std::string(error.description()), {});
    }
    if (!mistakes_.empty()) return invalid(document_.file_, std::move(mistakes_));
    return std::move(document_);
  }

 private:
  using Place = Document::Place;
  static constexpr Place start{1, 1};

  static Place place_of(const toml::source_region& source) {
    return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
  }
  void mistake(Place at, std::string message, std::string remedy) {
    mistakes_.push_back(
        {{document_.file_, at.line, at.column}, std::move(message), std::move(remedy), false});
  }

  // Whether the string that begins with `rest` of a line is written with escape sequences.
  bool has_escapes(std::size_t line, std::string_view rest) const {
    if (!rest.starts_with('"')) return false;  // in single quotes there are none
    if (!rest.starts_with("\"\"\"")) {
      const std::size_t end = rest.find_first_of("\"\\", 1);
      return end != rest.npos && rest[end] == '\\';
    }
    rest.remove_prefix(3);
    while (rest.find('\\') == rest.npos && rest.find("\"\"\"") == rest.npos && line < lines_.size())
      rest = lines_[line++];
    return rest.find('\\') < rest.find("\"\"\"");
  }

  Place text_within(const Place& value) const {
    const auto line = static_cast<std::size_t>(value.line);
    if (line == 0 || line > lines_.size()) return value;
    const std::string_view rest = rest_of_line(lines_[line - 1], value.column);
    if (has_escapes(line, rest)) return {value.line, 0};
    if (!rest.starts_with("\"\"\"") && !rest.starts_with("'''"))
      return {value.line, value.column + 1};
    const bool newline_first = rest.substr(3).find_first_not_of('\r') == rest.npos;
    return newline_first ? Place{value.line + 1, 1} : Place{value.line, value.column + 3};
  }

  json::value convert_table(const toml::table& table, std::uint32_t mark, int depth) {
    std::uint32_t child = document_.add_marks(mark, table.size());
    json::object object(document_.root_.storage());
    object.reserve(table.size());
    for (const auto& [key, node] : table) {
      const Place value = place_of(node.source());
      document_.marks_[child] = {place_of(key.source()), value, text_within(value)};
      object.emplace(key.str(), convert(node, child++, depth + 1));
    }
    return object;
  }

  json::value convert_array(const toml::array& array, std::uint32_t mark, int depth) {
    std::uint32_t child = document_.add_marks(mark, array.size());
    json::array elements(document_.root_.storage());
    elements.reserve(array.size());
    for (const toml::node& node : array) {
      const Place value = place_of(node.source());
      document_.marks_[child] = {value, value, text_within(value)};
      elements.push_back(convert(node, child++, depth + 1));
    }
    return elements;
  }

  // Of a node below so many others, which has its mark already.
  json::value convert(const toml::node& node, std::uint32_t mark, int depth) {
    if (depth > depth_at_most) {
      mistake(place_of(node.source()), "values are nested too deeply here",
              "say it with fewer levels");
      return nullptr;
    }
    if (const auto* table = node.as_table()) return convert_table(*table, mark, depth);
    if (const auto* array = node.as_array()) return convert_array(*array, mark, depth);
    if (const auto* text = node.as_string())
      return json::value(std::string_view(text->get()), document_.root_.storage());
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* number = node.as_floating_point(); number && std::isfinite(number->get()))
      return number->get();
    mistake(place_of(node.source()), "a date, time, inf or nan is no value that weft knows",
            "write a text in quotes or a finite number");
    return nullptr;
  }

  std::vector<std::string_view> lines_;
  Document document_;
  std::vector<Diagnostic> mistakes_;
};

result<Document> Document::from_toml(std::string_view text, const std::string& file) {
  return TomlDocumentReader(text, file).read(text);
}

}  // namespace weft
