// SPDX-License-Identifier: Apache-2.0
#include "paragraph.hpp"

#include <algorithm>
#include <span>

namespace storyboard {
namespace {

// More than any frame shows at a readable size; it bounds the time that setting takes.
constexpr std::size_t longest_caption_bytes = 400;
constexpr double leading_em = 1.28;  // line height in em
constexpr double next_size = 0.9;    // from one size tried to the next
constexpr std::string_view ellipsis = "\u2026";

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The length of the UTF-8 character at the start of `text`, at least 1.
std::size_t character_bytes(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && continues_character(text[size])) ++size;
  return size;
}

std::string_view cut_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && continues_character(text[most])) --most;
  return text.substr(0, most);
}

// From U+2E80 (CJK radicals) to U+9FFF, U+AC00..U+D7FF and U+F900..U+FAFF: scripts that break
// between any two characters. All have three bytes in UTF-8.
bool is_ideograph(std::string_view character) {
  if (character.size() != 3) return false;
  const auto byte = [&](std::size_t i) -> unsigned {
    return static_cast<unsigned char>(character[i]);
  };
  const unsigned code = ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
  return (code >= 0x2E80 && code <= 0x9FFF) || (code >= 0xAC00 && code <= 0xD7FF) ||
         (code >= 0xF900 && code <= 0xFAFF);
}

// A word ready to be placed; lengths in em.
struct Piece {
  std::string text;
  ShapedText shape;
  double space_em = 0;  // before it, unless it begins a line
};

std::vector<Piece> shape_words(const Font& font, const std::vector<Word>& words) {
  const double space_em = font.shape(" ").width_em;
  std::vector<Piece> pieces;
  for (const Word& word : words) {
    pieces.push_back({word.text, font.shape(word.text), word.space_before ? space_em : 0});
  }
  return pieces;
}

// Cuts a word that is wider than a line into pieces that are not.
void append_broken(const Font& font, const Piece& word, double measure_em,
                   std::vector<Piece>& pieces) {
  std::string text;
  double width_em = 0, space_em = word.space_em;
  const auto push = [&] {
    pieces.push_back({text, font.shape(text), space_em});
    text.clear(), width_em = 0, space_em = 0;
  };
  for (std::string_view rest = word.text; !rest.empty();) {
    const auto character = rest.substr(0, character_bytes(rest));
    rest.remove_prefix(character.size());
    const double advance_em = font.shape(character).width_em;
    if (!text.empty() && width_em + advance_em > measure_em) push();
    text += character;
    width_em += advance_em;
  }
  push();
}

std::vector<Piece> fit_words(const Font& font, const std::vector<Piece>& words, double measure_em) {
  std::vector<Piece> pieces;
  for (const Piece& word : words) {
    if (word.shape.width_em <= measure_em) {
      pieces.push_back(word);
    } else {
      append_broken(font, word, measure_em, pieces);
    }
  }
  return pieces;
}

void place(const Piece& piece, ShapedText& line) {
  if (line.width_em > 0) line.width_em += piece.space_em;
  for (auto glyph : piece.shape.glyphs) {
    glyph.x += line.width_em;
    line.glyphs.push_back(glyph);
  }
  line.width_em += piece.shape.width_em;
}

// The words in the order they are read; a passage from right to left begins with its last.
ShapedText set_line(std::span<const Piece> pieces) {
  ShapedText line;
  for (std::size_t i = 0; i < pieces.size();) {
    std::size_t end = i + 1;
    if (pieces[i].shape.right_to_left) {
      while (end < pieces.size() && pieces[end].shape.right_to_left) ++end;
      for (std::size_t k = end; k > i; --k) place(pieces[k - 1], line);
    } else {
      place(pieces[i], line);
    }
    i = end;
  }
  return line;
}

// As many words as fit with an ellipsis behind the last.
ShapedText set_cut_line(const Font& font, std::span<const Piece> pieces, double measure_em) {
  for (std::size_t count = pieces.size(); count > 0; --count) {
    std::vector<Piece> line(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(count));
    std::string& last = line.back().text;
    last.erase(last.find_last_not_of(",;:.") + 1);
    last += ellipsis;
    line.back().shape = font.shape(last);
    ShapedText shaped = set_line(line);
    if (shaped.width_em <= measure_em) return shaped;
  }
  return font.shape(ellipsis);
}

