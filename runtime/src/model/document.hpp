// SPDX-License-Identifier: Apache-2.0
// A text that a person wrote, TOML or JSON, as one JSON value of which every part knows where it
// stands.
#pragma once
#include <boost/json/monotonic_resource.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace weft {

class Document {
 public:
  // An error with one diagnostic for what is no TOML or JSON at all, and one for each key that
  // occurs twice in JSON, or value that has no JSON form (a date, nan).
  static result<Document> from_toml(std::string_view text, const std::string& file);
  static result<Document> from_json(std::string_view text, const std::string& file);
  // A value that was read before: nothing in it has a position.
  static Document without_positions(json::value root, std::string file);

  const json::value& root() const noexcept { return root_; }
  const std::string& file() const noexcept { return file_; }

  // Of the part at a JSON Pointer (RFC 6901): where its key stands; of an element or the root,
  // where its value does. A part that is not there has the position of the nearest part around it.
  SourcePosition key_position(std::string_view pointer) const;
  SourcePosition value_position(std::string_view pointer) const;
  // Where the first character within the quotes of a string stands; only the line, without a
  // column, of a string with escape sequences, in which nobody could count on from there.
  SourcePosition text_position(std::string_view pointer) const;

 private:
  friend class TomlDocumentReader;
  friend class JsonDocumentReader;
  Document(std::string file, json::value root) : file_(std::move(file)), root_(std::move(root)) {}
  // The root is to be made in one piece of memory: it is never changed, and let go as a whole.
  explicit Document(std::string file)
      : Document(std::move(file),
                 json::value(json::make_shared_resource<json::monotonic_resource>())) {}
  struct Place {
    int line = 0;
    int column = 0;
  };
  // The marks are a tree of the same form as the value, so they need no names of their own.
  struct Mark {
    Place key;
    Place value;
    Place text;
    std::uint32_t children = 0;  // index of that of the first member or element; all side by side
  };
  // Marks for the members or elements of a part, which has `count` of them; index of the first.
  std::uint32_t add_marks(std::uint32_t parent, std::size_t count);
  SourcePosition position_of(std::string_view pointer, Place Mark::*which) const;

  std::string file_;
  json::value root_;
  std::vector<Mark> marks_;  // the root's first; empty: nothing has a position
};

// The pointer of a member or element of the part at `pointer`, with "~" and "/" escaped.
std::string child_pointer(std::string_view pointer, std::string_view key);
// The pointer's parts, unescaped; none for "".
std::vector<std::string> split_pointer(std::string_view pointer);
// The value at a JSON Pointer, or null.
const json::value* value_at(const json::value& root, std::string_view pointer);
// "shots[2].seconds" for "/shots/2/seconds", as people write it in expressions; "" for the root.
std::string pointer_to_path(std::string_view pointer);

// Orders by file, line and column, and drops what says the same thing at the same place again.
void sort_diagnostics(std::vector<Diagnostic>& diagnostics);

}  // namespace weft
