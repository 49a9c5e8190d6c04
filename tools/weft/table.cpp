// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include <algorithm>
#include <numeric>

namespace weft::cli {
namespace {

constexpr int gap = 2;
constexpr int least_shrunk = 8;  // a narrower column tells nothing

std::string line_of(const std::vector<Column>& columns, const std::vector<int>& widths,
                    const std::vector<Cell>& cells, bool color, int indent) {
  std::string line;
  int missing = indent;  // spaces are written late, so that no line ends with them
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (widths[i] == 0) continue;
    const std::string text = fit(one_line(cells[i].text), widths[i]);
    const int fill = widths[i] - display_width(text);
    if (columns[i].right) missing += fill;
    if (!text.empty()) {
      line.append(static_cast<std::size_t>(missing), ' ');
      line += paint(text, cells[i].tone, color);
      missing = 0;
    }
    missing += (columns[i].right ? 0 : fill) + gap;
  }
  return line + "\n";
}

}  // namespace

std::vector<int> Table::column_widths(int width) const {
  std::vector<int> widths(columns_.size(), 0);
  for (const std::vector<Cell>& row : rows_)
    for (std::size_t i = 0; i < columns_.size(); ++i)
      widths[i] = std::max(widths[i], display_width(one_line(row[i].text)));
  int total = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (widths[i] == 0) continue;
    widths[i] = std::max(widths[i], display_width(columns_[i].title));
    total += widths[i] + (total == 0 ? 0 : gap);
  }
  while (width > 0 && total > width) {
    int* widest = nullptr;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].shrinks && widths[i] > least_shrunk && (!widest || widths[i] > *widest))
        widest = &widths[i];
    if (!widest) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string Table::to_string(int width, bool color, int indent) const {
  const std::vector<int> widths = column_widths(width > 0 ? std::max(1, width - indent) : 0);
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Tone::faint});
  std::string text = line_of(columns_, widths, titles, color, indent);
  for (const std::vector<Cell>& row : rows_) text += line_of(columns_, widths, row, color, indent);
  return text;
}

}  // namespace weft::cli
