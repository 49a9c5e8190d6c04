// SPDX-License-Identifier: Apache-2.0
// Sets a caption: as large as its box allows, in lines of about equal length, cut with an ellipsis
// only when even the smallest size does not hold it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "font.hpp"

namespace storyboard {

struct CaptionBox {
  double width_px = 0, height_px = 0;
  double largest_px = 0, smallest_px = 0;  // font sizes to choose from
};

struct Caption {
  std::vector<ShapedText> lines;
  double size_px = 0;     // of the font
  double leading_px = 0;  // from baseline to baseline
  bool cut = false;       // ends in an ellipsis because the text did not fit
};

Caption set_caption(const Font& font, std::string_view text, const CaptionBox& box);

// A piece of text that is never broken. Ideographs are words of their own, without a space before.
struct Word {
  std::string text;
  bool space_before = true;
};
std::vector<Word> split_words(std::string_view text);

// First words of the lines (so the first is 0) when lines of at most `measure` are filled greedily.
// `widths` are those of the words; `spaces` what each adds before itself when it is not first.
std::vector<std::size_t> break_lines(const std::vector<double>& widths,
                                     const std::vector<double>& spaces, double measure);
// The narrowest measure that needs no more lines than `measure` does.
double balanced_measure(const std::vector<double>& widths, const std::vector<double>& spaces,
                        double measure);

}  // namespace storyboard