// What one size makes of the words.
struct Setting {
  std::vector<Piece> pieces;
  std::vector<std::size_t> starts;  // of the lines
  std::size_t most_lines;
  double measure_em;

  bool fits() const { return starts.size() <= most_lines; }
};

Setting try_size(const Font& font, const std::vector<Piece>& words, const CaptionBox& box,
                 double size_px) {
  Setting setting;
  setting.measure_em = box.width_px / size_px;
  setting.most_lines =
      std::max<std::size_t>(1, static_cast<std::size_t>(box.height_px / (size_px * leading_em)));
  setting.pieces = fit_words(font, words, setting.measure_em);
  std::vector<double> widths, spaces;
  for (const Piece& piece : setting.pieces) {
    widths.push_back(piece.shape.width_em);
    spaces.push_back(piece.space_em);
  }
  setting.starts = break_lines(widths, spaces, setting.measure_em);
  if (setting.fits()) {
    setting.starts =
        break_lines(widths, spaces, balanced_measure(widths, spaces, setting.measure_em));
  }
  return setting;
}

Caption set_lines(const Font& font, const Setting& setting, double size_px, bool cut) {
  Caption caption{{}, size_px, size_px * leading_em, cut};
  const std::size_t lines = std::min(setting.starts.size(), setting.most_lines);
  for (std::size_t i = 0; i < lines; ++i) {
    const std::size_t begin = setting.starts[i];
    const std::size_t end =
        i + 1 < setting.starts.size() ? setting.starts[i + 1] : setting.pieces.size();
    const std::span line(setting.pieces.data() + begin, end - begin);
    caption.lines.push_back(cut && i + 1 == lines ? set_cut_line(font, line, setting.measure_em)
                                                  : set_line(line));
  }
  return caption;
}

}  // namespace

std::vector<Word> split_words(std::string_view text) {
  std::vector<Word> words;
  bool space = true;
  bool open = false;  // the last word still takes characters
  while (!text.empty()) {
    const auto character = text.substr(0, character_bytes(text));
    text.remove_prefix(character.size());
    if (static_cast<unsigned char>(character[0]) <= ' ') {
      space = true, open = false;
      continue;
    }
    const bool alone = is_ideograph(character);
    if (alone || !open) {
      words.push_back({std::string(character), space});
      open = !alone;
    } else {
      words.back().text += character;
    }
    space = false;
  }
  return words;
}

std::vector<std::size_t> break_lines(const std::vector<double>& widths,
                                     const std::vector<double>& spaces, double measure) {
  std::vector<std::size_t> starts;
  double line = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (starts.empty() || line + spaces[i] + widths[i] > measure) {
      starts.push_back(i);
      line = widths[i];
    } else {
      line += spaces[i] + widths[i];
    }
  }
  return starts;
}

double balanced_measure(const std::vector<double>& widths, const std::vector<double>& spaces,
                        double measure) {
  const std::size_t lines = break_lines(widths, spaces, measure).size();
  double low = 0, high = measure;
  for (int step = 0; step < 12; ++step) {  // to 1/4096 of the measure: finer than a pixel
    const double middle = (low + high) / 2;
    const bool fits = break_lines(widths, spaces, middle).size() <= lines;
    (fits ? high : low) = middle;
  }
  return high;
}

Caption set_caption(const Font& font, std::string_view text, const CaptionBox& box) {
  const std::string_view shown = cut_bytes(text, longest_caption_bytes);
  const bool shortened = shown.size() < text.size();
  const auto words = shape_words(font, split_words(shown));
  if (words.empty()) return {};
  for (double size_px = box.largest_px; size_px > box.smallest_px; size_px *= next_size) {
    const Setting setting = try_size(font, words, box, size_px);
    if (setting.fits()) return set_lines(font, setting, size_px, shortened);
  }
  const Setting smallest = try_size(font, words, box, box.smallest_px);
  return set_lines(font, smallest, box.smallest_px, shortened || !smallest.fits());
}

}  // namespace storyboard
