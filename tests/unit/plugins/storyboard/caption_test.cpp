// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "fonts.hpp"
#include "paragraph.hpp"

namespace storyboard {
namespace {

double widest_px(const Caption& caption) {
  double widest = 0;
  for (const auto& line : caption.lines) widest = std::max(widest, line.width_em * caption.size_px);
  return widest;
}

TEST_CASE("pairs of letters are kerned") {
  const Font& font = test_fonts().text;
  CHECK(font.shape("AV").width_em < font.shape("A").width_em + font.shape("V").width_em);
}

TEST_CASE("letters that belong together become one glyph") {
  CHECK(test_fonts().text.shape("fi").glyphs.size() == 1);
}

TEST_CASE("a line takes as many words as its measure holds") {
  CHECK(break_lines({3, 3, 3}, {1, 1, 1}, 7) == std::vector<std::size_t>{0, 2});
  CHECK(break_lines({3, 3, 3}, {1, 1, 1}, 11) == std::vector<std::size_t>{0});
  CHECK(break_lines({9, 9}, {1, 1}, 5) == std::vector<std::size_t>{0, 1});
  CHECK(break_lines({}, {}, 5).empty());
}

TEST_CASE("lines are balanced instead of leaving one word alone on the last") {
  const std::vector<double> widths(6, 2), spaces(6, 1);
  const double measure = 14;  // five words in the first line, one in the second
  CHECK(break_lines(widths, spaces, measure) == std::vector<std::size_t>{0, 5});
  const double balanced = balanced_measure(widths, spaces, measure);
  CHECK(break_lines(widths, spaces, balanced) == std::vector<std::size_t>{0, 3});
}

TEST_CASE("a short caption is set in the largest size") {
  const Caption caption = set_caption(test_fonts().text, "A heron", {1000, 200, 40, 20});
  CHECK(caption.size_px == 40);
  CHECK(caption.lines.size() == 1);
  CHECK_FALSE(caption.cut);
}

TEST_CASE("a longer caption is set smaller until it fits its box") {
  const std::string text = "A heron stands in the shallow water and waits for the morning";
  const Caption caption = set_caption(test_fonts().text, text, {400, 110, 40, 10});
  CHECK_FALSE(caption.cut);
  CHECK(caption.size_px < 40);
  CHECK(static_cast<double>(caption.lines.size()) * caption.leading_px <= 110);
  CHECK(widest_px(caption) <= 400);
}

TEST_CASE("a caption that no size holds ends in an ellipsis inside its box") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "a heron waits, ";
  const Caption caption = set_caption(test_fonts().text, text, {140, 30, 12, 9});
  CHECK(caption.cut);
  CHECK(caption.size_px == 9);
  CHECK(widest_px(caption) <= 140);
  const auto ellipsis = test_fonts().text.shape("\u2026").glyphs.at(0).id;
  CHECK(caption.lines.back().glyphs.back().id == ellipsis);
}

TEST_CASE("a word wider than the box is broken") {
  const Caption caption = set_caption(test_fonts().text, std::string(60, 'w'), {200, 1000, 20, 20});
  CHECK(caption.lines.size() > 3);
  CHECK(widest_px(caption) <= 200);
}

TEST_CASE("ideographs may break between any two characters") {
  const auto words = split_words("東京 の夜 at night");
  REQUIRE(words.size() == 6);
  CHECK(words[0].space_before);
  CHECK_FALSE(words[1].space_before);
  CHECK(words[2].space_before);
  CHECK(words[5].text == "night");
}

TEST_CASE("words of a script from right to left are told from others") {
  CHECK(test_fonts().text.shape("مرحبا").right_to_left);
  CHECK_FALSE(test_fonts().text.shape("heron").right_to_left);
}

TEST_CASE("nothing to say makes no caption") {
  CHECK(set_caption(test_fonts().text, "", {100, 100, 20, 9}).lines.empty());
  CHECK(set_caption(test_fonts().text, " \n\t ", {100, 100, 20, 9}).lines.empty());
}

TEST_CASE("a font that cannot be read is named") {
  CHECK_THROWS_WITH(Font("/nowhere.ttf"), Catch::Contains("/nowhere.ttf"));
  CHECK_THROWS_WITH(Font("/etc/passwd"), Catch::Contains("not a TrueType"));
}

}  // namespace
}  // namespace storyboard
