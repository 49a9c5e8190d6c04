// SPDX-License-Identifier: Apache-2.0
// Aligned columns of text.
#pragma once
#include <string>
#include <vector>

#include "text.hpp"

namespace weft::cli {

struct Column {
  std::string title;
  bool right = false;    // numbers
  bool shrinks = false;  // may be cut when the terminal is too narrow; ids never are
};

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // One cell per column.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  // A title line, then the rows, each with a newline and indented by `indent`. A column without any
  // text is left out. `width`: the columns to stay within by cutting what may shrink; 0 cuts
  // nothing.
  std::string to_string(int width, bool color, int indent = 0) const;

 private:
  std::vector<int> column_widths(int width) const;
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace weft::cli
